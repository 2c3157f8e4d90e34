"""One mail when a batch that was held is released: whoever was called for it hears that it is over."""

from __future__ import annotations

import json
import uuid
from datetime import date

from include import db


def record_release(system: str, batch_date: date, run_id: str, url: str) -> bool:
    """Put one all-clear, for all problems that held the batch, into the outbox; False where none is due.

    Called after the release. A problem is cleared once, in the transaction that writes the mail, so a rerun of the
    release says nothing; a batch that is held anew has new problems, and an all-clear of its own. Rules that the
    contract no longer has are over, too.
    """
    gate = f"gate_raw__{system}"
    with db.connect(url) as connection:
        over = connection.execute(
            "update ops.alerts set is_cleared = true, resolved_at = coalesce(resolved_at, now())"
            " where system = %s and batch_date = %s and gate = %s and severity = 'critical' and not is_cleared"
            " returning expectation",
            [system, batch_date, gate],
        ).fetchall()
        if not over:
            return False
        detail = {"rules": sorted({expectation for (expectation,) in over}), "run_id": run_id}
        connection.execute(
            "insert into ops.alerts (notice, system, batch_date, gate, expectation, severity, detail, resolved_at,"
            " is_cleared) values (%s, %s, %s, %s, 'released', 'cleared', %s, now(), true)",
            [uuid.uuid4(), system, batch_date, gate, json.dumps(detail)],
        )
    return True
