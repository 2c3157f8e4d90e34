"""A batch that was held and is released gives one mail that says so, never two."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from include import db
from include.alerts import record_release, send_pending
from include.gates.checkpoint import Finding
from include.gates.outcome import write_findings
from include.runtime.postgres import free_port
from include.settings import Settings
from tests.include.alerts.test_outbox import DAY, RULE, fail, mail_server, mails

SUBJECT = "[customer360 all clear] crm 2026-11-16: released now"
HELD = "[customer360 critical] crm 2026-11-16: gate_raw__crm held"


@pytest.fixture
def settings(warehouse_url: str) -> Settings:
    return replace(Settings.from_env(), database_url=warehouse_url, smtp_url=f"smtp://127.0.0.1:{free_port()}")


def release(settings: Settings) -> bool:
    return record_release("crm", DAY, "another run", settings.database_url)


def test_record_release__one_mail_when_it_is_over(settings: Settings, tmp_path: Path) -> None:
    url = settings.database_url
    second = replace(RULE, column="email", name="pattern")
    write_findings(url, "gate_raw__crm", "a run", [Finding(RULE, 10, 4, []), Finding(second, 10, 9, [])], "crm", DAY)
    with mail_server(settings, tmp_path / "mail") as folder:
        assert send_pending(settings) == 1
        write_findings(url, "gate_raw__crm", "b", [Finding(RULE, 10, 0, []), Finding(second, 10, 0, [])], "crm", DAY)
        assert release(settings)
        assert not release(settings), "a rerun of the release"
        assert (send_pending(settings), send_pending(settings)) == (1, 0)
        subjects = {str(mail["Subject"]): mail for mail in mails(folder)}
    assert sorted(subjects) == [SUBJECT, HELD]
    text = subjects[SUBJECT].get_body(("plain",)).get_content()
    assert "held for: customers.email.pattern, customers.status.allowed" in text
    assert "/dags/land__crm/runs/another%20run" in text
    assert "Nothing. This mail is sent once." in text
    assert "broken" not in text


def test_record_release__held_anew_is_a_problem_anew(settings: Settings, tmp_path: Path) -> None:
    with mail_server(settings, tmp_path / "mail") as folder:
        for _ in range(2):
            fail(settings.database_url)
            fail(settings.database_url, unexpected=0)
            assert release(settings)
        send_pending(settings)
        assert [str(mail["Subject"]) for mail in mails(folder)].count(SUBJECT) == 2


def test_record_release__rule_that_the_contract_no_longer_has_is_over_too(settings: Settings) -> None:
    fail(settings.database_url)
    assert release(settings)
    with psycopg.connect(settings.database_url) as connection:
        assert connection.execute("select count(*) from ops.alerts where resolved_at is null").fetchone() == (0,)


def test_record_release__nothing_was_held(settings: Settings) -> None:
    assert not release(settings)
    fail(settings.database_url, rule=replace(RULE, severity="warning"))
    assert not release(settings), "a warning holds nothing"
    write_findings(settings.database_url, "gate_raw__crm", "a", [Finding(RULE, 9, 9, [])], "crm", DAY.replace(day=15))
    assert not release(settings), "another day"


def test_migrate__problems_of_an_earlier_version_get_no_all_clear(settings: Settings) -> None:
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("alter table ops.alerts drop column is_cleared; comment on schema ops is null")
        connection.execute(
            "insert into ops.alerts (notice, system, batch_date, gate, expectation, severity, detail, resolved_at)"
            " values (gen_random_uuid(), 'crm', %s, 'gate_raw__crm', 'old', 'critical', '{}', now())",
            [DAY],
        )
    db.migrate(settings.database_url)
    assert not release(settings)
    fail(settings.database_url)
    assert release(settings)
