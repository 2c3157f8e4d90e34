"""Closes a day at the cut-off: what has been released by then is built, late systems come with `day_reopened`.

**Produces** the announcement `day_closed`, for the day, at 06:00 UTC. **On failure**: *clear* the run.
"""

from __future__ import annotations

from airflow.sdk import DAG, CronPartitionTimetable, task

from dags.common import CLOSED, DEFAULTS, announce, schedule_end

with DAG(
    "close_day",
    schedule=CronPartitionTimetable("0 6 * * *", timezone="UTC", key_format="%Y-%m-%d"),
    tags=["build"],
    doc_md=__doc__,
    **DEFAULTS,
    **schedule_end(),
):

    @task(outlets=[CLOSED])
    def close_day() -> None:
        """Says that nobody waits any longer; writes no data."""
        announce()

    close_day()
