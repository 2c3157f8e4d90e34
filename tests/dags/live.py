"""A real Airflow with its scheduler, its database and the mail catcher, in a run folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import psycopg

from include.contracts import load_contracts
from include.runtime import postgres, services
from include.runtime.airflow import AirflowServer, running_airflow
from include.runtime.backfill import start_day, wait_for_build
from include.settings import PROJECT_DIR, Settings
from tests.include.content import content

RECORDS = "2000"
# Days of the past, so that nothing that the scheduler starts by the clock mixes with them.
DAYS = (date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4))
BANK_DAY = date(1998, 12, 31)
SYSTEMS = tuple(sorted(load_contracts(PROJECT_DIR / "include" / "sources", active_only=False)))
GREEN = dict.fromkeys([*(f"land__{system}" for system in SYSTEMS), "build_customer360"], "success")
LOG = "identity.linkings"
UNCHANGED = ("raw_%", "staging", "intermediate", "identity", "core", "marts")


@dataclass(frozen=True)
class Outcome:
    """What came of a row of days: the days that were built, in order, the checksum of every table, and the content of
    the tables with people in the place of keys.
    """

    builds: list[str]
    checksums: dict[str, Any]
    people: dict[str, Any]

    def assert_equals(self, other: Outcome) -> None:
        """An equal history of builds gives equal keys. Where a day was built twice, since a landing was red at first,
        people have got their keys in another order, and are the same people.

        The log of linkings counts for neither: a task that dies between its commit and its report links once more.
        """
        assert self.people == other.people
        compared = "" if self.builds == other.builds else "raw_"
        ours, theirs = (
            {k: v for k, v in o.checksums.items() if k.startswith(compared) and k != LOG} for o in (self, other)
        )
        assert ours == theirs


class Live:
    """One run folder: the commands of the Makefile on it, and what became of it."""

    def __init__(self, run_dir: Path, **settings: str) -> None:
        self.run_dir = run_dir
        ours = {k: v for k, v in os.environ.items() if not k.startswith(("CUSTOMER360_", "AIRFLOW", "BANK_"))}
        self.environment = ours | {
            "CUSTOMER360_RUN_DIR": str(run_dir), "CUSTOMER360_SAMPLE_RECORDS": RECORDS, "PYTHONPATH": str(PROJECT_DIR),
            "CUSTOMER360_SCHEDULE_UNTIL": "2026-03-31", "CUSTOMER360_SAMPLE_START": DAYS[0].isoformat(),
            "BANK_DATA": str(PROJECT_DIR / "tests" / "fixtures" / "bank"), "PYTHONWARNINGS": "ignore",
            "CUSTOMER360_TOKEN_KEY": "of the tests",  # one for every run folder, so that their checksums can be equal
        } | settings  # fmt: skip

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """What `make <command>` runs."""
        return subprocess.run(
            [sys.executable, "-m", "include.runtime", *command], env=self.environment, capture_output=True, text=True,
            timeout=1800, check=False,
        )  # fmt: skip

    def make(self, *command: str) -> str:
        """As `run`; returns what it printed and fails the test where it fails."""
        done = self.run(*command)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def demo(self) -> dict[str, Any]:
        self.make("demo")
        summary: dict[str, Any] = json.loads((self.run_dir / "summary.json").read_text())
        return summary

    @property
    def settings(self) -> Settings:
        return Settings(
            run_dir=self.run_dir, inbox=self.run_dir / "inbox", archive_url=(self.run_dir / "archive").as_uri(),
            database_url=self.url, smtp_url="", alert_from="", alert_to=(), sample_start=DAYS[0],
            sample_records=int(RECORDS), sample_seed=360, sample_events=0, bank_data=None, bank_date=None, ui_url="",
        )  # fmt: skip

    @property
    def url(self) -> str:
        return (self.run_dir / "postgres.url").read_text().strip()

    @property
    def server(self) -> AirflowServer:
        server = running_airflow(self.settings)
        assert server is not None
        return server

    def query(self, statement: str, values: list[Any] | None = None, database: str = "") -> list[Any]:
        url = self.url.rsplit("/", 1)[0] + f"/{database}" if database else self.url
        with psycopg.connect(url) as connection:
            return connection.execute(statement, values).fetchall()  # type: ignore[arg-type]

    def run_day(self, day: date, systems: tuple[str, ...] = SYSTEMS) -> dict[str, str]:
        """Land these systems for the day and wait for the build; the state of each run by DAG id."""
        since = now()
        start_day(self.server, list(systems), day)
        runs = wait_for_build(self.server, list(systems), day, since, lambda _: None, timeout_s=900)
        return {dag_id: run["state"] for dag_id, run in runs.items()}

    def runs(self, dag_id: str, day: date) -> list[str]:
        """The states of every run of a DAG for a day, in order, from Airflow's own database."""
        return [row[0] for row in self.query(
            "select state from dag_run where dag_id = %s and partition_key = %s order by queued_at",
            [dag_id, day.isoformat()], "airflow",
        )]  # fmt: skip

    def count_runs(self) -> dict[str, int]:
        """Landing runs by day, from Airflow's own database."""
        return dict(self.query(
            "select partition_key, count(*) from dag_run where dag_id like 'land__%%' group by 1", database="airflow"
        ))  # fmt: skip

    def clear(self, dag_id: str, day: date) -> None:
        """Clear the failed tasks of the day's newest run, as a person does in the UI."""
        run_id = self.query(
            "select run_id from dag_run where dag_id = %s and partition_key = %s order by queued_at desc limit 1",
            [dag_id, day.isoformat()], "airflow",
        )[0][0]  # fmt: skip
        self.server.call("POST", f"dags/{dag_id}/clearTaskInstances", {
            "dry_run": False, "dag_run_id": run_id, "only_failed": True, "include_downstream": True,
        })  # fmt: skip

    def pid(self, service: str) -> int:
        return int(json.loads((self.run_dir / "pids" / f"{service}.json").read_text())["pid"])

    def deliver(self, day: date, like: date, systems: tuple[str, ...] = SYSTEMS) -> None:
        """Deliver what came on another day once more; the time of delivery is the only news."""
        for system in systems:
            if self.inbox(system, like).exists():
                shutil.copytree(self.inbox(system, like), self.inbox(system, day))

    def inbox(self, system: str, day: date) -> Path:
        return self.run_dir / "inbox" / system / day.isoformat()

    def mails(self) -> list[str]:
        """The subjects of the mails that the mail server has taken, in order."""
        return [str(message_from_bytes(path.read_bytes(), policy=policy.default)["Subject"]).strip() for path in
                sorted((self.run_dir / "mail").glob("*.eml"))]  # fmt: skip

    def checksums(self, schemas: tuple[str, ...] = UNCHANGED) -> dict[str, Any]:
        """One checksum per table, independent of the order of rows."""
        tables = self.query(
            "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
            " and table_schema like any(%s) order by 1, 2",
            [list(schemas)],
        )
        return {
            f"{schema}.{table}": self.query(
                f'select count(*), sum(hashtextextended(t::text, 0)) from "{schema}"."{table}" as t'
            )[0]
            for schema, table in tables
        }

    def outcome(self) -> Outcome:
        builds = self.query("select partition_key from ops.builds where state = 'built' order by build_id")
        return Outcome([day for (day,) in builds], self.checksums(), content(self.settings))

    def is_balanced(self) -> bool:
        """Rows read = landed + quarantined, for every file that was read."""
        return self.query(
            "select coalesce(bool_and(rows_read = rows_landed + rows_quarantined), false) from ops.files"
            " where state <> 'rejected'"
        ) == [(True,)]

    def stop(self) -> None:
        services.stop_services(self.run_dir, services.running_services(self.run_dir))
        postgres.stop(self.run_dir)


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def wait_until(holds: Callable[[], Any], what: str, timeout_s: float = 600) -> Any:
    """Look every 0.1 s; fails the test with the words where it does not come true."""
    deadline = time.monotonic() + timeout_s
    while not (found := holds()):
        assert time.monotonic() < deadline, f"waited {timeout_s:.0f} s for: {what}"
        time.sleep(0.1)
    return found
