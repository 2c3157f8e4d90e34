"""How the database plans the queries of an increment, which look for few records among many."""

from __future__ import annotations

import psycopg


def prefer_lookups(connection: psycopg.Connection) -> None:
    """For the rest of the transaction: indexes stand in memory for the most part, and many are not sorted for few."""
    connection.execute("set local random_page_cost = 1.1")
    connection.execute("set local enable_mergejoin = off")
