"""`make backfill`: lands and builds days through a running Airflow, waits for them and says how each ended."""

from __future__ import annotations

import json
import time
import urllib.error
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg.rows import dict_row
from rich.console import Console

from include import db
from include.runtime.airflow import AirflowServer
from include.runtime.backfill import BUILD, FINISHED, known_dags, newest_runs, start_days
from include.runtime.shop import bring_shop_to
from include.runtime.tables import print_table
from include.settings import Settings

Runs = dict[tuple[str, str], dict[str, Any]]
# A build begins a second or two after the last announcement; a busy scheduler takes longer.
BUILD_BEGINS_S = 60.0
SETTLED_S = 3.0
STALLED_S = 900.0
GOOD = ("released", "absent", "not due")


class BackfillError(Exception):
    """What was asked for cannot be run; the message says why."""


def land_days(
    settings: Settings, server: AirflowServer, wanted: list[str], first: date, last: date, console: Console
) -> int:
    """Land the systems (all that Airflow knows where none is named) and print how each day ended.

    Returns the exit status: 0 where no batch was held, no landing crashed or was not run, and no build failed or has
    not begun. Raises BackfillError, and TimeoutError where nothing happens for STALLED_S.
    """
    known = _landing_dags(server)
    systems = _chosen(wanted, known)
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    console.print(f"Landing {', '.join(systems)}: {first} to {last}; {server.url}")
    bring_shop_to(settings, last)
    _start(server, systems, first, last)
    with console.status("waiting for the scheduler") as status:
        runs = _wait_for_landing(server, systems, days, status.update)
        awaited = days if set(systems) == set(known) else _reopened(server, runs)
        builds = _wait_for_builds(server, awaited, since, status.update)
    missing = [day for day in awaited if day.isoformat() not in builds]
    return _report(settings, server, systems, days, runs, builds, missing, console)


def _start(server: AirflowServer, systems: list[str], first: date, last: date) -> None:
    try:
        start_days(server, systems, first, last)
    except urllib.error.HTTPError as error:
        raise BackfillError(f"Airflow makes no runs of {first} to {last}: {_detail(error)}") from None
    except TimeoutError:
        raise BackfillError(
            f"Airflow does not answer; it may be making the runs of {first} to {last} still: ask again only for those"
            f" that are not shown at {server.url}"
        ) from None


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read())["detail"])
    except (ValueError, KeyError, TypeError):
        return str(error)


