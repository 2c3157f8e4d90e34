"""Parts of one person are joined where nobody else can be meant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from include.identity.fragments import Fragments, join_fragments, part_undecided

BORN = {"1": date(1950, 3, 4), "2": date(1980, 5, 6)}


def people(**names: str) -> pd.DataFrame:
    """Records named by their id; of the persons 1 and 2, whose births exclude each other, and of nobody (3)."""
    rows: list[dict[str, Any]] = [
        {"record_id": record_id, "system": record_id, "first_name": name.split()[0], "last_name": name.split()[1],
         "date_of_birth": BORN.get(record_id[-1])}
        for record_id, name in sorted(names.items())
    ]  # fmt: skip
    return pd.DataFrame(rows)


def pairs(**weights: float) -> pd.DataFrame:
    rows = [(*name.split("_"), weight) for name, weight in weights.items()]
    return pd.DataFrame(rows, columns=["record_id_l", "record_id_r", "match_weight"])


TWO = people(a1="Ann Lee", b1="Ann Lee", c2="Ann Lee", d2="Ann Lee", e3="Ann Leee")
APART = {"a1": 0, "b1": 0, "c2": 1, "d2": 1, "e3": 2}


def same(clusters: dict[str, int], *records: str) -> bool:
    return len({clusters[record] for record in records}) == 1


def test_join_fragments__a_record_that_fits_one_record_of_one_customer() -> None:
    joined = join_fragments(Fragments(TWO, pairs(a1_e3=5.0), APART))
    assert joined.clusters == {"a1": 0, "b1": 0, "c2": 1, "d2": 1, "e3": 0}
    assert not joined.doubtful


def test_join_fragments__who_fits_two_customers_alike_joins_none_and_is_told() -> None:
    joined = join_fragments(Fragments(TWO, pairs(a1_e3=8.0, c2_e3=6.0), APART))
    assert joined.clusters == APART
    assert joined.doubtful == [("e3", ["a1", "c2"], 8.0)]
    assert same(join_fragments(Fragments(TWO, pairs(a1_e3=8.0, c2_e3=1.0), APART)).clusters, "a1", "e3")


def test_join_fragments__births_and_given_names_that_exclude_each_other() -> None:
    assert join_fragments(Fragments(TWO, pairs(a1_c2=20.0), APART)).clusters == APART
    other = people(a1="Ann Lee", b1="Ann Lee", c2="Ann Lee", d2="Ann Lee", e3="Peter Lee")
    assert join_fragments(Fragments(other, pairs(a1_e3=8.0), APART)).clusters == APART


def test_join_fragments__not_what_a_steward_has_parted() -> None:
    decided = [("b1", "e3", "different")]
    assert join_fragments(Fragments(TWO, pairs(a1_e3=5.0), APART, decided)).clusters == APART


def test_part_undecided__a_record_that_another_customer_fits_as_well() -> None:
    fragments = Fragments(TWO, pairs(a1_e3=6.0, c2_e3=5.5, a1_b1=9.0, c2_d2=9.0), APART | {"e3": 0})
    part_undecided(fragments)
    assert fragments.clusters() == APART
    fragments = Fragments(TWO, pairs(a1_e3=9.0, c2_e3=5.5, a1_b1=9.0, c2_d2=9.0), APART | {"e3": 0})
    part_undecided(fragments)
    assert same(fragments.clusters(), "a1", "e3")


def test_part_undecided__not_what_a_steward_has_joined() -> None:
    fragments = Fragments(
        TWO, pairs(a1_e3=6.0, c2_e3=5.5, a1_b1=9.0, c2_d2=9.0), APART | {"e3": 0}, [("b1", "e3", "same")]
    )
    part_undecided(fragments)
    assert same(fragments.clusters(), "a1", "e3")


def test_join_fragments__doubts_are_of_the_clusters_after_the_last_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """a fits c and d alike, until b and c are one, whom d fits, too."""
    alone = people(a3="Ann Lee", b3="Ann Lee", c3="Ann Lee", d3="Ann Lee")
    monkeypatch.setattr("include.identity.fragments.ROUNDS", 1)
    joined = join_fragments(
        Fragments(
            alone, pairs(a3_c3=8.0, a3_d3=6.0, b3_c3=7.0, b3_d3=2.5), {"a3": 0, "b3": 1, "c3": 2, "d3": 3}
        )
    )  # fmt: skip
    assert same(joined.clusters, "b3", "c3")
    assert joined.doubtful == []


def test_fragments__only_decisions_about_these_records_are_read() -> None:
    ids = [f"r{number:05}" for number in range(4000)]
    rows = [{"record_id": r, "system": r, "first_name": "Ann", "last_name": "Lee", "date_of_birth": None} for r in ids]
    decided = [(ids[n], ids[n + 1], "different") for n in range(0, 4000, 2)]
    fragments = Fragments(
        pd.DataFrame(rows), pairs(a_b=1.0).iloc[:0], {r: n for n, r in enumerate(ids)}, decided
    )  # fmt: skip
    assert fragments.exclude(np.array([0, 9]), np.array([5, 1]))
    assert fragments.exclude(np.array([1]), np.array([0]))
    assert not fragments.exclude(np.array([0]), np.array([2]))
    looked_at = _Counted(fragments.apart)
    fragments.apart = looked_at
    fragments.exclude(np.array([0]), np.array([2]))
    assert looked_at.reads <= 2


class _Counted(dict[int, set[int]]):
    """A dictionary that counts how often it is read."""

    reads = 0

    def __getitem__(self, key: int) -> set[int]:
        self.reads += 1
        return super().__getitem__(key)

    def __iter__(self) -> Iterator[int]:
        for key in super().__iter__():
            self.reads += 1
            yield key
