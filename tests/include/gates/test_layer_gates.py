"""One bad delivery per layer that the raw gate cannot know: its gate stops the build, nothing that is read changes."""

from __future__ import annotations

import csv
import email
import gzip
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg
import pytest

from include.alerts import send_pending
from include.contracts import load_contracts
from include.gates import run_raw_gate
from include.runtime.mail_catcher import catch_mails
from include.runtime.postgres import free_port
from include.settings import PROJECT_DIR, Settings
from tests.include.warehouse import DAYS, build, checksums, deliver_again, land, rows, write_days

NEXT = date(2026, 11, 19)
READ_BY_PEOPLE = ("core", "marts")


def unknown_customer_ids(settings: Settings) -> str:
    """A branch system that was moved: its customer ids have got a prefix that nobody else knows."""
    path = _finance(settings)
    accounts = json.loads(path.read_text())
    path.write_text(json.dumps([a | {"customer_id": f"X-{a['account_id']}"} for a in accounts]))
    return "finance"


def one_test_person(settings: Settings) -> str:
    """A test dump in production: the same person under 45 ids."""
    folder = settings.inbox / "crm" / DAYS[0].isoformat()
    with next(folder.glob("customers*")).open(newline="") as stream:
        person = next(row for row in csv.DictReader(stream) if all(row.values()))
    target = settings.inbox / "crm" / NEXT.isoformat() / "customers.csv"
    target.parent.mkdir()
    with target.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(person))
        writer.writeheader()
        writer.writerows(person | {"customer_id": f"T{number:06d}"} for number in range(45))
    return "crm"


def unknown_currency(settings: Settings) -> str:
    """A currency of the form that the contract asks for, without a rate."""
    path = _finance(settings)
    accounts = json.loads(path.read_text())
    for account in accounts:
        for transaction in account["transaction_history"]:
            transaction |= {"currency": "XXX", "transaction_id": "N" + transaction["transaction_id"]}
    path.write_text(json.dumps(accounts))
    return "finance"


def _finance(settings: Settings) -> Path:
    return next(deliver_again(settings, "finance", DAYS[0], NEXT).glob("accounts*"))


