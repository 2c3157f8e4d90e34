"""The DAGs as Airflow reads them: which there are, and that no gate can be walked around."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from include.contracts import load_contracts
from include.settings import PROJECT_DIR

# Each contract has a landing DAG, so a new source edits nothing here; some only where a variable is set.
CONTRACTS = load_contracts(PROJECT_DIR / "include" / "sources", active_only=False).values()
OPTIONAL = {f"land__{c.system}": c.active_when for c in CONTRACTS if c.active and c.active_when}
EXPECTED = {"build_customer360", "close_day", "relink_people", "send_alerts", "train_linkage_model"} | {
    f"land__{c.system}" for c in CONTRACTS if c.active and not c.active_when
}
# How a task runs that a failure before it stops. The others, each with its reason:
STOPPED = {"trigger_rule": "all_success", "is_setup": False, "is_teardown": False}
NOT_STOPPED = {
    # Writes no data; the build has to hear of a system that was held or has failed, or it would wait for it.
    "settle": {"trigger_rule": "all_done_setup_success", "is_setup": False, "is_teardown": True},
}


def read_dags(variable: str = "", project: Path = PROJECT_DIR) -> dict[str, dict[str, list[str]]]:
    """Task ids and what follows each, by DAG id."""
    tasks = read_tasks(variable, project)
    return {dag_id: {name: task["followed_by"] for name, task in found.items()} for dag_id, found in tasks.items()}


def read_tasks(variable: str = "", project: Path = PROJECT_DIR) -> dict[str, dict[str, dict[str, Any]]]:
    """What decides when each task runs, by DAG id and task id: followed_by (task ids), trigger_rule, is_setup,
    is_teardown, retries.
    """
    tasks: dict[str, dict[str, dict[str, Any]]] = read_bag(variable, project)["tasks"]
    return tasks


@cache
def read_bag(variable: str = "", project: Path = PROJECT_DIR) -> dict[str, Any]:
    """The `tasks` of each DAG, the DAGs that are `paused` at first, and the `clocks` of those that have one: read in a
    process of its own, as Airflow does.

    Of the variables that make a system active, only the named one is set.
    """
    unset = dict.fromkeys(OPTIONAL.values(), "") | ({variable: "/somewhere"} if variable else {})
    environment = os.environ | {"PYTHONPATH": str(project)} | unset
    command = [sys.executable, "-W", "ignore", "-c", _DUMP_BAG]
    done = subprocess.run(
        command, env=environment, cwd=project, capture_output=True, text=True, check=False, timeout=120
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("DAGS ")]
    assert lines, done.stderr[-2000:]
    dags: dict[str, Any] = json.loads(lines[0][5:])
    return dags


_DUMP_BAG = """
import json, os, tempfile
os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp()
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(dag_folder="dags", bundle_path=None, bundle_name="test")
assert not bag.import_errors, bag.import_errors
def of(task):
    return {"followed_by": sorted(task.downstream_task_ids), "trigger_rule": task.trigger_rule.value,
            "is_setup": task.is_setup, "is_teardown": task.is_teardown, "retries": task.retries}
tasks = {d.dag_id: {t.task_id: of(t) for t in d.tasks} for d in bag.dags.values()}
paused = [d.dag_id for d in bag.dags.values() if d.is_paused_upon_creation]
clocks = {d.dag_id: [d.timetable.expression, str(d.timetable.timezone), getattr(d.timetable, "key_format", None)]
          for d in bag.dags.values() if hasattr(d.timetable, "expression")}
print("DAGS " + json.dumps({"tasks": tasks, "paused": paused, "clocks": clocks}))
"""


def reachable(edges: dict[str, list[str]], start: str, without: str) -> set[str]:
    """Every task that can still be reached from `start` once a task is taken out."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        task = waiting.pop()
        for following in edges[task]:
            if following != without and following not in seen:
                seen.add(following)
                waiting.append(following)
    return seen


def test_dags__are_exactly_these() -> None:
    assert set(read_dags()) == EXPECTED


def test_dags__land_one_system_each() -> None:
    landing = {dag_id for dag_id in EXPECTED if dag_id.startswith("land__")}
    assert {"land__crm", "land__finance", "land__usage"} <= landing
    assert len(landing) + len(OPTIONAL) == len([c for c in CONTRACTS if c.active])


