"""Chooses the threshold from the data's own scores: where the expected F1 of the clusters is highest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from include.identity.agglomerate import Merge
from include.identity.linkage.training import probability_of

Array = np.ndarray[Any, np.dtype[Any]]
# Thresholds whose expected F1 is this near the best are equal; the one nearest to even odds is taken.
AS_GOOD = 5e-4
CLERICAL_ERROR = 0.005
THRESHOLDS = np.arange(-6.0, 20.5, 0.5)


def choose_threshold(merges: list[Merge]) -> tuple[float, pd.DataFrame]:
    """The threshold (log2 odds) with the best expected F1, and the expectations at all of them.

    A step of the merge tree is right with the probability that its weight says.
    """
    weight, pairs = (np.array([merge[place] for merge in merges], dtype=float) for place in (2, 3))
    likely = pairs * probability_of(weight)
    rows = []
    for threshold in THRESHOLDS:
        at = weight >= threshold
        joined, right, total = pairs[at].sum(), likely[at].sum(), likely.sum()
        precision, recall = right / joined if joined else 1.0, right / total if total else 1.0
        f1 = 2 * right / (joined + total) if joined + total else 1.0
        rows.append((threshold, precision, recall, f1, joined))
    table = pd.DataFrame(rows, columns=["threshold", "precision", "recall", "f1", "pairs"])
    as_good = table[table["f1"] >= table["f1"].max() - AS_GOOD]
    return float(as_good["threshold"].iloc[int(as_good["threshold"].abs().to_numpy().argmin())]), table


def clerical_band(expected: pd.DataFrame, threshold: float) -> tuple[float, float]:
    """(lower, upper) log2 odds between which a person should look, learnt from the scores of the data.

    Above the upper one at most CLERICAL_ERROR of what is joined is expected to be wrong; below the lower one at most
    that share of all true pairs is expected to be missed.
    """
    sure = expected[expected["precision"] >= 1 - CLERICAL_ERROR]["threshold"]
    complete = expected[expected["recall"] >= 1 - CLERICAL_ERROR]["threshold"]
    upper = float(sure.min()) if len(sure) else float(THRESHOLDS[-1])
    lower = float(complete.max()) if len(complete) else float(THRESHOLDS[0])
    return min(lower, threshold), max(upper, threshold)
