"""How `make backfill` tells the end of landings and builds, from what Airflow and the warehouse say of their runs."""

from __future__ import annotations

import socket
from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from include.ops.steps import record_step
from include.runtime import airflow, days
from include.runtime.airflow import AirflowServer

DAY = date(2026, 11, 16)
NOBODY = AirflowServer("http://127.0.0.1:9", "nobody listens there")


def run_of(system: str, state: str, number: int = 1) -> dict[str, Any]:
    return {"dag_id": f"land__{system}", "dag_run_id": f"run {number}", "partition_key": str(DAY), "state": state}


def remember(url: str, system: str, state: str, reason: str | None, steps: dict[str, dict[str, object]]) -> None:
    """A batch in the warehouse and the steps of its run."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into ops.batches (system, batch_date, state, reason) values (%s, %s, %s, %s)",
            [system, DAY, state, reason],
        )
    for step, counts in steps.items():
        with record_step(url, f"land__{system}", "run 1", step, system, DAY) as recorded:
            recorded.update(counts)


def landed(url: str, *runs: dict[str, Any]) -> days.Runs:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return days._landed(connection, list(runs))


@pytest.mark.parametrize(
    ("state", "outcome", "why"),
    [
        ("released", "released", ""), ("absent", "absent", "no file in the inbox: the day is built without it"),
        ("not_due", "not due", ""),
    ],
)  # fmt: skip
def test_outcome__of_a_green_run_is_that_of_its_batch(state: str, outcome: str, why: str, warehouse_url: str) -> None:
    counts = {"read": 10, "landed": 9, "quarantined": 1}
    remember(warehouse_url, "crm", state, None, {"land": counts, "gate_raw": {}})
    run = run_of("crm", "success")
    assert days._outcome(NOBODY, run, landed(warehouse_url, run)) == (outcome, [10, 9, 1], why)


def test_outcome__of_a_batch_that_its_gate_holds_says_why(warehouse_url: str) -> None:
    remember(warehouse_url, "crm", "held", "customers.status.allowed (3 of 9)", {"land": {"read": 9}, "gate_raw": {}})
    run = run_of("crm", "failed")
    assert days._outcome(NOBODY, run, landed(warehouse_url, run)) == (
        "held", [9, "", ""], "customers.status.allowed (3 of 9)",
    )  # fmt: skip


def test_outcome__knows_the_runs_of_one_name_apart_by_their_dag(warehouse_url: str) -> None:
    remember(warehouse_url, "crm", "held", "a rule", {"land": {}, "gate_raw": {}})
    remember(warehouse_url, "usage", "released", None, {"land": {"read": 4}, "gate_raw": {}})
    runs = run_of("crm", "failed"), run_of("usage", "success")
    known = landed(warehouse_url, *runs)
    assert [days._outcome(NOBODY, run, known)[0] for run in runs] == ["held", "released"]


def test_outcome__of_a_day_without_a_run() -> None:
    assert days._outcome(NOBODY, None, {})[0] not in days.GOOD


def begin(url: str, state: str, run_id: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into ops.builds (partition_key, run_id, released_batches, state) values (%s, %s, '{}', %s)",
            [str(DAY), run_id, state],
        )


def test_build_of__one_that_found_nothing_new_names_the_last_that_was_built(warehouse_url: str) -> None:
    for state, run_id in (("built", "a"), ("failed", "b"), ("skipped", "c")):
        begin(warehouse_url, state, run_id)
    build = days.build_of(warehouse_url, DAY, "c")
    assert build is not None
    assert (build["state"], build["last_built"], build["last_run_id"]) == ("skipped", 1, "a")
    assert days.build_of(warehouse_url, DAY, "another run") is None
    run = {"dag_run_id": "c", "state": "success"}
    assert days._build_outcome(run, [build], False) == ("nothing new", "since build 1")


def test_build_outcome__in_every_other_case() -> None:
    built = {"run_id": "a", "state": "built", "build_id": 5, "last_built": 4}
    assert days._build_outcome({"dag_run_id": "a", "state": "success"}, [built], False) == ("built", "build 5")
    assert days._build_outcome({"dag_run_id": "a", "state": "failed"}, [built], False)[0] == "failed"
    assert days._build_outcome(None, [built], False) == ("-", "nothing new for it")
    assert days._build_outcome(None, [], False) == ("-", "waits for the other systems, or for close_day")
    assert days._build_outcome(None, [], True)[0] == "missing"


def test_chosen__all_systems_or_those_that_are_named() -> None:
    known = {"crm": False, "finance": False, "usage": False}
    assert days._chosen([], known) == ["crm", "finance", "usage"]
    assert days._chosen(["usage", "crm", "usage"], known) == ["crm", "usage"]


@pytest.mark.parametrize(
    ("wanted", "known", "said"),
    [
        (["crmm"], {"crm": False, "usage": False}, "SYSTEM=crmm: Airflow lands crm, usage"),
        ([], {"crm": False, "usage": True}, "land__usage: paused"),
        ([], {}, "has not read the DAGs yet"),
    ],
)
def test_chosen__what_cannot_run_is_said(wanted: list[str], known: dict[str, bool], said: str) -> None:
    with pytest.raises(days.BackfillError, match=said):
        days._chosen(wanted, known)


def test_start__an_airflow_that_does_not_answer_is_told_with_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(airflow, "ANSWER_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = AirflowServer(f"http://127.0.0.1:{silent.getsockname()[1]}", "never asked for")
        with pytest.raises(days.BackfillError, match=f"does not answer; .* shown at {server.url}"):
            days._start(server, ["crm"], DAY, DAY)
