"""Records as columns, for the steps that look at all of them; a list of dicts, as small sets have, becomes one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

Records = Sequence[dict[str, Any]] | pd.DataFrame
Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Linking:
    """Records linked with each other: what they are, the linkage frame, the scored pairs, the cluster of each record.

    `frequencies` and `population` are those of all records, where these are a part of them.
    """

    people: pd.DataFrame
    frame: pd.DataFrame
    scored: pd.DataFrame
    clusters: dict[str, int]
    frequencies: Mapping[str, pd.DataFrame] | None = None
    population: int | None = None


def as_table(records: Records) -> pd.DataFrame:
    """The records as a frame, in the order of record ids."""
    if isinstance(records, pd.DataFrame):
        return records if records["record_id"].is_monotonic_increasing else records.sort_values("record_id")
    names = list(dict.fromkeys(name for record in records for name in record)) or ["record_id"]
    columns = {name: pd.Series([record.get(name) for record in records], dtype=object) for name in names}
    return pd.DataFrame(columns).sort_values("record_id", ignore_index=True)


def as_dicts(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a (small part of a) table, what is missing as None."""
    columns = [[None if missing else value for value, missing in zip(table[name].tolist(), table[name].isna(),
                                                                     strict=True)] for name in table]  # fmt: skip
    return [dict(zip(table.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def codes_of(table: pd.DataFrame, name: str) -> Array:
    """A number for each value of a column, -1 where it is missing or the table has no such column."""
    if name not in table:
        return np.full(len(table), -1)
    codes: Array = pd.factorize(table[name])[0]
    return codes


def birth_parts(table: pd.DataFrame) -> Array:
    """Year, month and day of birth as three columns; where only the year is known, month and day are NaN."""
    found = np.full((len(table), 3), np.nan)
    for name, read in (
        ("birth_year", lambda v: (v, np.nan, np.nan)),
        ("date_of_birth", lambda v: (v.year, v.month, v.day)),
    ):
        if name in table:
            codes, values = pd.factorize(table[name])
            parts = np.array([read(value) for value in values] or [(np.nan,) * 3], dtype=float)
            known = codes >= 0
            found[known] = parts[codes[known]]
    return found


def twice_held(group: Array, value: Array) -> Array:
    """The groups in which at least two values are each held by two records or more; a value of -1 is missing."""
    known = value >= 0
    pairs, counts = np.unique(np.stack([group[known], value[known]]), axis=1, return_counts=True)
    groups, values = np.unique(pairs[0][counts > 1], return_counts=True)
    result: Array = groups[values > 1]
    return result
