"""Pairs of records: the level of every comparison, each pair once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from include.identity.comparisons import comparison
from include.identity.linkage import compare
from include.identity.linkage.blocking import Pass, block_pairs, pairs_of_groups, pairs_within
from include.identity.linkage.compare import Comparer, random_pairs

FRAME = pd.DataFrame(
    {
        "unique_id": list("abcde"),
        "email": ["ann@mail.example", "ann@mail.example", "amn@mail.example", None, "bob@post.example"],
        "email_local": ["ann", "ann", "amn", None, "bob"],
        "birth_date": ["1980", "1979", "1980-05-17", "1980-05-17", "1920"],
        "birth_year": pd.Series([1980, 1979, 1980, 1980, 1920], dtype="Int64"),
    }
)


def levels_of(name: str, left: list[int], right: list[int]) -> list[str]:
    made = comparison(name, FRAME.columns)
    assert made is not None
    labels = [each["label_for_charts"] for each in made["comparison_levels"] if not each.get("is_null_level")]
    found = Comparer(FRAME, [made]).levels(np.array(left), np.array(right))[0]
    return [labels[level] if level >= 0 else "unknown" for level in found]


def test_levels__first_that_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    for at_once in (compare.AT_ONCE, 2):  # more pairs than are compared at once
        monkeypatch.setattr(compare, "AT_ONCE", at_once)
        found = levels_of("email", [0, 0, 0, 0, 1], [1, 2, 3, 4, 2])
        assert found == ["equal", "a slip", "unknown", "different", "a slip"]


def test_levels__an_age_that_is_a_year_off_fits() -> None:
    fits = levels_of("birth", [0, 0, 2, 0], [1, 2, 3, 4])
    assert fits == ["age fits", "age fits", "equal", "year unlike, one date"]


def test_pairs_within__every_pair_of_a_block_once() -> None:
    left, right = pairs_within(np.array([4, 0, 2, 7, 5]), np.array([0, 0, 1, 0, 1]))
    assert sorted(zip(left.tolist(), right.tolist(), strict=True)) == [(0, 4), (0, 7), (2, 5), (4, 7)]


def test_block_pairs__a_pair_of_two_passes_comes_once() -> None:
    left, right = block_pairs(FRAME, [Pass(("email",), 1), Pass(("email_local",), 1), Pass(("birth_date",), 1)])
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == [(0, 1), (2, 3)]


def test_pairs_of_groups__only_those_not_known() -> None:
    left, right = pairs_of_groups(np.array([0, 0, 0, 1, 1]), (np.array([0]), np.array([2])))
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == [(0, 1), (1, 2), (3, 4)]


def test_random_pairs__two_different_records() -> None:
    assert len(random_pairs(5, 100)[0]) == 10
    left, right = random_pairs(1000, 500)
    assert len(left) == 500
    assert (left != right).all()
