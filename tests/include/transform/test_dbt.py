"""dbt's own tests: the unit tests of the models, and the data tests that a build runs."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from include.settings import PROJECT_DIR, Settings
from include.transform.build import STEPS
from include.transform.dbt import DbtFailed, run_dbt

DAY = date(2026, 11, 16)
FILE = "00000000-0000-0000-0000-000000000001"
MODELS = PROJECT_DIR / "dbt_project" / "models"
TYPES = {"timestamp with time zone": "timestamptz"}


@pytest.fixture
def settings(warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CUSTOMER360_RUN_DIR", str(tmp_path))
    monkeypatch.setenv("CUSTOMER360_DATABASE_URL", warehouse_url)
    monkeypatch.setenv("PGTZ", "Pacific/Auckland")  # no row may depend on the time zone of a session
    return Settings.from_env()


def build(settings: Settings, run_id: str) -> None:
    """The two dbt steps of a build, without the linking between them."""
    for name in ("stage_records", "build_marts"):
        STEPS[name](settings, run_id, {})


def results(settings: Settings, run_id: str, kind: str) -> dict[str, str]:
    with psycopg.connect(settings.database_url) as connection:
        rows = connection.execute(
            "select split_part(node, '.', -1), status from ops.dbt_results where run_id = %s and node like %s",
            [run_id, f"{kind}.%"],
        ).fetchall()
    return dict(rows)


def entries(section: str) -> list[dict[str, Any]]:
    files = [path for path in MODELS.rglob("*.yml") if not path.name.startswith("_")]
    return [entry for path in files for entry in yaml.safe_load(path.read_text()).get(section, [])]


def test_models__unit_tests_pass(settings: Settings) -> None:
    build(settings, "build")
    assert not results(settings, "build", "unit_test"), "the daily build leaves them out"
    tests = results(settings, "build", "test")
    assert tests
    assert set(tests.values()) == {"pass"}
    run_dbt(["test", "--select", "test_type:unit", "--target", "next"], "unit", settings)
    assert results(settings, "unit", "unit_test") == {test["name"]: "pass" for test in entries("unit_tests")}


def test_run_dbt__leaves_the_environment_as_it_was(settings: Settings) -> None:
    before = dict(os.environ)
    run_dbt(["parse", "--target", "next"], "parse", settings)
    with pytest.raises(DbtFailed):
        run_dbt(["build", "--select", "stg_crm__customers", "--target", "next"], "fails", settings)
    assert dict(os.environ) == before, "the key of the tokens is in no other session"


def test_models__columns_and_types_are_those_of_the_yaml(settings: Settings) -> None:
    build(settings, "build")
    with psycopg.connect(settings.database_url) as connection:
        rows = connection.execute(
            "select table_name, column_name, data_type from information_schema.columns"
            " where table_schema in ('staging', 'intermediate', 'core_next', 'marts_next') order by ordinal_position"
        ).fetchall()
    built: dict[str, list[tuple[str, str]]] = {}
    for model, column, kind in rows:
        built.setdefault(model, []).append((column, TYPES.get(kind, kind)))
    for model in entries("models"):
        declared = [(column["name"], column["data_type"]) for column in model["columns"]]
        assert declared == built[model["name"]], model["name"]


def test_build__transaction_without_a_customer_is_for_the_gate(settings: Settings) -> None:
    STEPS["stage_records"](settings, "empty", {})
    history = '[{"transaction_id": "T1", "amount": 5, "currency": "EUR", "occurred_at": "2026-11-15T10:00:00Z"}]'
    with psycopg.connect(settings.database_url) as connection:
        connection.execute(
            "insert into ops.files (file_id, system, batch_date, name, sha256, bytes, state)"
            " values (%s, 'finance', %s, 'accounts.json', '', 0, 'released')",
            [FILE, DAY],
        )
        connection.execute("insert into ops.build_files values (%s, 'finance', 'accounts', %s)", [FILE, DAY])
        connection.execute(
            "insert into raw_finance.accounts (_file_id, _row, _batch_date, account_id, transaction_history)"
            " values (%s, 1, %s, 'A1', %s)",
            [FILE, DAY, history],
        )
    build(settings, "unlinked")
    assert [p.expectation for p in STEPS["gate_marts"](settings, "unlinked", {})] == [
        "transactions_belong_to_customers"
    ]  # type: ignore[attr-defined]


def test_build__stops_where_the_survivorship_names_what_nobody_knows(settings: Settings) -> None:
    """A misspelt row would vanish without a word."""
    STEPS["stage_records"](settings, "right", {})
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("update intermediate.survivorship set system = 'cmr' where attribute_group = 'email'")
        connection.execute(
            "update intermediate.survivorship set attribute_group = 'fone' where attribute_group = 'phone'"
        )
    with pytest.raises(
        DbtFailed, match=r"accepted_values_survivorship_attribute_group.*accepted_values_survivorship_system"
    ):
        run_dbt(["test", "--select", "survivorship", "--target", "next"], "wrong", settings)
