"""A model trained on a real warehouse: a candidate that changes nothing until somebody takes it into force."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from include import db
from include.identity.in_force import read_model
from include.identity.linkage.training import levels_of
from include.identity.model import MODEL_VERSION
from include.identity.retrain.__main__ import main
from include.identity.retrain.candidates import (
    NotPossible,
    _earlier_truth,
    choose_model,
    judge_candidate,
    read_choices,
    read_versions,
    train_candidate,
)
from include.identity.retrain.words import tell_judgement
from include.identity.run import link_people
from include.ops.builds import end_build
from include.settings import PROJECT_DIR, Settings
from tests.include.identity.sample_people import sample_people
from tests.include.identity.stewards.people import AS_OF, ask, doubtful, link, put
from tests.include.identity.test_store import crosswalk, deliver, rebuild

RECORDS, SEED = 500, 11


@pytest.fixture
def url(warehouse_url: str) -> str:
    """A warehouse in which the sample's people are linked."""
    link(warehouse_url, sample_people(RECORDS, SEED)[0])
    return warehouse_url


def in_force(url: str) -> str:
    with db.connect(url) as connection:
        return read_model(connection, hold=False).version


def last_linking(url: str) -> dict[str, Any]:
    return ask(url, "select * from identity.linkings order by linking_id desc limit 1")[0]


@pytest.mark.slow
def test_train_candidate__is_written_once_and_takes_nothing_into_force(url: str) -> None:
    keys = crosswalk(url)
    version = train_candidate(url)
    assert train_candidate(url) == version
    assert [row["model_version"] for row in read_versions(url)] == [MODEL_VERSION, version]
    assert in_force(url) == MODEL_VERSION
    rebuild(url)
    assert last_linking(url)["model_version"] == MODEL_VERSION
    assert crosswalk(url) == keys


@pytest.mark.slow
def test_choose_model__holds_from_the_next_linking_and_can_be_taken_back(url: str) -> None:
    keys, version = crosswalk(url), train_candidate(url)
    assert choose_model(url, version, "olga", "better on labels") == MODEL_VERSION
    assert link_people(url, AS_OF, "incremental").mode == "full", "everybody is linked by one model"
    assert last_linking(url)["model_version"] == version
    rebuild(url)
    assert {row["model_version"] for row in ask(url, "select distinct model_version from identity.links")} == {version}
    changed = {record_id for record_id, key in crosswalk(url).items() if keys[record_id] != key}
    assert len(changed) < len(keys) / 100, "keys change for whom the linking has changed, and for nobody else"
    end_build(url, "run", "built")
    assert link_people(url, AS_OF, "incremental").mode == "incremental", "the same model as before"
    assert choose_model(url, MODEL_VERSION, "otto", "too many merges") == version
    rebuild(url)
    assert last_linking(url)["model_version"] == MODEL_VERSION
    assert crosswalk(url) == keys
    assert [(c["model_version"], c["chosen_by"], c["why"]) for c in read_choices(url)] == [
        (MODEL_VERSION, "otto", "too many merges"), (version, "olga", "better on labels"),
    ]  # fmt: skip
    assert all(c["chosen_at"] for c in read_choices(url))


def test_choose_model__refuses_what_is_not_there_does_not_fit_or_has_no_reason(warehouse_url: str) -> None:
    link(warehouse_url, doubtful())
    with psycopg.connect(warehouse_url) as connection:
        connection.execute(
            "insert into identity.model_versions (model_version, settings_sha256, trained_on, settings)"
            """ values ('older', '', '', '{"comparisons": []}')"""
        )
    for version, why, words in (
        ("nobody", "x", "there is no version 'nobody'"), ("older", "x", "compares otherwise"),
        (MODEL_VERSION, "x", "in force already"), (MODEL_VERSION, " ", "say why"),
    ):  # fmt: skip
        with pytest.raises(NotPossible, match=words):
            choose_model(warehouse_url, version, "olga", why)
    assert read_choices(warehouse_url) == []


def test_read_model__that_the_code_can_no_longer_use_gives_way_to_the_shipped_one(url: str) -> None:
    version = train_candidate(url)
    choose_model(url, version, "olga", "x")
    assert in_force(url) == version
    with psycopg.connect(url) as connection:
        connection.execute("update identity.model_versions set settings = jsonb_set(settings, '{comparisons}', '[]')"
                           " where model_version = %s", [version])  # fmt: skip
    assert in_force(url) == MODEL_VERSION


def test_choose_model__over_one_that_the_code_can_no_longer_use_ends_it_for_good(url: str) -> None:
    """Otherwise it would come back with the next code that it fits, though somebody has gone back before."""
    version = train_candidate(url)
    choose_model(url, version, "olga", "x")
    settings = ask(url, "select settings from identity.model_versions where model_version = %s", [version])[0]
    write = "update identity.model_versions set settings = %s where model_version = %s"
    with psycopg.connect(url) as connection:
        connection.execute(write, ['{"comparisons": []}', version])
    with pytest.raises(NotPossible, match="compares otherwise"):
        choose_model(url, version, "olga", "again")
    assert choose_model(url, MODEL_VERSION, "otto", "it does not fit") == version
    with psycopg.connect(url) as connection:
        connection.execute(write, [json.dumps(settings["settings"]), version])
    assert in_force(url) == MODEL_VERSION
    with pytest.raises(NotPossible, match="in force already"):
        choose_model(url, MODEL_VERSION, "otto", "again")


