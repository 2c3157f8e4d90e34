"""How the database plans the queries of an increment, which look for few records among many."""

from __future__ import annotations

import psycopg


def prefer_lookups(connection: psycopg.Connection) -> None:
    """Look the few records up by index or hash, for the rest of the transaction, in place of reading or sorting all."""
    connection.execute("set local random_page_cost = 1.1")  # the indexes are in memory for the most part
    connection.execute("set local enable_mergejoin = off")  # it would sort all records to find a few
