"""Connections to the warehouse, and the one lock around everything that writes after raw."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString
from urllib.parse import parse_qsl, urlencode, urlsplit

import psycopg
from psycopg import sql

from include.settings import PROJECT_DIR, Settings

# Any constant that nobody else uses on this database; it spells "c360" in ASCII.
WRITER_LOCK = 0x63333630


@contextmanager
def connect(url: str | None = None) -> Iterator[psycopg.Connection]:
    """One connection to the warehouse; the transaction commits at the end and rolls back on an exception."""
    with psycopg.connect(url or Settings.from_env().database_url, application_name="customer360") as connection:
        yield connection


@contextmanager
def writer_lock(url: str | None = None) -> Iterator[psycopg.Connection]:
    """Hold the advisory lock of the one writer after raw; waits for the present holder.

    The lock lives in a session of its own, so a killed process releases it with its connection.
    """
    with psycopg.connect(url or Settings.from_env().database_url, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [WRITER_LOCK])
        yield connection


def in_database(url: str, name: str) -> str:
    """The URL of another database of the same server, with the same options."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def sqlalchemy_url(url: str, driver: str) -> str:
    """The URL for SQLAlchemy with a named driver; asyncpg calls the option ``sslmode`` ``ssl``."""
    parts = urlsplit(url)
    query = parts.query
    if driver == "asyncpg":
        query = urlencode([("ssl" if key == "sslmode" else key, value) for key, value in parse_qsl(query)])
    return parts._replace(scheme=f"postgresql+{driver}", query=query).geturl()


def read_sql(path: str | Path) -> LiteralString:
    """The text of a SQL file that belongs to the project; `path` is relative to the project folder."""
    text: LiteralString = (PROJECT_DIR / path).read_text(encoding="utf-8")
    return text


def migrate(url: str | None = None) -> None:
    """Create the schemas and tables that Python owns. Runs any number of times, by several processes at once.

    The comment of the schema ops says what was created: where it is the same nothing is locked, so that services can
    be started while a build runs.
    """
    statements = [read_sql(path) for path in ("include/ops/schema.sql", "include/identity/schema.sql")]
    digest = hashlib.sha256("".join(statements).encode()).hexdigest()
    with connect(url) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", [WRITER_LOCK + 1])
        row = connection.execute("select obj_description(to_regnamespace('ops'), 'pg_namespace')").fetchone()
        if row and row[0] == digest:
            return
        for statement in statements:
            connection.execute(statement)
        connection.execute(sql.SQL("comment on schema ops is {}").format(sql.Literal(digest)))


def tell_error(error: psycopg.Error) -> str:
    """One sentence without a value of a record: of data that does not fit, only the kind of the error."""
    reason = (str(error).strip().splitlines() or [""])[0]
    if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        return f"the database does not answer: {reason}"
    if error.sqlstate is None or isinstance(error, (psycopg.DataError, psycopg.IntegrityError)):
        return f"the database refuses: {type(error).__name__}"
    return f"the database refuses: {reason}"
