"""Every value of a golden record can be recomputed from the raw record that its lineage names, of any system."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from datetime import date
from typing import Any

import pytest

from include.identity import standardise as std
from include.settings import PROJECT_DIR
from tests.dbt_project.company import Company, Row, number, rounded, text

pytestmark = pytest.mark.slow  # the build that all of them share

# The raw column of each attribute, by the kind of record. A full name holds two attributes.
FIELDS: dict[str, dict[str, str]] = {
    "crm/customers": {
        **{name: name for name in (
            "customer_id", "first_name", "last_name", "email", "phone", "date_of_birth", "gender", "marital_status",
            "occupation", "join_date", "address_line", "city", "postcode", "country",
        )},
    },
    "finance/accounts": {
        "first_name": "holder_name", "last_name": "holder_name", "email": "holder_email", "phone": "holder_phone",
        "date_of_birth": "holder_birth_date", "postcode": "holder_postcode", "credit_score": "credit_score",
    },
    "demographics/customers": {
        "first_name": "name", "last_name": "name", "birth_year": "age", "gender": "gender",
        "marital_status": "family_status", "education_level": "education", "occupation": "occupation",
        "income_bracket": "income_bracket", "address_line": "street", "city": "city", "postcode": "postcode",
        "country": "country", "lifestyle_segment": "lifestyle_segment", "geographic_segment": "geographic_segment",
        "purchase_propensity": "purchase_propensity", "competitor_spend_eur": "competitor_spend",
    },
    "service/contacts": {
        "first_name": "contact_name", "last_name": "contact_name", "email": "contact_email", "phone": "contact_phone",
        "date_of_birth": "contact_birth_date", "postcode": "contact_postcode",
    },
    "usage/product_usage": {
        "first_name": "account_name", "last_name": "account_name", "email": "account_email",
        "date_of_birth": "account_birth_date", "postcode": "account_postcode",
    },
    "wealth/clients": {
        "first_name": "full_name", "last_name": "full_name", "date_of_birth": "date_of_birth",
        "occupation": "occupation", "yearly_income_eur": "declared_income",
    },
    "ecommerce/accounts": {
        "first_name": "first_name", "last_name": "last_name", "email": "email", "phone": "phone",
        "address_line": "billing_street", "city": "billing_city", "postcode": "billing_postcode",
        "country": "billing_country",
    },
    "ecommerce/guests": {
        "first_name": "shipping_name", "last_name": "shipping_name", "email": "contact_email",
        "phone": "shipping_phone", "address_line": "shipping_street", "city": "shipping_city",
        "postcode": "shipping_postcode", "country": "shipping_country",
    },
    "pos/members": {
        "first_name": "full_name", "last_name": "full_name", "email": "email", "phone": "phone",
        "date_of_birth": "birth_date", "postcode": "postcode",
    },
    "marketing/contacts": {name: name for name in ("first_name", "last_name", "email", "phone", "country", "language")},
    "marketing/leads": {
        "first_name": "full_name", "last_name": "full_name", "email": "email", "phone": "phone",
        "postcode": "postcode", "occupation": "occupation",
    },
    "support/contacts": {
        "first_name": "requester_name", "last_name": "requester_name", "email": "requester_email",
        "phone": "requester_phone",
    },
    "bureau/credit_reports": {
        "first_name": "full_name", "last_name": "full_name", "date_of_birth": "birth_date", "postcode": "postcode",
        "credit_score": "score",
    },
    "lending/people": {
        "first_name": "first_name", "last_name": "last_name", "birth_year": "age", "gender": "sex",
        "address_line": "address", "city": "address_city", "postcode": "address_postcode",
    },
    "hr/employees": {
        "first_name": "first_name", "last_name": "last_name", "birth_year": "age", "gender": "sex",
        "postcode": "address_postcode", "marital_status": "marital_status", "dependants": "dependants",
        "employer": "company", "yearly_income_eur": "salary",
    },
    "motor/vehicles": {
        "first_name": "first_name", "last_name": "second_name", "birth_year": "age_years", "gender": "sex",
    },
    "bank/clients": {"date_of_birth": "birth_number", "gender": "birth_number"},
}  # fmt: skip
# Records of these have no attribute of a golden record: a login, and a card of a receipt.
NOTHING = {"web/users", "pos/cards"}
WHOLE_NAMES = (
    "crm/customers", "ecommerce/accounts", "marketing/contacts", "lending/people", "hr/employees", "motor/vehicles",
)  # fmt: skip
GROUPS = {
    "first_name": "name",
    "last_name": "name",
    **dict.fromkeys(("address_line", "city", "postcode", "country"), "address"),
}
# What makes a group whole; every other attribute is a group of its own, and whole.
WHOLE = {"name": ("first_name", "last_name"), "address": ("city",)}


def kind_of(record_id: str) -> str:
    return "/".join(record_id.split("/")[:2])


def recompute(attribute: str, record_id: str, raw: Row) -> str | None:
    """The value that a raw record supplies, by the documented rules."""
    kind = kind_of(record_id)
    value = text(raw[FIELDS[kind][attribute]])
    if kind == "bank/clients" and value:
        return born_of(value) if attribute == "date_of_birth" else "Female" if int(value[2:4]) > 50 else "Male"
    if attribute in ("first_name", "last_name"):
        if kind in WHOLE_NAMES:
            return std.repair_text(value)
        first, _, last = std.split_name(value)
        return first if attribute == "first_name" else last
    if attribute == "phone":
        country = FIELDS[kind].get("country")
        return std.standardise_phone(value, std.standardise_country(raw[country] if country else None))
    if attribute == "birth_year" and value:
        said_on = date.fromisoformat(raw["estimated_on"]) if kind.startswith("demographics") else raw["_batch_date"]
        return str(said_on.year - int(value))
    if attribute == "yearly_income_eur":
        is_pension = kind == "hr/employees" and (text(raw["retired"]) or "").lower() == "true"
        return raw["_company"].income(raw["pension"] if is_pension else value, raw.get("currency") or "EUR")
    return _simple(attribute, value, raw)


def _simple(attribute: str, value: str | None, raw: Row) -> str | None:
    if attribute == "email":
        return std.standardise_email(value)
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
    if attribute == "marital_status" and value:
        return value.title()
    if attribute == "occupation" and value:
        return value.lower()
    return value


def born_of(birth_number: str) -> str:
    """YYMMDD, where the months of women carry 50 more and nobody was born before 1911."""
    year, month, day = int(birth_number[:2]), int(birth_number[2:4]) % 50, int(birth_number[4:])
    return date(1900 + year if year >= 11 else 2000 + year, month, day).isoformat()


class Records:
    """The raw record of each record that identity knows, and the values that it supplies."""

    def __init__(self, company: Company) -> None:
        self.company = company
        landed = company.rows("select file_id, system, entity from ops.files")
        files = {row["file_id"]: (row["system"], row["entity"]) for row in landed}
        gone = {r["record_id"]: r["system"] for r in company.rows("select * from intermediate.int_people__departures")}
        self.raw: dict[str, Row] = {}
        self.left = {record_id for record_id, system in gone.items() if system != "ecommerce"}
        raw = {(row["_file_id"], row["_row"]): row for place in set(files.values()) for row in company.raw(*place)}
        for row in company.rows("select record_id, file_id, row_number from intermediate.int_people__comparable"):
            if gone.get(row["record_id"]) != "ecommerce":  # what somebody has deleted supplies nothing
                self.raw[row["record_id"]] = raw[row["file_id"], row["row_number"]] | {"_company": self}

    def income(self, value: Any, currency: str) -> str | None:
        amount, rate = number(value), self.company.rate(currency, date.max)
        return None if amount is None or rate is None else str(rounded(amount * rate, 0))

    def offer(self, attribute: str, record_id: str) -> str | None:
        if attribute not in FIELDS.get(kind_of(record_id), {}) or record_id not in self.raw:
            return None
        if attribute in ("employer", "yearly_income_eur") and record_id in self.left:
            return None
        return recompute(attribute, record_id, self.raw[record_id])


def preferences() -> dict[tuple[str, str], int]:
    with (PROJECT_DIR / "dbt_project" / "seeds" / "survivorship.csv").open() as stream:
        return {(row["attribute_group"], row["system"]): int(row["preference"]) for row in csv.DictReader(stream)}


def members_of(company: Company) -> dict[int, list[str]]:
    members = defaultdict(list)
    for record_id, customer in sorted(company.crosswalk.items()):
        members[customer].append(record_id)
    return members


def test_lineage__knows_every_system_that_feeds_the_golden_record() -> None:
    named = {(GROUPS.get(attribute, attribute), kind.split("/")[0]) for kind, of in FIELDS.items() for attribute in of}
    assert set(preferences()) - named == set(), "a preference for what no record states"


def test_lineage__every_value_comes_from_the_raw_record_it_names(company: Company) -> None:
    records, members, preferred = Records(company), members_of(company), preferences()
    lineage = company.rows("select * from marts.customer_attribute_lineage order by customer_key, attribute")
    assert {kind_of(record_id) for record_id in company.crosswalk} <= set(FIELDS) | NOTHING
    assert {row["attribute"] for row in lineage} == {attribute for of in FIELDS.values() for attribute in of}
    for row in lineage:
        place, own = (row["customer_key"], row["attribute"], row["record_id"]), members[row["customer_key"]]
        assert records.offer(row["attribute"], row["record_id"]) == row["value"], place
        assert row["batch_date"] == records.raw[row["record_id"]]["_batch_date"], place
        group = row["attribute_group"]
        assert group == GROUPS.get(row["attribute"], row["attribute"]), place
        offers = {record: value for record in own if (value := records.offer(row["attribute"], record)) is not None
                  and (group, record.split("/")[0]) in preferred}  # fmt: skip
        losers = sorted((record, value) for record, value in offers.items() if record != row["record_id"])
        assert sorted((v["record_id"], v["value"]) for v in row["losing_values"]) == losers, place
        in_group = [attribute for attribute in _attributes() if GROUPS.get(attribute, attribute) == group]
        rivals = {record for record in own for attribute in in_group if records.offer(attribute, record) is not None
                  and (group, record.split("/")[0]) in preferred}  # fmt: skip
        whole = {record for record in rivals if all(records.offer(a, record) for a in WHOLE.get(group, ()))}
        best = min(preferred[group, record.split("/")[0]] for record in whole or rivals)
        assert preferred[group, row["system"]] == best, place
        assert row["record_id"] in (whole or rivals), place
        assert row["rule"].startswith(f"preference {best}, "), place
        assert row["rule"].endswith(", incomplete") == (not whole), place


def test_lineage__a_hundred_values_of_every_system(company: Company) -> None:
    """The same for attributes picked at random from each kind of record, so that none hides behind another one."""
    records, rng = Records(company), random.Random(17)  # noqa: S311 - which values are looked at is no secret
    told = defaultdict(list)
    for row in company.rows("select * from marts.customer_attribute_lineage order by customer_key, attribute"):
        told[kind_of(row["record_id"])].append((row["attribute"], row["record_id"], row["value"]))
        for loser in row["losing_values"]:
            told[kind_of(loser["record_id"])].append((row["attribute"], loser["record_id"], loser["value"]))
    assert set(told) == set(FIELDS)
    for kind, values in told.items():
        for attribute, record_id, value in rng.sample(values, min(100, len(values))):
            assert records.offer(attribute, record_id) == value, (kind, attribute, record_id)


def test_lineage__parts_of_a_group_come_from_one_record(company: Company) -> None:
    records = Records(company)
    survivors = company.rows("select * from marts.customer_attribute_lineage where attribute_group <> attribute")
    sources: dict[tuple[int, str], set[str]] = defaultdict(set)
    values: dict[tuple[int, str], dict[str, str]] = defaultdict(dict)
    for row in survivors:
        place = (row["customer_key"], row["attribute_group"])
        sources[place].add(row["record_id"])
        values[place][row["attribute"]] = row["value"]
    assert {group for _, group in sources} == {"name", "address"}
    for (key, group), from_records in sources.items():
        (record_id,) = from_records
        offered = {a: v for a, g in GROUPS.items() if g == group and (v := records.offer(a, record_id))}
        assert values[key, group] == offered, (key, group)
    published = company.rows(
        "select c.customer_key, c.first_name, c.last_name, c.address_line, l.city, l.postcode, l.country"
        " from core.dim_customer as c join core.dim_location as l using (location_key)"
    )
    for customer in published:
        key = customer.pop("customer_key")
        assert {a: v for a, v in customer.items() if v is not None} == values[key, "name"] | values[key, "address"], key


def _attributes() -> set[str]:
    return {attribute for of in FIELDS.values() for attribute in of}
