"""From the tables as they came to records in the pipeline's form, standardised by the pipeline's code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from include.identity import standardise as std
from include.identity.birth_dates import FIRST_YEAR, as_date, is_month_first, parse_birth
from include.identity.linkage.columns import recognise_columns
from include.identity.linkage.read import GUESSED, InputProblem
from include.identity.linkage.scripts import read_gender, split_han_name
from include.identity.records import standardise_record

TEXTS = (
    "full_name",
    "first_name",
    "middle_name",
    "last_name",
    "email",
    "phone",
    "gender",
    "city",
    "postcode",
    "country",
    "occupation",
)


@dataclass
class Source:
    """One input file: its name, table, the columns that were recognised (ours -> theirs) and the ids of its records."""

    name: str
    table: pd.DataFrame
    columns: dict[str, str]
    ids: list[str]
    unused: list[str] = field(default_factory=list)  # columns that were not recognised and that the caller did not name
    fault_of_ids: str | None = None  # why rows are counted in place of an id column
    guessed_encoding: str | None = None  # of a file that is no UTF-8


def open_source(path: Path, table: pd.DataFrame, mapped: dict[str, str], truth: str | None, prefix: str = "") -> Source:
    """Recognise the columns and take the ids: the id column where it is one, else the number of the row.

    A column that is only recognised as the id, and repeats or has gaps, is none; one that `mapped` names must be one.
    """
    if truth and truth not in table.columns:
        raise InputProblem(f"{path.name}: there is no column {truth!r} for --truth.")
    columns = recognise_columns(table, path.name, mapped, [truth] if truth else [])
    fault = _fault_of_ids(table, columns.get("id"))
    if fault and mapped.get(columns["id"]) == "id":
        raise InputProblem(
            f"{path.name}: {fault}; an id names one record. Leave out --map {columns['id']}=id, and rows are counted "
            "instead, or name another column."
        )
    theirs = columns.pop("id") if fault else columns.get("id")
    ids = [str(number) for number in range(1, len(table) + 1)] if fault or not theirs else table[theirs].tolist()
    told = {*columns.values(), *mapped, truth}
    unused = [str(column) for column in table.columns if column not in told]
    ids = [prefix + value for value in ids]
    return Source(path.name, table, columns, ids, unused, fault, table.attrs.get(GUESSED))


def _fault_of_ids(table: pd.DataFrame, theirs: str | None) -> str | None:
    """What keeps a column from naming each record, as half a sentence."""
    if theirs is None:
        return None
    repeated, missing = int(table[theirs].dropna().duplicated().sum()), int(table[theirs].isna().sum())
    if not (repeated or missing):
        return None
    return f"the id column {theirs!r} has {repeated:,} repeated and {missing:,} missing values"


def prepare_records(sources: Sequence[Source], as_of: date | None = None) -> list[dict[str, Any]]:
    """Standardised records of all files, in order: the pipeline's columns and those that it does not have.

    An age counts back from `as_of`, and no year of two digits is later; by default that is today.
    """
    day = as_of or date.today()  # noqa: DTZ011  # the command says which day it took
    return [record for source in sources for record in _records_of(source, day)]


def _records_of(source: Source, as_of: date) -> list[dict[str, Any]]:
    columns = {ours: source.table[theirs].tolist() for ours, theirs in source.columns.items()}
    month_first = is_month_first(value for value in columns.get("date_of_birth", []) if value)
    names = [name for name in columns if name != "id"]
    rows = zip(*(columns[name] for name in names), strict=True)
    return [
        _standardise(source.name, record_id, dict(zip(names, row, strict=True)), month_first, as_of)
        for record_id, row in zip(source.ids, rows, strict=True)
    ]


def _standardise(system: str, record_id: str, row: dict[str, Any], month_first: bool, as_of: date) -> dict[str, Any]:
    born = parse_birth(row.get("date_of_birth"), month_first, as_of.year) or _from_parts(row, as_of)
    row = _in_western_form(row)
    comparable = {name: row.get(name) for name in TEXTS} | {
        "record_id": record_id, "system": system, "entity": "people", "source_key": record_id,
        "claimed_customer_id": None, "date_of_birth": as_date(born), "batch_date": None,
        "birth_year": int(born[:4]) if born else None, "links_by_id_only": False,
        "address_line": " ".join(v for n in ("house_number", "address_line") if (v := row.get(n))) or None,
    }  # fmt: skip
    record = standardise_record(comparable, FIRST_YEAR)
    return record | {
        "birth_text": born,
        "country_text": std.repair_text(row.get("country")),
        "national_id": std.standardise_code(row.get("national_id")),
        "birth_place": std.repair_text(row.get("birth_place")),
        "region": std.repair_text(row.get("region")),
        "address_extra": std.repair_text(row.get("address_extra")),
    }


def _in_western_form(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the name in two parts and the gender in English, where another script writes them otherwise."""
    if (gender := row.get("gender")) and not gender.isascii():
        row = row | {"gender": read_gender(gender)}
    is_split = row.get("first_name") or row.get("last_name")
    if not is_split and (parts := split_han_name(row.get("full_name") or "")):
        row = row | dict(zip(("first_name", "last_name"), parts, strict=True))
    return row


def _from_parts(row: dict[str, Any], as_of: date) -> str | None:
    """The birth as year, month and day columns give it, or the year that an age leads to."""
    year = (row.get("birth_year") or "").split(".")[0]
    if year.isdigit():
        parts = [year] + [(row.get(part) or "").split(".")[0] for part in ("birth_month", "birth_day")]
        return parse_birth("-".join(parts if all(p.isdigit() for p in parts) else parts[:1]))
    age = (row.get("age") or "").split(".")[0]
    return str(as_of.year - int(age)) if age.isdigit() and int(age) < 130 else None
