"""Reads records out of the warehouse in columns, by COPY (no Python object per record), and counts what they hold."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql

from include import db
from include.identity.model import COLUMNS, MODEL_FILE, MOST_HOLDERS_OF_AN_ID
from include.identity.stewards.weights import frequent

IDENTIFIERS = ("claimed_customer_id", "email", "phone")
# Of identity.compared as `c`: the value of a record, unless too many hold it (see mark_crowded).
UNCROWDED = {
    name: f"case when c.{name} not in (select value from crowded where identifier = '{name}') then c.{name} end"
    for name in IDENTIFIERS
}
# What clustering and the search for doubts read of a record.
PEOPLE = ("record_id", "system", "claimed_customer_id", "first_name", "middle_name", "last_name", "date_of_birth",
          "birth_year")  # fmt: skip


def read_people(connection: psycopg.Connection, among: str | None = None) -> pd.DataFrame:
    """The columns PEOPLE of identity.records, sorted by record id; of those in the temporary table `among` only."""
    query = f"select {', '.join(PEOPLE)} from identity.records"
    if among:
        query += f" where record_id in (select record_id from {among})"
    people = read_columns(connection, query, PEOPLE)
    return people.sort_values("record_id", ignore_index=True)


def read_frame(connection: psycopg.Connection, among: str | None = None, flag: str | None = None) -> pd.DataFrame:
    """The linkage frame out of identity.compared, of all records or those in the temporary table `among`.

    An identifier with too many holders among all records is left out. `flag` is a temporary table whose records are
    marked by a column `is_new`. Without `among` there is a column `is_counted`: whether the record is of the population
    that frequencies are counted in, see read_reference_date.
    """
    mark_crowded(connection)
    columns = [*COLUMNS, *(["is_new"] if flag else []), *([] if among else ["is_counted"])]
    values = {name: f"c.{name}" for name in columns} | UNCROWDED
    crowded = "array(select value from crowded where identifier = 'identifiers')"
    kept = f"array(select unnest(c.identifiers) except all select unnest({crowded}))"
    values["identifiers"] = (
        f"nullif(array_to_string(case when c.identifiers && {crowded} then {kept} else c.identifiers end, '|'), '')"
    )
    values["aliases"] = "nullif(array_to_string(c.aliases, '|'), '')"
    if not among:
        values["is_counted"] = f"(c.first_seen_date <= '{read_reference_date(connection)}')::int"
    if flag:
        values["is_new"] = (
            f"(exists (select from {flag} as f where f.record_id = c.unique_id and not f.is_removed))::int"
        )
    query = f"select {', '.join(values[name] for name in columns)} from identity.compared as c"
    if among:
        query += f" where c.unique_id in (select record_id from {among})"
    return read_columns(connection, query, columns)


def read_nameless(connection: psycopg.Connection, among: str | None = None) -> pd.DataFrame:
    """The records that are linked by identifiers alone: record_id, identifiers, email; in order of record id."""
    query = (
        "select record_id, nullif(array_to_string(identifiers, '|'), ''), email from identity.records"
        " where links_by_id_only"
    )
    if among:
        query += f" and record_id in (select record_id from {among})"
    found = read_columns(connection, query, ["record_id", "identifiers", "email"])
    return found.sort_values("record_id", ignore_index=True)


def mark_crowded(connection: psycopg.Connection) -> None:
    """Make the temporary table `crowded` of the identifiers that too many records hold, once in a transaction."""
    if _is_made(connection, "crowded"):
        return
    connection.execute("create temp table crowded (identifier text, value text) on commit drop")
    for name in IDENTIFIERS:
        connection.execute(
            f"insert into crowded select '{name}', {name} from identity.compared where {name} is not null"
            f" group by {name} having count(*) > {MOST_HOLDERS_OF_AN_ID}"
        )
    connection.execute(
        "insert into crowded select 'identifiers', value from identity.compared as c, unnest(c.identifiers) as value"
        f" group by value having count(*) > {MOST_HOLDERS_OF_AN_ID}"
    )


def read_columns(connection: psycopg.Connection, query: str, columns: tuple[str, ...] | list[str]) -> pd.DataFrame:
    """The rows of a query as a frame of Arrow columns, in no particular order."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    types: dict[str, Any] = {
        "birth_year": pa.int64(),
        "is_new": pa.int64(),
        "is_counted": pa.int64(),
        "is_compared": pa.int64(),
        "cluster_id": pa.int64(),
        "date_of_birth": pa.date32(),
    }
    types |= {name: pa.float64() for name in columns if name.startswith("tf_")}
    with tempfile.TemporaryFile() as stream:
        with connection.cursor().copy(f"copy ({query}) to stdout (format csv)") as rows:
            for block in rows:
                stream.write(block)
        if not stream.seek(0, 2):
            return pd.DataFrame({n: pd.Series(dtype=pd.ArrowDtype(types.get(n, pa.string()))) for n in columns})
        stream.seek(0)
        table = csv.read_csv(
            stream, csv.ReadOptions(column_names=list(columns)), csv.ParseOptions(newlines_in_values=True),
            csv.ConvertOptions(
                column_types={name: types.get(name, pa.string()) for name in columns}, strings_can_be_null=True,
                quoted_strings_can_be_null=False, null_values=[""],
            ),
        )  # fmt: skip
    for name in {"aliases", "identifiers"} & set(columns):
        place = table.column_names.index(name)
        table = table.set_column(place, name, pc.split_pattern(table[name], "|"))
    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def copy_table(connection: psycopg.Connection, table: str, frame: pd.DataFrame, schema: str = "identity") -> None:
    """COPY a frame of plain columns into a table."""
    import pyarrow as pa
    from pyarrow import csv

    if frame.empty:
        return
    statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(
        sql.Identifier(schema, table), sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    )
    # In one piece: where a column has an empty piece, as a filter leaves them, arrow writes zero bytes.
    rows = pa.Table.from_pandas(frame, preserve_index=False).combine_chunks()
    with tempfile.TemporaryFile() as stream:
        csv.write_csv(rows, stream, csv.WriteOptions(include_header=False))
        stream.seek(0)
        with connection.cursor().copy(statement) as copy:
            while block := stream.read(1 << 20):
                copy.write(block)


