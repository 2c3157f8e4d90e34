"""How many facts hang on a record: what a question of the review queue is worth."""

from __future__ import annotations

from collections.abc import Collection

import psycopg


def read_facts(connection: psycopg.Connection, records: Collection[str] | None = None) -> dict[str, int]:
    """The number of facts by record id, of these records or of all; dbt counts them before the linking.

    Records without facts may be missing.
    """
    known = connection.execute("select to_regclass('intermediate.int_people__fact_counts')").fetchone()
    if not (known and known[0]):
        return {}
    query = "select record_id, fact_count from intermediate.int_people__fact_counts"
    if records is None:
        found = connection.execute(query)
    else:
        found = connection.execute(f"{query} where record_id = any(%s)", [list(records)])
    return {str(record_id): int(count) for record_id, count in found}
