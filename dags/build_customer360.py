"""Brings the warehouse to all released batches: staging, identity, star schema, customer views.

**Starts** when every active system has settled for a day, when a batch was released after its day was built, or
when the day was closed without waiting for late systems. **Produces** `staging`, `identity`, `core`, `marts` and
the pages of Airflow's Docs menu: data documentation, gate results, identity report. The published marts change in one
step, after their gate has passed.

**On failure**: a red gate means that yesterday's views stay as they are. Where code was mended, *clear* the run from
the red task on. Where data was mended and landed again, a new build follows by itself; or clear the run from
`check_new_batches` on, the task that decides which released files the build reads.
"""

from __future__ import annotations

import functools
import operator

from airflow.sdk import DAG, PartitionedAssetTimetable, task
from airflow.sdk.exceptions import AirflowFailException

from dags.common import CLOSED, DEFAULTS, REOPENED, SETTLED, SOURCES, run_of_task


def _run_step(name: str) -> None:
    """One step of the build, under the writer's lock, with its times in ops.steps."""
    from include import db
    from include.alerts import send_pending
    from include.ops.steps import record_step
    from include.settings import Settings
    from include.transform.build import STEPS

    settings, (dag_id, run_id, _) = Settings.from_env(), run_of_task()
    with (
        db.writer_lock(settings.database_url),
        record_step(settings.database_url, dag_id, run_id, name) as counts,
    ):
        failed = STEPS[name](settings, run_id, counts)
    if name.startswith("gate_"):
        send_pending(settings)
    if failed:
        raise AirflowFailException(f"{name}: {', '.join(map(str, failed))}")


with DAG(
    "build_customer360",
    schedule=PartitionedAssetTimetable(
        assets=functools.reduce(operator.and_, SETTLED.values()) | REOPENED | CLOSED  # type: ignore[arg-type]
    ),
    tags=["build"],
    doc_md=__doc__,
    **DEFAULTS,
):

    @task.short_circuit
    def check_new_batches() -> bool:
        from include.ops.builds import begin_build
        from include.settings import Settings

        _, run_id, day = run_of_task()
        return begin_build(Settings.from_env().database_url, day.isoformat(), run_id, SOURCES.inactive)

    def step(name: str):
        @task(task_id=name)
        def run() -> None:
            _run_step(name)

        return run()

    (
        check_new_batches()
        >> step("stage_records")
        >> step("gate_staging")
        >> step("link_people")
        >> step("gate_identity")
        >> step("adopt_clusters")
        >> step("build_marts")
        >> step("gate_marts")
        >> step("publish_marts")
        >> step("publish_docs")
    )
