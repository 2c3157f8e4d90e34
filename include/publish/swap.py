"""Write, audit, publish: marts are built beside the published ones and take their place once the gate has passed."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from include import db

PUBLISHED_SCHEMAS = ("core", "marts")
HERE = Path("include/publish")
# Whoever comes to read while the swap waits for a lock waits behind it, so it waits briefly, and again later.
LOCK_TIMEOUT_MS = 2_000
PAUSE_S = 5.0
ATTEMPTS = 60

Rows = list[dict[str, Any]]


def publish_schemas(url: str) -> list[str]:
    """Put `core_next` and `marts_next` in the place of `core` and `marts`, in one transaction.

    Readers see the old schemas or the new ones, never a mixture. What others gave to them (grants, policies, comments,
    triggers, rules, indexes) and the views that others have built on them are there afterwards as before. Returns the
    names that were swapped: none of them where a rerun finds the work done. Raises ValueError where something cannot
    be kept, which is named, and TimeoutError where somebody reads the old ones without an end; nothing has changed.
    """
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(PAUSE_S)
        try:
            with db.connect(url) as connection:
                connection.execute(sql.SQL("set local lock_timeout = {}").format(LOCK_TIMEOUT_MS))
                return _swap(connection)
        except psycopg.errors.LockNotAvailable:
            continue
    raise TimeoutError(
        f"{' or '.join(PUBLISHED_SCHEMAS)} is held by a transaction that does not end (see pg_locks and"
        " pg_stat_activity). End it, then clear this task"
    )


def _swap(connection: psycopg.Connection) -> list[str]:
    waiting = [s for s in PUBLISHED_SCHEMAS if _exists(connection, f"{s}_next")]
    if not waiting:
        return []
    views = _read(connection, "dependents.sql", {"schemas": list(PUBLISHED_SCHEMAS)})
    strangers = [
        stranger
        for schema in waiting
        for stranger in _read(connection, "strangers.sql", {"schema": schema, "following": f"{schema}_next"})
    ]
    _refuse_what_is_no_view([*views, *strangers])
    schemas = {*waiting, *(view["schema_name"] for view in views)}
    belongings = {s: _read(connection, "belongings.sql", {"schema": s}) for s in sorted(schemas)}
    for schema in waiting:
        name, following = sql.Identifier(schema), sql.Identifier(f"{schema}_next")
        connection.execute(sql.SQL("drop schema if exists {} cascade").format(name))
        connection.execute(sql.SQL("alter schema {} rename to {}").format(following, name))
    _note_what_is_ours(connection, waiting)
    restored = [(view["schema_name"], view["view_name"]) for view in views if _restore(connection, view)]
    for schema, rows in belongings.items():
        for row in rows:
            # A rule goes with what it writes to, though the view that it is of may stay.
            if schema in waiting or (schema, row["table_name"]) in restored or row["kind"].startswith("rule "):
                _give(connection, schema, row)
    return waiting


def _refuse_what_is_no_view(dependents: Rows) -> None:
    others = [str(dependent["description"]) for dependent in dependents if not dependent["is_view"]]
    if others:
        raise ValueError(
            f"{', '.join(others)} would be dropped: what hangs on {' or '.join(PUBLISHED_SCHEMAS)} and is no view, or"
            " was made in there by others, cannot be kept when these are published. Make it a view in another schema,"
            " or a table that its owner fills"
        )


def _note_what_is_ours(connection: psycopg.Connection, schemas: list[str]) -> None:
    connection.execute("delete from ops.published_relations where schema_name = any(%s)", [schemas])
    connection.execute(
        "insert into ops.published_relations select n.nspname, c.relname from pg_class as c"
        " join pg_namespace as n on n.oid = c.relnamespace where n.nspname = any(%s) and c.relkind in ('r', 'v', 'm')",
        [schemas],
    )


def _restore(connection: psycopg.Connection, view: dict[str, Any]) -> bool:
    """Make the view again; False where it is there, since it reads only the schema that was not swapped."""
    name = sql.Identifier(view["schema_name"], view["view_name"])
    if _is_there(connection, view["schema_name"], view["view_name"], None):
        return False
    options = sql.SQL(f" with ({view['options']})" if view["options"] else "")
    try:
        connection.execute(sql.SQL("create view {}{} as {}").format(name, options, sql.SQL(view["definition"])))
    except psycopg.Error as error:
        raise _lost(f"view {view['schema_name']}.{view['view_name']}", error) from None
    connection.execute(sql.SQL("alter view {} owner to {}").format(name, sql.Identifier(view["owner"])))
    return True


def _give(connection: psycopg.Connection, schema: str, row: dict[str, Any]) -> None:
    """Give anew what was given; to a table or a column that is no more there is nothing to give."""
    place = (schema, row["table_name"], row["column_name"])
    if row["table_name"] and not _is_there(connection, *place, without_comment=row["kind"] == "comment"):
        return
    try:
        connection.execute(row["statement"])
    except psycopg.Error as error:
        raise _lost(f"{row['kind']} on {schema}.{row['table_name']}", error) from None


def _lost(what: str, error: psycopg.Error) -> Exception:
    if isinstance(error, psycopg.errors.LockNotAvailable):
        return error
    return ValueError(
        f"the {what} cannot be kept, since what it reads has changed ({error.diag.message_primary})."
        " Mend or drop it, then clear this task"
    )


def _exists(connection: psycopg.Connection, schema: str) -> bool:
    row = connection.execute("select to_regnamespace(%s) is not null", [schema]).fetchone()
    return bool(row and row[0])


def _is_there(
    connection: psycopg.Connection, schema: str, table: str, column: str | None, without_comment: bool = False
) -> bool:
    found = connection.execute(
        "select coalesce(col_description(c.oid, a.attnum), case when a.attnum is null then obj_description(c.oid) end)"
        " from pg_class as c left join pg_attribute as a"
        " on a.attrelid = c.oid and a.attname = %(column)s and not a.attisdropped"
        " where (c.relnamespace::regnamespace, c.relname) = (to_regnamespace(quote_ident(%(schema)s)), %(table)s)"
        " and (%(column)s::text is null or a.attnum is not null)",
        {"schema": schema, "table": table, "column": column},
    ).fetchone()
    return found is not None and not (without_comment and found[0])


def _read(connection: psycopg.Connection, name: str, values: dict[str, Any]) -> Rows:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(db.read_sql(HERE / name), values).fetchall()