def test_read_model__who_has_chosen_an_earlier_shipped_one_follows_the_code(
    warehouse_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    link(warehouse_url, doubtful())
    with psycopg.connect(warehouse_url) as connection:
        connection.execute("insert into identity.model_versions values ('customer360-v0', '', 'sample company')")
        connection.execute("insert into identity.model_choices (model_version, chosen_by, chosen_at, why)"
                           " values ('customer360-v0', 'olga', now(), 'x')")  # fmt: skip
    assert in_force(warehouse_url) == MODEL_VERSION
    assert not caplog.records
    for version, words in ((MODEL_VERSION, "in force already"), ("customer360-v0", "another version of the code")):
        with pytest.raises(NotPossible, match=words):
            choose_model(warehouse_url, version, "olga", "x")


def test_train_candidate__without_a_linking_says_so(warehouse_url: str) -> None:
    deliver(warehouse_url, doubtful())
    link_people(warehouse_url, AS_OF)
    with pytest.raises(NotPossible, match="no two records are linked"):
        train_candidate(warehouse_url)


@pytest.mark.slow
def test_judge_candidate__beside_the_model_in_force(url: str) -> None:
    """A candidate to whom nothing says anything finds next to no pairs, and the labels and the truth show it."""
    person = sample_people(RECORDS, SEED)[1]
    for row in ask(url, "select record_id_l, record_id_r from identity.links where reason = 'model'"
                        " order by probability limit 40"):  # fmt: skip
        is_same = person[row["record_id_l"]] == person[row["record_id_r"]]
        put(url, decision="same" if is_same else "different", **row)
    version = train_candidate(url)
    (row,) = ask(url, "select settings from identity.model_versions where model_version = %s", [version])
    for level in (level for made in row["settings"]["comparisons"] for level in levels_of(made)):
        level["u_probability"] = level["m_probability"]
    with psycopg.connect(url) as connection:
        connection.execute("update identity.model_versions set settings = %s where model_version = %s",
                           [json.dumps(row["settings"]), version])  # fmt: skip
    figures = judge_candidate(url, version, person)
    assert figures["labels"] == 40
    for judged_by in ("labels", "truth"):
        worse, better = (figures[name][judged_by]["recall"] for name in ("candidate", "in_force"))
        assert worse < better
    assert figures["changes"]["parted"] > figures["changes"]["joined"]
    assert read_versions(url)[-1]["judgement"] == figures
    again = judge_candidate(url, version)
    for name in ("in_force", "candidate"):
        assert again[name]["truth"] is None
        assert again["earlier_truth"][name]["truth"] == figures[name]["truth"], "what only the truth can say stays"
    assert _earlier_truth(again) == {"earlier_truth": again["earlier_truth"]}, "over the next judgement, too"
    assert read_versions(url)[-1]["judgement"] == again
    assert tell_judgement(again).count("earlier, as ") == 2


@pytest.mark.slow
def test_commands__train_list_use(url: str, settings: Settings, capsys: Any) -> None:
    assert settings.database_url == url
    assert main(["train"]) == 0
    version = capsys.readouterr().out.splitlines()[0]
    assert main(["use", version, "--why", "tried", "--user", "olga"]) == 0
    assert "from the next build on" in capsys.readouterr().out
    assert main(["use", version, "--why", "again"]) == 1
    assert "in force already" in capsys.readouterr().err
    assert main(["list"]) == 0
    told = capsys.readouterr().out
    assert f"{version}  in force" in told
    assert "olga: " in told
    assert "would stay" in told


@pytest.mark.usefixtures("settings")
def test_commands__only_use_needs_to_know_who_calls(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", nameless)
    assert main(["list"]) == 0
    assert main(["use", MODEL_VERSION, "--why", "x"]) == 1
    assert "--user NAME" in capsys.readouterr().err
    assert main(["use", MODEL_VERSION, "--why", "x", "--user", "olga"]) == 1
    assert "in force already" in capsys.readouterr().err


def test_commands__say_in_one_sentence_what_the_database_says(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        connection.execute("drop table identity.model_choices")
        with pytest.raises(psycopg.DataError) as caught:
            connection.execute("select 'Annabel'::int")
    assert db.tell_error(caught.value) == "the database refuses: InvalidTextRepresentation"
    assert main(["list"]) == 1
    monkeypatch.setenv("CUSTOMER360_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    assert main(["list"]) == 1
    refused, silent = capsys.readouterr().err.splitlines()
    assert refused.startswith('error: the database refuses: relation "identity.model_choices" does not exist')
    assert silent.startswith("error: the database does not answer: ")


RUN_TASKS = """
import sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(dag_folder="dags/train_linkage_model.py", bundle_path=None, bundle_name="test")
tasks = {task.task_id: task.python_callable for task in bag.dags["train_linkage_model"].tasks}
tasks["judge_model"](tasks["train_model"]())
"""


@pytest.mark.slow
def test_train_linkage_model__its_tasks_train_and_judge(url: str, settings: Settings, tmp_path: Path) -> None:
    assert settings.database_url == url
    environment = {"AIRFLOW_HOME": str(tmp_path / "airflow"), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUN_TASKS], cwd=PROJECT_DIR, capture_output=True, text=True,
        env=os.environ | environment | {"PYTHONPATH": str(PROJECT_DIR)}, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    shipped, trained = read_versions(url)
    assert (shipped["model_version"], shipped["is_in_force"]) == (MODEL_VERSION, True)
    assert trained["evidence"]["in_force"] == MODEL_VERSION
    assert trained["judgement"]["candidate"]["model_version"] == trained["model_version"]
