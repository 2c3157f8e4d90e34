"""The outbox: problems wait in ops.alerts until the mail server has taken them."""

from __future__ import annotations

import json
import smtplib
import uuid
from datetime import date
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
from psycopg.rows import dict_row

from include import db
from include.alerts.compose import Notice, compose_mail
from include.settings import Settings

TIMEOUT_S = 10


def record_crash(
    dag_id: str, run_id: str, task_ids: list[str], system: str | None, batch_date: date | None, url: str
) -> bool:
    """Open an alert for a run that ended without finishing; False where a gate of the run has spoken already."""
    with db.connect(url) as connection:
        spoken = connection.execute(
            "select 1 from ops.gate_results where run_id = %s and outcome = 'failed'"
            " and (system is not distinct from %s or system is null) limit 1",
            [run_id, system],
        ).fetchone()
        if spoken:
            return False
        detail = {"error": f"ended in {', '.join(task_ids) or 'an unknown task'}", "run_id": run_id}
        connection.execute(
            "insert into ops.alerts (notice, system, batch_date, gate, expectation, severity, detail)"
            " values (%s, %s, %s, 'run', %s, 'critical', %s) on conflict do nothing",
            [uuid.uuid4(), system, batch_date, dag_id, json.dumps(detail)],
        )
    return True


def send_pending(settings: Settings) -> int:
    """Send every notice that waits, one mail each; returns how many were sent.

    A mail server that is down leaves them waiting, with the attempt counted; no exception leaves this function for
    it, since an alert must not fail the task that raised it.
    """
    sent = 0
    with psycopg.connect(settings.database_url, row_factory=dict_row) as connection:
        waiting = connection.execute(
            "select notice from ops.alerts where sent_at is null group by notice order by min(alert_id)"
        ).fetchall()
    for row in waiting:
        sent += _send_notice(settings, row["notice"])
    return sent


def _send_notice(settings: Settings, notice_id: uuid.UUID) -> int:
    """Send one notice under a row lock, so that two senders do not mail it twice."""
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
            _send(compose_mail(notice, settings), settings.smtp_url)
        except (OSError, smtplib.SMTPException) as error:
            connection.execute(
                "update ops.alerts set attempts = attempts + 1, last_error = %s where notice = %s",
                [type(error).__name__, notice_id],
            )
            return 0
        connection.execute(
            "update ops.alerts set sent_at = now(), attempts = attempts + 1, last_error = null where notice = %s",
            [notice_id],
        )
        return 1


def _send(mail: EmailMessage, smtp_url: str) -> None:
    url = urlsplit(smtp_url)
    connect = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    with connect(url.hostname or "127.0.0.1", url.port or 25, timeout=TIMEOUT_S) as server:
        if parse_qs(url.query).get("starttls") == ["1"]:
            server.starttls()
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(mail)
