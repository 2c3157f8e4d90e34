"""Joins the records of one component step by step, the best pair of groups first.

Average linkage asks what the records of two groups say of each other on average. Many pairs say more than one, though
not as much as if each were a witness of its own: the prior, which speaks against any two records being one person,
counts once for the groups and the evidence counts `pairs ** PAIRS_EXPONENT` times.
"""

from __future__ import annotations

import numpy as np

from include.identity.people import Array

Merge = tuple[int, int, float, int]


def agglomerate(weight: Array, prior: float, exponent: float, lowest: float, most: float = np.inf) -> list[Merge]:
    """(group, group that joins it, weight of the merge, pairs of records joined), in order, down to `lowest`.

    `weight` is the symmetric matrix of log2 odds, with the prior; a group is named by its first record's place.
    """
    total = weight.astype(float).copy()
    size = np.ones(len(weight))
    score = total.copy()
    np.fill_diagonal(score, -np.inf)
    best = score.argmax(axis=1)
    top = score[np.arange(len(score)), best]
    merges: list[Merge] = []
    while True:
        left = int(top.argmax())
        if top[left] < lowest:
            return merges
        right = int(best[left])
        left, right = min(left, right), max(left, right)
        merges.append((left, right, float(top[left]), int(size[left] * size[right])))
        total[left] += total[right]
        total[:, left] = total[left]
        size[left] += size[right]
        pairs = size[left] * size
        row = prior + np.minimum(pairs**exponent, most) * (total[left] / pairs - prior)
        row[[left, right]] = -np.inf
        row[np.isneginf(score[left])] = -np.inf
        score[left], score[:, left] = row, row
        score[right], score[:, right] = -np.inf, -np.inf
        for place in np.flatnonzero((best == left) | (best == right) | (row > top)):
            best[place] = int(score[place].argmax())
            top[place] = score[place, best[place]]
        top[right] = -np.inf
        best[left] = int(score[left].argmax())
        top[left] = score[left, best[left]]
