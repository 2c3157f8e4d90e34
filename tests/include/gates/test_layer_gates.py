"""One bad delivery per layer that the raw gate cannot know: its gate stops the build, nothing that is read changes."""

from __future__ import annotations

import csv
import email
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from include.alerts import send_pending
from include.runtime.mail_catcher import catch_mails
from include.runtime.postgres import free_port
from include.settings import Settings
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
    if gate != "gate_marts":  # the crosswalk is adopted before the marts are built
        assert rows(settings, "select * from identity.crosswalk order by record_id") == people
    assert rows(settings, "select state from ops.builds order by build_id") == [{"state": "built"}, {"state": "failed"}]
