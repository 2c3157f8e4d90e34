"""Runs of batch dates through Airflow's REST API: asked for as backfills, found again, waited for."""

from __future__ import annotations

import time
import urllib.error
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from include.runtime.airflow import AirflowServer

BUILD = "build_customer360"
FINISHED = ("success", "failed")
# Airflow marks a backfill that has ended as ended up to half a minute later.
STILL_RUNNING_S = 90
PAGE = 100


def start_days(server: AirflowServer, systems: list[str], first: date, last: date) -> None:
    """Ask the scheduler to land every system for each day; the builds follow from their announcements.

    Days that have run are run again: landing recognises files that it has, so a rerun changes nothing. A backfill of a
    system waits for an earlier one of the same system. Raises urllib.error.HTTPError.
    """
    for system in systems:
        body = {
            "dag_id": f"land__{system}",
            "from_date": f"{first}T00:00:00Z",
            "to_date": f"{last}T00:00:00Z",
            "reprocess_behavior": "completed",
            "max_active_runs": 1,
        }
        _create_backfill(server, body)


def start_day(server: AirflowServer, systems: list[str], day: date) -> None:
    """As `start_days`, for one day."""
    start_days(server, systems, day, day)


def _create_backfill(server: AirflowServer, body: dict[str, Any]) -> None:
    """One backfill of a DAG at a time: an earlier one is waited for."""
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


def newest_runs(server: AirflowServer, dag_ids: list[str]) -> Iterator[dict[str, Any]]:
    """The runs of these DAGs, the newest first; the next page is asked for only when it is needed."""
    for number in range(1_000_000):
        body = {"dag_ids": dag_ids, "order_by": "-id", "page_limit": PAGE, "page_offset": number * PAGE}
        runs = server.call("POST", "dags/~/dagRuns/list", body)["dag_runs"]
        yield from runs
        if len(runs) < PAGE:
            return


def runs_of_day(server: AirflowServer, dag_ids: list[str], day: date) -> dict[str, dict[str, Any]]:
    """The newest run of each DAG for the day, by DAG id."""
    found: dict[str, dict[str, Any]] = {}
    for dag_id in dag_ids:
        answer = server.call("GET", f"dags/{dag_id}/dagRuns?limit={PAGE}&order_by=-id")
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
    dag_ids = [f"land__{system}" for system in systems] + [BUILD]
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        runs = {k: r for k, r in runs_of_day(server, dag_ids, day).items() if (r["queued_at"] or "") >= since}
        show(runs)
        if len(runs) == len(dag_ids) and all(run["state"] in FINISHED for run in runs.values()):
            return runs
        time.sleep(0.5)
    raise TimeoutError(f"the runs of {day} have not ended after {timeout_s:.0f} s; look into the Airflow UI")