def make_table(connection: psycopg.Connection, name: str, columns: str, rows: pd.DataFrame) -> None:
    """A temporary table for the rest of the transaction, in the place of one of that name; `columns` are SQL."""
    connection.execute(f"drop table if exists pg_temp.{name}".encode())
    connection.execute(f"create temp table {name} ({columns}) on commit drop".encode())
    copy_table(connection, name, rows, schema="pg_temp")
    connection.execute(f"analyze {name}".encode())


def read_reference_date(connection: psycopg.Connection) -> date:
    """The day of the population that frequencies and the prior are counted in: the records known since then or before.

    It moves on when the population has grown by a quarter of a doubling. Every percent more would move all weights by a
    little, and with them the people whom a link only just decides, though nobody said anything new of them.
    """
    if not _is_made(connection, "reference"):
        connection.execute(db.read_sql("include/identity/reference_date.sql"))
    row = connection.execute("select first_seen_date from reference").fetchone()
    return row[0] if row and row[0] else date.min


def _is_made(connection: psycopg.Connection, table: str) -> bool:
    """Whether the transaction has the temporary table."""
    row = connection.execute("select to_regclass('pg_temp.' || %s)", [table]).fetchone()
    return bool(row and row[0])


def count_frequencies(connection: psycopg.Connection, among: str) -> dict[str, pd.DataFrame]:
    """How frequent the values of the records in a temporary table are in the population, by column that is weighed so.

    Each a frame of the value and tf_<column>; a value that is new since read_reference_date counts as held once.
    """
    found, totals = {}, _count_held(connection)
    for name, total in totals.items():
        wanted = f"select {name} from identity.compared inner join {among} on unique_id = record_id"
        query = (
            f"select {name}, greatest(count(*) filter (where {_known(connection)}), 1) / {total}::float"
            f" from identity.compared where {name} in ({wanted}) and {_not_crowded(name)} group by {name}"
        )
        found[name] = read_columns(connection, query, [name, f"tf_{name}"])
    return found


def _count_held(connection: psycopg.Connection) -> dict[str, int]:
    """How many records of the population hold a value, by column that is weighed; counted once in a transaction."""
    names = sorted(frequent(json.loads(MODEL_FILE.read_text())))
    if not _is_made(connection, "held"):
        counts = ", ".join(
            f"greatest(count({name}) filter (where {_known(connection)} and {_not_crowded(name)}), 1) as {name}"
            for name in names
        )
        connection.execute(f"create temp table held on commit drop as select {counts} from identity.compared")
    row = connection.execute(f"select {', '.join(names)} from held").fetchone()
    return dict(zip(names, row or (), strict=True))


def _known(connection: psycopg.Connection) -> str:
    return f"first_seen_date <= '{read_reference_date(connection)}'"


def _not_crowded(name: str) -> str:
    return f"{name} not in (select value from crowded where identifier = '{name}')"


def frequencies_in(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """As count_frequencies, of all values of a linkage frame that holds all records."""
    found, is_counted = {}, frame["is_counted"].astype(bool)
    for name in sorted(frequent(json.loads(MODEL_FILE.read_text()))):
        counts = frame.loc[is_counted, name].value_counts()
        held = counts.reindex(frame[name].dropna().unique(), fill_value=1)
        share = held.to_numpy(dtype=float) / max(int(counts.sum()), 1)
        found[name] = pd.DataFrame({name: held.index, f"tf_{name}": share})
    return found


def count_population(connection: psycopg.Connection) -> int:
    """How many records are compared with each other, of those known since read_reference_date or before."""
    row = connection.execute(f"select count(*) from identity.compared where {_known(connection)}").fetchone()
    return int(row[0]) if row else 0
