"""Releases a batch to the builds, or holds it back. One transaction each."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import psycopg

from include import db


class BatchHeld(Exception):  # noqa: N818 - reads as what happened
    """A batch cannot be released while its gate holds a file of it; the message names the files."""


def release_batch(system: str, batch_date: date, url: str) -> bool:
    """Let builds read the batch; returns whether it holds files that were not released before.

    A file that landed after the gate judged the others waits for a verdict of its own. A released file gives way to
    newer ones of all its names. Raises BatchHeld where the gate holds a file of the batch.
    """
    with db.connect(url) as connection:
        _refuse_held(connection, system, batch_date)
        released = connection.execute(
            "update ops.files set state = 'released', changed_at = now()"
            " where system = %(system)s and batch_date = %(day)s and state = 'landed'"
            " and (judged_at is not null or not exists (select 1 from ops.files as f"
            " where f.system = %(system)s and f.batch_date = %(day)s and f.judged_at is not null))"
            " returning file_id, names",
            {"system": system, "day": batch_date},
        ).fetchall()
        taken = {name for _, names in released for name in names}
        connection.execute(
            db.read_sql("include/landing/give_way.sql"),
            {"system": system, "day": batch_date, "taken": list(taken), "released": [row[0] for row in released]},
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
            "update ops.files set state = 'held', judged_at = now(), changed_at = now()"
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


def waiting_files(system: str, batch_date: date, url: str) -> list[UUID]:
    """The files of the batch that wait for a verdict, or have one and are not released."""
    with db.connect(url) as connection:
        found = connection.execute(
            "select file_id from ops.files where system = %s and batch_date = %s and state in ('landed', 'held')",
            [system, batch_date],
        ).fetchall()
    return [file_id for (file_id,) in found]


def pass_batch(system: str, batch_date: date, url: str, file_ids: list[UUID] | None = None) -> None:
    """The gate lets files through, also such as it held before: these, or all of the batch."""
    covered = waiting_files(system, batch_date, url) if file_ids is None else file_ids
    with db.connect(url) as connection:
        connection.execute(
            "update ops.files set state = 'landed', judged_at = now(),"
            " changed_at = case when state = 'held' then now() else changed_at end"
            " where file_id = any(%s) and state in ('landed', 'held')",
            [covered],
        )
