"""Runs of batch dates through Airflow's REST API: asked for as backfills, found again, waited for."""

from __future__ import annotations

import time
import urllib.error
from collections.abc import Callable, Iterable, Iterator
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

    def ask(offset: int) -> list[dict[str, Any]]:
        body = {"dag_ids": dag_ids, "order_by": "-id", "page_limit": PAGE, "page_offset": offset}
        found: list[dict[str, Any]] = server.call("POST", "dags/~/dagRuns/list", body)["dag_runs"]
        return found

    return all_pages(ask)


def known_dags(server: AirflowServer, tag: str = "") -> dict[str, dict[str, Any]]:
    """Every DAG that Airflow has read, or those with a tag, by id."""

    def ask(offset: int) -> list[dict[str, Any]]:
        chosen = f"&tags={tag}" if tag else ""
        path = f"dags?limit={PAGE}&offset={offset}&order_by=dag_id{chosen}"
        found: list[dict[str, Any]] = server.call("GET", path)["dags"]
        return found

    return {dag["dag_id"]: dag for dag in all_pages(ask)}


def all_pages(ask: Callable[[int], list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """What a list of the API holds, however long: Airflow gives a page of it, from an offset on, at a time."""
    offset = 0
    while found := ask(offset):
        yield from found
        if len(found) < PAGE:
            return
        offset += PAGE


def newest_of_day(runs: Iterable[dict[str, Any]], dag_ids: list[str], day: date) -> dict[str, dict[str, Any]]:
    """The newest run of each DAG for the day, by DAG id, from runs of which the newest come first; no more of them are
    asked for once each has one.
    """
    found: dict[str, dict[str, Any]] = {}
    for run in runs:
        if run["partition_key"] == day.isoformat() and run["dag_id"] in dag_ids:
            found.setdefault(run["dag_id"], run)
        if len(found) == len(dag_ids):
            break
    return found


def wait_for_build(
    server: AirflowServer,
    systems: list[str],
    day: date,
    since: str,
    show: Callable[[dict[str, dict[str, Any]]], None],
    timeout_s: float = 900,
) -> dict[str, dict[str, Any]]:
    """Wait until the day's landing runs and a build queued since `since` have ended; calls `show` every half second,
    with one question for all runs.

    Raises TimeoutError where a run has not ended in time.
    """
    dag_ids = [f"land__{system}" for system in systems] + [BUILD]
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        newest = newest_of_day(newest_runs(server, dag_ids), dag_ids, day)
        runs = {k: r for k, r in newest.items() if (r["queued_at"] or "") >= since}
        show(runs)
        if len(runs) == len(dag_ids) and all(run["state"] in FINISHED for run in runs.values()):
            return runs
        time.sleep(0.5)
    raise TimeoutError(f"the runs of {day} have not ended after {timeout_s:.0f} s; look into the Airflow UI")
