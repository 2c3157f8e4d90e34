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
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import psycopg

from include.contracts import load_contracts
from include.runtime import postgres, services
from include.runtime.airflow import AirflowServer, running_airflow
from include.settings import PROJECT_DIR, Settings
from tests.include.content import content

RECORDS = "2000"
# Days of the past, so that nothing that the scheduler starts by the clock mixes with them.
DAYS = (date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4))
SYSTEMS = tuple(sorted(load_contracts(PROJECT_DIR / "include" / "sources", active_only=False)))
# Enough for what does not depend on how many there are: each system costs five tasks a day.
FEW = ("bank", "crm", "demographics", "finance", "service", "usage")
TOKEN_KEY = "of the tests"  # one for every run folder, so that their checksums can be equal
LOG = "identity.linkings"
UNCHANGED = ("raw_%", "staging", "intermediate", "identity", "core", "marts")
PUBLISHED = ("core", "marts")
BUILD = "build_customer360"
CODE = ("config", "dags", "dbt_project", "include", "plugins")


@dataclass(frozen=True)
class Outcome:
    """What came of a row of days: the checksum of every table, and the content of the tables with people in the place
    of keys.
    """

    checksums: dict[str, Any]
    people: dict[str, Any]

    def assert_equals(self, other: Outcome) -> None:
        """The same people, under the same keys.

        The log of linkings does not count: a task that dies between its commit and its report links once more.
        """
        assert self.people == other.people
        ours, theirs = ({k: v for k, v in o.checksums.items() if k != LOG} for o in (self, other))
        assert ours == theirs


