"""The raw tables of all contracts, where one of them cannot be made; and rows that no page of Postgres holds."""

from __future__ import annotations

from pathlib import Path

import psycopg

from include.landing import ensure_all_raw_tables
from include.settings import PROJECT_DIR
from tests.include.landing.delivery import land, put, query, things


def test_ensure_all__tables_of_one_system_that_cannot_be_made_spoil_no_other(
    tmp_path: Path, warehouse_url: str
) -> None:
    for system in ("crm", "finance", "usage"):
        (tmp_path / f"{system}.yml").write_text((PROJECT_DIR / "include" / "sources" / f"{system}.yml").read_text())
    with psycopg.connect(warehouse_url) as connection:
        connection.execute("create schema raw_finance; create view raw_finance.accounts as select 1 as account_id")
    failed = ensure_all_raw_tables(tmp_path, warehouse_url)
    assert list(failed) == ["finance"]
    assert "accounts" in failed["finance"]
    tables = query(warehouse_url, "select schemaname from pg_tables where schemaname like 'raw_%' order by 1")
    assert tables == [("raw_crm",), ("raw_usage",)]
    assert ensure_all_raw_tables(PROJECT_DIR / "include" / "sources", warehouse_url) == failed
    assert "raw_bank" in {row[0] for row in query(warehouse_url, "select nspname from pg_namespace")}


def test_land__row_that_no_page_holds_rejects_its_file_in_words(tmp_path: Path, warehouse_url: str) -> None:
    """As many columns as a contract may have, and each too short to be stored elsewhere."""
    names = ["id", *(f"c{number}" for number in range(999))]
    header, value = ",".join(names), "0123456789abcdef0123"
    for name, row in (("a.csv", ",".join([value] * 1000)), ("b.csv", "1" + "," * 999)):
        put(tmp_path / "inbox", "shop", name, f"{header}\n{row}\n")
    contract = things("csv", {name: {} for name in names})
    rejected, landed = land(tmp_path / "inbox", warehouse_url, contract).files
    assert (rejected.state, landed.state) == ("rejected", "landed")
    assert rejected.reason == "a.csv: the database refuses a row (ProgramLimitExceeded)"
