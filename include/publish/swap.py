"""Write, audit, publish: marts are built beside the published ones and take their place once the gate has passed."""

from __future__ import annotations

from psycopg import sql

from include import db

PUBLISHED_SCHEMAS = ("core", "marts")


def publish_schemas(url: str) -> list[str]:
    """Put `core_next` and `marts_next` in the place of `core` and `marts`, in one transaction.

    Readers see the old schemas or the new ones, never a mixture. Returns the names that were swapped: none of
    them where a rerun finds the work done.
    """
    swapped = []
    with db.connect(url) as connection:
        for schema in PUBLISHED_SCHEMAS:
            found = connection.execute("select to_regnamespace(%s) is not null", [f"{schema}_next"]).fetchone()
            if not (found and found[0]):
                continue
            name, following = sql.Identifier(schema), sql.Identifier(f"{schema}_next")
            connection.execute(sql.SQL("drop schema if exists {} cascade").format(name))
            connection.execute(sql.SQL("alter schema {} rename to {}").format(following, name))
            swapped.append(schema)
    return swapped
