"""Lands one system for one batch date, exactly as it arrived.

**Produces** the rows of `raw_<system>`, the file manifest and the quarantine in `ops`, and the announcement
`<system>_settled`, whatever the outcome. One DAG per contract in `include/sources/`.

**On failure**: a red run means that the batch is held; nothing of it is built and the other systems go on. Mend
the delivery in the inbox (or the contract), then *clear* the run or backfill the date again: files that landed
already are recognised, and the day is built once more.
"""

from __future__ import annotations

from airflow.sdk import DAG, CronPartitionTimetable, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from dags.common import CONTRACTS, DEFAULTS, REOPENED, SETTLED, announce, run_of_task, schedule_end
from include.contracts import Contract


def land_dag(contract: Contract) -> DAG:
    """The DAG of one system, partitioned by batch date."""
    system = contract.system
    daily = CronPartitionTimetable("0 0 * * *", timezone="UTC", key_format="%Y-%m-%d")
    defaults = DEFAULTS | {"default_args": DEFAULTS["default_args"] | {"owner": contract.owner}}
    with DAG(f"land__{system}", schedule=daily, tags=["land"], doc_md=__doc__, **defaults, **schedule_end()) as dag:

        @task
        def land() -> str:
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
            from include.gates import run_raw_gate
            from include.landing import hold_batch
            from include.ops.steps import record_step
            from include.settings import Settings

            settings, (dag_id, run_id, day) = Settings.from_env(), run_of_task()
            with record_step(settings.database_url, dag_id, run_id, "gate_raw", system, day):
                outcome = run_raw_gate(contract, day, settings.database_url, run_id)
                if not outcome.passed and state == "landed" and contract.quality.on_failure == "hold":
                    hold_batch(system, day, "; ".join(map(str, outcome.failed)), settings.database_url)
                send_pending(settings)
            if not outcome.passed and contract.quality.on_failure == "hold":
                raise AirflowFailException(f"{system} {day} is held: {', '.join(map(str, outcome.failed))}")
            if state != "landed":
                raise AirflowSkipException(f"{system} {day} is {state.replace('_', ' ')}")

        @task
        def release() -> bool:
            from include.landing import release_batch
            from include.ops.steps import record_step
            from include.settings import Settings

            settings, (dag_id, run_id, day) = Settings.from_env(), run_of_task()
            with record_step(settings.database_url, dag_id, run_id, "release", system, day):
                return bool(release_batch(system, day, settings.database_url))

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


for _contract in CONTRACTS.values():
    globals()[f"land__{_contract.system}"] = land_dag(_contract)
