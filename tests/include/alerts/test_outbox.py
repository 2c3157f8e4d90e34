"""One mail per problem, through a real SMTP server; an outage loses none; nothing is mailed twice."""

from __future__ import annotations

import email
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiosmtpd.controller import Controller

from include.alerts import Crash, record_crash, send_crash, send_pending
from include.gates.checkpoint import Finding
from include.gates.outcome import write_findings
from include.gates.rules import Rule
from include.runtime.mail_catcher import catch_mails
from include.runtime.postgres import free_port
from include.settings import Settings

DAY = date(2026, 11, 16)
RULE = Rule("allowed", "consistency", "critical", "", "customers", "customers", "status")
EXAMPLES = [{"file": "<b>customers</b>.csv", "row": "3"}]


@pytest.fixture
def settings(warehouse_url: str) -> Settings:
    return replace(Settings.from_env(), database_url=warehouse_url, smtp_url=f"smtp://127.0.0.1:{free_port()}")


@contextmanager
def mail_server(settings: Settings, folder: Path) -> Iterator[Path]:
    controller = catch_mails(int(settings.smtp_url.rsplit(":", 1)[1]), folder)
    yield folder
    controller.stop()


def mails(folder: Path) -> list[EmailMessage]:
    return [email.message_from_bytes(p.read_bytes(), policy=default) for p in sorted(folder.iterdir())]


def fail(url: str, unexpected: int = 4, rule: Rule = RULE) -> None:
    write_findings(url, "gate_raw__crm", "a run", [Finding(rule, 10, unexpected, [])], "crm", DAY)


def test_send__one_mail_says_what_where_and_what_to_do(settings: Settings, tmp_path: Path) -> None:
    fail(settings.database_url)
    with mail_server(settings, tmp_path / "mail") as folder:
        assert send_pending(settings) == 1
        assert send_pending(settings) == 0
        (mail,) = mails(folder)
    assert mail["Subject"] == "[customer360 critical] crm 2026-11-16: gate_raw__crm held"
    text = mail.get_body(("plain",)).get_content()
    assert "customers.status.allowed: 40 % of rows (4 broken of 10), none tolerated" in text
    assert "make backfill FROM=2026-11-16 TO=2026-11-16" in text
    assert "airflow backfill create --dag-id land__crm --from-date 2026-11-16" in text


def test_send__problems_of_one_gate_are_one_mail(settings: Settings, tmp_path: Path) -> None:
    other = replace(RULE, column="gender", severity="warning")
    findings = [Finding(RULE, 10, 4, EXAMPLES), Finding(other, 10, 4, [])]
    write_findings(settings.database_url, "gate_raw__crm", "a run", findings, "crm", DAY)
    with mail_server(settings, tmp_path / "mail") as folder:
        assert send_pending(settings) == 1
        html = mails(folder)[0].get_body(("html",)).get_content()
    assert "customers.gender.allowed" in html
    assert "&lt;b&gt;customers&lt;/b&gt;.csv row 3" in html


def test_send__outage_loses_no_mail(settings: Settings, tmp_path: Path) -> None:
    fail(settings.database_url)
    assert send_pending(settings) == 0
    with mail_server(settings, tmp_path / "mail") as folder:
        assert send_pending(settings) == 1
        assert len(mails(folder)) == 1


def test_send__open_problem_is_mailed_once_and_again_after_it_was_solved(settings: Settings, tmp_path: Path) -> None:
    with mail_server(settings, tmp_path / "mail"):
        fail(settings.database_url)
        assert send_pending(settings) == 1
        fail(settings.database_url)
        assert send_pending(settings) == 0
        fail(settings.database_url, unexpected=0)
        fail(settings.database_url)
        assert send_pending(settings) == 1


CRASH = Crash("land__crm", "a run", 0, None, "land", "crm", DAY)


def crash_subjects(settings: Settings, folder: Path, *crashes: Crash) -> list[str]:
    with mail_server(settings, folder) as mail_folder:
        for crash in crashes:
            record_crash(crash, settings.database_url)
            send_pending(settings)
        return [str(mail["Subject"]) for mail in mails(mail_folder)]


def test_record_crash__speaks_only_where_no_gate_has(settings: Settings) -> None:
    assert record_crash(replace(CRASH, run_id="another run"), settings.database_url)
    fail(settings.database_url)
    assert not record_crash(CRASH, settings.database_url)
    with psycopg.connect(settings.database_url) as connection:
        gates = connection.execute("select gate from ops.alerts order by alert_id").fetchall()
    assert gates == [("run",), ("gate_raw__crm",)]


