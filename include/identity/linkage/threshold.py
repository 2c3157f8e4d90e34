"""Chooses the threshold from the data's own scores: where the expected F1 of the clusters is highest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]
THRESHOLDS = np.arange(-6.0, 20.5, 0.5)


def choose_threshold(pairs: pd.DataFrame, labels: Array) -> tuple[float, pd.DataFrame]:
    """The threshold (log2 odds) with the best expected F1, and the expectations at all of them."""
    left, right = pairs["row_l"].to_numpy(), pairs["row_r"].to_numpy()
    probability = pairs["probability"].to_numpy()
    total = probability.sum()
    rows = []
    for threshold, label in zip(THRESHOLDS, labels, strict=True):
        sizes = np.bincount(label).astype(float)
        joined = float((sizes * (sizes - 1) / 2).sum())
        right_ones = float(probability[label[left] == label[right]].sum())
        precision, recall = right_ones / max(joined, 1e-9), right_ones / max(total, 1e-9)
        f1 = 2 * right_ones / max(joined + total, 1e-9)
        rows.append((threshold, precision, recall, f1, joined))
    table = pd.DataFrame(rows, columns=["threshold", "precision", "recall", "f1", "pairs"])
    return float(table["threshold"].iloc[int(table["f1"].to_numpy().argmax())]), table
