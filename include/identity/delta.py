"""Brings identity.records and identity.compared to what the comparable records say now: only what changed is touched.

A record whose content hash is the same is neither fetched nor standardised; the database compares the hashes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from include.identity.model import COLUMNS
from include.identity.records import DELIVERY, STORED, compared_row, standardise_record
from include.identity.standardise import VERSION
from include.identity.stewards.corrections import Corrections, correct_rows

CHUNK = 20_000
# A hash of what each record says: it changes with the record, with a steward's correction, and with the rules that
# standardise it; not with a new delivery of the same. A record whose date of birth lies after its delivery is another
# once that day is past.
HASHES = """create temp table comparable_hashes on commit drop as
select comparable.record_id, md5(concat_ws('|', {version}, {names}, comparable.date_of_birth <= comparable.batch_date,
    {digest}, row({columns})::text)) as content_hash from intermediate.int_people__comparable as comparable
{corrected}"""
CORRECTED = "left join corrected on comparable.record_id = corrected.record_id"
# The records that are new or changed, and those that are gone (is_removed).
TOUCHED = """create temp table touched on commit drop as select hashes.record_id, false as is_removed
from comparable_hashes as hashes left join identity.records as known on hashes.record_id = known.record_id
where known.content_hash is distinct from hashes.content_hash union all
select known.record_id, true from identity.records as known
where not exists (select from comparable_hashes as hashes where hashes.record_id = known.record_id)"""
FETCH = """select comparable.*, hashes.content_hash from touched
inner join comparable_hashes as hashes on touched.record_id = hashes.record_id
inner join intermediate.int_people__comparable as comparable on touched.record_id = comparable.record_id
order by touched.record_id"""


@dataclass(frozen=True)
class Delta:
    """How many records there are now, and how many were new or changed, or gone."""

    records: int
    changed: int
    removed: int


def apply_delta(connection: psycopg.Connection, corrections: Corrections) -> Delta:
    """Change identity.records and identity.compared in the caller's transaction.

    Leaves the temporary table `touched` (record_id, is_removed) to the rest of the transaction.
    """
    _hash_comparable(connection, corrections)
    connection.execute(TOUCHED)
    for table, column in (("records", "record_id"), ("compared", "unique_id")):
        connection.execute(f"delete from identity.{table} as t using touched where t.{column} = touched.record_id")
    changed = 0
    with connection.cursor(name="changed", row_factory=dict_row) as cursor:
        cursor.execute(FETCH)
        while rows := cursor.fetchmany(CHUNK):
            records = [standardise_record(row) for row in correct_rows(rows, corrections)]
            copy_rows(connection, "records", STORED, ([r[name] for name in STORED] for r in records))
            compared = (
                (*compared_row(record), row["first_seen_date"])
                for record, row in zip(records, rows, strict=True)
                if not record["links_by_id_only"]
            )
            copy_rows(connection, "compared", (*COLUMNS, "first_seen_date"), compared)
            changed += len(rows)
    counts = connection.execute(
        "select (select count(*) from comparable_hashes), (select count(*) from touched where is_removed)"
    ).fetchone()
    total, removed = counts or (0, 0)
    if changed + removed > total // 10:
        connection.execute("analyze identity.records")
        connection.execute("analyze identity.compared")
    # A GIN index takes what is written into a list first, of which every search reads all; the next steps search it.
    for index in ("records_identifiers", "compared_identifiers"):
        connection.execute("select gin_clean_pending_list(%s::regclass)", [f"identity.{index}"])
    return Delta(int(total), changed, int(removed))


def _hash_comparable(connection: psycopg.Connection, corrections: Corrections) -> None:
    connection.execute("create temp table corrected (record_id text primary key, digest text) on commit drop")
    with connection.cursor() as cursor:
        cursor.executemany("insert into corrected values (%s, %s)", [
            (record_id, repr(sorted((name, c.value) for name, c in fields.items())))
            for record_id, fields in sorted(corrections.items())
        ])  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("select * from intermediate.int_people__comparable limit 0")
        names = sorted(column.name for column in cursor.description or () if column.name not in DELIVERY)
    statement = sql.SQL(HASHES).format(
        version=sql.Literal(VERSION),
        names=sql.Literal(",".join(names)),
        columns=sql.SQL(", ").join(sql.Identifier("comparable", name) for name in names),
        # Without corrections their temporary table is left out: Postgres reads none on several cores.
        digest=sql.SQL("corrected.digest" if corrections else "null::text"),
        corrected=sql.SQL(CORRECTED if corrections else ""),
    )
    connection.execute("set local datestyle = 'ISO'")
    connection.execute(statement)
    connection.execute("analyze comparable_hashes")


def copy_rows(
    connection: psycopg.Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """COPY rows into a table of the schema identity."""
    statement = sql.SQL("copy identity.{} ({}) from stdin").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(list(row))
