"""The whole pipeline through a real scheduler: the demo, and the demo again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from include.runtime import postgres, services
from include.settings import PROJECT_DIR

UNCHANGED = ("raw_%", "staging", "intermediate", "identity", "core", "marts")


@pytest.fixture(scope="module")
def run_dir(session_dir: Path) -> Iterator[Path]:
    folder = session_dir / "pipeline"
    yield folder
    for name in services.running_services(folder):
        services.stop_service(folder, name)
    postgres.stop(folder)


def demo(run_dir: Path) -> dict[str, Any]:
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("CUSTOMER360_", "AIRFLOW", "BANK_"))}
    environment = ours | {
        "CUSTOMER360_RUN_DIR": str(run_dir), "CUSTOMER360_SAMPLE_RECORDS": "700", "PYTHONPATH": str(PROJECT_DIR),
        "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "include.runtime", "demo"], env=environment, capture_output=True, text=True,
        timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    summary: dict[str, Any] = json.loads((run_dir / "summary.json").read_text())
    return summary


def checksums(run_dir: Path) -> dict[str, Any]:
    """One checksum per table of every schema but ops, independent of the order of rows."""
    postgres.start(run_dir)
    with psycopg.connect((run_dir / "postgres.url").read_text().strip()) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
            " and table_schema like any(%s) order by 1, 2",
            [list(UNCHANGED)],
        ).fetchall()
        return {
            f"{schema}.{table}": connection.execute(
                f'select count(*), sum(hashtextextended(t::text, 0)) from "{schema}"."{table}" as t'
            ).fetchone()
            for schema, table in tables
        }


@pytest.mark.slow
def test_demo__builds_each_day_once_and_a_rerun_changes_no_row(run_dir: Path) -> None:
    first = demo(run_dir)
    assert services.running_services(run_dir) == []
    assert {"systems", "gates", "identity", "customers", "steps", "first_day_s", "wall_s", "runs"} <= set(first)
    assert all(s["rows_read"] == s["rows_landed"] + s["rows_quarantined"] for s in first["systems"].values())
    builds = [run["partition_key"] for run in first["runs"] if run["dag_id"] == "build_customer360"]
    assert builds == ["2026-11-16", "2026-11-17", "2026-11-18"]
    assert {run["state"] for run in first["runs"]} == {"success"}
    assert {"backfill", "asset_triggered"} == {run["run_type"] for run in first["runs"]}
    assert first["identity"]["all"]["precision"] > 0.95
    assert first["identity"]["all"]["recall"] > 0.95
    before = checksums(run_dir)
    assert before["marts.customer_360"][0] == first["customers"]
    demo(run_dir)
    assert checksums(run_dir) == before
