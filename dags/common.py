"""What the DAG files share: the assets between them, defaults, and the alert for a run that died."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from airflow.sdk import Asset, get_current_context, get_parsing_context

from include.contracts import read_sources
from include.settings import Settings

START = datetime(1990, 1, 1, tzinfo=UTC)


def _own_system() -> str | None:
    """The system whose landing task reads this file, and needs no other's contract; None for everybody else."""
    dag_id = get_parsing_context().dag_id or ""
    return dag_id.removeprefix("land__") if dag_id.startswith("land__") else None


SOURCES = read_sources(Settings.from_env().sources_dir, _own_system())
SETTLED = {system: Asset(f"{system}_settled") for system in SOURCES.active}
REOPENED = Asset("day_reopened")
CLOSED = Asset("day_closed")


def alert_on_crash(context: dict[str, Any]) -> None:
    """DAG-level callback; the only one that also runs for a task whose process was killed."""
    import psycopg

    from include.alerts import Crash, record_crash, send_crash, send_pending
    from include.ops.builds import end_crashed

    settings, dag_id = Settings.from_env(), context["dag"].dag_id
    run, task_instance = context.get("dag_run"), context.get("task_instance") or context.get("ti")
    crash = Crash(
        dag_id, context["run_id"], getattr(run, "clear_number", 0), getattr(run, "start_date", None),
        getattr(task_instance, "task_id", None), dag_id.removeprefix("land__") if dag_id.startswith("land__") else None,
        date.fromisoformat(run.partition_key) if run and run.partition_key else None,
    )  # fmt: skip
    try:
        record_crash(crash, settings.database_url)
        end_crashed(settings.database_url, dag_id, crash.run_id)
        send_pending(settings)
    except psycopg.Error:
        send_crash(crash, settings)  # the outbox is in the warehouse that does not answer


DEFAULTS: dict[str, Any] = {
    "start_date": START,
    "catchup": False,
    "max_active_runs": 1,
    "on_failure_callback": alert_on_crash,
    # Half a minute of patience: a Postgres or an api-server that restarts makes no run red. A red gate is not retried.
    "default_args": {"retries": 3, "retry_delay": timedelta(seconds=10)},
}


def schedule_end() -> dict[str, Any]:
    """The last day that is scheduled by itself; unset in production, the last sample day in the demo."""
    until = Settings.from_env().schedule_until
    return {"end_date": datetime(until.year, until.month, until.day, tzinfo=UTC)} if until else {}


def announce() -> None:
    """Called by every task that announces: Airflow then hears of one at a time."""
    import logging

    from include.ops.announce import announce_alone

    if not announce_alone(Settings.from_env().database_url):
        logging.getLogger(__name__).warning(
            "Announced without the lock: the warehouse does not answer. Where no build follows, land the day again."
        )


def run_of_task() -> tuple[str, str, date]:
    """(dag_id, run_id, batch date) of the task that runs. A run that somebody has triggered without a partition key is
    of the day on which it runs.
    """
    run = get_current_context()["dag_run"]
    day = date.fromisoformat(run.partition_key) if run.partition_key else run.run_after.date()
    return run.dag_id, run.run_id, day
