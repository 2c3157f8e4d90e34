"""Parts groups in which several records say, each way, that they are two people: the pipeline's check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from include.identity.confirmed import CONFIRMED, part_confirmed
from include.identity.linkage.training import Array, Field

READ = ("middle_name", "last_name")
CHECKED = {"first_name": "first_name", "birth": "date_of_birth"}  # comparison -> field of the records
# What two records say alike confirms nothing where most records of one person differ in it.
STEADY = 0.5


def part_groups(records: Sequence[dict[str, Any]], pairs: pd.DataFrame, group: Array, fields: Sequence[Field]) -> Array:
    """The group of each record, with those parted in which two first names or days of birth are each confirmed.

    `records` are in the order of the rows of `group`; a national id that parts share keeps them together. Of `fields`
    only those count in which most pairs of one person are equal.
    """
    sizes = np.bincount(group)[group]
    rows: list[int] = np.flatnonzero(sizes >= 2 * CONFIRMED).tolist()
    if not rows:
        return group
    steady = {CHECKED[field.name] for field in fields if field.name in CHECKED and field.m[0] >= STEADY}
    people = [
        dict.fromkeys(CHECKED.values())
        | {name: records[row][name] for name in (*READ, *steady)}
        | {"record_id": _name(row), "claimed_customer_id": records[row]["national_id"]}
        for row in rows
    ]
    left, right = pairs["row_l"].to_numpy(), pairs["row_r"].to_numpy()
    inside = np.flatnonzero((group[left] == group[right]) & (sizes[left] >= 2 * CONFIRMED))
    links = pd.DataFrame({
        "record_id_l": [_name(row) for row in left[inside].tolist()],
        "record_id_r": [_name(row) for row in right[inside].tolist()],
        "match_weight": pairs["match_weight"].to_numpy()[inside],
    })  # fmt: skip
    parts = part_confirmed(people, links, {_name(row): int(group[row]) for row in rows})
    parted = group.copy()
    parted[rows] = [len(group) + parts[_name(row)] for row in rows]
    numbers: Array = np.unique(parted, return_inverse=True)[1]
    return numbers


def _name(row: int) -> str:
    return f"{row:09d}"
