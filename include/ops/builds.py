"""Which released batches a build reads, and whether there is anything new to build."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date

import psycopg

from include import db


def begin_build(url: str, partition_key: str, run_id: str, inactive: Collection[str] = ()) -> bool:
    """Fix the files that this build reads; False where the last good build has read the same batches and decisions,
    and nobody has asked for a linking in full.

    Files of inactive systems are left out. A rerun of the same Airflow run goes on with the build it began. One
    transaction.
    """
    with db.connect(url) as connection:
        found = _released_batches(connection)
        released = {batch: content for batch, content in found.items() if batch.partition("/")[0] not in inactive}
        last = connection.execute(
            "select released_batches, last_decision_id from ops.builds where state = 'built'"
            " order by build_id desc limit 1"
        ).fetchone()
        decided = _last_decision(connection)
        is_asked = connection.execute("select from identity.relink_requests limit 1").fetchone() is not None
        is_new = bool(released) and (last is None or last != (released, decided) or is_asked)
        connection.execute("delete from ops.builds where run_id = %s and state <> 'built'", [run_id])
        connection.execute(
            "insert into ops.builds (partition_key, run_id, released_batches, last_decision_id, state, ended_at)"
            " values (%s, %s, %s, %s, %s, case when %s then null else clock_timestamp() end)",
            [partition_key, run_id, json.dumps(released), decided, "running" if is_new else "skipped", is_new],
        )
        if is_new:
            connection.execute(db.read_sql("include/ops/set_build_files.sql"))
            connection.execute("delete from ops.build_files where system = any(%s)", [list(inactive)])
        return is_new


def end_build(url: str, run_id: str, state: str) -> None:
    """Mark the run's latest build as `built` or `failed`; a run that was cleared may have several."""
    with db.connect(url) as connection:
        connection.execute(
            "update ops.builds set state = %s, ended_at = clock_timestamp()"
            " where build_id = (select max(build_id) from ops.builds where run_id = %s)",
            [state, run_id],
        )
        if state == "built":
            connection.execute("delete from identity.relink_requests where is_linked")


def end_crashed(url: str, dag_id: str, run_id: str) -> None:
    """Mark what a run that died has left `running`, its build and its steps, as `failed`."""
    with db.connect(url) as connection:
        connection.execute(
            "update ops.steps set state = 'failed', ended_at = clock_timestamp()"
            " where dag_id = %s and run_id = %s and state = 'running'",
            [dag_id, run_id],
        )
        connection.execute(
            "update ops.builds set state = 'failed', ended_at = clock_timestamp()"
            " where run_id = %s and state = 'running'",
            [run_id],
        )


def missed_its_build(url: str, system: str, day: date) -> bool:
    """Whether the day's latest build, however it ended, has not read the released content of this batch."""
    with db.connect(url) as connection:
        build = connection.execute(
            "select released_batches from ops.builds where partition_key = %s order by build_id desc limit 1",
            [day.isoformat()],
        ).fetchone()
        batch = f"{system}/{day}"
        return build is not None and build[0].get(batch) != _released_batches(connection).get(batch)


def as_of_date(url: str) -> date:
    """The newest batch date that the present build reads; everything that depends on time depends on it."""
    with db.connect(url) as connection:
        row = connection.execute("select max(batch_date) from ops.build_files").fetchone()
        if row is None or row[0] is None:
            raise ValueError("no released batch: land at least one system first")
        day: date = row[0]
        return day


def _last_decision(connection: psycopg.Connection) -> int:
    """Decisions are numbered in the order of their commits: see include/identity/stewards/decisions.py."""
    row = connection.execute("select coalesce(max(decision_id), 0) from identity.decisions").fetchone()
    return int(row[0]) if row else 0


def _released_batches(connection: psycopg.Connection) -> dict[str, str]:
    row = connection.execute(db.read_sql("include/ops/released_batches.sql")).fetchone()
    released: dict[str, str] = row[0] if row else {}
    return released
