"""Times and counts of every step, in ops.steps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from include import db


@contextmanager
def record_step(
    url: str, dag_id: str, run_id: str, step: str, system: str | None = None, batch_date: date | None = None
) -> Iterator[dict[str, object]]:
    """Record that a step runs, then how it ended; the caller fills the yielded dict with counts.

    A step whose process is killed stays in state `running` until its next try, or the end of its run, marks it failed.
    """
    with db.connect(url) as connection:
        connection.execute(
            "update ops.steps set state = 'failed', ended_at = clock_timestamp()"
            " where (dag_id, run_id, step, state) = (%s, %s, %s, 'running')",
            [dag_id, run_id, step],
        )
        row = connection.execute(
            "insert into ops.steps (dag_id, run_id, step, system, batch_date, state)"
            " values (%s, %s, %s, %s, %s, 'running') returning step_id",
            [dag_id, run_id, step, system, batch_date],
        ).fetchone()
    counts: dict[str, object] = {}
    state = "failed"
    try:
        yield counts
        state = "success"
    finally:
        with db.connect(url) as connection:
            connection.execute(
                "update ops.steps set state = %s, counts = %s, ended_at = clock_timestamp() where step_id = %s",
                [state, json.dumps(counts, default=str), row[0] if row else None],
            )
