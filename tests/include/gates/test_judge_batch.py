"""The verdict on a batch: held or let through, the same however often it is asked, whatever came before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from include.alerts import send_pending
from include.contracts import Contract
from include.gates import GateOutcome, judge_batch
from include.landing import release_batch
from include.runtime.mail_catcher import catch_mails
from include.runtime.postgres import free_port
from include.settings import Settings
from tests.include.alerts.test_outbox import mails
from tests.include.gates.test_raw_rules import as_csv, contract, one, spoken, table
from tests.include.landing.delivery import DAY, land, put, query

GOOD, BAD = as_csv(table()), as_csv(one("colour", "green")(table()))


def deliver(content: str, tmp_path: Path, url: str, declared: Contract | None = None) -> Contract:
    declared = declared or contract()
    put(tmp_path / "inbox", "shop", "things.csv", content)
    put(tmp_path / "inbox", "shop", "owners.csv", "owner\nO1\n")
    land(tmp_path / "inbox", url, declared)
    return declared


def judge(declared: Contract, url: str, run_id: str = "a run") -> GateOutcome:
    return judge_batch(declared, DAY, url, run_id)


def states(url: str) -> set[str]:
    return {row[0] for row in query(url, "select state from ops.files")}


def test_judge_batch__retry_of_a_held_batch_says_the_same(tmp_path: Path, warehouse_url: str) -> None:
    """A gate that is killed after it held the batch runs again on files that are held by then."""
    declared = deliver(BAD, tmp_path, warehouse_url)
    for _ in range(2):
        assert spoken(judge(declared, warehouse_url)) == {"things.colour.allowed"}
        assert states(warehouse_url) == {"held"}
        assert query(warehouse_url, "select count(*) from ops.alerts where resolved_at is null") == [(1,)]


def test_judge_batch__held_batch_passes_once_the_contract_is_mended(tmp_path: Path, warehouse_url: str) -> None:
    declared = deliver(BAD, tmp_path, warehouse_url)
    judge(declared, warehouse_url)
    assert judge(contract(tolerated=0.5), warehouse_url).passed
    assert release_batch("shop", DAY, warehouse_url)
    assert states(warehouse_url) == {"released"}


def test_judge_batch__mended_delivery_replaces_the_released_one(tmp_path: Path, warehouse_url: str) -> None:
    """The same keys under the same name: neither twice, nor too many, nor judged by what the old one held."""
    declared = deliver(GOOD.replace("red", "blue"), tmp_path, warehouse_url)
    assert judge(declared, warehouse_url).passed
    release_batch("shop", DAY, warehouse_url)
    tight = declared.entities["things"].model_copy(
        update={"columns": declared.entities["things"].columns | {
            "colour": declared.entities["things"].columns["colour"].model_copy(update={"allowed": ("red",)})}}
    )  # fmt: skip
    tight = tight.model_copy(update={"expected_rows": tight.expected_rows.model_copy(update={"max": 12})})
    mended = declared.model_copy(update={"entities": declared.entities | {"things": tight}})
    deliver(GOOD, tmp_path, warehouse_url, mended)
    assert spoken(judge(mended, warehouse_url)) == set()
    assert release_batch("shop", DAY, warehouse_url)
    assert spoken(judge(mended, warehouse_url)) == set()


def test_judge_batch__reference_into_a_replaced_file_is_broken(tmp_path: Path, warehouse_url: str) -> None:
    """Only what is released, or comes with the batch, can be referred to."""
    declared = contract()
    put(tmp_path / "inbox", "shop", "owners.csv", "owner\nO2\n")
    land(tmp_path / "inbox", warehouse_url, declared)
    release_batch("shop", DAY, warehouse_url)
    rows = one("owner", "O2")(table())
    deliver(as_csv(rows), tmp_path, warehouse_url, declared)
    assert spoken(judge(declared, warehouse_url)) == {"things.owner.references"}


def test_judge_batch__reference_into_another_days_released_file_holds(tmp_path: Path, warehouse_url: str) -> None:
    declared, before = contract(), DAY.replace(day=15)
    put(tmp_path / "inbox", "shop", "owners.csv", "owner\nO2\n", before)
    land(tmp_path / "inbox", warehouse_url, declared, before)
    deliver(as_csv(one("owner", "O2")(table())), tmp_path, warehouse_url, declared)
    assert spoken(judge(declared, warehouse_url)) == {"things.owner.references"}, "landed, and released nowhere"
    release_batch("shop", before, warehouse_url)
    assert spoken(judge(declared, warehouse_url)) == set()


def test_judge_batch__warn_lets_it_pass_and_the_mail_says_so(tmp_path: Path, warehouse_url: str) -> None:
    declared = contract(on_failure="warn")
    deliver(BAD, tmp_path, warehouse_url, declared)
    outcome = judge(declared, warehouse_url)
    assert outcome.passed
    assert [problem.expectation for problem in outcome.warned] == ["things.colour.allowed"]
    assert release_batch("shop", DAY, warehouse_url)
    found = query(warehouse_url, "select severity, outcome from ops.gate_results where outcome <> 'passed'")
    assert found == [("warning", "warned")]
    settings = replace(Settings.from_env(), database_url=warehouse_url, smtp_url=f"smtp://127.0.0.1:{free_port()}")
    server = catch_mails(int(settings.smtp_url.rsplit(":", 1)[1]), tmp_path / "mail")
    assert send_pending(settings) == 1
    server.stop()
    (mail,) = mails(tmp_path / "mail")
    assert mail["Subject"].strip() == "[customer360 warning] shop 2026-11-16: gate_raw__shop passed with warnings"
    text = mail.get_body(("plain",)).get_content()
    assert "The pipeline went on" in text
    assert "held" not in text
    assert "not released" not in text


@pytest.mark.parametrize("on_failure", ["hold", "warn"])
def test_judge_batch__file_that_cannot_be_read(on_failure: str, tmp_path: Path, warehouse_url: str) -> None:
    declared = contract(on_failure=on_failure)
    deliver("", tmp_path, warehouse_url, declared)
    assert judge(declared, warehouse_url).passed is (on_failure == "warn")
