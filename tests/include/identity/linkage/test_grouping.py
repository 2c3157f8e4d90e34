"""How records join, given how many records people have."""

from __future__ import annotations

import numpy as np

from include.identity.cluster import cut_tree
from include.identity.linkage.grouping import UNRIVALLED, people_tree, rules_for
from include.identity.linkage.training import Shares

RECORDS = 1001


def with_partners(partners: float) -> Shares:
    return Shares(partners / (RECORDS - 1), 0.0)


def test_rules_for__many_pairs_count_more_only_where_people_have_many_records() -> None:
    few, some, many = (rules_for(with_partners(number), RECORDS).most for number in (1.0, 2.0, 12.0))
    assert few == 1.0
    assert 1.0 < some < 1.2
    assert many == 2.0


def test_people_tree__two_records_without_a_rival_weigh_more_than_a_third_beside_two() -> None:
    edges = (np.array([0, 2, 2, 3]), np.array([1, 3, 4, 4]), np.array([-1.0, 9.0, -1.0, -1.0]))
    rules = rules_for(with_partners(1.0), RECORDS)
    groups = cut_tree(5, people_tree(5, edges, rules, -6.0), 0.0)
    assert groups[0] == groups[1]
    assert groups[2] == groups[3] != groups[4]
    assert people_tree(2, (edges[0][:1], edges[1][:1], edges[2][:1]), rules, -6.0) == [(0, 1, -1.0 + UNRIVALLED, 1)]
