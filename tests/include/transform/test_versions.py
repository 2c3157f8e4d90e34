"""Which version of a record is the latest does not change when its table grows, nor with the order of loading; earlier
ones keep the identifiers that they had."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import psycopg
import pytest

from include.contracts import load_contracts
from include.landing import ensure_raw_tables
from include.settings import PROJECT_DIR, Settings
from include.transform.dbt import run_dbt
from tests.include import staged
from tests.include.warehouse import DAYS, rows

DAY = date(2026, 11, 16)
FILES = ("00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b")


def latest(settings: Settings, run_id: str) -> list[dict[str, Any]]:
    run_dbt(["run", "--select", "stg_crm__customers", "--target", "next"], run_id, settings)
    return rows(settings, "select source_key, city, file_id, row_number from staging.stg_crm__customers order by 1")


def deliver(connection: psycopg.Connection, file_id: str, rows: list[tuple[int, str, str]]) -> None:
    for number, key, city in rows:
        connection.execute(
            "insert into raw_crm.customers (_file_id, _row, _batch_date, customer_id, city)"
            " values (%s, %s, %s, %s, %s)",
            [file_id, number, DAY, key, city],
        )


@pytest.mark.slow
def test_latest_version__stays_when_nothing_but_the_table_changes(settings: Settings) -> None:
    twice = [(2 * n + side, f"C{n}", town) for n in range(20) for side, town in enumerate(("Brno", "Praha"))]
    alike = [(100 + n, f"E{n}", "Wien") for n in range(20)]
    with psycopg.connect(settings.database_url) as connection:
        ensure_raw_tables(load_contracts(settings.sources_dir)["crm"], connection)
        for file_id in FILES:
            connection.execute(
                "insert into ops.files (file_id, system, batch_date, name, sha256, bytes, state)"
                " values (%s, 'crm', %s, 'customers.csv', '', 0, 'released')",
                [file_id, DAY],
            )
            connection.execute("insert into ops.build_files values (%s, 'crm', 'customers', %s)", [file_id, DAY])
        deliver(connection, FILES[0], twice + alike)
        deliver(connection, FILES[1], alike)
    before = latest(settings, "before")
    assert {row["city"] for row in before if row["source_key"].startswith("C")} == {"Brno", "Praha"}, "content decides"
    assert {str(row["file_id"]) for row in before if row["source_key"].startswith("E")} == {FILES[1]}
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("alter table raw_crm.customers add column a_later_column text")
    assert latest(settings, "grown") == before
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("truncate raw_crm.customers")
        deliver(connection, FILES[1], alike[::-1])
        deliver(connection, FILES[0], (alike + twice)[::-1])
    assert latest(settings, "loaded backwards") == before


@pytest.mark.slow
def test_versions__keep_the_card_and_the_customer_id_that_an_account_had(settings: Settings) -> None:
    account = {"account_id": "A1", "customer_id": "C1", "holder_name": "Ann Lee", "card_number": "4111 1111 1111 1111"}
    changed = account | {"customer_id": "C2", "card_number": "5105 1051 0510 5100"}
    for day, record in ((DAYS[0], account), (DAYS[1], account), (DAYS[2], changed)):
        staged.deliver(settings, "finance", day, "accounts.json", json.dumps([record]))
        assert staged.take_in(settings, "finance", day).passed
    staged.stage(settings, "finance")
    (found,) = rows(settings, "select * from staging.stg_finance__accounts")
    assert [version["customer_id_crm"] for version in found["versions"]] == ["C1", "C2"]
    before, now = [version["card_token"] for version in found["versions"]]
    assert before != now == found["card_token"]
    assert found["version_since_dates"] == [DAYS[0].isoformat(), DAYS[2].isoformat()]
    assert found["version_until_dates"] == [DAYS[1].isoformat(), DAYS[2].isoformat()]


def claiming(text: str) -> list[tuple[str, str, str]]:
    """(system, entity, model) of every block of comparable records of a model that may claim a customer id of the crm.

    A block over a CTE is named by a hash of what it says, which never changes.
    """
    blocks = re.findall(r"comparable\('(\w+)', '(\w+)', ref\('(\w+)'\)(.*?)\) }}", text, re.DOTALL)
    return [(system, entity, model) for system, entity, model, said in blocks if "=nobody" not in said]


def test_versions__have_every_identifier_that_may_change() -> None:
    """What the map of identifiers takes from earlier versions is among what staging keeps of them."""
    models = PROJECT_DIR / "dbt_project" / "models"
    text = (models / "intermediate" / "int_customers__identifiers.sql").read_text()
    listed = text.partition("set changing")[2].partition("] -%}")[0]
    changing = re.findall(r"\('\w+', '(\w+)', '(\w+)', ref\('(\w+)'\), '(\w+)'\)", listed)
    assert len(changing) == listed.count("ref(") > 0
    handed_on = (models / "intermediate" / "int_people__versions.sql").read_text()
    claims = claiming((models / "intermediate" / "int_people__comparable.sql").read_text())
    assert {system for system, _, _ in claims} > {"finance", "demographics"}
    for system, entity, model, column in changing + [(*claim, "customer_id_crm") for claim in claims]:
        kept = (
            (models / "staging" / system / f"{model}.sql").read_text().partition("latest_version")[2].partition("]")[0]
        )
        assert f"'{column}'" in kept, model
        assert f"'{column}'" in handed_on
        assert f"('{system}', '{entity}'): ref('{model}')" in handed_on
