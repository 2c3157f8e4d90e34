"""Which pairs of records are compared: those that a blocking rule brings together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# The pairs of so many records with all others are found at once: what is in memory at a time does not grow with them.
AT_ONCE = 200_000


def block_pairs(
    connection: Any, table: str, blocked: str, rules: Sequence[dict[str, Any]], at_once: int = AT_ONCE
) -> None:
    """Make the table `blocked` of the pairs of rows of `table` that a rule (as Splink writes it) brings together.

    `unique_id` numbers the rows from 0. Splink finds the same pairs in five times the time: each of its rules asks
    whether one of those before it has the pair, too; here a pair that several rules find is dropped at the end, by its
    two numbers.
    """
    connection.execute(f"create table {blocked} (match_key varchar, join_key_l int, join_key_r int)")
    (records,) = connection.execute(f"select count(*) from {table}").fetchone()
    for start in range(0, records, at_once):
        some = f"l.unique_id between {start} and {start + at_once - 1}"
        found = " union all ".join(f"{_pairs_of(table, rule)} and {some}" for rule in rules)
        connection.execute(
            f"insert into {blocked} with found as ({found})"
            " select '0', (pair >> 32)::int, (pair & 4294967295)::int from (select distinct pair from found)"
        )


def _pairs_of(table: str, rule: dict[str, Any]) -> str:
    """The pairs of one rule, each as one number: the first record's, then the second's."""
    lists = rule.get("arrays_to_explode") or ()
    single = ", ".join(f"unnest({name}) as {name}" for name in lists)
    side = f"(select * replace ({single}) from {table})" if lists else table
    return (
        f"select (l.unique_id::bigint << 32) + r.unique_id as pair from {side} as l inner join {side} as r"
        f" on {rule['blocking_rule']} where l.unique_id < r.unique_id"
    )
