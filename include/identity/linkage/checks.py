"""Looks at every cluster before it counts: which ones hold on by little, or hold what one person has not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd

from include.identity.linkage.engine import Linkage
from include.identity.linkage.threshold import clerical_band
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
    label, frame = linkage.labels(), linkage.frame
    weakest: dict[int, float] = defaultdict(lambda: np.inf)
    for left, _, weight, _ in linkage.merges:
        if weight >= linkage.threshold:
            weakest[int(label[left])] = min(weakest[int(label[left])], weight)
    _, upper = clerical_band(linkage.expected, linkage.threshold)
    sizes = pd.Series(label).value_counts()
    large = LARGE * float(sizes[sizes > 1].quantile(0.95)) if (sizes > 1).any() else np.inf
    doubts = []
    for group, rows in pd.Series(np.arange(len(label))).groupby(label):
        if len(rows) < 2:
            continue
        reasons = _reasons(frame.iloc[rows.to_numpy()])
        if weakest[int(str(group))] < upper:
            reasons.append("held together by a weak step")
        if len(rows) > large:
            reasons.append("far more records than other people have")
        if reasons:
            doubts.append(Doubt(rows.to_numpy(), weakest[int(str(group))], reasons))
    return sorted(doubts, key=lambda doubt: (doubt.weakest - 4 * len(doubt.reasons), int(doubt.rows[0])))


def _reasons(records: pd.DataFrame) -> list[str]:
    reasons = []
    if "national_id" in records and records["national_id"].nunique() > 1:
        reasons.append("several national ids")
    if "gender" in records and records["gender"].nunique() > 1:
        reasons.append("several genders")
    if "birth_year" in records:
        years = records["birth_year"].dropna().astype(int)
        if len(years) > 1 and years.max() - years.min() > 10:
            reasons.append("births more than ten years apart")
    return reasons
