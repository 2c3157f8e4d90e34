"""The main job: sample data in, one customer view out, through the scheduler, with live progress and a summary."""

from __future__ import annotations

import sys
import time
from datetime import UTC, date, datetime
from typing import Any

from rich.console import Console

from include.contracts import read_sources
from include.runtime.backfill import BUILD, FINISHED, known_dags, start_day, wait_for_build
from include.runtime.bank import bank_date
from include.runtime.days import build_of
from include.runtime.inbox import fill_inbox
from include.runtime.services import interrupts_wait, run_lock
from include.runtime.shop import bring_shop_to
from include.runtime.summary import print_summary, summarise, write_summary
from include.runtime.up import DEMO, Stack, start_stack, stop_demo
from include.settings import Settings

CORE_COMPONENTS = ("api-server", "scheduler", "dag-processor")


def run_demo() -> int:
    """Run the sample's batch dates to the end; returns the exit status: 0 only if everything held."""
    settings, console = Settings.from_env(), Console(width=None if sys.stdout.isatty() else 150)
    with run_lock(settings.run_dir, "make demo", "demo.lock"):  # the end of one must not be that of another
        summary = _run_days(settings, console)
    return conclude(settings, summary, console)


def conclude(settings: Settings, summary: dict[str, Any], console: Console) -> int:
    """Write and print the summary; returns the exit status."""
    write_summary(settings, summary)
    print_summary(summary, console)
    return 0 if summary["ok"] else 1


def _run_days(settings: Settings, console: Console) -> dict[str, Any]:
    began, is_started = time.monotonic(), False
    try:
        with run_lock(settings.run_dir, "make demo"):
            fill_inbox(settings, console)
            console.print("Starting Postgres, the mail catcher and Airflow ...")
            is_started = True
            stack = start_stack(settings, CORE_COMPONENTS, settings.sample_dates[-1].isoformat(), DEMO)
        console.print(f"Services are up after {stack.seconds:.1f} s: {stack.airflow.url}")
        days = [_run_day(stack, day, console) for day in _batch_dates(settings)]
        summary = summarise(stack.settings, days, stack.seconds, time.monotonic() - began)
        _report_truth(stack.settings, summary)
    finally:
        if is_started:
            with run_lock(settings.run_dir, "make demo"), interrupts_wait():
                stop_demo(settings)
    return summary


def _report_truth(settings: Settings, summary: dict[str, Any]) -> None:
    """Add what only the sample knows to the identity report of the last build."""
    from include.identity.report import report_truth

    if summary["identity"] and not any(day["failed"] for day in summary["days"]):
        report_truth(settings.database_url, settings.run_dir / "identity_report", summary["identity"])


def _batch_dates(settings: Settings) -> list[date]:
    day = bank_date(settings)
    return [*settings.sample_dates, *([day] if day and day not in settings.sample_dates else [])]


def _run_day(stack: Stack, day: date, console: Console) -> dict[str, Any]:
    """Land and build one day; returns its runs and the seconds from the trigger to the end of the last task."""
    systems = read_sources(stack.settings.sources_dir).active
    bring_shop_to(stack.settings, day)
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    _wait_for_dags(stack, systems)
    began = time.monotonic()
    start_day(stack.airflow, systems, day)
    with console.status(f"{day}") as status:
        runs = wait_for_build(stack.airflow, systems, day, since, lambda found: status.update(_progress(day, found)))
    seconds = time.monotonic() - began
    failed = [dag_id for dag_id, run in runs.items() if run["state"] != "success"]
    build = build_of(stack.settings.database_url, day, runs[BUILD]["dag_run_id"])
    console.print(f"{day}: {_told(len(systems), seconds, failed, build)}")
    return {"date": day.isoformat(), "seconds": seconds, "runs": runs, "failed": failed, "build": build}


def _told(systems: int, seconds: float, failed: list[str], build: dict[str, Any] | None) -> str:
    """How the day ended. A build that finds nothing new ends at its first task."""
    if failed:
        return f"landed {systems} systems in {seconds:.1f} s, red: {', '.join(failed)}"
    if build and build["state"] == "skipped":
        return f"landed {systems} systems in {seconds:.1f} s, nothing new since build {build['last_built']}"
    return f"landed {systems} systems and built in {seconds:.1f} s, done"


def _wait_for_dags(stack: Stack, systems: list[str]) -> None:
    wanted = {f"land__{system}" for system in systems} | {"build_customer360"}
    for _ in range(240):
        known = known_dags(stack.airflow)
        if wanted <= set(known):
            for dag_id in wanted:
                if known[dag_id]["is_paused"]:
                    stack.airflow.call("PATCH", f"dags/{dag_id}", {"is_paused": False})
            return
        time.sleep(0.5)
    raise TimeoutError(f"Airflow has not read the DAGs: {sorted(wanted - set(known))} are missing")


def _progress(day: date, runs: dict[str, dict[str, Any]]) -> str:
    """One line, however many systems there are."""
    ended = sum(run["state"] in FINISHED for run in runs.values())
    running = sorted(dag_id for dag_id, run in runs.items() if run["state"] == "running")
    return f"{day}  {ended} runs have ended, running: {', '.join(running[:4]) or '-'}{' ...' if running[4:] else ''}"