def test_record_crash__gate_that_spoke_before_the_run_was_cleared_does_not_count(settings: Settings) -> None:
    fail(settings.database_url)
    cleared = replace(CRASH, attempt=1, since=datetime.now(UTC) + timedelta(seconds=1))
    assert record_crash(cleared, settings.database_url)


def test_record_crash__every_crash_is_mailed_once(settings: Settings, tmp_path: Path) -> None:
    subject = "[customer360 critical] land__crm 2026-11-16: a run ended without finishing"
    again, other = replace(CRASH, attempt=1), replace(CRASH, run_id="another run")
    assert crash_subjects(settings, tmp_path / "mail", CRASH, CRASH, again, other) == [subject] * 3


def test_crash__of_another_dag_names_it_and_what_to_do(settings: Settings, tmp_path: Path) -> None:
    crash = replace(CRASH, dag_id="send_alerts", system=None, batch_date=None)
    with mail_server(settings, tmp_path / "mail") as folder:
        send_crash(crash, settings)
        (mail,) = mails(folder)
    assert mail["Subject"] == "[customer360 critical] send_alerts: a run ended without finishing"
    text = mail.get_body(("plain",)).get_content()
    assert f"{settings.ui_url}/dags/send_alerts" in text
    assert "Clear the run" in text
    assert "mended delivery" not in text


def test_send__address_that_is_none_fails_no_task(settings: Settings) -> None:
    fail(settings.database_url)
    assert send_pending(replace(settings, smtp_url="smtp://mail.example:port")) == 0


def test_send__system_that_has_delivered_nothing_is_said_so(settings: Settings, tmp_path: Path) -> None:
    rule = Rule("batch_delivered", "timeliness", "warning", "", "batch", None, None)
    findings = [Finding(rule, 1, 1, [{"_file_id": None, "_row": 0}])]
    write_findings(settings.database_url, "gate_raw__crm", "a run", findings, "crm", DAY)
    with mail_server(settings, tmp_path / "mail") as folder:
        send_pending(settings)
        (mail,) = mails(folder)
    assert mail["Subject"] == "[customer360 warning] crm 2026-11-16: no delivery"
    text = mail.get_body(("plain",)).get_content()
    assert "inbox/crm/2026-11-16/ is empty or absent" in text
    assert "_row" not in text
    assert "for the delivery" in text
    assert "the day is built without crm" in text


class Odd:
    """A server that refuses whom it is told to, hangs up where it has no answer, and says goodbye with an error."""

    def __init__(self, refused: str = "", data: str = "250 OK") -> None:
        self.refused, self.data, self.connections, self.taken = refused, data, 0, 0

    async def handle_EHLO(self, server: Any, session: Any, _envelope: Any, hostname: str) -> str:  # noqa: N802
        self.connections += 1
        session.host_name = hostname
        if not self.data:
            server.transport.close()
        return "250 HELP"

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address == self.refused:
            return "550 nobody"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, *_: Any) -> str:  # noqa: N802
        self.taken += 1
        return self.data

    async def handle_QUIT(self, *_: Any) -> str:  # noqa: N802
        return "421 closing"


@contextmanager
def odd_server(settings: Settings, odd: Odd) -> Iterator[Odd]:
    controller = Controller(odd, hostname="127.0.0.1", port=int(settings.smtp_url.rsplit(":", 1)[1]))
    controller.start()
    yield odd
    controller.stop()


def test_send__mail_that_was_taken_is_sent_whatever_the_goodbye(settings: Settings) -> None:
    fail(settings.database_url)
    with odd_server(settings, Odd()) as odd:
        assert (send_pending(settings), send_pending(settings)) == (1, 0)
    assert odd.taken == 1


def test_send__refused_recipient_is_told_and_the_others_are_not_mailed_twice(settings: Settings) -> None:
    settings = replace(settings, alert_to=("a@x.example", "gone@x.example"))
    fail(settings.database_url)
    with odd_server(settings, Odd(refused="gone@x.example")) as odd:
        assert (send_pending(settings), send_pending(settings)) == (1, 0)
    assert odd.taken == 1
    with psycopg.connect(settings.database_url) as connection:
        assert connection.execute("select last_error from ops.alerts").fetchone() == ("1 of 2 recipients refused",)


@pytest.mark.parametrize(("data", "asked"), [("", 1), ("554 not this one", 2)], ids=["server_down", "mail_refused"])
def test_send__server_that_is_down_is_asked_once(data: str, asked: int, settings: Settings) -> None:
    fail(settings.database_url)
    fail(settings.database_url, rule=replace(RULE, column="gender"))
    with odd_server(settings, Odd(data=data)) as odd:
        assert send_pending(settings) == 0
    assert odd.connections == asked
