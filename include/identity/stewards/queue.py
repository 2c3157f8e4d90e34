"""The review queue in the warehouse: proposed with a linking, adopted with the keys, in the same transactions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg import sql

from include import db
from include.identity.people import Linking
from include.identity.stewards.doubts import MEMBERS_SHOWN, Doubt, find_doubts
from include.identity.stewards.facts import read_facts
from include.identity.stewards.proposals import write_proposals_of_notes
from include.identity.stewards.weights import weigh_comparisons
from include.settings import Settings

ITEM_COLUMNS = ("item_id", "kind", "record_id_l", "record_id_r", "note_id", "field", "new_value", "probability",
                "value", "reason", "evidence", "batch_date")  # fmt: skip

# The items of pairs that were linked anew or of which a record has changed; of others nothing new is known, and they
# stay. Notes are not counted: each adoption proposes them anew.
GONE = """with gone as (delete from identity.proposed_reviews
    where (record_id_l in (select record_id from {among}) and record_id_r in (select record_id from {among}))
    or record_id_l in (select record_id from touched) or record_id_r in (select record_id from touched)
    returning kind)
select kind, count(*) from gone where kind <> 'note' group by kind"""
SURPLUS = """
delete from identity.proposed_reviews where item_id in (
    select item_id from identity.proposed_reviews where kind <> 'note' order by value desc, item_id offset %s
)
"""


@dataclass(frozen=True)
class Reviews:
    """What a linking proposes for the queue: the items that fit, and how many there were of each kind."""

    items: list[Doubt]
    found: dict[str, int]


def collect_reviews(
    url: str,
    linking: Linking,
    decisions: Iterable[tuple[str, str, str]],
    model: dict[str, Any],
    is_part: bool,
) -> Reviews:
    """The doubts that a linking leaves, at most as many as the queue holds, each with the weights of its pair.

    `model` are the settings by which the pairs of `linking` were scored; `is_part`: it is that of an increment.
    """
    with db.connect(url) as connection:
        facts = read_facts(connection, list(linking.clusters) if is_part else None)
    found = find_doubts(linking.people, linking.scored, linking.clusters, decisions, facts, linking.undecided)
    items = found[: Settings.from_env().review_queue_size]
    pairs = [(doubt.record_id_l, doubt.record_id_r) for doubt in items]
    bars = weigh_comparisons(linking.frame, model, pairs, linking.frequencies, linking.population)
    for doubt, comparisons in zip(items, bars, strict=True):
        doubt.comparisons = with_remainder(comparisons, doubt)
    return Reviews(items, dict(Counter(doubt.kind for doubt in found)))


def with_remainder(comparisons: list[dict[str, Any]], doubt: Doubt) -> list[dict[str, Any]]:
    """A shared customer id counts beyond the model: what it adds is a bar of its own."""
    if doubt.weight is None or not comparisons:
        return comparisons
    missing = doubt.weight - sum(bar["weight"] for bar in comparisons)
    if abs(missing) < 0.01:
        return comparisons
    return [*comparisons, {"name": "shared id", "level": doubt.link or "", "weight": round(missing, 4)}]


def write_reviews(connection: psycopg.Connection, reviews: Reviews, among: str | None = None) -> None:
    """Replace what the last linking proposed for the queue; of a part, only what GONE takes away for the table `among`.

    The number found of a part is that of the last linking, less the items that go, and those found now.
    """
    found = Counter(reviews.found)
    if among:
        query = sql.SQL(GONE).format(among=sql.Identifier(among))
        gone: Counter[str] = Counter(dict(connection.execute(query).fetchall()))
        before: Counter[str] = Counter(
            dict(connection.execute("select kind, found from identity.proposed_review_counts").fetchall())
        )
        found += before - gone
    else:
        connection.execute("delete from identity.proposed_reviews")
    connection.execute("delete from identity.proposed_review_counts")
    with connection.cursor() as cursor:
        copy_items(cursor, sql.Identifier("identity", "proposed_reviews"), reviews.items)
        cursor.executemany(
            "insert into identity.proposed_review_counts (kind, found) values (%s, %s)", sorted(found.items())
        )
        cursor.execute(SURPLUS, [Settings.from_env().review_queue_size])


def copy_items(cursor: psycopg.Cursor, table: sql.Identifier, doubts: Iterable[Doubt]) -> None:
    """COPY doubts into a table of the columns of the queue."""
    columns = sql.SQL(", ").join(map(sql.Identifier, ITEM_COLUMNS))
    with cursor.copy(sql.SQL("copy {} ({}) from stdin").format(table, columns)) as copy:
        for doubt in doubts:
            copy.write_row(_row(doubt))


def _row(doubt: Doubt) -> tuple[Any, ...]:
    evidence = {
        "weight": None if doubt.weight is None else round(doubt.weight, 4), "link": doubt.link,
        "uncertainty": round(doubt.uncertainty, 4),
        "left": {"records": len(doubt.side_l), "record_ids": doubt.side_l[:MEMBERS_SHOWN]},
        "right": {"records": len(doubt.side_r), "record_ids": doubt.side_r[:MEMBERS_SHOWN]},
        "comparisons": doubt.comparisons,
    }  # fmt: skip
    probability = None if doubt.weight is None else 1 / (1 + 2.0**-doubt.weight)
    return (doubt.item_id, doubt.kind, doubt.record_id_l, doubt.record_id_r, None, None, None, probability,
            doubt.value, doubt.reason, json.dumps(evidence), None)  # fmt: skip


def adopt_reviews(connection: psycopg.Connection, as_of: date) -> None:
    """Make the proposals the queue, in the caller's transaction. An item that stays keeps the day on which it came."""
    write_proposals_of_notes(connection, Settings.from_env().review_queue_size)
    connection.execute(db.read_sql("include/identity/stewards/adopt_queue.sql"), {"as_of": as_of})
