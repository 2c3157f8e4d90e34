"""Releases a batch to the builds, or holds it back. One transaction each."""

from __future__ import annotations

from datetime import date

import psycopg

from include import db


class BatchHeld(Exception):  # noqa: N818 - reads as what happened
    """A batch cannot be released while its gate holds a file of it; the message names the files."""


def release_batch(system: str, batch_date: date, url: str) -> bool:
    """Let builds read the batch; returns whether it holds files that were not released before.

    A released file gives way to a newer one of its name. Raises BatchHeld where the gate holds a file of the batch.
    """
    with db.connect(url) as connection:
        _refuse_held(connection, system, batch_date)
        released = connection.execute(
            "update ops.files set state = 'released', changed_at = now()"
            " where system = %s and batch_date = %s and state = 'landed' returning file_id, name",
            [system, batch_date],
        ).fetchall()
        connection.execute(
            "update ops.files set state = 'superseded', changed_at = now() where system = %s and batch_date = %s"
            " and state = 'released' and name = any(%s) and not file_id = any(%s)",
            [system, batch_date, [name for _, name in released], [file_id for file_id, _ in released]],
        )
        connection.execute(
            "update ops.batches set state = 'released', reason = null, changed_at = now()"
            " where system = %s and batch_date = %s",
            [system, batch_date],
        )
    return bool(released)


def _refuse_held(connection: psycopg.Connection, system: str, batch_date: date) -> None:
    held = connection.execute(
        "select name from ops.files where system = %s and batch_date = %s and state = 'held' order by name",
        [system, batch_date],
    ).fetchall()
    if held:
        names = ", ".join(name for (name,) in held)
        raise BatchHeld(f"{system} {batch_date}: {names} held by the gate; clear the run from the gate on")


def hold_batch(system: str, batch_date: date, reason: str, url: str) -> None:
    """Keep what has landed of the batch from the builds; what was released before stays released, absent is absent."""
    with db.connect(url) as connection:
        connection.execute(
            "update ops.files set state = 'held', changed_at = now()"
            " where system = %s and batch_date = %s and state = 'landed'",
            [system, batch_date],
        )
        connection.execute(
            "update ops.batches set state = 'held', reason = %s, changed_at = now()"
            " where system = %s and batch_date = %s and state in ('landed', 'held') and not exists"
            " (select 1 from ops.files as f where f.system = batches.system and f.batch_date = batches.batch_date"
            " and f.state = 'released')",
            [reason, system, batch_date],
        )


def pass_batch(system: str, batch_date: date, url: str) -> None:
    """Undo a hold: the gate has judged the held files anew and lets them through."""
    with db.connect(url) as connection:
        connection.execute(
            "update ops.files set state = 'landed', changed_at = now()"
            " where system = %s and batch_date = %s and state = 'held'",
            [system, batch_date],
        )
