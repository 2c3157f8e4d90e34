"""Groups of records: bridges, contradictions, decisions, sizes."""

from __future__ import annotations

from datetime import date
from itertools import combinations, pairwise
from typing import Any

import pandas as pd

from include.identity.cluster import cluster_records
from include.identity.model import LARGEST_COMPONENT, MAX_RECORDS_OF_ONE_SYSTEM


def people(*record_ids: str, **born: date) -> list[dict[str, Any]]:
    return [
        {
            "record_id": r,
            "system": "crm",
            "date_of_birth": born.get(r),
            "birth_year": born[r].year if r in born else None,
        }
        for r in record_ids
    ]


def links(**weights: float) -> pd.DataFrame:
    rows = [(*sorted(pair.split("_")), weight) for pair, weight in weights.items()]
    return pd.DataFrame(rows, columns=["record_id_l", "record_id_r", "match_weight"])


def all_pairs(record_ids: str, weight: float) -> dict[str, float]:
    return {f"{a}_{b}": weight for a, b in combinations(record_ids, 2)}


def test_cluster_records__numbered_by_smallest_record() -> None:
    assert cluster_records(people("c", "b", "a"), links(b_c=9.0)) == {"a": 0, "b": 1, "c": 1}


def test_cluster_records__without_links_or_records() -> None:
    assert cluster_records(people("a", "b"), links()) == {"a": 0, "b": 1}
    assert cluster_records([], links()) == {}


def test_cluster_records__weak_bridge_is_cut() -> None:
    strong = all_pairs("abc", 15.0) | all_pairs("xyz", 15.0)
    groups = cluster_records(people(*"abcxyz"), links(**strong, c_x=6.0))
    assert groups == {"a": 0, "b": 0, "c": 0, "x": 1, "y": 1, "z": 1}


def test_cluster_records__links_to_unknown_records_are_ignored() -> None:
    assert cluster_records(people("a"), links(a_b=9.0)) == {"a": 0}


def test_cluster_records__father_and_son_of_one_name() -> None:
    born = {"a": date(1950, 1, 2), "b": date(1950, 1, 2), "x": date(1978, 7, 9), "y": date(1978, 7, 9)}
    groups = cluster_records(people(*"abxy", **born), links(**all_pairs("abxy", 12.0)))
    assert groups == {"a": 0, "b": 0, "x": 1, "y": 1}


def test_cluster_records__decided_to_differ() -> None:
    groups = cluster_records(people(*"abc"), links(**all_pairs("abc", 20.0)), [("c", "a", "different")])
    assert groups["a"] != groups["c"]


def test_cluster_records__decided_to_be_the_same_joins_both_groups() -> None:
    decided = [("b", "x", "same")]
    groups = cluster_records(people(*"abxy"), links(a_b=15.0, x_y=15.0, a_x=-15.0), decided)
    assert set(groups.values()) == {0}


def test_cluster_records__same_does_not_join_what_was_decided_to_differ() -> None:
    decided = [("b", "x", "same"), ("a", "y", "different")]
    assert cluster_records(people(*"abxy"), links(a_b=15.0, x_y=15.0), decided) == {"a": 0, "b": 0, "x": 1, "y": 1}


def test_cluster_records__later_decision_of_a_pair_counts() -> None:
    decided = [("a", "b", "same"), ("b", "a", "different")]
    assert cluster_records(people(*"ab"), links(a_b=15.0), decided) == {"a": 0, "b": 1}


def test_cluster_records__too_many_records_of_one_system_are_cut_finer() -> None:
    half = [f"r{n:03d}" for n in range(MAX_RECORDS_OF_ONE_SYSTEM)]
    other = [f"s{n:03d}" for n in range(MAX_RECORDS_OF_ONE_SYSTEM)]
    weights = {f"{a}_{b}": 5.0 if a[0] != b[0] else 15.0 for a, b in combinations([*half, *other], 2)}
    groups = cluster_records(people(*half, *other), links(**weights))
    assert set(groups.values()) == {0, 1}
    assert {groups[r] for r in half} == {0}


def test_cluster_records__a_chain_of_thousands_is_no_person() -> None:
    chain = [f"r{n:05d}" for n in range(LARGEST_COMPONENT + 200)]
    weights = {f"{a}_{b}": 4.0 for a, b in pairwise(chain)}
    assert len(set(cluster_records(people(*chain), links(**weights)).values())) == len(chain)
