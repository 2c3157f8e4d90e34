"""The sample company as comparable records, without a warehouse: what int_people__comparable makes of its files."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import tempfile
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from include.sample import write_sample
from include.sample.company import SYSTEMS
from include.sample.rates import records_per_person

DATES = (date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18))
NAMES = [
    "record_id",
    "system",
    "entity",
    "source_key",
    "claimed_customer_id",
    "full_name",
    "first_name",
    "last_name",
    "email",
    "phone",
    "date_of_birth",
    "birth_year",
    "gender",
    "address_line",
    "city",
    "postcode",
    "country",
    "occupation",
    "identifiers",
]
# Which field of which system fills which column of a comparable record.
FIELDS = {
    "crm": {"source_key": "customer_id", "claimed_customer_id": "customer_id", "first_name": "first_name",
            "last_name": "last_name", "email": "email", "phone": "phone", "date_of_birth": "date_of_birth",
            "gender": "gender", "address_line": "address_line", "city": "city", "postcode": "postcode",
            "country": "country", "occupation": "occupation"},
    "finance": {"source_key": "account_id", "claimed_customer_id": "customer_id", "full_name": "holder_name",
                "email": "holder_email", "phone": "holder_phone", "date_of_birth": "holder_birth_date",
                "postcode": "holder_postcode"},
    "demographics": {"source_key": "ref", "claimed_customer_id": "id", "full_name": "name", "gender": "gender",
                     "address_line": "street", "city": "city", "postcode": "postcode", "country": "country",
                     "occupation": "occupation"},
    "service": {"source_key": "interaction_id", "claimed_customer_id": "customer_id", "full_name": "contact_name",
                "email": "contact_email", "phone": "contact_phone", "date_of_birth": "contact_birth_date",
                "postcode": "contact_postcode"},
    "usage": {"source_key": "subscription_id", "claimed_customer_id": "customer_id", "full_name": "account_name",
              "email": "account_email", "date_of_birth": "account_birth_date", "postcode": "account_postcode"},
}  # fmt: skip
ENTITIES = {"crm": "customers", "finance": "accounts", "demographics": "customers", "service": "contacts",
            "usage": "product_usage"}  # fmt: skip


@cache
def sample_people(records: int, seed: int) -> tuple[list[dict[str, Any]], dict[str, int], dict[str, int]]:
    """(comparable records after the last day, person by record id, corrupted fields by record id), of five systems."""
    with tempfile.TemporaryDirectory() as folder:
        inbox, truth_dir = Path(folder) / "inbox", Path(folder) / "truth"
        # The same people, whatever other systems know them.
        share = records_per_person(SYSTEMS) / records_per_person(FIELDS)
        write_sample(inbox, truth_dir, round(records * share), seed, DATES, frozenset(SYSTEMS) - set(FIELDS))
        rows: dict[str, dict[str, Any]] = {}
        record_ids: dict[tuple[str, str], str] = {}
        for system in FIELDS:
            for day in DATES:
                for path in sorted((inbox / system / day.isoformat()).iterdir()):
                    for raw in _read(path):
                        row = _comparable(system, raw, day)
                        record_ids[system, raw[FIELDS[system]["source_key"]]] = row["record_id"]
                        rows[row["record_id"]] = row
        person: dict[str, int] = {}
        corrupted: dict[str, int] = {}
        with (truth_dir / "truth.csv").open(encoding="utf-8") as stream:
            for line in csv.DictReader(stream):
                record_id = record_ids[line["system"], line["source_key"]]
                person.setdefault(record_id, int(line["person_id"]))
                corrupted[record_id] = max(corrupted.get(record_id, 0), int(line["corrupted_fields"]))
    return sorted(rows.values(), key=lambda row: row["record_id"]), person, corrupted


def comparable(record_id: str, **values: Any) -> dict[str, Any]:
    """One comparable record by hand; what is not named is null."""
    system, entity, source_key = record_id.split("/")
    known = {"record_id": record_id, "system": system, "entity": entity, "source_key": source_key}
    return (
        dict.fromkeys(NAMES)
        | {"batch_date": DATES[0], "first_seen_date": DATES[0], "recorded_at": None, "links_by_id_only": False}
        | known
        | values
    )


def _comparable(system: str, raw: dict[str, Any], day: date) -> dict[str, Any]:
    values: dict[str, Any] = {name: (raw.get(field) or "").strip() or None for name, field in FIELDS[system].items()}
    if values.get("date_of_birth"):
        values["date_of_birth"] = date.fromisoformat(values["date_of_birth"])
    if raw.get("age"):
        values["birth_year"] = date.fromisoformat(raw["estimated_on"]).year - int(raw["age"])
    key = values["source_key"]
    if system == "service":
        content = [str(raw[f]) for n, f in FIELDS[system].items() if n != "source_key"]
        key = values["source_key"] = hashlib.md5("|".join(content).encode(), usedforsecurity=False).hexdigest()
    return comparable(f"{system}/{ENTITIES[system]}/{key}", **values, batch_date=day, first_seen_date=day)


def _read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".json":
        rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return rows
    if path.suffix == ".xml":
        return [
            {"ref": c.get("ref")} | {e.tag: e.text for e in c.iter() if not len(e)}
            for c in etree.fromstring(path.read_bytes())
        ]
    text = (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()
    # Not splitlines(): mojibake holds U+0085, which it takes for the end of a line.
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter="|" if path.suffix == ".txt" else ",")
    return [row for row in reader if None not in row]