@pytest.mark.slow
@pytest.mark.parametrize("dag_id", sorted(OPTIONAL))
def test_dags__optional_system_is_there_only_where_its_variable_is_set(dag_id: str) -> None:
    together = {other for other, variable in OPTIONAL.items() if variable == OPTIONAL[dag_id]}
    assert set(read_dags(OPTIONAL[dag_id])) == EXPECTED | together


_RUN_LAND = """
import os, tempfile
os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp()
from dags.land_sources import land__crm
try:
    land__crm.get_task("land").python_callable()
except Exception as error:
    print("SAID", type(error).__name__, error)
"""


@pytest.mark.slow
def test_dags__broken_contract_fails_alone_and_says_why(tmp_path: Path) -> None:
    """Its DAG stays, ends red and settles; the others, and what the build waits for, are as they were."""
    for folder in ("dags", "include"):
        shutil.copytree(PROJECT_DIR / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    contract = tmp_path / "include" / "sources" / "crm.yml"
    contract.write_text(contract.read_text().replace("key: [customer_id]", "key: [customer_no]"))
    assert read_dags(project=tmp_path) == read_dags()
    command, environment = [sys.executable, "-W", "ignore", "-c", _RUN_LAND], os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "SAID AirflowFailException crm.yml: entities.customers: " in done.stdout, done.stderr[-2000:]
    assert "'customer_no' is named as key" in done.stdout


@pytest.mark.slow
def test_dags__training_judges_what_it_has_trained_and_waits_until_somebody_wants_it() -> None:
    assert read_dags()["train_linkage_model"] == {"train_model": ["judge_model"], "judge_model": []}
    assert read_bag()["paused"] == ["train_linkage_model"]


def test_dags__start_by_the_clock_of_utc_for_a_day() -> None:
    """Landings at midnight, the cut-off at six, a linking in full on Sundays; a day has the same name in all."""
    clocks = read_bag()["clocks"]
    landing = {dag_id: ["0 0 * * *", "UTC", "%Y-%m-%d"] for dag_id in EXPECTED if dag_id.startswith("land__")}
    assert clocks == landing | {
        "close_day": ["0 6 * * *", "UTC", "%Y-%m-%d"],
        "relink_people": ["0 3 * * 0", "UTC", "%Y-%m-%d"],
        "send_alerts": ["*/10 * * * *", "UTC", None],
        "train_linkage_model": ["0 4 1 * *", "UTC", None],
    }


@pytest.mark.parametrize("dag_id", sorted(EXPECTED))
def test_gate__cannot_be_walked_around(dag_id: str) -> None:
    edges = read_dags()[dag_id]
    for gate in (task for task in edges if task.startswith("gate_")):
        after = reachable(edges, gate, without="")
        before = {task for task in edges if gate in reachable(edges, task, without="")}
        for task in before:
            assert not (reachable(edges, task, without=gate) & after) - {"settle"}, f"{gate} of {dag_id}"


@pytest.mark.parametrize("dag_id", sorted(EXPECTED))
def test_gate__is_waited_for_by_all_that_follows_it(dag_id: str) -> None:
    """An edge alone stops nothing: a task may run whatever became of those before it."""
    for name, task in read_tasks()[dag_id].items():
        found = {key: task[key] for key in STOPPED}
        assert found == NOT_STOPPED.get(name, STOPPED), f"{name} of {dag_id}"


@pytest.mark.parametrize("dag_id", sorted(EXPECTED))
def test_tasks__are_tried_again_where_a_service_goes_away(dag_id: str) -> None:
    assert {name: task["retries"] for name, task in read_tasks()[dag_id].items()} == dict.fromkeys(
        read_tasks()[dag_id], 3
    )


def test_dags__every_layer_has_its_gate() -> None:
    dags = read_dags()
    assert {t for t in dags["build_customer360"] if t.startswith("gate_")} == {
        "gate_staging",
        "gate_identity",
        "gate_marts",
    }
    assert all("gate_raw" in tasks for dag_id, tasks in dags.items() if dag_id.startswith("land__"))