class Live:
    """One run folder: the commands of the Makefile on it, and what became of it.

    Where not all systems take part, the code is a copy in which the contracts of the others say that they are inactive.
    """

    def __init__(self, run_dir: Path, systems: tuple[str, ...] = SYSTEMS, **settings: str) -> None:
        self.run_dir, self.systems = run_dir, systems
        self.project = PROJECT_DIR if systems == SYSTEMS else _copy_project(run_dir.parent / "project", systems)
        ours = {k: v for k, v in os.environ.items() if not k.startswith(("CUSTOMER360_", "AIRFLOW", "BANK_"))}
        self.environment = ours | {
            "CUSTOMER360_RUN_DIR": str(run_dir), "CUSTOMER360_SAMPLE_RECORDS": RECORDS, "PYTHONPATH": str(self.project),
            "CUSTOMER360_SCHEDULE_UNTIL": "2026-03-31", "CUSTOMER360_SAMPLE_START": DAYS[0].isoformat(),
            "PYTHONWARNINGS": "ignore",
            "CUSTOMER360_TOKEN_KEY": TOKEN_KEY,
        } | settings  # fmt: skip

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """What `make <command>` runs."""
        return subprocess.run(
            [sys.executable, "-m", "include.runtime", *command], env=self.environment, cwd=self.project,
            capture_output=True, text=True, timeout=1800, check=False,
        )  # fmt: skip

    def begin(self, *command: str) -> subprocess.Popen[str]:
        """As `run`, and does not wait for its end."""
        return subprocess.Popen(
            [sys.executable, "-m", "include.runtime", *command], env=self.environment, cwd=self.project,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
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
            return connection.execute(statement, values).fetchall()

    def runs(self, dag_id: str, day: date) -> list[str]:
        """The states of every run of a DAG for a day, in order, from Airflow's own database."""
        return [row[0] for row in self.query(
            "select state from dag_run where dag_id = %s and partition_key = %s order by queued_at",
            [dag_id, day.isoformat()], "airflow",
        )]  # fmt: skip

    def run_types(self, day: date) -> dict[str, str]:
        """What has started each DAG for a day, from Airflow's own database; the newest run of each."""
        return dict(self.query(
            "select dag_id, run_type from dag_run where partition_key = %s order by queued_at",
            [day.isoformat()], "airflow",
        ))  # fmt: skip

    def count_runs(self) -> dict[tuple[str, str], int]:
        """How many runs each DAG has had for each day, from Airflow's own database."""
        found = self.query("select dag_id, partition_key, count(*) from dag_run group by 1, 2", database="airflow")
        return {(dag_id, day): count for dag_id, day, count in found}

    def tasks(self, dag_id: str, day: date) -> dict[str, tuple[str, int]]:
        """How each task of the day's newest run stands, and which try that is, from Airflow's own database."""
        return {task: (state, tries) for task, state, tries in self.query(
            "select task_id, task.state, try_number from task_instance as task"
            " inner join dag_run as run using (dag_id, run_id) where dag_id = %s and partition_key = %s"
            " order by queued_at", [dag_id, day.isoformat()], "airflow",
        )}  # fmt: skip

    def pause(self, *dag_ids: str, is_paused: bool = True) -> None:
        for dag_id in dag_ids:
            self.server.call("PATCH", f"dags/{dag_id}", {"is_paused": is_paused})

    def clear(self, dag_id: str, day: date) -> None:
        """Clear the failed tasks of the day's newest run, as a person does in the UI."""
        run_id = self.query(
            "select run_id from dag_run where dag_id = %s and partition_key = %s order by queued_at desc limit 1",
            [dag_id, day.isoformat()], "airflow",
        )[0][0]  # fmt: skip
        self._clear(dag_id, run_id, {"only_failed": True})

    def build_anew(self) -> str:
        """Clear the run of the last build from its first step on, as a person does in the UI; returns its id."""
        run_id: str = self.query(
            "select run_id from ops.builds where state = 'built' order by build_id desc limit 1"
        )[0][0]  # fmt: skip
        self._clear(BUILD, run_id, {"only_failed": False, "task_ids": ["stage_records"]})
        return run_id

    def _clear(self, dag_id: str, run_id: str, which: dict[str, Any]) -> None:
        body = {"dry_run": False, "dag_run_id": run_id, "include_downstream": True}
        self.server.call("POST", f"dags/{dag_id}/clearTaskInstances", body | which)

    def pid(self, service: str) -> int:
        return int(json.loads((self.run_dir / "pids" / f"{service}.json").read_text())["pid"])

    def deliver(self, day: date, like: date) -> None:
        """Deliver what came on another day once more; the time of delivery is the only news."""
        for system in self.systems:
            if system != "bank" and self.inbox(system, like).exists():
                shutil.copytree(self.inbox(system, like), self.inbox(system, day))

    def inbox(self, system: str, day: date) -> Path:
        return self.run_dir / "inbox" / system / day.isoformat()

    def mails(self) -> list[str]:
        """The subjects of the mails that the mail server has taken, in order."""
        return [str(message_from_bytes(path.read_bytes(), policy=policy.default)["Subject"]).strip() for path in
                sorted((self.run_dir / "mail").glob("*.eml"))]  # fmt: skip

    def checksums(self, schemas: tuple[str, ...] = UNCHANGED) -> dict[str, Any]:
        return checksums(self.url, schemas)

    def outcome(self) -> Outcome:
        return outcome_of(self.settings)

    def is_balanced(self) -> bool:
        """Rows read = landed + quarantined, for every file that was read."""
        return self.query(
            "select coalesce(bool_and(rows_read = rows_landed + rows_quarantined), false) from ops.files"
            " where state <> 'rejected'"
        ) == [(True,)]

    def stop(self) -> None:
        services.stop_services(self.run_dir, services.running_services(self.run_dir))
        postgres.stop(self.run_dir)


def checksums(url: str, schemas: tuple[str, ...] = UNCHANGED) -> dict[str, Any]:
    """One checksum per table, independent of the order of rows."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE'"
            " and table_schema like any(%s) order by 1, 2",
            [list(schemas)],
        ).fetchall()
        return {
            f"{schema}.{table}": connection.execute(
                f'select count(*), sum(hashtextextended(t::text, 0)) from "{schema}"."{table}" as t'
            ).fetchone()
            for schema, table in tables
        }


def outcome_of(settings: Settings) -> Outcome:
    return Outcome(checksums(settings.database_url), content(settings))


def _copy_project(folder: Path, systems: tuple[str, ...]) -> Path:
    for name in CODE:
        shutil.copytree(PROJECT_DIR / name, folder / name, ignore=shutil.ignore_patterns("target", "logs"))
    for system in set(SYSTEMS) - set(systems):
        contract = folder / "include" / "sources" / f"{system}.yml"
        contract.write_text(f"{contract.read_text()}active: false\n")
    return folder


def wait_until(holds: Callable[[], Any], what: str, timeout_s: float = 600) -> Any:
    """Look every 0.1 s; fails the test with the words where it does not come true."""
    deadline = time.monotonic() + timeout_s
    while not (found := holds()):
        assert time.monotonic() < deadline, f"waited {timeout_s:.0f} s for: {what}"
        time.sleep(0.1)
    return found
