"""Twins and namesakes in the files of others."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from include.identity.linkage.parting import part_groups
from include.identity.linkage.training import Field

PAIRS = pd.DataFrame({"row_l": [0], "row_r": [1], "match_weight": [5.0]})


def field(name: str, equal: float) -> Field:
    share = np.array([equal, 1 - equal])
    return Field(name, ["equal", "different"], share, share, share, share, share, np.zeros(1, dtype=np.int8))


def people(*values: tuple[str, date], national_id: str | None = None) -> list[dict[str, Any]]:
    return [
        {
            "first_name": first,
            "middle_name": None,
            "last_name": "Lee",
            "date_of_birth": born,
            "national_id": national_id,
        }
        for first, born in values
    ]


BORN = date(1971, 3, 5)
TWINS = people(("Clara", BORN), ("Clara", BORN), ("Hannah", BORN), ("Hannah", BORN))
FATHER_AND_SON = people(*[("John", BORN)] * 2, *[("John", date(1996, 10, 24))] * 2)
ONE = np.zeros(4, dtype=int)
STEADY = [field("first_name", 0.8), field("birth", 0.8)]


def test_part_groups__what_two_records_say_each_way_is_two_people() -> None:
    for pair in (TWINS, FATHER_AND_SON):
        parts = part_groups(pair, PAIRS, ONE, STEADY).tolist()
        assert parts[0] == parts[1] != parts[2] == parts[3]


def test_part_groups__a_field_in_which_one_person_mostly_differs_confirms_nothing() -> None:
    vague = [field("first_name", 0.4), field("birth", 0.4)]
    for pair in (TWINS, FATHER_AND_SON):
        assert len(set(part_groups(pair, PAIRS, ONE, vague).tolist())) == 1


def test_part_groups__one_national_id_is_one_person() -> None:
    same = [record | {"national_id": "A1"} for record in TWINS]
    assert len(set(part_groups(same, PAIRS, ONE, STEADY).tolist())) == 1


def test_part_groups__others_stay_as_they_are() -> None:
    groups = part_groups([*TWINS, *TWINS[:2]], PAIRS, np.array([0, 0, 0, 0, 1, 1]), STEADY)
    assert groups[4] == groups[5]
    assert len(set(groups.tolist())) == 3
