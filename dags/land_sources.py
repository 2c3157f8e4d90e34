"""Lands one system for one batch date, exactly as it arrived.

**Produces** the rows of `raw_<system>`, the file manifest and the quarantine in `ops`, and the announcement
`<system>_settled`, whatever the outcome. One DAG per contract in `include/sources/`.

**On failure**: a red run means that the batch is held; nothing of it is built and the other systems go on. Mend
the delivery in the inbox (or the contract), then *clear* the run or backfill the date again: files that landed
already are recognised, and the day is built once more. A contract that cannot be used fails in `land`, whose log says
why; the other systems do not notice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import DAG, CronPartitionTimetable, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from dags.common import DEFAULTS, REOPENED, SETTLED, SOURCES, announce, run_of_task, schedule_end

if TYPE_CHECKING:
    from include.ops.landing import Landing


def _landing(system: str) -> Landing:
    """What the task that runs lands. A contract that is broken ends it, and no other system's."""
    if system in SOURCES.broken:
        raise AirflowFailException(SOURCES.broken[system])
    from include.ops.landing import Landing
    from include.settings import Settings

    dag_id, run_id, day = run_of_task()
    return Landing(SOURCES.contracts[system], day, dag_id, run_id, Settings.from_env())


def land_dag(system: str) -> DAG:
    """The DAG of one system, partitioned by batch date. Where the contract is broken it fails and settles."""
    contract = SOURCES.contracts.get(system)
    daily = CronPartitionTimetable("0 0 * * *", timezone="UTC", key_format="%Y-%m-%d")
    defaults = DEFAULTS | {"default_args": DEFAULTS["default_args"] | {"owner": contract.owner if contract else system}}
    with DAG(f"land__{system}", schedule=daily, tags=["land"], doc_md=__doc__, **defaults, **schedule_end()) as dag:

        @task
        def land() -> str:
            landing = _landing(system)
            from airflow.sdk import ObjectStoragePath

            return landing.land(ObjectStoragePath(landing.settings.archive_url))

        @task
        def gate_raw(state: str) -> None:
            landing = _landing(system)
            if failed := landing.judge():
                raise AirflowFailException(f"{landing} is held: {', '.join(map(str, failed))}")
            if state != "landed":
                raise AirflowSkipException(f"{landing} is {state.replace('_', ' ')}")

        @task
        def release() -> bool:
            return _landing(system).release()

        @task(outlets=[REOPENED])
        def reopen_day(is_changed: bool) -> None:
            if not (is_changed and _landing(system).is_after_build()):
                raise AirflowSkipException("the day has not been built yet, or nothing of the batch is new")
            announce()

        @task(outlets=[SETTLED[system]])
        def settle() -> None:
            """Says that the system is done with the day; a teardown, so that it runs in every outcome."""
            announce()

        released = release()
        gate_raw(land()) >> released
        reopen_day(released)
        released >> settle().as_teardown()
    return dag


for _system in SETTLED:
    globals()[f"land__{_system}"] = land_dag(_system)
