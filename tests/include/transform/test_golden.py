"""The mapping example of the requirements, from files to the row of customer_360."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row

from include.contracts import load_contracts
from include.landing import land_batch, release_batch
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


def test_customer_360__golden_record(settings: Settings) -> None:
    deliver(settings, {"crm": ("customers.csv", CSV), "finance": ("accounts.json", JSON),
                       "demographics": ("customers.xml", XML)})  # fmt: skip
    assert build(settings, "golden") == ("publish_marts", [])
    with psycopg.connect(settings.database_url, row_factory=dict_row) as connection:
        (row,) = connection.execute("select * from marts.customer_360").fetchall()
        lineage = connection.execute(
            "select attribute, system, record_id from marts.customer_attribute_lineage where attribute = 'city'"
        ).fetchall()
    assert {name: row[name] for name in EXPECTED} == EXPECTED
    assert lineage == [{"attribute": "city", "system": "demographics", "record_id": "demographics/customers/id:C001"}]
    assert not begin_build(settings.database_url, DAY.isoformat(), "again"), "nothing is new"


def test_staging__berka_to_exact_counts(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    data = Path(os.environ.get("BERKA_DIR", Path(__file__).parents[4] / "shared" / "data" / "berka"))
    if not data.exists():
        pytest.skip("the Czech bank's files are not here (BERKA_DIR names their folder)")
    monkeypatch.setenv("BANK_DATA", str(data))
    from include.runtime.bank import bank_date, deliver_bank

    settings = Settings.from_env()
    day = bank_date(settings)
    assert day == date(1994, 3, 30)
    deliver_bank(settings, day)
    contract = load_contracts(settings.sources_dir)["bank"]
    result = land_batch(contract, day, settings.inbox, settings.run_dir / "archive", settings.database_url)
    assert result.rows_read == result.rows_landed == 4500 + 5369 + 5369 + 6471 + 682 + 892 + 77 + 46997
    from include.gates import run_raw_gate

    assert run_raw_gate(contract, day, settings.database_url, "bank").passed
    release_batch("bank", day, settings.database_url)
    deliver(settings, {"crm": ("customers.csv", CSV)})
    assert build(settings, "bank") == ("publish_marts", [])
    expected = {"accounts": 4500, "clients": 5369, "dispositions": 5369, "orders": 6471, "loans": 682, "cards": 892,
                "districts": 77, "transactions": 46997}  # fmt: skip
    with psycopg.connect(settings.database_url) as connection:
        for entity, count in expected.items():
            for table in (f"raw_bank.{entity}", f"staging.stg_bank__{entity}"):
                assert connection.execute(f"select count(*) from {table}").fetchone() == (count,), table
        facts = connection.execute("select count(*), count(customer_key) from core.fact_transactions").fetchone()
        unknown = connection.execute(
            "select count(*) from staging.stg_bank__districts"
            " where unemployment_1995_pct is null or crimes_1995 is null"
        ).fetchone()
    assert facts == (46997, 46997)
    assert unknown == (1,)
