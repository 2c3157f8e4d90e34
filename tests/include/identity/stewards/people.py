"""A linked warehouse with one pair in doubt, for the tests of the stewards' part."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
from psycopg.rows import dict_row

from include.identity.run import adopt_clusters, link_people
from include.identity.stewards.decisions import Decision, decide
from tests.include.identity.sample_people import comparable
from tests.include.identity.test_store import ANN, BOB, deliver

AS_OF = date(2026, 11, 16)
LEFT, RIGHT, OTHER = "finance/accounts/1", "usage/product_usage/1", "crm/customers/9"


def doubtful() -> list[dict[str, Any]]:
    """Mother and daughter who share all but the day of birth, and somebody else."""
    return [
        comparable(LEFT, **ANN, claimed_customer_id="C1"),
        comparable(RIGHT, **{**ANN, "date_of_birth": date(1950, 7, 9)}, claimed_customer_id="C1"),
        comparable(OTHER, **BOB),
    ]


def link(url: str, rows: list[dict[str, Any]] | None = None, as_of: date = AS_OF) -> None:
    """Deliver, link and adopt."""
    if rows is not None:
        deliver(url, rows)
    link_people(url, as_of)
    adopt_clusters(url, as_of)


def ask(url: str, statement: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute(statement, values).fetchall()


def put(url: str, **decision: Any) -> int:
    """Write one decision of olga's."""
    given = {"decided_by": "olga", "why": "seen"} | decision
    with psycopg.connect(url) as connection:
        return decide(connection, Decision(**given))
