"""Every value of a golden record can be recomputed from the raw record that its lineage names."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from include.identity import standardise as std
from include.settings import PROJECT_DIR, Settings
from tests.include.databases import keep_warehouse
from tests.include.warehouse import DAYS, build, land, rows, write_days

TABLES = {
    "crm": ("customers", "customer_id"),
    "finance": ("accounts", "account_id"),
    "demographics": ("customers", "ref"),
    "service": ("interactions", "interaction_id"),
    "usage": ("product_usage", "subscription_id"),
}
# The raw column of an attribute, by system. A full name holds two attributes.
COLUMNS: dict[str, dict[str, str]] = {
    "customer_id": {"crm": "customer_id"},
    "first_name": {"crm": "first_name", "finance": "holder_name", "usage": "account_name", "demographics": "name",
                   "service": "contact_name"},
    "last_name": {"crm": "last_name", "finance": "holder_name", "usage": "account_name", "demographics": "name",
                  "service": "contact_name"},
    "email": {"crm": "email", "usage": "account_email", "finance": "holder_email", "service": "contact_email"},
    "phone": {"crm": "phone", "finance": "holder_phone", "service": "contact_phone"},
    "date_of_birth": {"crm": "date_of_birth", "finance": "holder_birth_date", "usage": "account_birth_date",
                      "service": "contact_birth_date"},
    "birth_year": {"demographics": "age"},
    "gender": {"crm": "gender", "demographics": "gender"},
    "marital_status": {"crm": "marital_status", "demographics": "family_status"},
    "education_level": {"demographics": "education"},
    "occupation": {"crm": "occupation", "demographics": "occupation"},
    "income_bracket": {"demographics": "income_bracket"},
    "join_date": {"crm": "join_date"},
    "address_line": {"crm": "address_line", "demographics": "street"},
    "city": {"crm": "city", "demographics": "city"},
    "postcode": {"crm": "postcode", "finance": "holder_postcode", "demographics": "postcode",
                 "usage": "account_postcode", "service": "contact_postcode"},
    "country": {"crm": "country", "demographics": "country"},
    "lifestyle_segment": {"demographics": "lifestyle_segment"},
    "geographic_segment": {"demographics": "geographic_segment"},
    "credit_score": {"finance": "credit_score"},
    "purchase_propensity": {"demographics": "purchase_propensity"},
    "competitor_spend_eur": {"demographics": "competitor_spend"},
}  # fmt: skip
GROUPS = {
    "first_name": "name",
    "last_name": "name",
    **dict.fromkeys(("address_line", "city", "postcode", "country"), "address"),
}
# What makes a group whole; every other attribute is a group of its own, and whole.
WHOLE = {"name": ("first_name", "last_name"), "address": ("city",)}


def recompute(attribute: str, system: str, raw: dict[str, Any]) -> str | None:
    """The value that a raw record supplies, by the documented rules."""
    value = (raw[COLUMNS[attribute][system]] or "").strip() or None
    if attribute in ("first_name", "last_name"):
        if system == "crm":
            return std.repair_text(value)
        first, _, last = std.split_name(value)
        return first if attribute == "first_name" else last
    if attribute == "email":
        return std.standardise_email(value)
    if attribute == "phone":
        return std.standardise_phone(value, std.standardise_country(raw.get("country")))
    if attribute == "country":
        code = std.standardise_country(value)
        return "UK" if code == "GB" else code
    if attribute == "postcode":
        return std.standardise_postcode(value)
    if attribute == "gender":
        gender = std.standardise_gender(value)
        return gender.capitalize() if gender else None
    if attribute in ("address_line", "city"):
        return std.repair_text(value)
    if attribute == "date_of_birth":  # 1900-01-01 and days after the delivery are placeholders
        return value if value and int(value[:4]) > 1900 and value <= raw["_batch_date"].isoformat() else None
    if attribute == "birth_year":
        return str(date.fromisoformat(raw["estimated_on"]).year - int(value)) if value else None
    if attribute == "marital_status" and value:
        return value.title()
    if attribute == "occupation" and value:
        return value.lower()
    return value


@pytest.fixture(scope="module")
def people(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Three days of the systems whose values are recomputed here, built."""

    def fill(settings: Settings) -> None:
        write_days(settings, 600)
        for day in DAYS:
            land(settings, day, tuple(TABLES))
        assert build(settings, "lineage", DAYS[-1]) == ("publish_marts", [])

    with keep_warehouse(postgres_url, tmp_path_factory.mktemp("lineage"), fill) as settings:
        yield settings


