"""The tables of a source database, read as streams through SQLAlchemy. One snapshot for all tables of a batch."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from itertools import islice
from operator import itemgetter
from typing import Any

import orjson
import sqlalchemy as sa

from include.contracts import DELETED, Contract, Entity
from include.extract.errors import ExtractFailed, told_without_secrets
from include.landing.records import fold, secret_names

ROWS_AT_ONCE = 1000
KEYS_AT_ONCE = 500
CONNECT_TIMEOUT_S = "20"
# The driver of an address that names none, and the order of text by code points, which Python has too.
DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
CODE_POINTS = {"postgresql": "C", "mysql": "utf8mb4_bin", "mariadb": "utf8mb4_bin", "sqlite": "BINARY"}
# The databases whose tables are read as of one moment, and how a session tells times in UTC.
IN_UTC = {
    "postgresql": "set time zone 'UTC'", "mysql": "set time_zone = '+00:00'", "mariadb": "set time_zone = '+00:00'",
}  # fmt: skip
JSON = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS
Key = str | tuple[str, ...]  # of one column, or of several
Row = tuple[Any, ...]  # the values of the columns
Seen = tuple[Key, Any, Row | None]  # a row's key, watermark, and values where the stream brings them


@contextmanager
def open_source(contract: Contract) -> Iterator[sa.Connection]:
    """A connection that tells times in UTC and whose reads all see one moment; in databases other than those of IN_UTC
    each table is read as of a moment of its own, and times without a zone are taken for UTC.

    Raises ExtractFailed where the database cannot be read.
    """
    url = source_url(contract)
    with told_without_secrets(contract.system, url, is_connecting=True):
        connection = sa.create_engine(url, poolclass=sa.NullPool).connect()
    with told_without_secrets(contract.system, url), connection:
        yield _in_one_snapshot(connection)


def source_url(contract: Contract) -> sa.URL:
    """The address in the environment variable that the contract names."""
    name = contract.format.url_env or ""
    try:
        url = sa.make_url(os.environ.get(name, ""))
    except sa.exc.ArgumentError:
        raise ExtractFailed(f"{contract.system}: {name} is no address of a database") from None
    url = url.set(drivername=DRIVERS.get(url.drivername, url.drivername))
    if url.get_backend_name() == "postgresql" and "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": CONNECT_TIMEOUT_S})  # without one, a dead host holds the task
    return url


def _in_one_snapshot(connection: sa.Connection) -> sa.Connection:
    name = connection.dialect.name
    if name in IN_UTC:
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
    if name == "postgresql":
        connection = connection.execution_options(postgresql_readonly=True)
    if name in IN_UTC:
        connection.exec_driver_sql(IN_UTC[name])
    return connection


class SourceTable:
    """One table as its entity declares it. Every column is read, but none that must never be stored.

    A key is read as text, so that it is compared, and landed, as the same text.
    """

    def __init__(self, connection: sa.Connection, entity: Entity) -> None:
        self.connection, self.entity = connection, entity
        schema, _, name = (entity.table or "").rpartition(".")
        try:
            self.table = sa.Table(name, sa.MetaData(), schema=schema or None, autoload_with=connection)
        except sa.exc.NoSuchTableError:
            raise ExtractFailed(f"{entity.name}: there is no table {entity.table}") from None
        never = secret_names(entity.never_stored) | {fold(c.source_path) for c in entity.never_stored.values()}
        self.deleted_name = entity.columns[DELETED].source_path
        if self.deleted_name in self.table.columns:
            raise ExtractFailed(
                f"{entity.name}: the table has a column {self.deleted_name}; declare another path for ours"
            )
        self.keys = [self._column(name) for name in entity.key]
        self.watermark = self._column(entity.watermark or "")
        columns = [column for column in self.table.columns if fold(column.name) not in never]
        self.names = [column.name for column in columns]
        self.floats = [place for place, column in enumerate(columns) if isinstance(column.type, sa.Float)]
        self.selected = [self._as_text(column) if column in set(self.keys) else column for column in columns]
        self.key_of: Callable[[Row], Key] = itemgetter(*(self.names.index(column.name) for column in self.keys))

    def _column(self, name: str) -> sa.Column[Any]:
        path = self.entity.columns[name].source_path
        if path not in self.table.columns:
            raise ExtractFailed(f"{self.entity.name}: the table {self.entity.table} has no column {path}")
        return self.table.columns[path]

    @property
    def moment_type(self) -> str:
        """The type of Postgres that compares as the watermark does; a column without a zone is in UTC."""
        if isinstance(self.watermark.type, sa.DateTime):
            return "timestamptz" if self.watermark.type.timezone else "timestamp"
        return "date" if isinstance(self.watermark.type, sa.Date) else "timestamp"

    def as_watermark(self, moment: datetime) -> Any:
        """The moment as values of the watermark compare with it."""
        plain = moment.replace(tzinfo=None)
        return {"timestamptz": moment, "timestamp": plain, "date": plain.date()}[self.moment_type]

    def rows(self, low: datetime | None, end: datetime) -> Iterator[Seen]:
        """Every row in the order of its key as text. Only rows that are due bring values.

        A row is due with a watermark after `low` and before `end`, or without one. Where `low` is None the others are
        left out.
        """
        due = (self.watermark < self.as_watermark(end)) | self.watermark.is_(None)
        keys = [self._as_text(column) for column in self.keys]
        if low is None:
            query, is_due = sa.select(*self.selected, self.watermark).where(due), itemgetter(-1)
            for row in self._stream(query.order_by(*keys)):
                yield self.key_of(row), is_due(row), row
            return
        due &= (self.watermark > self.as_watermark(low)) | self.watermark.is_(None)
        values = [
            chosen if chosen is not column else sa.case((due, column))
            for chosen, column in zip(self.selected, (self.table.columns[n] for n in self.names), strict=True)
        ]
        for row in self._stream(sa.select(*values, self.watermark, due).order_by(*keys)):
            yield self.key_of(row), row[-2], row if row[-1] else None

    def rows_of(self, keys: Iterable[Key]) -> Iterator[tuple[Key, Row]]:
        """The rows with these keys."""
        waiting = iter(keys)
        while some := [as_tuple(key) for key in islice(waiting, KEYS_AT_ONCE)]:
            wanted = [
                sa.and_(*(column == sa.cast(sa.literal(text, sa.Text), column.type) for column, text in pairs))
                for pairs in (zip(self.keys, key, strict=True) for key in some)
            ]
            for row in self._stream(sa.select(*self.selected).where(sa.or_(*wanted))):
                yield self.key_of(row), row

    def line(self, row: Row) -> bytes:
        """The row as a line of JSON; what is no finite number (NaN, Infinity) as that word, since JSON has none."""
        record = dict(zip(self.names, row, strict=False))
        for place in self.floats:
            if isinstance(row[place], float) and not math.isfinite(row[place]):
                record[self.names[place]] = json.dumps(row[place])
        return orjson.dumps(record, default=_as_json, option=JSON)

    def tombstone(self, key: Key) -> bytes:
        """The line that stands for a row that has gone."""
        record: dict[str, Any] = dict(zip((column.name for column in self.keys), as_tuple(key), strict=True))
        return orjson.dumps({**record, self.deleted_name: True}, option=JSON)

    def _stream(self, query: sa.Executable) -> Iterator[Row]:
        options = {"stream_results": True, "yield_per": ROWS_AT_ONCE}
        return iter(self.connection.execute(query, execution_options=options))

    def _as_text(self, column: sa.Column[Any]) -> sa.ColumnElement[str]:
        text = sa.cast(column, sa.Text)
        order = CODE_POINTS.get(self.connection.dialect.name)
        return (text.collate(order) if order else text).label(column.name)


def as_tuple(key: Key) -> tuple[str, ...]:
    """The parts of a key."""
    return (key,) if isinstance(key, str) else tuple(key)


def _as_json(value: object) -> str:
    """What JSON has no form for, as text: a decimal with every digit, bytes in hexadecimal."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return bytes(value).hex() if isinstance(value, bytes | bytearray | memoryview) else str(value)
