"""The past of a customer follows from the deliveries, however late they came and however often was built."""

from __future__ import annotations

import json
from typing import Any

import pytest

from include.settings import Settings
from tests.include.warehouse import DAYS, build, land, rows

HEADER = "customer_id,first_name,last_name,email,city,country,marital_status,updated_at\n"
# A name in two spellings is one name; the third day brings a new place and takes the marriage away.
CRM = (
    "C001,John,Smith,john@example.com,London,UK,single,2026-11-15T10:00:00Z\n"
    "C002,Eva,Bell,eva@example.com,Leeds,UK,,2026-11-15T10:00:00Z\n"
    "C003,Mia,Cole,mia@example.com,York,UK,,2026-11-15T10:00:00Z\n",
    "C001, John ,Smith,j.smith@example.com,London,UK,married,2026-11-16T10:00:00Z\n"
    "C002,Eva,Bell,eva@example.com,Leeds,UK,,2026-11-16T10:00:00Z\n"
    "C003,Mia,Cole,mia@example.com,York,UK,,2026-11-16T10:00:00Z\n",
    "C001,John,Smith,j.smith@example.com,Bonn,Germany,,2026-11-17T10:00:00Z\n"
    "C002,Eva,Bell,eva@example.com,Leeds,UK,,2026-11-17T10:00:00Z\n"
    "C003,Mia,Cole,mia@example.com,York,UK,,2026-11-17T10:00:00Z\n",
)
# What other systems say of Mia: kinds of life and of area, propensity, spending elsewhere, score, income.
STATED = (
    ("brand lover", "suburban", "0.5", "100", 700, "40000"),
    ("silver surfer", "suburban", "0.5", "100", 650, "40000"),
    ("silver surfer", "rural", "0.7", "90", 650, "45000"),
)
COMPANY = ("Acme", "Brown Ltd", "Brown Ltd")
OTHERS_HISTORY = """
    select version_number, valid_from_date, language, employer, dependants
    from core.dim_customer_history
    where data_source in ('marketing', 'hr')
    order by data_source, version_number
"""
STATED_HISTORY = """
    select
        h.version_number, h.valid_from_date, h.lifestyle_segment, h.geographic_segment,
        h.purchase_propensity::text as propensity, h.competitor_spend_eur::text as elsewhere, h.credit_score,
        h.yearly_income_eur::text as income
    from core.dim_customer_history as h
    join core.dim_customer as c using (customer_key)
    where c.customer_id = 'C003'
    order by 1
"""
REPORTS = """
    select
        customer_key is not null as has_customer, version_number, valid_from_date, valid_to_date, is_current,
        credit_score
    from core.fact_credit_reports
    order by valid_from_date
"""
HISTORY = """
    select
        h.version_number, h.valid_from_date, h.valid_to_date, h.is_current, h.email, h.marital_status, h.data_source,
        l.city, l.country
    from core.dim_customer_history as h
    join core.dim_customer as c using (customer_key)
    join core.dim_location as l on l.location_key = h.location_key
    where c.first_name = %s
    order by 1
"""
DIFFERENT = """
    select count(*) from core.dim_customer as c
    full join (select * from core.dim_customer_history where is_current) as h using (customer_key)
    where (c.customer_id, c.first_name, c.last_name, c.email, c.phone, c.date_of_birth, c.birth_year, c.gender,
        c.marital_status, c.education_level, c.occupation, c.income_bracket, c.join_date, c.location_key,
        c.address_line, c.data_source)
    is distinct from (h.customer_id, h.first_name, h.last_name, h.email, h.phone, h.date_of_birth, h.birth_year,
        h.gender, h.marital_status, h.education_level, h.occupation, h.income_bracket, h.join_date, h.location_key,
        h.address_line, h.data_source)
"""
DIFFERENTLY_STATED = """
    select count(*) from intermediate.int_customers__survived as s
    full join (select * from core.dim_customer_history where is_current) as h using (customer_key)
    where (s.lifestyle_segment, s.geographic_segment, s.credit_score::bigint, s.yearly_income_eur::numeric,
        s.dependants::integer, s.employer, s.language, s.purchase_propensity::numeric, s.competitor_spend_eur::numeric)
    is distinct from (h.lifestyle_segment, h.geographic_segment, h.credit_score, h.yearly_income_eur,
        h.dependants, h.employer, h.language, h.purchase_propensity, h.competitor_spend_eur)
"""


