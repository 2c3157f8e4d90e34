"""Which systems know the same people, and which know whom nobody else knows."""

from __future__ import annotations

from include import db


def measure_overlap(url: str) -> int:
    """Write the overlap and the gaps of the systems as of the newest batch, in the place of earlier ones of that day.

    Returns the number of systems that know anybody.
    """
    with db.connect(url) as connection:
        for table in ("system_overlap", "system_sets", "system_gaps"):
            connection.execute(
                f"delete from ops.{table} where as_of_date = (select max(batch_date) from ops.build_files)"
            )
        return connection.execute(db.read_sql("include/quality/overlap.sql")).rowcount
