"""Records that say the same are linked as one, and each of them is in the result.

A file that was appended to itself, or a form that was sent again and again, holds records that are equal in all that is
compared. Left in, they fill blocks that are then too large to be compared, make a mailbox or a birthday look like a
placeholder that many hold, and make a name common. So the first of them stands for all, from blocking to grouping. In
training one pair of it and a copy counts, however many copies there are: that a record comes again unchanged is a part
of what there is to learn about the file, but four hundred copies of one record are no four hundred findings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from include.identity.linkage.frame import FOLDED, placeholder_births
from include.identity.linkage.training import Array, Field
from include.identity.model import COLUMNS, MOST_HOLDERS_OF_AN_ID
from include.identity.records import compared_row
from include.identity.standardise import fold

COMPARED = ("first_name", "last_name", "birth_year", "email", "phone", "postcode", "city", "street", "gender")
HELD = ("email", "phone", "national_id", "street")
Said = dict[str, Any]


def find_first(records: Sequence[dict[str, Any]]) -> Array:
    """Per record the row of the first one of which it is a copy: its own where it is none.

    Equal in all that is compared is not yet a copy: two people may share a name, a town and a year. A copy has its
    first and last name and one thing more of its own (a full date of birth, e-mail, telephone, national id, address),
    or two of these where it has no name, one of them an e-mail or a national id: twins share birth, telephone and
    address. What many different records hold counts for nothing.
    """
    said = [_said(record) for record in records]
    keys = [tuple(each.values()) for each in said]
    first: dict[tuple[Any, ...], int] = {}
    for row, key in enumerate(keys):
        first.setdefault(key, row)
    crowded = _crowded([said[row] for row in first.values()])
    return np.array([
        first[key] if first[key] == row or _is_enough(each, crowded) else row
        for row, (key, each) in enumerate(zip(keys, said, strict=True))
    ], dtype=int)  # fmt: skip


def _said(record: dict[str, Any]) -> Said:
    """All that is compared of a record."""
    row = dict(zip(COLUMNS, compared_row(record), strict=True))
    folded = {name: fold(record[name]) for name in FOLDED}
    country = fold(record["country"] or record["country_text"])
    return {name: row[name] for name in COMPARED} | folded | {"country": country, "birth": record["birth_text"]}


def _crowded(said: Sequence[Said]) -> dict[str, set[str]]:
    """Per field the values that many different records hold."""
    counts = {name: Counter(each[name] for each in said if each[name]) for name in HELD}
    crowded = {name: {v for v, n in held.items() if n > MOST_HOLDERS_OF_AN_ID} for name, held in counts.items()}
    return crowded | {"birth": placeholder_births(pd.Series([each["birth"] for each in said], dtype=object))}


def _is_enough(said: Said, crowded: dict[str, set[str]]) -> bool:
    own = {name for name in HELD if said[name] and said[name] not in crowded[name]}
    if len(said["birth"] or "") == len("1980-12-31") and said["birth"] not in crowded["birth"]:
        own.add("birth")
    if said["first_name"] and said["last_name"]:
        return bool(own)
    return len(own) > 1 and bool(own & {"email", "national_id"})


def spread_fields(fields: Sequence[Field], taken: Array) -> list[Field]:
    """The fields of pairs by their number, of which some may be taken several times."""
    spread = []
    for field in fields:
        chance = np.full(len(field.gamma), np.nan)
        chance[field.rare] = field.chance
        found = chance[taken]
        rare = np.flatnonzero(~np.isnan(found))
        spread.append(replace(field, gamma=field.gamma[taken], rare=rare, chance=found[rare]))
    return spread


def spread_pairs(pairs: pd.DataFrame, rows: Array, first: Array) -> tuple[pd.DataFrame, Array]:
    """(pairs of all records, the number of the pair that each was made of).

    `pairs` are those of the first ones, which are the `rows` of all records; a pair of a row with itself is that of a
    first one and any of its copies.
    """
    left, right = pairs["row_l"].to_numpy(), pairs["row_r"].to_numpy()
    own, copies = np.flatnonzero(left == right), np.flatnonzero(first != np.arange(len(first)))
    number = np.zeros(len(rows), dtype=int)
    number[left[own]] = own
    apart = np.flatnonzero(left != right)
    taken = np.concatenate([apart, number[np.searchsorted(rows, first[copies])]])
    spread = pairs.iloc[taken].reset_index(drop=True)
    row_r = np.concatenate([rows[right[apart]], copies])
    return spread.assign(row_l=rows[left[taken]], row_r=row_r), taken
