"""Looks at every cluster before it counts: which ones hold on by little, or hold what one person has not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from include.identity.linkage.engine import Linkage
from include.identity.linkage.threshold import THRESHOLDS, clerical_band
from include.identity.linkage.training import Array

# A cluster this many times as large as nearly all others is worth a look.
LARGE = 4


@dataclass
class Doubt:
    """A cluster in doubt: the rows of its records, the weight of its weakest step, and why it is in doubt."""

    rows: Array
    weakest: float
    reasons: list[str]


def doubtful_clusters(linkage: Linkage) -> list[Doubt]:
    """The clusters in doubt, those with the most reasons and the weakest steps first."""
    label, (_, upper) = linkage.labels(), clerical_band(linkage.expected, linkage.threshold)
    weakest = np.full(int(label.max(initial=-1)) + 1, float(THRESHOLDS[-1]))  # that of copies, which are sure
    steps = [(int(label[left]), weight) for left, _, weight, _ in linkage.merges if weight >= linkage.threshold]
    for group, weight in steps:
        weakest[group] = min(weakest[group], weight)
    sizes = np.bincount(label, minlength=len(weakest))
    large = LARGE * float(np.quantile(sizes[sizes > 1], 0.95)) if (sizes > 1).any() else np.inf
    rows = np.flatnonzero(sizes[label] > 1)
    reasons = _reasons(linkage.frame.iloc[rows], label[rows])
    reasons["held together by a weak step"] = set(np.flatnonzero((weakest < upper) & (sizes > 1)).tolist())
    reasons["far more records than other people have"] = set(np.flatnonzero(sizes > large).tolist())
    members = pd.Series(rows).groupby(label[rows]).indices
    doubts = [
        Doubt(
            rows[members[group]], float(weakest[group]), [name for name, groups in reasons.items() if group in groups]
        )
        for group in sorted(set().union(*reasons.values()))
    ]
    return sorted(doubts, key=lambda doubt: (doubt.weakest - 4 * len(doubt.reasons), int(doubt.rows[0])))


def _reasons(records: pd.DataFrame, label: Array) -> dict[str, set[int]]:
    """Per reason the groups that it speaks of."""
    reasons = {}
    for name, reason in (("national_id", "several national ids"), ("gender", "several genders")):
        if name in records:
            counts = records[name].groupby(label).nunique()
            reasons[reason] = set(counts.index[counts > 1].tolist())
    if "birth_year" in records:
        years = records["birth_year"].astype(float).groupby(label).agg(["min", "max"])
        reasons["births more than ten years apart"] = set(years.index[years["max"] - years["min"] > 10].tolist())
    return reasons
