"""Sends the alerts that an outage of the mail server has left in the outbox.

Alerts go out from the task that found the problem; this run, every ten minutes, sends what that could not.
**On failure**: nothing is lost; the next run tries again.
"""

from __future__ import annotations

from airflow.sdk import DAG, CronTriggerTimetable, task

from dags.common import DEFAULTS, schedule_end

with DAG(
    "send_alerts",
    schedule=CronTriggerTimetable("*/10 * * * *", timezone="UTC"),
    tags=["alerts"],
    doc_md=__doc__,
    **DEFAULTS,
    **schedule_end(),
):

    @task
    def send_alerts() -> int:
        from include.alerts import send_pending
        from include.settings import Settings

        return send_pending(Settings.from_env())

    send_alerts()
