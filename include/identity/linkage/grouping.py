"""Groups of records in a linkage of foreign files: the pipeline's clustering, with rules that the data give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from include.identity.agglomerate import Merge
from include.identity.cluster import ClusterRules, cut_tree, merge_tree
from include.identity.linkage.training import Array, Shares

Edges = tuple[Array, Array, Array]
# Dates of birth exclude nothing here: where every record has errors, two dates of one person differ often enough.
RULES = ClusterRules(top=40.0, exponent=0.5, largest_component=2000, births_exclude=False)
# The evidence of many pairs of records counts up to twice that of one, where people have so many records: there each
# has errors of its own. Where they have two or three, what one says of a third the other repeats.
FEW_PARTNERS, ENOUGH_PARTNERS = 1.0, 4.0
# The weight of a pair counts those whose records fit others better, too. Where neither does, it says more (log2).
UNRIVALLED = 1.5
# What a pair that nothing brought together speaks against being one person, beside the prior (log2).
UNSCORED_EVIDENCE = 4.0
# The widest groups in which all pairs are compared: from this weight on, or as much higher as the budget (pairs per
# record) asks.
LOOSEST, PAIRS_OF_GROUPS = -8.0, 100


def rules_for(shares: Shares, records: int) -> ClusterRules:
    """How records join, given how many others of the same person a record has on average."""
    prior, partners = float(np.log2(shares.person)), shares.person * (records - 1)
    share = float(np.clip((partners - FEW_PARTNERS) / (ENOUGH_PARTNERS - FEW_PARTNERS), 0.0, 1.0))
    return replace(RULES, prior=prior, unscored=prior - UNSCORED_EVIDENCE, most=1 + share**2)


def people_tree(size: int, edges: Edges, rules: ClusterRules, lowest: float) -> list[Merge]:
    """The merge tree, in which two records that fit nobody else better weigh more."""
    merges = merge_tree(size, edges, rules, lowest - UNRIVALLED)
    return [(a, b, weight + UNRIVALLED * (pairs == 1), pairs) for a, b, weight, pairs in merges]


def group_records(size: int, edges: Edges, rules: ClusterRules, threshold: float = 0.0) -> Array:
    """The group of each record at one threshold."""
    return cut_tree(size, merge_tree(size, edges, rules, threshold), threshold)


def loose_groups(size: int, edges: Edges, rules: ClusterRules) -> Array:
    """Groups as wide as the budget of pairs bears: to compare all pairs inside closes the gaps of blocking."""
    merges: list[Merge] = merge_tree(size, edges, replace(rules, unscored=rules.prior), LOOSEST)
    for threshold in np.arange(LOOSEST, 0.0):
        groups = cut_tree(size, merges, float(threshold))
        counts = np.bincount(groups).astype(float)
        if (counts * (counts - 1) / 2).sum() <= PAIRS_OF_GROUPS * size:
            return groups
    return np.arange(size)
