"""The mapping example of the requirements, from files to the row of customer_360."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest
from psycopg.rows import dict_row

from include.ops.builds import begin_build
from include.settings import Settings
from tests.include.warehouse import build, land

DAY = date(2026, 11, 16)
CSV = "customer_id,first_name,last_name,email,join_date\nC001,John,Smith,john.smith@example.com,2021-03-15\n"
JSON = (
    '[{"account_id": "A1001", "customer_id": "C001", "payment_methods": ["credit_card", "paypal"],'
    ' "credit_score": 720}]'
)
XML = (
    "<customers><customer><id>C001</id><age>35</age><gender>Male</gender><location><city>London</city>"
    "<country>UK</country></location><family_status>Married</family_status></customer></customers>"
)
EXPECTED = {
    "customer_key": 1, "customer_id": "C001", "first_name": "John", "last_name": "Smith",
    "email": "john.smith@example.com", "join_date": date(2021, 3, 15), "age": 35, "gender": "Male", "city": "London",
    "country": "UK", "family_status": "Married", "account_id": "A1001", "payment_methods": "credit_card,paypal",
    "credit_score": 720,
}  # fmt: skip


def deliver(settings: Settings, files: dict[str, tuple[str, str]]) -> None:
    for system, (name, text) in files.items():
        folder = settings.inbox / system / DAY.isoformat()
        folder.mkdir(parents=True)
        (folder / name).write_text(text)
    land(settings, DAY)


@pytest.mark.slow
def test_customer_360__golden_record(settings: Settings) -> None:
    deliver(settings, {"crm": ("customers.csv", CSV), "finance": ("accounts.json", JSON),
                       "demographics": ("customers.xml", XML)})  # fmt: skip
    assert build(settings, "golden", data_tests=False) == ("publish_marts", [])
    with psycopg.connect(settings.database_url, row_factory=dict_row) as connection:
        (row,) = connection.execute("select * from marts.customer_360").fetchall()
        lineage = connection.execute(
            "select attribute, system, record_id from marts.customer_attribute_lineage where attribute = 'city'"
        ).fetchall()
    assert {name: row[name] for name in EXPECTED} == EXPECTED
    assert lineage == [{"attribute": "city", "system": "demographics", "record_id": "demographics/customers/id:C001"}]
    assert not begin_build(settings.database_url, DAY.isoformat(), "again"), "nothing is new"