def build_of(url: str, day: date, run_id: str) -> dict[str, Any] | None:
    """The build of a day that a run has made, as the warehouse knows it; None where it did not come to that."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        builds = _built(connection, [day]).get(day.isoformat(), [])
    return next((build for build in builds if build["run_id"] == run_id), None)


def _landing_dags(server: AirflowServer) -> dict[str, bool]:
    """Each system that the running Airflow lands, and whether its DAG is paused."""
    return {dag_id.removeprefix("land__"): dag["is_paused"] for dag_id, dag in known_dags(server, "land").items()}


def _chosen(wanted: list[str], known: dict[str, bool]) -> list[str]:
    if not known:
        raise BackfillError("Airflow has not read the DAGs yet; try again in a moment")
    if unknown := sorted(set(wanted) - set(known)):
        raise BackfillError(f"SYSTEM={','.join(unknown)}: Airflow lands {', '.join(known)}")
    systems = sorted(set(wanted)) or list(known)
    if paused := [system for system in systems if known[system]]:
        names = ", ".join(f"land__{system}" for system in paused)
        raise BackfillError(f"{names}: paused, so nothing would run; unpause it in the UI, or name others by SYSTEM=")
    return systems


def _wait_for_landing(server: AirflowServer, systems: list[str], days: list[date], show: Any) -> Runs:
    """The newest run of each system and day, once each has ended; a day without a run has none here."""
    dag_ids, keys = [f"land__{system}" for system in systems], {day.isoformat() for day in days}
    before, deadline = "", time.monotonic() + STALLED_S
    while True:
        runs: Runs = {}
        for run in newest_runs(server, dag_ids):
            if run["partition_key"] in keys:
                runs.setdefault((run["dag_id"], run["partition_key"]), run)
            if len(runs) == len(dag_ids) * len(days):
                break
        waiting = [run for run in runs.values() if run["state"] not in FINISHED]
        if not waiting:
            return runs
        running = sorted({f"{r['dag_id']} {r['partition_key']}" for r in waiting if r["state"] == "running"})
        text = f"{len(runs) - len(waiting)} of {len(runs)} landings have ended; {', '.join(running[:4])}"
        show(text)
        if text != before:
            before, deadline = text, time.monotonic() + STALLED_S
        elif time.monotonic() > deadline:
            raise TimeoutError(f"nothing has happened for {STALLED_S:.0f} s: {text}; look into {server.url}")
        time.sleep(1)


def _reopened(server: AirflowServer, runs: Runs) -> list[date]:
    """The days that some landing has opened again: a build follows, though not all systems were landed."""
    found = set()
    for (dag_id, key), run in runs.items():
        task = server.call("GET", f"dags/{dag_id}/dagRuns/{_quoted(run)}/taskInstances/reopen_day")
        if task["state"] == "success":
            found.add(date.fromisoformat(key))
    return sorted(found)


def _wait_for_builds(server: AirflowServer, days: Iterable[date], since: str, show: Any) -> dict[str, dict[str, Any]]:
    """The newest build of each day, of those queued since `since`, once all have ended; a day without one has none."""
    keys = {day.isoformat() for day in days}
    begun = settled = time.monotonic()
    found: list[tuple[str, str]] = []
    while keys:
        recent = takewhile(lambda run: (run["queued_at"] or since) >= since, newest_runs(server, [BUILD]))
        runs = [run for run in recent if run["partition_key"] in keys]
        builds = {run["partition_key"]: run for run in reversed(runs)}
        states = sorted((run["dag_run_id"], run["state"]) for run in runs)
        now = time.monotonic()
        if states != found:
            found, begun, settled = states, now, now
        is_over = all(run["state"] in FINISHED for run in runs)
        if is_over and now - settled > SETTLED_S and (set(builds) == keys or now - begun > BUILD_BEGINS_S):
            return builds
        if now - begun > STALLED_S:
            raise TimeoutError(f"no build has ended for {STALLED_S:.0f} s; look into {server.url}")
        ended = sum(run["state"] in FINISHED for run in builds.values())
        show(f"{ended} of {len(keys)} days are built")
        time.sleep(1)
    return {}


def _report(
    settings: Settings, server: AirflowServer, systems: list[str], days: list[date], runs: Runs,
    builds: dict[str, dict[str, Any]], missing: list[date], console: Console,
) -> int:  # fmt: skip
    with psycopg.connect(settings.database_url, row_factory=dict_row) as connection:
        landed = _landed(connection, list(runs.values()))
        built = _built(connection, days)
    rows, is_good = [], True
    for day in days:
        key = day.isoformat()
        for number, system in enumerate(systems):
            outcome, figures, why = _outcome(server, runs.get((f"land__{system}", key)), landed)
            is_good &= outcome in GOOD
            rows.append([key if number == 0 else "", system, outcome, *figures, why])
        outcome, why = _build_outcome(builds.get(key), built.get(key, []), day in missing)
        is_good &= outcome not in ("failed", "missing")
        rows.append(["", "(build)", outcome, "", "", "", why])
    headers = ["date", "system", "outcome", "read", "landed", "quarantined", "why"]
    print_table(console, "", headers, rows)
    console.print("[green]Done.[/green]" if is_good else "[red]Not everything was released and built.[/red]")
    return 0 if is_good else 1


def _landed(connection: psycopg.Connection[Any], runs: list[dict[str, Any]]) -> Runs:
    """What the warehouse knows of the runs, by DAG and run."""
    ids = [[run["dag_id"] for run in runs], [run["dag_run_id"] for run in runs]]
    found = connection.execute(db.read_sql("include/runtime/landing_outcomes.sql"), ids).fetchall()
    return {(row["dag_id"], row["run_id"]): row for row in found}


def _built(connection: psycopg.Connection[Any], days: list[date]) -> dict[str, list[dict[str, Any]]]:
    """The builds of each day, the newest first, each with the number of the last one that was built before it."""
    found: dict[str, list[dict[str, Any]]] = {}
    statement = db.read_sql("include/runtime/build_outcomes.sql")
    for row in connection.execute(statement, [[day.isoformat() for day in days]]).fetchall():
        found.setdefault(row["partition_key"], []).append(row)
    return found


def _outcome(server: AirflowServer, run: dict[str, Any] | None, landed: Runs) -> tuple[str, list[Any], str]:
    """(released, held, absent, not due, crashed or not run; [rows read, landed, quarantined]; why)."""
    if run is None:
        return "not run", ["", "", ""], "Airflow has made no run: the day is out of the schedule"
    known = landed.get((run["dag_id"], run["dag_run_id"]), {})
    figures = [known.get(name, "") if known.get(name) is not None else "" for name in ("read", "landed", "quarantined")]
    if run["state"] == "success":
        state = str(known.get("batch_state", "released")).replace("_", " ")
        return state, figures, "no file in the inbox: the day is built without it" if state == "absent" else ""
    if known.get("is_judged") and known["batch_state"] == "held":
        return "held", figures, known["reason"] or ""
    path = f"dags/{run['dag_id']}/dagRuns/{_quoted(run)}/taskInstances?state=failed&order_by=start_date"
    failed = [task["task_id"] for task in server.call("GET", path)["task_instances"]]
    return "crashed", figures, f"task {', '.join(failed) or '?'}: its log is in the UI"


def _build_outcome(run: dict[str, Any] | None, known: list[dict[str, Any]], is_missing: bool) -> tuple[str, str]:
    """(built, nothing new, failed, missing or -; which build)."""
    if is_missing:
        return "missing", f"none has begun within {BUILD_BEGINS_S:.0f} s; is {BUILD} paused?"
    if run is None:
        return "-", "nothing new for it" if known else "waits for the other systems, or for close_day"
    build = next((row for row in known if row["run_id"] == run["dag_run_id"]), None)
    if run["state"] != "success":
        return "failed", "look into the UI; the published views are those of the last good build"
    if build and build["state"] == "skipped":
        return "nothing new", f"since build {build['last_built']}"
    return "built", f"build {build['build_id']}" if build else ""


def _quoted(run: dict[str, Any]) -> str:
    return quote(run["dag_run_id"], safe="")
