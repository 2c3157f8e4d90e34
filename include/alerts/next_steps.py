"""What follows from a problem, and what whoever is on call does about it, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from include.contracts import Contract, ContractError, load_contract
from include.settings import Settings

if TYPE_CHECKING:
    from include.alerts.compose import Notice


def consequence(notice: Notice) -> str:
    """What was not built, and what stays as it was."""
    if notice.severity == "cleared":
        rules = ", ".join(notice.problems[0]["detail"].get("rules", []))
        return (
            f"The batch of {notice.system} for {notice.batch_date} was held for: {rules}. It has passed its gate and is"
            " released; the next build reads it, and starts by itself where the day has been built without it."
        )
    if notice.gate == "run":
        return "What the run had not finished is not there. What it had finished stays; nothing is half written."
    if notice.is_absent:
        return (
            f"The other systems go on, and the day is built without {notice.system}: customers keep what it said of"
            " them before. When the delivery is landed, however late, the day is built once more."
        )
    if notice.severity == "warning":
        return "The pipeline went on; this is to be looked at, not to be repaired at night."
    if notice.system:
        return (
            f"The batch of {notice.system} stays in raw and is not released. The other systems go on, and the day is"
            f" built without it: customers keep what {notice.system} said of them before."
        )
    return "The build stopped here. The published views stay as they were before this build."


def dag_id(notice: Notice) -> str:
    """The DAG that the notice is about; an alert of a run names it as its expectation."""
    if notice.gate == "run":
        return str(notice.problems[0]["expectation"])
    return f"land__{notice.system}" if notice.system else "build_customer360"


def steps(notice: Notice, settings: Settings) -> list[str]:
    """What to do now, in order."""
    look = f"Look at the run in Airflow: {_run_address(notice, settings)}"
    gates = f"Every rule of the gate: {settings.ui_url}/plugin/gate-results"
    if notice.severity == "cleared":
        return ["Nothing. This mail is sent once.", look]
    if notice.gate == "run":
        return [
            look,
            "See why it ended: the log of its last task, and the machine (out of memory, restarted, database down)",
            "Clear the run: it goes on where it stopped, and what was written already is not written twice",
        ]
    if notice.system:
        return [look, gates, *_steps_of_a_batch(notice, settings)]
    return [
        look, gates,
        f"The findings: select * from ops.gate_results where gate = '{notice.gate}' order by gate_result_id desc",
        "Where code was mended: clear the run from the red task on. Where data was mended and landed again: a new"
        " build follows by itself, or clear the run from check_new_batches on, which reads what is released by then.",
    ]  # fmt: skip


def _steps_of_a_batch(notice: Notice, settings: Settings) -> list[str]:
    day, system = notice.batch_date, notice.system
    land = (
        f"Land the day again: make backfill FROM={day} TO={day} SYSTEM={system} (without make: airflow backfill create"
        f" --dag-id land__{system} --from-date {day} --to-date {day} --reprocess-behavior completed)"
    )
    asked = [_ask(notice, settings), land]
    if notice.severity == "critical":
        asked.append(
            f"Where the delivery is right and the rule is not: mend include/sources/{system}.yml and land the day again"
        )
        asked.append("When the batch is released, one mail says so")
    return asked


def is_database(system: str | None, settings: Settings) -> bool:
    """Whether the system is read from a database: no file of it is ever put into the inbox."""
    contract = _contract(system, settings)
    return contract is not None and contract.format.type == "database"


def _contract(system: str | None, settings: Settings) -> Contract | None:
    """The system's contract; None where it cannot be read."""
    try:
        return load_contract(settings.sources_dir / f"{system}.yml")
    except ContractError:
        return None


def _ask(notice: Notice, settings: Settings) -> str:
    """Whom to ask for what: the contact that the contract names; where it cannot be read, where it stands."""
    system = notice.system
    contact = f"the contact of {system} (include/sources/{system}.yml)"
    if contract := _contract(system, settings):
        contact = f"{contract.contact} ({contract.owner})"
    if is_database(system, settings):
        return f"Ask {contact} to mend the database; it is read anew when the day is landed again"
    inbox = f"and put it into the inbox: {system}/{notice.batch_date}/"
    if notice.is_absent:
        return f"Ask {contact} for the delivery, {inbox}"
    return (
        f"Ask {contact} for a mended delivery, {inbox}, in place of the file that is there and under its name: beside"
        " it, both are judged"
    )


def _run_address(notice: Notice, settings: Settings) -> str:
    """Where Airflow shows the run; its DAG where the run is not known."""
    address = f"{settings.ui_url}/dags/{dag_id(notice)}"
    return f"{address}/runs/{quote(notice.run_id, safe='')}" if notice.run_id else address