@pytest.mark.parametrize(
    ("spoil", "gate", "expectation"),
    [
        (unknown_customer_ids, "gate_staging", "customer_ids_have_a_form_that_crm_uses"),
        (one_test_person, "gate_identity", "nobody_is_there_more_than_40_times_in_a_system"),
        (unknown_currency, "gate_marts", "transactions_have_a_rate"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_gate__stops_what_it_has_to(
    spoil: Callable[[Settings], str], gate: str, expectation: str, settings: Settings, tmp_path: Path
) -> None:
    write_days(settings, 300)
    land(settings, DAYS[0])
    assert build(settings, "sound") == ("publish_marts", [])
    before = checksums(settings, READ_BY_PEOPLE)
    people = rows(settings, "select * from identity.crosswalk order by record_id")
    settings = replace(settings, smtp_url=f"smtp://127.0.0.1:{free_port()}")
    mail_server = catch_mails(int(settings.smtp_url.rsplit(":", 1)[1]), tmp_path / "mail")
    try:
        send_pending(settings)
        sent = len(list((tmp_path / "mail").iterdir()))
        land(settings, NEXT, (spoil(settings),))
        assert build(settings, "spoilt", NEXT) == (gate, [expectation])
        assert send_pending(settings) == 1
        assert send_pending(settings) == 0
    finally:
        mail_server.stop()
    mail = sorted((tmp_path / "mail").iterdir())[sent:]
    assert [email.message_from_bytes(m.read_bytes())["Subject"] for m in mail] == [
        f"[customer360 critical] {NEXT}: {gate} stopped"
    ]
    assert checksums(settings, READ_BY_PEOPLE) == before
    (broken,) = rows(settings, "select * from ops.gate_results where run_id = 'spoilt' and outcome = 'failed'")
    assert len(broken["examples"]) == 5
    assert all(example.keys() == {"file", "row"} for example in broken["examples"]), "on-call can look them up"
    if gate != "gate_marts":  # the crosswalk is adopted before the marts are built
        assert rows(settings, "select * from identity.crosswalk order by record_id") == people
    assert rows(settings, "select state from ops.builds order by build_id") == [{"state": "built"}, {"state": "failed"}]


def test_gate__stops_transactions_without_a_customer(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody owns an account of the bank: each file of its delivery is sound by itself."""
    monkeypatch.setenv("BANK_DATA", str(settings.run_dir))
    write_days(settings, 100)
    folder = settings.inbox / "bank" / DAYS[0].isoformat()
    shutil.rmtree(folder)
    shutil.copytree(PROJECT_DIR / "tests" / "fixtures" / "bank", folder, ignore=shutil.ignore_patterns("bad", "warned"))
    with (folder / "trans.asc").open("a") as stream:
        stream.writelines(f'{number};22;981231;"PRIJEM";"VKLAD";1.00;1.00;"";;\n' for number in range(100, 200))
    right = (folder / "disp.asc").read_text()
    (folder / "disp.asc").write_text(right.replace('32;12;22;"OWNER"', '32;12;22;"DISPONENT"'))
    land(settings, DAYS[0])
    assert run_raw_gate(load_contracts(settings.sources_dir)["bank"], DAYS[0], settings.database_url, "raw").passed
    assert build(settings, "ownerless") == ("gate_marts", ["transactions_belong_to_customers"])
    (broken,) = rows(settings, "select * from ops.gate_results where run_id = 'ownerless' and outcome = 'failed'")
    assert broken["unexpected"] == 102
    assert broken["examples"][0]["file"] == "trans.asc"


def test_gate__mistyped_years_warn_and_leave_the_calendar_alone(settings: Settings) -> None:
    write_days(settings, 100)
    for system, pattern, old, new in (
        ("usage", "product_usage*", "2026-", "9999-"),
        ("service", "interactions*", "2026-11", "2206-11"),
        ("finance", "accounts*", '"occurred_at": "2026', '"occurred_at": "1926'),
    ):
        path = next((settings.inbox / system / DAYS[0].isoformat()).glob(pattern))
        read, write = (gzip.decompress, gzip.compress) if path.suffix == ".gz" else (bytes, bytes)
        content = read(path.read_bytes())
        assert old.encode() in content, system
        path.write_bytes(write(content.replace(old.encode(), new.encode(), 1)))
    land(settings, DAYS[0])
    assert build(settings, "mistyped") == ("publish_marts", [])
    days = rows(settings, "select min(date_day) as first, max(date_day) as last from core.dim_time")
    assert days == [{"first": date(1970, 1, 1), "last": DAYS[0].replace(year=2027)}]
    warned = rows(
        settings,
        "select expectation, unexpected from ops.gate_results where run_id = 'mistyped' and outcome = 'warned'"
        " and expectation like '%%in_the_calendar' order by 1",
        [],
    )
    assert warned == [
        {"expectation": f"{fact}_in_the_calendar", "unexpected": 1}
        for fact in ("interactions_are", "product_usage_is", "transactions_are")
    ]


def test_gate__warns_of_released_rows_without_a_key(settings: Settings) -> None:
    """Landing quarantines them; a contract with another key would let them in."""
    write_days(settings, 100)
    land(settings, DAYS[0])
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("update raw_usage.product_usage set subscription_id = ' ' where _row = 3")
        connection.execute("update raw_demographics.customers set ref = '', id = null where _row = 2")
    assert build(settings, "keyless") == ("publish_marts", [])
    (broken,) = rows(
        settings,
        "select unexpected, examples from ops.gate_results where run_id = 'keyless' and outcome = 'warned'"
        " and expectation = 'released_rows_have_a_key'",
    )
    assert broken["unexpected"] == 2
    assert {(example["file"].partition("_2")[0], example["row"]) for example in broken["examples"]} == {
        ("customers", "2"), ("product_usage", "3"),
    }  # fmt: skip
