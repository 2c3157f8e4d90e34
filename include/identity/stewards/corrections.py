"""What a steward corrects: which fields there are, what they may hold, and how a correction meets its record.

Raw and staging keep what the source delivered; a correction is laid over the comparable record before it is linked, and
wins in the golden record (dbt: int_customers__attribute_candidates).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from include.identity import standardise as std

LONGEST_VALUE = 200


@dataclass(frozen=True)
class Correction:
    """A steward's value for a field of a record."""

    value: str
    decision_id: int


Corrections = dict[str, dict[str, Correction]]  # by record id, then by field


class WrongValue(ValueError):  # noqa: N818 - reads as what happened
    """The field is unknown or cannot hold the value; the message says what is expected, and not the value."""


def _text(value: str, _: str | None) -> str | None:
    return std.repair_text(value)


def _day(value: str, _: str | None) -> str | None:
    with suppress(ValueError):
        return date.fromisoformat(value).isoformat() if date.fromisoformat(value).year > 1900 else None
    return None


def _number(least: int, most: int) -> Callable[[str, str | None], str | None]:
    return lambda value, _: value if value.isascii() and value.isdigit() and least <= int(value) <= most else None


def _ignoring_country(standardise: Callable[[str | None], str | None]) -> Callable[[str, str | None], str | None]:
    return lambda value, _: standardise(value)


# What a field may hold, and the words for it. The first group is compared when records are linked.
LINKED: dict[str, tuple[Callable[[str, str | None], str | None], str]] = {
    "first_name": (_text, "a name"),
    "last_name": (_text, "a name"),
    "email": (_ignoring_country(std.standardise_email), "an e-mail address"),
    "phone": (std.standardise_phone, "a telephone number that can be dialled"),
    "date_of_birth": (_day, "a day after 1900, as 1980-12-31"),
    "birth_year": (_number(1901, 2100), "a year after 1900"),
    "gender": (_ignoring_country(std.standardise_gender), "female, male or other"),
    "address_line": (_text, "an address"),
    "city": (_text, "a place"),
    "postcode": (_ignoring_country(std.standardise_postcode), "a postcode"),
    "country": (_ignoring_country(std.standardise_country), "a country, as an ISO code of two letters or in English"),
    "occupation": (lambda value, _: (std.repair_text(value) or "").lower() or None, "an occupation"),
}
GOLDEN: dict[str, tuple[Callable[[str, str | None], str | None], str]] = {
    "marital_status": (lambda value, _: (std.repair_text(value) or "").lower() or None, "a marital status"),
    "education_level": (_text, "a level of education"),
    "income_bracket": (_text, "an income bracket"),
    "lifestyle_segment": (_text, "a segment"),
    "geographic_segment": (_text, "a kind of area"),
    "join_date": (_day, "a day after 1900, as 2020-12-31"),
    "credit_score": (_number(300, 850), "a whole number from 300 to 850"),
}
FIELDS = LINKED | GOLDEN


def check_value(field: str, value: str | None, country: str | None = None) -> str:
    """The value in its standard form; raises WrongValue."""
    if field not in FIELDS:
        raise WrongValue(f"no field {field[:40]!r}; there are {', '.join(FIELDS)}")
    text = " ".join((value or "").split())
    if len(text) > LONGEST_VALUE:
        raise WrongValue(f"{field}: at most {LONGEST_VALUE} characters")
    standardise, expected = FIELDS[field]
    standard = standardise(text, country) if text and text.isprintable() else None
    if standard is None:
        raise WrongValue(f"{field}: {expected} is expected")
    return standard


def correct_rows(rows: Sequence[dict[str, Any]], corrections: Corrections) -> list[dict[str, Any]]:
    """The comparable records with the stewards' corrections laid over them."""
    return [
        _correct(row, {name: c.value for name, c in fields.items()})
        if (fields := corrections.get(row["record_id"]))
        else row
        for row in rows
    ]


def _correct(row: dict[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    changed = dict(row)
    if {"first_name", "last_name"} & values.keys() and not (row["first_name"] or row["last_name"]):
        changed["first_name"], _, changed["last_name"] = std.split_name(row["full_name"])
    for field in LINKED:
        if field in values:
            changed[field] = values[field]
    if "birth_year" in values:
        changed["birth_year"] = int(values["birth_year"])
        if row["date_of_birth"] and row["date_of_birth"].year != changed["birth_year"]:
            changed["date_of_birth"] = None
    if "date_of_birth" in values:
        changed["date_of_birth"] = date.fromisoformat(values["date_of_birth"])
    return changed


def applied_value(record: dict[str, Any], field: str, new_value: str) -> str | None:
    """What the correction of a standardised record has come to, as text; None where it came to nothing."""
    value = record.get(field) if field in LINKED else new_value
    return value.isoformat() if isinstance(value, date) else None if value is None else str(value)
