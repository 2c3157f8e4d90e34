"""Pairwise and B-cubed precision, recall and F1 of clusters against the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

Array = np.ndarray[Any, np.dtype[Any]]


def true_pairs(truth: pd.Series[str]) -> tuple[Array, Array]:
    """The rows of all pairs of one person; records without a truth are in none."""
    rows = np.flatnonzero(truth.notna())
    codes = pd.factorize(truth.iloc[rows])[0]
    order = np.argsort(codes, kind="stable")
    groups = np.split(rows[order], np.flatnonzero(np.diff(codes[order])) + 1)
    pairs = [np.stack(np.triu_indices(len(g), 1)) for g in groups if len(g) > 1]
    if not pairs:
        return np.empty(0, dtype=int), np.empty(0, dtype=int)
    members = [g for g in groups if len(g) > 1]
    left, right = (np.concatenate([g[p[side]] for g, p in zip(members, pairs, strict=True)]) for side in (0, 1))
    return left, right


def score_clusters(truth: pd.Series[str], label: Array) -> dict[str, float]:
    """precision, recall, f1 of pairs and b3_precision, b3_recall, b3_f1 of records whose truth is known."""
    known = truth.notna().to_numpy()
    person, found = pd.factorize(truth[known])[0], pd.factorize(label[known])[0]
    both = pd.factorize(person.astype(np.int64) * (found.max(initial=0) + 1) + found)[0]
    sizes = [np.bincount(codes).astype(float) if len(codes) else np.zeros(0) for codes in (person, found, both)]
    true, joined, right = (float((s * (s - 1) / 2).sum()) for s in sizes)
    pairs = _measures(right / joined if joined else 1.0, right / true if true else 1.0)
    shared = sizes[2][both]
    cubed = _measures(_mean(shared / sizes[1][found]), _mean(shared / sizes[0][person]))
    return pairs | {f"b3_{name}": value for name, value in cubed.items()}


def _mean(values: Array) -> float:
    return float(values.mean()) if len(values) else 1.0


def _measures(precision: float, recall: float) -> dict[str, float]:
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"precision": precision, "recall": recall, "f1": f1}
