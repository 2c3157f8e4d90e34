"""Chooses the threshold from the data's own scores: where the expected F1 of the clusters is highest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from include.identity.agglomerate import Merge

Array = np.ndarray[Any, np.dtype[Any]]
# Thresholds whose expected F1 is this near the best are equal; the one nearest to even odds is taken.
AS_GOOD = 5e-4
THRESHOLDS = np.arange(-6.0, 20.5, 0.5)


def choose_threshold(merges: list[Merge], missed: float) -> tuple[float, pd.DataFrame]:
    """The threshold (log2 odds) with the best expected F1, and the expectations at all of them.

    A step of the merge tree is right with the probability that its weight says. `missed` are pairs of one person to be
    expected outside of the tree.
    """
    weight, pairs = (np.array([merge[place] for merge in merges], dtype=float) for place in (2, 3))
    right_ones = pairs / (1 + np.exp2(-np.clip(weight, -60, 60)))
    total = right_ones.sum() + missed
    rows = []
    for threshold in THRESHOLDS:
        at = weight >= threshold
        joined, right = pairs[at].sum(), right_ones[at].sum()
        rows.append((threshold, right / max(joined, 1e-9), right / max(total, 1e-9), 2 * right / max(joined + total, 1e-9), joined))
    table = pd.DataFrame(rows, columns=["threshold", "precision", "recall", "f1", "pairs"])
    as_good = table[table["f1"] >= table["f1"].max() - AS_GOOD]
    return float(as_good["threshold"].iloc[int(as_good["threshold"].abs().to_numpy().argmin())]), table
