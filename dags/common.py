"""What the DAG files share: the assets between them, defaults, and the alert for a run that died."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from airflow.sdk import Asset, get_current_context

from include.contracts import load_contracts
from include.settings import Settings

START = datetime(1990, 1, 1, tzinfo=UTC)
CONTRACTS = load_contracts(Settings.from_env().sources_dir)
SETTLED = {system: Asset(f"{system}_settled") for system in CONTRACTS}
REOPENED = Asset("day_reopened")
CLOSED = Asset("day_closed")


def alert_on_crash(context: dict[str, Any]) -> None:
    """DAG-level callback; the only one that also runs for a task whose process was killed."""
    from include.alerts import record_crash, send_pending

    settings = Settings.from_env()
    run = context["dag_run"]
    task_instance = context.get("task_instance") or context.get("ti")
    system = run.dag_id.removeprefix("land__") if run.dag_id.startswith("land__") else None
    day = date.fromisoformat(run.partition_key) if run.partition_key else None
    tasks = [task_instance.task_id] if task_instance else []
    record_crash(run.dag_id, run.run_id, tasks, system, day, settings.database_url)
    send_pending(settings)


DEFAULTS: dict[str, Any] = {
    "start_date": START,
    "catchup": False,
    "max_active_runs": 1,
    "on_failure_callback": alert_on_crash,
    "default_args": {"retries": 2, "retry_delay": timedelta(seconds=5)},
}


def schedule_end() -> dict[str, Any]:
    """The last day that is scheduled by itself; unset in production, the last sample day in the demo."""
    until = Settings.from_env().schedule_until
    return {"end_date": datetime(until.year, until.month, until.day, tzinfo=UTC)} if until else {}


def announce() -> None:
    """Called by every task that announces: Airflow then hears of one at a time."""
    from include.ops.announce import announce_alone

    announce_alone(Settings.from_env().database_url)


def run_of_task() -> tuple[str, str, date]:
    """(dag_id, run_id, batch date) of the task that runs."""
    run = get_current_context()["dag_run"]
    return run.dag_id, run.run_id, date.fromisoformat(run.partition_key)
