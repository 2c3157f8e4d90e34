"""Records as columns, for the steps that look at all of them; a list of dicts, as small sets have, becomes one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

Records = Sequence[dict[str, Any]] | pd.DataFrame
Array = np.ndarray[Any, np.dtype[Any]]
Decision = tuple[str, str, str]  # (record, record, same or different), by a steward


@dataclass(frozen=True)
class Linking:
    """Records linked with each other: what they are, the linkage frame, the scored pairs, the cluster of each record.

    `frequencies` and `population` are those of all records, where these are a part of them. `undecided` are records
    that several customers may be, as group.Undecided. `scored` also has the links of records without a name, which
    `compared_pairs` does not count.
    """

    people: pd.DataFrame
    frame: pd.DataFrame
    scored: pd.DataFrame
    clusters: dict[str, int]
    frequencies: Mapping[str, pd.DataFrame] | None = None
    population: int | None = None
    undecided: Sequence[Any] = ()
    compared_pairs: int = 0


def number_clusters(clusters: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The cluster of each record, of (record, cluster) in any order, numbered from 0 by their smallest record."""
    order: dict[int, int] = {}
    return {record_id: order.setdefault(number, len(order)) for record_id, number in sorted(clusters)}


def as_table(records: Records) -> pd.DataFrame:
    """The records as a frame, in the order of record ids."""
    if isinstance(records, pd.DataFrame):
        return records if records["record_id"].is_monotonic_increasing else records.sort_values("record_id")
    names = list(dict.fromkeys(name for record in records for name in record)) or ["record_id"]
    columns = {name: pd.Series([record.get(name) for record in records], dtype=object) for name in names}
    return pd.DataFrame(columns).sort_values("record_id", ignore_index=True)


def as_dicts(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a (small part of a) table, what is missing as None."""
    columns = [table[name].astype(object).where(table[name].notna(), None).tolist() for name in table]
    return [dict(zip(table.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def places_of(record_ids: pd.Series[Any] | pd.Index[Any], values: pd.Series[Any]) -> Array:
    """The place of each of the values among the record ids, -1 where it is none of them.

    Of a column of categories, as scored pairs have, only these are looked up.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    is_coded = isinstance(values.dtype, pd.CategoricalDtype)
    looked_up = pa.array(values.cat.categories if is_coded else values, pa.string())
    found = pc.index_in(looked_up, value_set=pa.array(record_ids, pa.string())).fill_null(-1)
    places: Array = found.to_numpy(zero_copy_only=False).astype(np.int64)
    return places[values.cat.codes.to_numpy()] if is_coded else places


def ids_of(table: pd.DataFrame) -> list[str]:
    """The record ids; of a column of Arrow, tolist takes ten times the time."""
    ids: list[str] = table["record_id"].to_numpy(dtype=object).tolist()
    return ids


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
