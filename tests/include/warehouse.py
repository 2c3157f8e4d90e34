"""A warehouse that a test fills and builds step by step, in its own process, without Airflow."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from include.contracts import Contract, load_contracts
from include.extract import fetch_delivery
from include.landing import land_batch, release_batch
from include.ops.builds import begin_build
from include.sample import write_sample
from include.sample.shop import fill_shop
from include.settings import PROJECT_DIR, Settings
from include.transform import build as steps

BUILD = (
    "stage_records", "gate_staging", "link_people", "gate_identity", "adopt_clusters", "build_marts", "gate_marts",
    "publish_marts",
)  # fmt: skip
SYSTEMS = tuple(load_contracts(PROJECT_DIR / "include" / "sources", active_only=False))
DAYS = (date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18))


def write_days(settings: Settings, records: int, seed: int = 5) -> None:
    """The sample company's three days in the inbox, and the truth beside it."""
    write_sample(settings.inbox, settings.run_dir / "truth", records, seed, DAYS)


def land(settings: Settings, day: date, systems: tuple[str, ...] = ()) -> None:
    """Land and release a day's batches of the systems, of all of them by default; the raw gates are not asked."""
    for system, contract in load_contracts(settings.sources_dir, active_only=False).items():
        if contract.active and (not systems or system in systems):
            inbox, archive = delivered(settings, contract, day), settings.run_dir / "archive"
            result = land_batch(contract, day, inbox, archive, settings.database_url)
            if result.files:
                release_batch(system, day, settings.database_url)


def delivered(settings: Settings, contract: Contract, day: date) -> Path:
    """Where the batch is to be landed from; the tables of the sample's shop are a schema of the warehouse here."""
    if contract.format.url_env is None or not (settings.inbox / contract.system / day.isoformat()).exists():
        return settings.inbox
    fill_shop(settings.database_url, settings.inbox, day)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(contract.format.url_env, settings.database_url)
        return fetch_delivery(contract, day, settings.inbox, settings.run_dir, settings.database_url).inbox


def build(
    settings: Settings, run_id: str, day: date = DAYS[0], data_tests: bool = True, until: str = BUILD[-1]
) -> tuple[str, list[str]]:
    """Every step of a build in order, until a gate is red; (the last step, the expectations that failed).

    dbt's data tests take as long as its models: a test that asks for other things can go without.
    """
    assert begin_build(settings.database_url, day.isoformat(), run_id)
    for name in BUILD[: BUILD.index(until) + 1]:
        if failed := step(name, settings, run_id, data_tests):
            return name, [problem.expectation for problem in failed]
    return until, []


def step(name: str, settings: Settings, run_id: str, data_tests: bool = True) -> Sequence[object]:
    """One step of a build; the problems that a gate has found."""
    chosen = steps._build
    with pytest.MonkeyPatch.context() as patch:
        if not data_tests:
            patch.setattr(steps, "_build", lambda tag: [*chosen(tag), "--exclude-resource-type", "test"])
        return steps.STEPS[name](settings, run_id, {})


def rows(settings: Settings, statement: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
    with psycopg.connect(settings.database_url, row_factory=dict_row) as connection:
        return connection.execute(statement, values).fetchall()


def tables(settings: Settings, schemas: tuple[str, ...]) -> list[str]:
    found = rows(
        settings,
        "select table_schema || '.' || table_name as name from information_schema.tables"
        " where table_type = 'BASE TABLE' and table_schema = any(%s) order by 1",
        [list(schemas)],
    )
    return [row["name"] for row in found]


def checksums(settings: Settings, schemas: tuple[str, ...]) -> dict[str, Any]:
    """One checksum per table, independent of the order of rows."""
    return {
        name: rows(settings, f"select count(*), sum(hashtextextended(t::text, 0)) from {name} as t")[0]
        for name in tables(settings, schemas)
    }


def deliver_again(settings: Settings, system: str, like: date, day: date) -> Path:
    """The folder of a delivery that repeats an earlier one."""
    folder = settings.inbox / system / day.isoformat()
    shutil.copytree(settings.inbox / system / like.isoformat(), folder)
    return folder
