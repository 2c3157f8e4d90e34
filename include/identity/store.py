"""Identity in the warehouse: reads comparable records, writes proposals, adopts them. One transaction each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from include import db
from include.identity.keys import Assignment, assign_keys
from include.identity.model import MODEL_FILE, MODEL_VERSION
from include.identity.records import STORED, hash_content, standardise_record
from include.identity.stewards.corrections import Corrections
from include.identity.stewards.decisions import write_applied
from include.identity.stewards.queue import Reviews, adopt_reviews, write_reviews

LINK_COLUMNS = ("record_id_l", "record_id_r", "probability", "match_weight", "reason", "model_version")


def read_comparable(url: str) -> list[dict[str, Any]]:
    """The rows of intermediate.int_people__comparable, in order of record id."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute("select * from intermediate.int_people__comparable order by record_id").fetchall()


def read_standardised(url: str) -> dict[str, dict[str, Any]]:
    """The rows of identity.records as the last linking left them, by record id."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return {row["record_id"]: row for row in connection.execute("select * from identity.records").fetchall()}


def standardise_all(
    rows: Sequence[dict[str, Any]], known: dict[str, dict[str, Any]] | None = None
) -> list[dict[str, Any]]:
    """Each comparable record as a row of identity.records; taken from `known` where its content is the same."""
    before = known or {}
    return [
        stored
        if (stored := before.get(row["record_id"])) and stored["content_hash"] == hash_content(row)
        else standardise_record(row)
        for row in rows
    ]


def read_decisions(url: str) -> list[tuple[str, str, str]]:
    """The stewards' decisions in force: (record, record, same or different), the latest of a pair last."""
    with db.connect(url) as connection:
        rows = connection.execute(
            "select record_id_l, record_id_r, decision from identity.decisions_in_force"
            " where decision in ('same', 'different') order by decision_id"
        ).fetchall()
    return [(str(left), str(right), str(decision)) for left, right, decision in rows]


def write_proposals(
    url: str,
    records: list[dict[str, Any]],
    clusters: dict[str, int],
    links: pd.DataFrame,
    reviews: Reviews | None = None,
    corrections: Corrections | None = None,
) -> None:
    """Replace identity.records and the proposals of the last linking, those for the stewards' queue among them.

    `corrections` are those that the records hold already; the golden records give them preference.
    """
    rows = links.assign(model_version=MODEL_VERSION)[list(LINK_COLUMNS)].itertuples(index=False, name=None)
    with db.connect(url) as connection:
        connection.execute("delete from identity.records")
        _copy(connection, "records", STORED, ([r[name] for name in STORED] for r in records))
        connection.execute("delete from identity.proposed_clusters")
        _copy(connection, "proposed_clusters", ("record_id", "cluster_id"), clusters.items())
        connection.execute("delete from identity.proposed_links")
        _copy(connection, "proposed_links", LINK_COLUMNS, rows)
        write_reviews(connection, reviews or Reviews([], {}))
        write_applied(connection, records, corrections or {})


def adopt_proposals(url: str, as_of: date) -> Assignment:
    """Make the proposed clusters the crosswalk: keys, events, links, review queue. A rerun finds nothing to change."""
    with db.connect(url) as connection:
        old = dict(connection.execute("select record_id, customer_key from identity.crosswalk").fetchall())
        clusters = dict(connection.execute("select record_id, cluster_id from identity.proposed_clusters").fetchall())
        former = connection.execute(db.read_sql("include/identity/former_keys.sql")).fetchall()
        homes, last = {r: home for r, home, _ in former}, {r: key for r, _, key in former if key is not None}
        result = assign_keys(old, clusters, _following(connection, "customer_keys", "customer_key"), homes, last)
        _write_keys(connection, result, as_of)
        _write_events(connection, result, as_of)
        connection.execute("delete from identity.crosswalk")
        _copy(connection, "crosswalk", ("record_id", "customer_key"), sorted(result.crosswalk.items()))
        connection.execute("delete from identity.links")
        connection.execute("insert into identity.links select * from identity.proposed_links")
        adopt_reviews(connection, as_of)
        connection.execute(
            "insert into identity.model_versions values (%s, %s, %s) on conflict do nothing",
            [MODEL_VERSION, hashlib.sha256(MODEL_FILE.read_bytes()).hexdigest(), "sample company"],
        )
    return result


def _following(connection: psycopg.Connection, table: str, column: str) -> int:
    """The number after the largest. Not a sequence: those skip numbers after a rollback or a crash."""
    name = sql.Identifier(column)
    query = sql.SQL("select coalesce(max({}), 0) + 1 from identity.{}").format(name, sql.Identifier(table))
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 1


def _write_keys(connection: psycopg.Connection, result: Assignment, as_of: date) -> None:
    _copy(connection, "customer_keys", ("customer_key", "minted_batch_date"), ((k, as_of) for k in result.minted))
    with connection.cursor() as cursor:
        # A key that was merged earlier into one that is merged now follows it: every key resolves in one step.
        cursor.executemany(
            "update identity.customer_keys set survivor_key = %s where (customer_key = %s or survivor_key = %s)"
            " and survivor_key is distinct from %s",
            [(survivor, key, key, survivor) for key, survivor in (result.survivors | result.resolved).items()],
        )
        cursor.executemany(
            "update identity.customer_keys set survivor_key = %s where customer_key = %s",
            [*((None, key) for key in result.restored), *((to, key) for key, to in result.resolved.items())],
        )


def _write_events(connection: psycopg.Connection, result: Assignment, as_of: date) -> None:
    number = _following(connection, "key_events", "event_id")
    columns = ("event_id", "event", "customer_key", "other_key", "record_id", "batch_date", "reason")
    _copy(connection, "key_events", columns, (
        (event_id, e.event, e.customer_key, e.other_key, e.record_id, as_of, e.reason)
        for event_id, e in enumerate(result.events, start=number)
    ))  # fmt: skip


def _copy(connection: psycopg.Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    statement = sql.SQL("copy identity.{} ({}) from stdin").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(list(row))