def deliver(settings: Settings, number: int) -> None:
    day = DAYS[number]
    life, area, propensity, elsewhere, score, income = STATED[number]
    said = f"{day.isoformat()}T05:00:00Z"
    account = {"account_id": "A1", "customer_id": "C003", "holder_name": "Mia Cole", "credit_score": score,
               "updated_at": said}  # fmt: skip
    contact = {"contact_id": "M1", "email": "mia@example.com", "first_name": "Mia", "last_name": "Cole",
               "language": "de" if number == 2 else "en", "updated_at": said}  # fmt: skip
    files = {
        "crm/customers.csv": HEADER + CRM[number],
        "finance/accounts.json": json.dumps([account]),
        "marketing/contacts.jsonl": json.dumps(contact) + "\n",
        "wealth/clients.csv": "client_number,customer_id,full_name,declared_income,currency\n"
                              f"W1,C003,Mia Cole,{income},EUR\n",
        "demographics/customers.xml": '<customers><customer ref="D1"><id>C003</id><name>Mia Cole</name>'
            f"<lifestyle_segment>{life}</lifestyle_segment><geographic_segment>{area}</geographic_segment>"
            f"<purchase_propensity>{propensity}</purchase_propensity>"
            f"<competitor_spend>{elsewhere}</competitor_spend></customer></customers>",
        "hr/employees.xml": '<users><user firstName="Kim" lastName="Ray" sex="Female" age="40"'
                            f' address_postcode="LS1 1AA" company="{COMPANY[number]}" salary="30000" dependants="1"/>'
                            "</users>",
        "bureau/credit_reports.xml": f'<reports><report file="F1" reported_at="{said}"><subject><name>Mia Cole</name>'
            f"</subject><score>{score}</score></report></reports>",
    }  # fmt: skip
    for name, text in files.items():
        system, file = name.split("/")
        folder = settings.inbox / system / day.isoformat()
        folder.mkdir(parents=True)
        (folder / file).write_text(text)
    land(settings, day)


def history(settings: Settings, first_name: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in rows(settings, HISTORY, [first_name])]


@pytest.mark.slow
def test_history__does_not_depend_on_when_a_day_came(settings: Settings) -> None:
    deliver(settings, 2)
    deliver(settings, 0)
    assert build(settings, "without the second day", DAYS[2], data_tests=False) == ("publish_marts", [])
    first, _, third = DAYS
    london = ("john@example.com", "Single", "crm", "London", "UK")
    bonn = ("j.smith@example.com", None, "crm", "Bonn", "DE")
    assert history(settings, "John") == [(1, first, third, False, *london), (2, third, None, True, *bonn)]
    deliver(settings, 1)
    assert build(settings, "with a late day", DAYS[2]) == ("publish_marts", [])
    second = DAYS[1]
    assert history(settings, "John") == [
        (1, first, second, False, *london),
        (2, second, third, False, "j.smith@example.com", "Married", "crm", "London", "UK"),
        (3, third, None, True, *bonn),
    ]
    assert history(settings, "Eva") == [(1, first, None, True, "eva@example.com", None, "crm", "Leeds", "UK")]
    assert rows(settings, DIFFERENT) == rows(settings, DIFFERENTLY_STATED) == [{"count": 0}]
    assert [tuple(row.values()) for row in rows(settings, STATED_HISTORY)] == [
        (number, day, *STATED[number - 1]) for number, day in enumerate(DAYS, start=1)
    ]
    assert [tuple(row.values()) for row in rows(settings, OTHERS_HISTORY)] == [
        (1, first, None, "Acme", 1), (2, second, None, "Brown Ltd", 1), (1, first, "en", None, None),
        (2, third, "de", None, None),
    ]  # fmt: skip
    assert [tuple(row.values()) for row in rows(settings, REPORTS)] == [
        (True, 1, first, second, False, 700), (True, 2, second, third, False, 650), (True, 3, third, None, True, 650),
    ]  # fmt: skip
    known = rows(settings, "select identifier, first_seen_date, last_seen_date from marts.customer_identifiers"
                 " join core.dim_customer using (customer_key) where kind = 'email' and first_name = 'John'"
                 " order by first_seen_date")  # fmt: skip
    assert [tuple(row.values()) for row in known] == [
        ("john@example.com", first, first), ("j.smith@example.com", second, third),
    ]  # fmt: skip