@pytest.mark.slow
def test_lineage__every_value_comes_from_the_raw_record_it_names(people: Settings) -> None:
    lineage = rows(people, "select * from marts.customer_attribute_lineage order by customer_key, attribute")
    assert {row["attribute"] for row in lineage} == set(COLUMNS)
    preferences = _preferences()
    by_record = _raw_records(people)
    members = defaultdict(list)
    for row in rows(people, "select record_id, customer_key from identity.crosswalk order by record_id"):
        members[row["customer_key"]].append(row["record_id"])
    for row in lineage:
        place = (row["customer_key"], row["attribute"])
        raw = by_record[row["record_id"]]
        assert recompute(row["attribute"], row["system"], raw) == row["value"], place
        assert row["batch_date"] == raw["_batch_date"], place
        group = row["attribute_group"]
        assert group == GROUPS.get(row["attribute"], row["attribute"]), place
        offers = _offers(row["attribute"], members[row["customer_key"]], by_record)
        losers = sorted((r, v) for r, v in offers if r != row["record_id"])
        assert sorted((v["record_id"], v["value"]) for v in row["losing_values"]) == losers, place
        rivals = {r for a in COLUMNS if GROUPS.get(a, a) == group for r, _ in _offers(a, members[place[0]], by_record)}
        whole = {r for r in rivals if all(_offer(a, r, by_record) for a in WHOLE.get(group, ()))}
        best = min(preferences[group, record_id.split("/")[0]] for record_id in whole or rivals)
        assert preferences[group, row["system"]] == best, place
        assert row["record_id"] in (whole or rivals), place
        assert row["rule"].startswith(f"preference {best}, "), place
        assert row["rule"].endswith(", incomplete") == (not whole), place


@pytest.mark.slow
def test_lineage__parts_of_a_group_come_from_one_record(people: Settings) -> None:
    by_record = _raw_records(people)
    survivors = rows(people, "select * from marts.customer_attribute_lineage where attribute_group <> attribute")
    records: dict[tuple[int, str], set[str]] = defaultdict(set)
    values: dict[tuple[int, str], dict[str, str]] = defaultdict(dict)
    for row in survivors:
        place = (row["customer_key"], row["attribute_group"])
        records[place].add(row["record_id"])
        values[place][row["attribute"]] = row["value"]
    assert {group for _, group in records} == {"name", "address"}
    for (key, group), from_records in records.items():
        (record_id,) = from_records
        offered = {a: v for a, g in GROUPS.items() if g == group and (v := _offer(a, record_id, by_record))}
        assert values[key, group] == offered, (key, group)
    published = rows(
        people,
        "select c.customer_key, c.first_name, c.last_name, c.address_line, l.city, l.postcode, l.country"
        " from core.dim_customer as c join core.dim_location as l using (location_key)",
    )
    for customer in published:
        key = customer.pop("customer_key")
        assert {a: v for a, v in customer.items() if v is not None} == values[key, "name"] | values[key, "address"], key


def _offers(attribute: str, members: list[str], by_record: dict[str, dict[str, Any]]) -> list[tuple[str, str]]:
    """The records of a customer that supply a value, each with its value."""
    return [(r, value) for r in members if (value := _offer(attribute, r, by_record)) is not None]


def _offer(attribute: str, record_id: str, by_record: dict[str, dict[str, Any]]) -> str | None:
    system = record_id.split("/")[0]
    return recompute(attribute, system, by_record[record_id]) if system in COLUMNS[attribute] else None


def _preferences() -> dict[tuple[str, str], int]:
    with (PROJECT_DIR / "dbt_project" / "seeds" / "survivorship.csv").open() as stream:
        return {(row["attribute_group"], row["system"]): int(row["preference"]) for row in csv.DictReader(stream)}


def _raw_records(settings: Settings) -> dict[str, dict[str, Any]]:
    """The latest raw record of each comparable record, by record id."""
    found: dict[str, dict[str, Any]] = {}
    for system, (entity, key) in TABLES.items():
        staged = rows(
            settings,
            f"select s.record_id, r.* from raw_{system}.{entity} as r"
            f" join staging.stg_{system}__{entity} as s"
            f" on s.file_id = r._file_id and s.row_number = r._row and s.source_key = r.{key}"
            # Interactions with equal contact details are one record, dated by the newest of them.
            f" order by r._batch_date, s.recorded_at nulls first, s.source_key desc",
        )
        found |= {row["record_id"]: row for row in staged}
    return found
