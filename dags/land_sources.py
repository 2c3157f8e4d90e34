"""Lands one system for one batch date, exactly as it arrived.

**Produces** the rows of `raw_<system>`, the file manifest and the quarantine in `ops`, and the announcement
`<system>_settled`, whatever the outcome. One DAG per contract in `include/sources/`.

**On failure**: a red run means that the batch is held; nothing of it is built and the other systems go on. Mend
the delivery in the inbox (or the contract), then *clear* the run or backfill the date again: files that landed
already are recognised, and the day is built once more. A contract that cannot be used fails in `land`, whose log says
why; the other systems do not notice.
"""

from __future__ import annotations

from airflow.sdk import DAG, CronPartitionTimetable, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from dags.common import DEFAULTS, REOPENED, SETTLED, SOURCES, announce, run_of_task, schedule_end


def land_dag(system: str) -> DAG:
    """The DAG of one system, partitioned by batch date. Where the contract is broken it fails and settles."""
    contract = SOURCES.contracts.get(system)
    daily = CronPartitionTimetable("0 0 * * *", timezone="UTC", key_format="%Y-%m-%d")
    defaults = DEFAULTS | {"default_args": DEFAULTS["default_args"] | {"owner": contract.owner if contract else system}}
    with DAG(f"land__{system}", schedule=daily, tags=["land"], doc_md=__doc__, **defaults, **schedule_end()) as dag:

        @task
        def land() -> str:
            if system in SOURCES.broken:
                raise AirflowFailException(SOURCES.broken[system])

            from airflow.sdk import ObjectStoragePath

            from include.landing import land_batch
            from include.ops.steps import record_step
            from include.settings import Settings

            settings, (dag_id, run_id, day) = Settings.from_env(), run_of_task()
            with record_step(settings.database_url, dag_id, run_id, "land", system, day) as counts:
                archive = ObjectStoragePath(settings.archive_url)
                result = land_batch(contract, day, settings.inbox, archive, settings.database_url)
                counts.update(files=len(result.files), read=result.rows_read, landed=result.rows_landed)
                counts.update(quarantined=result.rows_quarantined, state=result.state)
            return result.state

        @task
        def gate_raw(state: str) -> None:
            from include.alerts import send_pending
            from include.gates import judge_batch
            from include.ops.steps import record_step
            from include.settings import Settings

            settings, (dag_id, run_id, day) = Settings.from_env(), run_of_task()
            with record_step(settings.database_url, dag_id, run_id, "gate_raw", system, day):
                outcome = judge_batch(contract, day, settings.database_url, run_id, settings.inbox)
                send_pending(settings)
            if not outcome.passed:
                raise AirflowFailException(f"{system} {day} is held: {', '.join(map(str, outcome.failed))}")
            if state != "landed":
                raise AirflowSkipException(f"{system} {day} is {state.replace('_', ' ')}")

        @task
        def release() -> bool:
            from include.alerts import record_release, send_pending
            from include.landing import release_batch
            from include.ops.steps import record_step
            from include.settings import Settings

            settings, (dag_id, run_id, day) = Settings.from_env(), run_of_task()
            with record_step(settings.database_url, dag_id, run_id, "release", system, day):
                is_changed = release_batch(system, day, settings.database_url)
            if record_release(system, day, run_id, settings.database_url):
                send_pending(settings)
            return bool(is_changed)

        @task(outlets=[REOPENED])
        def reopen_day(is_changed: bool) -> None:
            from include.ops.builds import missed_its_build
            from include.settings import Settings

            _, _, day = run_of_task()
            if not (is_changed and missed_its_build(Settings.from_env().database_url, system, day)):
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
