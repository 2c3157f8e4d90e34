"""Identity in the warehouse: reads comparable records and decisions, writes proposals, adopts them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from include import db
from include.identity.delta import copy_rows
from include.identity.in_force import note_shipped, read_model
from include.identity.increment.planning import prefer_lookups
from include.identity.kept_links import find_kept_links
from include.identity.keys import Assignment, assign_keys
from include.identity.people import Linking
from include.identity.population import copy_table
from include.identity.records import standardise_record
from include.identity.stewards.queue import Reviews, adopt_reviews, write_reviews

# The folders of the SQL for an adoption: one that looks at everybody, and one after increments alone.
EVERYBODY, INCREMENT = "include/identity", "include/identity/increment"
LINK_COLUMNS = ("record_id_l", "record_id_r", "probability", "match_weight", "reason", "model_version")


def read_comparable(url: str) -> list[dict[str, Any]]:
    """The rows of intermediate.int_people__comparable, in order of record id."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute("select * from intermediate.int_people__comparable order by record_id").fetchall()


def read_standardised(url: str) -> dict[str, dict[str, Any]]:
    """The rows of identity.records as the last linking left them, by record id."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return {row["record_id"]: row for row in connection.execute("select * from identity.records").fetchall()}


def standardise_all(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each comparable record as a row of identity.records."""
    return [standardise_record(row) for row in rows]


def read_decisions(url: str) -> list[tuple[str, str, str]]:
    """The stewards' decisions in force: (record, record, same or different), the latest of a pair last."""
    with db.connect(url) as connection:
        rows = connection.execute(
            "select record_id_l, record_id_r, decision from identity.decisions_in_force"
            " where decision in ('same', 'different') order by decision_id"
        ).fetchall()
    return [(str(left), str(right), str(decision)) for left, right, decision in rows]


def write_proposals(connection: psycopg.Connection, linking: Linking, reviews: Reviews, among: str | None) -> None:
    """Replace what the last linking proposed, in the caller's transaction.

    Where only a part was linked anew, its records and those that are gone are in the temporary table `among`.
    """
    first = 0
    if among:
        connection.execute(f"delete from identity.proposed_clusters where record_id in (select record_id from {among})")
        # What is known of a pair stays where one of the two was not linked anew and neither has changed.
        connection.execute(
            f"delete from identity.proposed_links as known using {among} as l, {among} as r"
            " where known.record_id_l = l.record_id and known.record_id_r = r.record_id"
        )
        for side in ("record_id_l", "record_id_r"):
            connection.execute(
                f"delete from identity.proposed_links as known using touched where known.{side} = touched.record_id"
            )
        connection.execute(f"insert into identity.unadopted select record_id from {among} on conflict do nothing")
        row = connection.execute("select coalesce(max(cluster_id), -1) + 1 from identity.proposed_clusters").fetchone()
        first = int(row[0]) if row else 0
    else:
        connection.execute("truncate identity.proposed_clusters, identity.proposed_links")
    clusters = {"record_id": list(linking.clusters), "cluster_id": [first + n for n in linking.clusters.values()]}
    copy_table(connection, "proposed_clusters", pd.DataFrame(clusters))
    same = connection.execute(
        "select record_id_l, record_id_r from identity.decisions_in_force where decision = 'same'"
    ).fetchall()
    links = find_kept_links(linking.scored, linking.clusters, same)
    version = read_model(connection, hold=True).version
    copy_table(connection, "proposed_links", links.assign(model_version=version)[list(LINK_COLUMNS)])
    connection.execute(db.read_sql("include/identity/steward_links.sql"), [version])
    if not among:
        # The next increment looks a few of them up, and may come before autovacuum has analysed them.
        connection.execute("analyze identity.proposed_clusters, identity.proposed_links")
    write_reviews(connection, reviews, among)


def adopt_proposals(url: str, as_of: date) -> tuple[Assignment, int]:
    """Make the proposed clusters the crosswalk: keys, events, links, review queue. A rerun finds nothing to change.

    Only people whose records are not the same as before are looked at; after increments, only for such among those that
    were linked anew. Returns what was assigned to them, and the number of customers.
    """
    with db.connect(url) as connection:
        folder = _choose_folder(connection)
        if folder == INCREMENT:
            prefer_lookups(connection)
            connection.execute("analyze identity.unadopted")
        # The temporary table `standing` (record_id, cluster_id, customer_key): everybody who may have to change.
        connection.execute(db.read_sql(f"{folder}/standing.sql"))
        connection.execute("analyze standing")
        connection.execute(db.read_sql("include/identity/affected.sql"))
        old = dict(connection.execute("select record_id, customer_key from affected where customer_key is not null"))
        clusters = dict(connection.execute("select record_id, cluster_id from affected where cluster_id is not null"))
        former = connection.execute("select record_id, home_key, last_key from affected").fetchall()
        homes = {r: home for r, home, _ in former if home is not None}
        last = {r: key for r, _, key in former if key is not None}
        result = assign_keys(old, clusters, _following(connection, "customer_keys", "customer_key"), homes, last)
        _write_keys(connection, result, as_of)
        _write_events(connection, result, as_of)
        connection.execute(
            "delete from identity.crosswalk using affected where affected.record_id = crosswalk.record_id"
        )
        copy_rows(connection, "crosswalk", ("record_id", "customer_key"), sorted(result.crosswalk.items()))
        connection.execute(db.read_sql(f"{folder}/adopt_links.sql"))
        adopt_reviews(connection, as_of)
        note_shipped(connection)
        connection.execute("update identity.linkings set is_adopted = true where not is_adopted")
        connection.execute("delete from identity.unadopted")
        if folder == EVERYBODY:
            connection.execute("analyze identity.crosswalk, identity.links, identity.key_events")
        row = connection.execute(
            "select count(*) from (select from identity.crosswalk group by customer_key) as customers"
        ).fetchone()
    return result, int(row[0]) if row else 0


def _choose_folder(connection: psycopg.Connection) -> str:
    """Where the SQL for this adoption is: INCREMENT where every linking since the last adoption was one."""
    row = connection.execute(
        "select count(*) > 0 and bool_and(is_adopted or mode = 'incremental') from identity.linkings"
    ).fetchone()
    return INCREMENT if row and row[0] else EVERYBODY


def _following(connection: psycopg.Connection, table: str, column: str) -> int:
    """The number after the largest. Not a sequence: those skip numbers after a rollback or a crash."""
    name = sql.Identifier(column)
    query = sql.SQL("select coalesce(max({}), 0) + 1 from identity.{}").format(name, sql.Identifier(table))
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 1


def _write_keys(connection: psycopg.Connection, result: Assignment, as_of: date) -> None:
    copy_rows(connection, "customer_keys", ("customer_key", "minted_batch_date"), ((k, as_of) for k in result.minted))
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
    copy_rows(connection, "key_events", columns, (
        (event_id, e.event, e.customer_key, e.other_key, e.record_id, as_of, e.reason)
        for event_id, e in enumerate(result.events, start=number)
    ))  # fmt: skip
