"""Comparable records, standardised, and the columns that the model compares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from include.identity import standardise as std
from include.identity.model import COLUMNS, MOST_HOLDERS_OF_AN_ID
from include.identity.placeholders import drop_placeholders

STORED = (
    "record_id", "system", "entity", "source_key", "claimed_customer_id", "full_name", "first_name", "middle_name",
    "last_name", "email", "phone", "date_of_birth", "birth_year", "gender", "address_line", "city", "postcode",
    "country", "occupation", "links_by_id_only", "content_hash", "identifiers",
)  # fmt: skip
DELIVERY = ("batch_date", "recorded_at", "file_id", "row_number")  # of a record, not its content
EARLIEST_BIRTH_YEAR = 1901  # 1900-01-01 is the commonest placeholder


def standardise_record(row: dict[str, Any], earliest_year: int = EARLIEST_BIRTH_YEAR) -> dict[str, Any]:
    """One comparable record (columns of int_people__comparable) as a row of identity.records.

    A file may have a `middle_name`, too. Who has a placeholder for a name has none, here as in the database: what is
    read of records without a name asks these columns.
    """
    whole = drop_placeholders(*std.split_name(row["full_name"]))
    given = (std.repair_text(row.get(name)) for name in ("first_name", "middle_name", "last_name"))
    first, middle, last = drop_placeholders(*given)
    if not (first or last):
        first, middle, last = whole[0], whole[1] or middle, whole[2]
    country = std.standardise_country(row["country"])
    born = _real_birth(row["date_of_birth"], row["batch_date"], earliest_year)
    return {
        "record_id": row["record_id"], "system": row["system"], "entity": row["entity"],
        "source_key": row["source_key"], "claimed_customer_id": std.repair_text(row["claimed_customer_id"]),
        "full_name": std.repair_text(row["full_name"]) if any(whole) else None,
        "first_name": first, "middle_name": middle, "last_name": last, "email": std.standardise_email(row["email"]),
        "phone": std.standardise_phone(row["phone"], country), "date_of_birth": born,
        "birth_year": born.year if born else row["birth_year"],
        "gender": std.standardise_gender(row["gender"]), "address_line": std.repair_text(row["address_line"]),
        "city": std.repair_text(row["city"]), "postcode": std.standardise_postcode(row["postcode"]),
        "country": country, "occupation": row["occupation"], "links_by_id_only": row["links_by_id_only"],
        "content_hash": row.get("content_hash"),
        "identifiers": [held for held in (row.get("identifiers") or "").split("|") if held],
    }  # fmt: skip


def _real_birth(born: date | None, batch_date: date | None, earliest_year: int = EARLIEST_BIRTH_YEAR) -> date | None:
    """None for placeholders and for days after the delivery."""
    if born is None or born.year < earliest_year or (batch_date is not None and born > batch_date):
        return None
    return born


def compared_row(record: dict[str, Any]) -> tuple[Any, ...]:
    """What is compared of a row of identity.records, by COLUMNS: names folded, dates as text, national phones."""
    first, last = _compared_name(record["first_name"], record["last_name"])
    born, email = record["date_of_birth"], record["email"]
    return (
        record["record_id"], record["claimed_customer_id"], first, last, list(std.aliases(first)),
        born.isoformat() if born else None, record["birth_year"], email,
        email.partition("@")[0] if email else None, std.national_digits(record["phone"]), std.fold(record["postcode"]),
        std.fold(record["city"]), std.fold(record["address_line"]), record["gender"],
        std.sounds_like(first), std.sounds_like(last), record["identifiers"],
    )  # fmt: skip


def to_linkage_frame(records: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """The columns that Splink compares (COLUMNS), one row per record; see `compared_row`.

    An identifier with too many holders (a switchboard, a default) identifies nobody and is left out.
    """
    frame = pd.DataFrame([compared_row(record) for record in records], columns=list(COLUMNS))
    frame = frame.astype({"birth_year": "Int64"})
    for name in ("claimed_customer_id", "email", "phone"):
        holders = frame[name].map(frame[name].value_counts())
        frame[name] = frame[name].where(~(holders > MOST_HOLDERS_OF_AN_ID), None)
    counts = Counter(held for identifiers in frame["identifiers"] for held in identifiers)
    kept = [
        [held for held in identifiers if counts[held] <= MOST_HOLDERS_OF_AN_ID] or None
        for identifiers in frame["identifiers"]
    ]
    frame["identifiers"] = pd.Series(kept, index=frame.index, dtype=object)
    return frame


def _compared_name(first: str | None, last: str | None) -> tuple[str | None, str | None]:
    """First and last name, folded. Names of several words are divided anew, so that "Ana María" with "García López"
    and "García López, Ana María" and "Ana María García López" are compared in one form.
    """
    if first and last and (" " in first or " " in last):
        first, _, last = std.split_name(f"{first} {last}")
    return std.fold(first), std.fold(last)
