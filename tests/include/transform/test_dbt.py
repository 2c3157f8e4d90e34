"""dbt's own tests: the unit tests of the models, and the data tests that a build runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from include.settings import PROJECT_DIR, Settings
from include.transform.build import STEPS
from include.transform.dbt import DbtFailed, run_dbt
from tests.include.databases import fresh_settings, keep_warehouse

DAY = date(2026, 11, 16)
FILE = "00000000-0000-0000-0000-000000000001"
MODELS = PROJECT_DIR / "dbt_project" / "models"
TYPES = {"timestamp with time zone": "timestamptz"}


@pytest.fixture(autouse=True, scope="module")
def far_away() -> Iterator[None]:
    """No row may depend on the time zone of a session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGTZ", "Pacific/Auckland")
        yield


@pytest.fixture(scope="module")
def empty(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A warehouse that was built, with its data tests, while nothing was delivered."""
    with keep_warehouse(postgres_url, tmp_path_factory.mktemp("empty"), lambda s: build(s, "build")) as settings:
        yield settings


@pytest.fixture
def copy(empty: Settings, postgres_url: str, tmp_path: Path) -> Iterator[Settings]:
    with fresh_settings(postgres_url, tmp_path, empty) as settings:
        yield settings


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


@pytest.mark.slow
def test_models__unit_tests_pass(copy: Settings) -> None:
    assert not results(copy, "build", "unit_test"), "the daily build leaves them out"
    tests = results(copy, "build", "test")
    assert tests
    assert set(tests.values()) == {"pass"}
    run_dbt(["test", "--select", "test_type:unit", "--target", "next"], "unit", copy)
    assert results(copy, "unit", "unit_test") == {test["name"]: "pass" for test in entries("unit_tests")}


@pytest.mark.slow
def test_run_dbt__leaves_the_environment_as_it_was(settings: Settings) -> None:
    before = dict(os.environ)
    run_dbt(["parse", "--target", "next"], "parse", settings)
    with pytest.raises(DbtFailed):
        run_dbt(["build", "--select", "stg_crm__customers", "--target", "next"], "fails", settings)
    assert dict(os.environ) == before, "the key of the tokens is in no other session"


@pytest.mark.slow
def test_models__columns_and_types_are_those_of_the_yaml(empty: Settings) -> None:
    with psycopg.connect(empty.database_url) as connection:
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


@pytest.mark.slow
def test_models__are_known_to_the_planner_as_soon_as_they_are_made(copy: Settings) -> None:
    """Of a copy of the database nothing was analysed since the build; -1 rows is what Postgres says of new tables."""
    with psycopg.connect(copy.database_url) as connection:
        unknown = connection.execute(
            "select oid::regclass::text from pg_class where relkind = 'r' and reltuples < 0 and relnamespace in"
            " ('staging'::regnamespace, 'intermediate'::regnamespace, 'core_next'::regnamespace,"
            " 'marts_next'::regnamespace)"
        ).fetchall()
    seeds = {f"intermediate.{path.stem}" for path in (PROJECT_DIR / "dbt_project" / "seeds").glob("*.csv")}
    assert {table for (table,) in unknown} <= seeds


@pytest.mark.slow
def test_build__transaction_without_a_customer_is_for_the_gate(copy: Settings) -> None:
    history = '[{"transaction_id": "T1", "amount": 5, "currency": "EUR", "occurred_at": "2026-11-15T10:00:00Z"}]'
    with psycopg.connect(copy.database_url) as connection:
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
    build(copy, "unlinked")
    assert [p.expectation for p in STEPS["gate_marts"](copy, "unlinked", {})] == ["transactions_belong_to_customers"]


@pytest.mark.slow
def test_build__stops_where_the_survivorship_names_what_nobody_knows(copy: Settings) -> None:
    """A misspelt row would vanish without a word."""
    with psycopg.connect(copy.database_url) as connection:
        connection.execute("update intermediate.survivorship set system = 'cmr' where attribute_group = 'email'")
        connection.execute(
            "update intermediate.survivorship set attribute_group = 'fone' where attribute_group = 'phone'"
        )
    with pytest.raises(
        DbtFailed, match=r"accepted_values_survivorship_attribute_group.*accepted_values_survivorship_system"
    ):
        run_dbt(["test", "--select", "survivorship", "--target", "next"], "wrong", copy)


@pytest.mark.slow
def test_table__takes_the_place_of_what_was_there_when_it_is_whole(copy: Settings) -> None:
    """The project's own materialization: of a table or a view, and not before its SQL has ended."""
    run = ["run", "--select", "stg_crm__customers", "--target", "next"]
    relations = (
        "select relname, relkind::text from pg_class where relnamespace = 'staging'::regnamespace"
        " and relname like 'stg_crm__customers%' order by 1"
    )
    with psycopg.connect(copy.database_url, autocommit=True) as connection:
        connection.execute("drop table staging.stg_crm__customers cascade")
        connection.execute("create view staging.stg_crm__customers as select 'of others' as customer_id")
        connection.execute("alter table raw_crm.customers rename to gone")
        with pytest.raises(DbtFailed):
            run_dbt(run, "fails", copy)
        assert connection.execute(relations).fetchall() == [("stg_crm__customers", "v")]
        connection.execute("alter table raw_crm.gone rename to customers")
        for run_id in ("over a view", "over a table"):
            run_dbt(run, run_id, copy)
            assert connection.execute(relations).fetchall() == [("stg_crm__customers", "r")]
        recorded = connection.execute("select rows_affected from ops.dbt_results where run_id like 'over %'").fetchall()
        assert recorded == [(0,), (0,)], "the rows of the model, and not what replaced the table"
