"""Runs of a range of batch dates, through Airflow's own backfill."""

from __future__ import annotations

import subprocess
import time
import urllib.error
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from include.runtime.airflow import AirflowServer, airflow_command

FINISHED = ("success", "failed")
COMMANDS_AT_ONCE = 3
# Airflow marks a backfill that has ended as ended up to half a minute later.
STILL_RUNNING_S = 90


def create_backfills(
    environment: dict[str, str], systems: list[str], first: date, last: date, reprocess: str = "completed"
) -> list[str]:
    """``airflow backfill create`` for the landing DAG of every system; returns the commands that failed.

    Days that have run are run again: landing recognises files that it has, so a rerun changes nothing.
    """
    commands = [
        [airflow_command(), "backfill", "create", "--dag-id", f"land__{system}", "--from-date", first.isoformat(),
         "--to-date", last.isoformat(), "--reprocess-behavior", reprocess]
        for system in systems
    ]  # fmt: skip
    with ThreadPoolExecutor(COMMANDS_AT_ONCE) as pool:
        reasons = pool.map(lambda command: _run_backfill(command, environment), commands)
        return [f"{' '.join(c[1:])}: {reason}" for c, reason in zip(commands, reasons, strict=True) if reason]


def _run_backfill(command: list[str], environment: dict[str, str]) -> str | None:
    """The reason where the command fails. One backfill of a DAG at a time: an earlier one is waited for."""
    deadline = time.monotonic() + STILL_RUNNING_S
    while True:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if not done.returncode:
            return None
        if "AlreadyRunningBackfill" not in done.stderr or time.monotonic() > deadline:
            return (done.stderr.strip().splitlines() or ["no message"])[-1]


def start_day(server: AirflowServer, systems: list[str], day: date) -> None:
    """Ask the scheduler to land every system for one day; the build follows from their announcements."""
    for system in systems:
        body = {
            "dag_id": f"land__{system}",
            "from_date": f"{day}T00:00:00Z",
            "to_date": f"{day}T00:00:00Z",
            "reprocess_behavior": "completed",
            "max_active_runs": 1,
        }
        _create_backfill(server, body)


def _create_backfill(server: AirflowServer, body: dict[str, Any]) -> None:
    """As `_run_backfill`, over REST."""
    deadline = time.monotonic() + STILL_RUNNING_S
    while True:
        try:
            server.call("POST", "backfills", body)
        except urllib.error.HTTPError as error:
            if error.code != 409 or time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        else:
            return


def runs_of_day(server: AirflowServer, dag_ids: list[str], day: date) -> dict[str, dict[str, Any]]:
    """The newest run of each DAG for the day, by DAG id."""
    found: dict[str, dict[str, Any]] = {}
    for dag_id in dag_ids:
        answer = server.call("GET", f"dags/{dag_id}/dagRuns?limit=100&order_by=-run_after")
        runs = [r for r in answer["dag_runs"] if r.get("partition_key") == day.isoformat()]
        if runs:
            found[dag_id] = max(runs, key=lambda run: run["queued_at"] or "")
    return found


def wait_for_build(
    server: AirflowServer,
    systems: list[str],
    day: date,
    since: str,
    show: Callable[[dict[str, dict[str, Any]]], None],
    timeout_s: float = 900,
) -> dict[str, dict[str, Any]]:
    """Wait until the day's landing runs and a build queued since `since` have ended; calls `show` every half second.

    Raises TimeoutError where a run has not ended in time.
    """
    dag_ids = [f"land__{system}" for system in systems] + ["build_customer360"]
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        runs = {k: r for k, r in runs_of_day(server, dag_ids, day).items() if (r["queued_at"] or "") >= since}
        show(runs)
        if len(runs) == len(dag_ids) and all(run["state"] in FINISHED for run in runs.values()):
            return runs
        time.sleep(0.5)
    raise TimeoutError(f"the runs of {day} have not ended after {timeout_s:.0f} s; look into the Airflow UI")
