"""Write, audit, publish: marts are built beside the published ones and take their place once the gate has passed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from include import db

PUBLISHED_SCHEMAS = ("core", "marts")
HERE = Path("include/publish")

Rows = list[dict[str, Any]]


def publish_schemas(url: str) -> list[str]:
    """Put `core_next` and `marts_next` in the place of `core` and `marts`, in one transaction.

    Readers see the old schemas or the new ones, never a mixture. What others were granted on them, and the views that
    others have built on them, are there afterwards as before. Returns the names that were swapped: none of them where
    a rerun finds the work done. Raises ValueError where a view cannot be kept: it is named, and nothing has changed.
    """
    with db.connect(url) as connection:
        waiting = [s for s in PUBLISHED_SCHEMAS if _exists(connection, f"{s}_next")]
        if not waiting:
            return []
        views = _read(connection, "dependents.sql", {"schemas": list(PUBLISHED_SCHEMAS)})
        grants = {s: _read(connection, "grants.sql", {"schema": s}) for s in waiting}
        view_grants = {s: _read(connection, "grants.sql", {"schema": s}) for s in {v["schema_name"] for v in views}}
        _refuse_what_is_no_view(views)
        for schema in waiting:
            name, following = sql.Identifier(schema), sql.Identifier(f"{schema}_next")
            connection.execute(sql.SQL("drop schema if exists {} cascade").format(name))
            connection.execute(sql.SQL("alter schema {} rename to {}").format(following, name))
            _grant(connection, schema, grants[schema])
        for view in views:
            _restore(connection, view)
        for schema, rows in view_grants.items():
            restored = {view["view_name"] for view in views if view["schema_name"] == schema}
            _grant(connection, schema, [row for row in rows if row["table_name"] in restored])
        return waiting


def _refuse_what_is_no_view(dependents: Rows) -> None:
    others = [f"{d['schema_name']}.{d['view_name']}" for d in dependents if not d["is_view"]]
    if others:
        raise ValueError(
            f"{', '.join(others)} would be dropped: a materialised view on {' or '.join(PUBLISHED_SCHEMAS)} cannot be"
            " kept when these are published. Make it a view, or a table that its owner fills"
        )


def _restore(connection: psycopg.Connection, view: dict[str, Any]) -> None:
    name = sql.Identifier(view["schema_name"], view["view_name"])
    if _exists_relation(connection, view):
        return  # it reads only the schema that was not swapped
    try:
        connection.execute(sql.SQL("create view {} as {}").format(name, sql.SQL(view["definition"])))
    except psycopg.Error as error:
        raise ValueError(
            f"the view {view['schema_name']}.{view['view_name']} cannot be kept, since what it reads has changed"
            f" ({error.diag.message_primary}). Mend or drop it, then clear this task"
        ) from None
    connection.execute(sql.SQL("alter view {} owner to {}").format(name, sql.Identifier(view["owner"])))


def _grant(connection: psycopg.Connection, schema: str, grants: Rows) -> None:
    """Grant anew what was granted; on a table that is no more there is nothing to grant."""
    for row in grants:
        place: sql.Composable = sql.SQL("schema {}").format(sql.Identifier(schema))
        if row["table_name"]:
            if not _exists_relation(connection, {"schema_name": schema, "view_name": row["table_name"]}):
                continue
            place = sql.Identifier(schema, row["table_name"])
        who = sql.Identifier(row["grantee"]) if row["grantee"] else sql.SQL("public")
        option = sql.SQL(" with grant option" if row["is_grantable"] else "")
        connection.execute(sql.SQL("grant {} on {} to {}{}").format(sql.SQL(row["privilege_type"]), place, who, option))


def _exists(connection: psycopg.Connection, schema: str) -> bool:
    row = connection.execute("select to_regnamespace(%s) is not null", [schema]).fetchone()
    return bool(row and row[0])


def _exists_relation(connection: psycopg.Connection, view: dict[str, Any]) -> bool:
    row = connection.execute(
        "select 1 from pg_tables where (schemaname, tablename) = (%s, %s)"
        " union all select 1 from pg_views where (schemaname, viewname) = (%s, %s)",
        [view["schema_name"], view["view_name"]] * 2,
    ).fetchone()
    return row is not None


def _read(connection: psycopg.Connection, name: str, values: dict[str, Any]) -> Rows:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(db.read_sql(HERE / name), values).fetchall()
