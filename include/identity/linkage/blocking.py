"""Chooses which pairs are compared: many passes, each by what survives another kind of error, within a budget."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from include.identity.linkage.evaluate import Array, true_pairs

# Pairs per record that one pass, and all passes together, may bring. By record, so that a large file is treated like
# a small one.
PAIRS_OF_A_PASS = 50
PAIRS_OF_ALL = 150

CANDIDATES = (
    ("national_id",),
    ("email",),
    ("phone",),
    ("email_local",),
    ("birth_date",),
    ("first_name", "last_name"),
    ("both_names",),
    ("phone_end",),
    ("street", "city"),
    ("street", "first_name"),
    ("street", "last_name"),
    ("street", "birth_year"),
    ("postcode", "last_sound"),
    ("postcode", "first_sound"),
    ("postcode", "birth_year"),
    ("postcode", "birth_day"),
    ("last_sound", "birth_year"),
    ("last_sound", "birth_day"),
    ("first_sound", "birth_year", "city"),
    ("first_sound", "birth_day"),
    ("first_sound", "birth_month"),
    ("first_sound", "birth_year"),
    ("first_sound", "last_sound"),
    ("first_start", "last_start"),
    ("last_sound", "birth_month"),
    ("last_sound", "city"),
    ("last_sound", "birth_place"),
    ("last_sound", "occupation"),
    ("first_sound", "birth_place"),
    ("first_sound", "city"),
    ("first_sound", "occupation", "birth_decade"),
    ("last_start", "birth_decade"),
    ("last_end", "birth_year"),
    ("last_end", "first_start"),
    ("birth_month", "city"),
    ("birth_day", "city"),
    ("birth_year", "city"),
    ("birth_month", "birth_place"),
    ("birth_day", "birth_place"),
    ("birth_year", "birth_place"),
    ("birth_year", "occupation", "birth_place"),
    ("birth_month", "occupation"),
    ("last_name",),
    ("last_sound", "birth_decade"),
    ("first_sound", "birth_decade"),
    ("last_end", "birth_decade"),
    ("last_sound", "first_initial"),
    ("first_sound", "last_initial"),
    ("first_start", "last_initial", "birth_decade"),
    ("last_start", "birth_place"),
    ("last_start", "city"),
    ("last_start", "first_initial"),
    ("first_start", "city", "birth_decade"),
    ("birth_year", "occupation"),
    ("birth_decade", "birth_place"),
    ("birth_decade", "birth_place", "occupation"),
    ("birth_decade", "city"),
    ("first_initial", "last_initial", "birth_year"),
    ("birth_dayofyear",),
    ("birth_month",),
    ("birth_day",),
    ("last_sound",),
    ("id_start", "birth_year"),
    ("id_end", "birth_year"),
    ("id_start", "first_sound"),
    ("id_end", "first_sound"),
    ("id_start", "last_sound"),
    ("id_end", "last_sound"),
    ("id_start", "postcode"),
    ("id_end", "postcode"),
)


@dataclass
class Pass:
    """One pass of blocking: records that are equal in all its columns are compared."""

    columns: tuple[str, ...]
    pairs: int


def choose_passes(frame: pd.DataFrame) -> list[Pass]:
    """The passes that the columns allow, the most selective first, as many as the budget bears."""
    counted = [
        Pass(columns, _count_pairs(frame, columns)) for columns in CANDIDATES if all(c in frame for c in columns)
    ]
    chosen, total = [], 0
    for found in sorted(counted, key=lambda each: each.pairs):
        within = found.pairs <= PAIRS_OF_A_PASS * len(frame) and total + found.pairs <= PAIRS_OF_ALL * len(frame)
        if found.pairs and within:
            chosen.append(found)
            total += found.pairs
    return chosen


def _count_pairs(frame: pd.DataFrame, columns: tuple[str, ...]) -> int:
    sizes = np.bincount(_blocks(frame, columns)[1]).astype(np.int64)
    return int((sizes * (sizes - 1) // 2).sum())


def _blocks(frame: pd.DataFrame, columns: tuple[str, ...]) -> tuple[Array, Array]:
    """(rows that have a value in all columns, number of the block of each)."""
    code = np.zeros(len(frame), dtype=np.int64)
    for name in columns:
        values, found = pd.factorize(frame[name])
        code = np.where((code < 0) | (values < 0), -1, code * max(len(found), 1) + values)
        code = np.where(code < 0, -1, np.unique(code, return_inverse=True)[1])
    rows = np.flatnonzero(code >= 0)
    return rows, np.unique(code[rows], return_inverse=True)[1]


def pairs_within(rows: Array, block: Array) -> tuple[Array, Array]:
    """(left, right) of all pairs of rows that are in one block, the smaller row on the left."""
    order = np.lexsort((rows, block))
    rows, sizes = rows[order], np.bincount(block)
    start = np.repeat(np.cumsum(sizes) - sizes, sizes)
    place = np.arange(len(rows))
    partners = np.repeat(sizes, sizes) - (place - start) - 1  # those that come after it in its block
    left = np.repeat(place, partners)
    right = left + 1 + np.arange(len(left)) - np.repeat(np.cumsum(partners) - partners, partners)
    return rows[left], rows[right]


def block_pairs(frame: pd.DataFrame, passes: list[Pass]) -> tuple[Array, Array]:
    """(left, right) of the pairs of rows that any pass brings together, in order, each once."""
    found = (pairs_within(*_blocks(frame, each.columns)) for each in passes)
    return np.divmod(np.unique(np.concatenate([left * len(frame) + right for left, right in found])), len(frame))


def pairs_of_groups(group: Array, known: tuple[Array, Array]) -> tuple[Array, Array]:
    """(left, right) of the pairs of rows inside one group that are not known yet."""
    size, (left, right) = len(group), pairs_within(np.arange(len(group)), group)
    return np.divmod(np.setdiff1d(left * size + right, known[0] * size + known[1], assume_unique=True), size)


def blocking_recall(
    frame: pd.DataFrame, passes: list[Pass], truth: pd.Series[str], first: Array | None = None
) -> float:
    """The share of the true pairs that some pass brings together, or that are copies of one record: of `first`."""
    left, right = true_pairs(truth)
    if not len(left):
        return 1.0
    found = np.zeros(len(left), dtype=bool) if first is None else first[left] == first[right]
    codes = {name: pd.factorize(frame[name])[0] for each in passes for name in each.columns}
    for each in passes:
        is_equal = np.ones(len(left), dtype=bool)
        for name in each.columns:
            is_equal &= (codes[name][left] == codes[name][right]) & (codes[name][left] >= 0)
        found |= is_equal
    return float(found.mean())
