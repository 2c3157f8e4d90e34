"""The raw tables of a system, made from its contract."""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql

from include import db
from include.contracts import Contract, Entity, read_sources


def ensure_raw_tables(contract: Contract, connection: psycopg.Connection) -> None:
    """Create the schema and tables of the contract; a column that was declared since is added.

    The lineage columns fill themselves while a file lands: the file and date from settings of the transaction, the
    row number from a temporary sequence that the landing session makes. See ``lineage.sql`` for how.
    """
    connection.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"raw_{contract.system}"])
    schema = f"raw_{contract.system}"
    connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
    connection.execute(sql.SQL(db.read_sql("include/landing/lineage.sql")).format(schema=sql.Identifier(schema)))
    for entity in contract.entities.values():
        if _column_names(connection, schema, entity.name):
            _add_new_columns(connection, schema, entity)
        else:
            _create_table(connection, schema, entity)


def ensure_all_raw_tables(sources_dir: Path, url: str) -> dict[str, str]:
    """The raw tables of every contract that can be used, of inactive systems too: staging reads them, empty.

    Returns why those of a system cannot be made, by system; the others are. Its own landing fails with the same error.
    """
    failed: dict[str, str] = {}
    with db.connect(url) as connection:
        for contract in read_sources(sources_dir).contracts.values():
            try:
                with connection.transaction():
                    ensure_raw_tables(contract, connection)
            except psycopg.DatabaseError as error:
                if connection.broken:
                    raise
                failed[contract.system] = str(error.diag.message_primary or type(error).__name__)
    return failed


def _create_table(connection: psycopg.Connection, schema: str, entity: Entity) -> None:
    columns: list[sql.Composable] = [_definition(entity, name) for name in entity.stored_columns]
    columns += [
        sql.SQL("_rescued jsonb"),
        sql.SQL("_file_id uuid not null default {}()").format(sql.Identifier(schema, "landing_file_id")),
        sql.SQL("_row bigint not null default nextval({}())").format(sql.Identifier(schema, "landing_row")),
        sql.SQL("_batch_date date not null default {}()").format(sql.Identifier(schema, "landing_batch_date")),
        sql.SQL("primary key (_file_id, _row)"),
    ]
    table = sql.Identifier(schema, entity.name)
    connection.execute(sql.SQL("create table {} ({})").format(table, sql.SQL(", ").join(columns)))


def _definition(entity: Entity, name: str) -> sql.Composed:
    is_key = name in entity.key and not entity.key_fallback
    return sql.SQL("{} text{}").format(sql.Identifier(name), sql.SQL(" not null" if is_key else ""))


def _add_new_columns(connection: psycopg.Connection, schema: str, entity: Entity) -> None:
    known = _column_names(connection, schema, entity.name)
    for name in entity.stored_columns:
        if name not in known:
            statement = sql.SQL("alter table {} add column {} text")
            connection.execute(statement.format(sql.Identifier(schema, entity.name), sql.Identifier(name)))
    # What was the key, or declared, before may be absent now.
    wanted = set() if entity.key_fallback else set(entity.key)
    for name in sorted(_column_names(connection, schema, entity.name, ("NO",)) - wanted):
        if not name.startswith("_"):
            statement = sql.SQL("alter table {} alter column {} drop not null")
            connection.execute(statement.format(sql.Identifier(schema, entity.name), sql.Identifier(name)))


def _column_names(
    connection: psycopg.Connection, schema: str, table: str, nullable: tuple[str, ...] = ("YES", "NO")
) -> set[str]:
    found = connection.execute(
        "select column_name from information_schema.columns where table_schema = %s and table_name = %s"
        " and is_nullable = any(%s)",
        [schema, table, list(nullable)],
    )
    return {row[0] for row in found}
