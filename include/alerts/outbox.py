"""The outbox: problems wait in ops.alerts until the mail server has taken them."""

from __future__ import annotations

import json
import smtplib
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
from psycopg.rows import dict_row

from include import db
from include.alerts.compose import Notice, compose_mail
from include.settings import Settings

TIMEOUT_S = 10
# Errors of smtplib after which another mail may pass; any other one is the server's or the network's.
ABOUT_ONE_MAIL = (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError)


@dataclass(frozen=True)
class Crash:
    """A run that ended without finishing. `attempt` counts how often the run was cleared, `since` is its last start."""

    dag_id: str
    run_id: str
    attempt: int
    since: datetime | None
    task_id: str | None
    system: str | None
    batch_date: date | None

    @property
    def detail(self) -> dict[str, Any]:
        """What an alert of it holds."""
        return {"error": f"ended in {self.task_id or 'an unknown task'}", "run_id": self.run_id,
                "attempt": self.attempt}  # fmt: skip


def record_crash(crash: Crash, url: str) -> bool:
    """Open an alert for the crash; False where a gate has spoken in this attempt of the run.

    A crash is an event: another run or another attempt that dies is another problem, and has its own mail.
    """
    with db.connect(url) as connection:
        spoken = connection.execute(
            "select 1 from ops.gate_results where run_id = %s and outcome = 'failed' and system is not distinct from %s"
            " and (%s::timestamptz is null or checked_at >= %s) limit 1",
            [crash.run_id, crash.system, crash.since, crash.since],
        ).fetchone()
        if spoken:
            return False
        connection.execute(
            "update ops.alerts set resolved_at = now() where gate = 'run' and expectation = %s and resolved_at is null"
            " and batch_date is not distinct from %s and (detail ->> 'run_id', detail ->> 'attempt') <> (%s, %s)",
            [crash.dag_id, crash.batch_date, crash.run_id, str(crash.attempt)],
        )
        connection.execute(
            "insert into ops.alerts (notice, system, batch_date, gate, expectation, severity, detail)"
            " values (%s, %s, %s, 'run', %s, 'critical', %s) on conflict do nothing",
            [uuid.uuid4(), crash.system, crash.batch_date, crash.dag_id, json.dumps(crash.detail)],
        )
    return True


def send_crash(crash: Crash, settings: Settings) -> None:
    """Mail a crash without the outbox, for when the warehouse that holds it is down; raises what the sending raises."""
    problem = {"expectation": crash.dag_id, "severity": "critical", "detail": crash.detail}
    _send(compose_mail(Notice(crash.system, crash.batch_date, "run", [problem]), settings), settings.smtp_url)


def send_pending(settings: Settings) -> int:
    """Send every notice that waits, one mail each; returns how many were sent.

    A mail server that is down leaves them waiting, with the attempt counted; no exception leaves this function for
    it, since an alert must not fail the task that raised it. The rest is then not tried: it would cost the task the
    same wait for each.
    """
    sent = 0
    with psycopg.connect(settings.database_url, row_factory=dict_row) as connection:
        waiting = connection.execute(
            "select notice from ops.alerts where sent_at is null group by notice order by min(alert_id)"
        ).fetchall()
    for row in waiting:
        try:
            sent += _send_notice(settings, row["notice"])
        except _ServerIsDownError:
            break
    return sent


class _ServerIsDownError(Exception):
    """No mail can be sent now, whatever it says."""


def _send_notice(settings: Settings, notice_id: uuid.UUID) -> int:
    """Send one notice under a row lock, so that two senders do not mail it twice."""
    is_down = False
    with psycopg.connect(settings.database_url, row_factory=dict_row) as connection:
        problems = connection.execute(
            "select * from ops.alerts where notice = %s and sent_at is null order by alert_id for update skip locked",
            [notice_id],
        ).fetchall()
        if not problems:
            return 0
        first = problems[0]
        notice = Notice(first["system"], first["batch_date"], first["gate"], problems)
        try:
            refused = _send(compose_mail(notice, settings), settings.smtp_url)
        except Exception as error:  # whatever keeps a mail back must not fail the task that raised it
            is_down = isinstance(error, OSError) and not isinstance(error, ABOUT_ONE_MAIL)
            connection.execute(
                "update ops.alerts set attempts = attempts + 1, last_error = %s where notice = %s",
                [type(error).__name__, notice_id],
            )
        else:
            # The others have it; to send it again would mail them twice.
            note = f"{refused} of {len(settings.alert_to)} recipients refused" if refused else None
            connection.execute(
                "update ops.alerts set sent_at = now(), attempts = attempts + 1, last_error = %s where notice = %s",
                [note, notice_id],
            )
            return 1
    if is_down:
        raise _ServerIsDownError
    return 0


def _send(mail: EmailMessage, smtp_url: str) -> int:
    """Send the mail; returns how many of its recipients the server has refused, where it took it for others."""
    url = urlsplit(smtp_url)
    connect = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    server = connect(url.hostname or "127.0.0.1", url.port or 25, timeout=TIMEOUT_S)
    try:
        if parse_qs(url.query).get("starttls") == ["1"]:
            server.starttls()
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        refused = len(server.send_message(mail))
        with suppress(OSError):  # the server has taken the mail, however it says goodbye
            server.quit()
        return refused
    finally:
        server.close()
