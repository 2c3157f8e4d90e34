"""Comparable records, standardised, and the columns that the model compares."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pandas as pd

from include.identity import standardise as std

STORED = (
    "record_id", "system", "entity", "source_key", "claimed_customer_id", "full_name", "first_name", "middle_name",
    "last_name", "email", "phone", "date_of_birth", "birth_year", "gender", "address_line", "city", "postcode",
    "country", "occupation", "links_by_id_only", "content_hash",
)  # fmt: skip
EARLIEST_BIRTH_YEAR = 1901  # 1900-01-01 is the commonest placeholder


def standardise_record(row: dict[str, Any]) -> dict[str, Any]:
    """One comparable record (columns of int_people__comparable) as a row of identity.records."""
    first, middle, last = std.repair_text(row["first_name"]), None, std.repair_text(row["last_name"])
    if not (first or last):
        first, middle, last = std.split_name(row["full_name"])
    country = std.standardise_country(row["country"])
    born: date | None = row["date_of_birth"]
    if born is not None and born.year < EARLIEST_BIRTH_YEAR:
        born = None
    year = born.year if born else row["birth_year"]
    content = "|".join(str(row[name]) for name in sorted(row) if name not in ("batch_date", "record_time"))
    return {
        "record_id": row["record_id"], "system": row["system"], "entity": row["entity"],
        "source_key": row["source_key"], "claimed_customer_id": std.repair_text(row["claimed_customer_id"]),
        "full_name": std.repair_text(row["full_name"]), "first_name": first, "middle_name": middle,
        "last_name": last, "email": std.standardise_email(row["email"]),
        "phone": std.standardise_phone(row["phone"], country), "date_of_birth": born, "birth_year": year,
        "gender": std.standardise_gender(row["gender"]), "address_line": std.repair_text(row["address_line"]),
        "city": std.repair_text(row["city"]), "postcode": std.repair_text(row["postcode"]), "country": country,
        "occupation": row["occupation"], "links_by_id_only": row["links_by_id_only"],
        "content_hash": hashlib.md5(content.encode(), usedforsecurity=False).hexdigest(),
    }  # fmt: skip


def to_linkage_frame(records: list[dict[str, Any]]) -> pd.DataFrame:
    """The columns that Splink compares, one row per record: unique_id, folded names, birth date as text and so on."""
    rows = [
        {
            "unique_id": r["record_id"],
            "claimed_customer_id": r["claimed_customer_id"],
            "first_name": std.fold(r["first_name"]),
            "last_name": std.fold(r["last_name"]),
            "aliases": list(std.aliases(std.fold(r["first_name"]))),
            "birth_date": r["date_of_birth"].isoformat() if r["date_of_birth"] else None,
            "birth_year": r["birth_year"],
            "email": r["email"],
            "email_local": r["email"].partition("@")[0] if r["email"] else None,
            "phone": r["phone"],
            "postcode": std.fold(r["postcode"]),
            "city": std.fold(r["city"]),
            "street": std.fold(r["address_line"]),
            "gender": r["gender"],
        }
        for r in records
    ]
    return pd.DataFrame(rows).astype({"birth_year": "Int64"})
