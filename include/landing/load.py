"""Loads one file into its raw table with COPY, bad rows into the quarantine, in the caller's transaction."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from uuid import UUID

import psycopg
from psycopg import sql

from include.contracts import Contract, Entity, Format
from include.landing.readers import read_records
from include.landing.readers.delimited import open_delimited, read_bytes, read_delimited
from include.landing.records import BadRow, FileRejected, ReadWithCareError, Rows, in_blocks

WRITE_BYTES = 1 << 18
FEWEST_RECORDS = 100  # of a file without a header that tell which columns it lacks; of fewer a rare one may be absent
ROW_TOO_BIG = "54000"  # a limit of the server: the values of one row fill more than a page, for example


@dataclass(frozen=True)
class Load:
    """What became of the rows of a file."""

    rows_read: int
    rows_landed: int
    rows_quarantined: int
    undeclared_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()
    ends_within_row: bool = False


@dataclass(frozen=True)
class Source:
    """The rows of a file as COPY takes them: columns, options, the line that stands for a bad row.

    Which columns are missing is known from a header, and otherwise (None) once all rows have been read: by the names
    that the reader has left in `unseen`. So is whether the file may have been cut off within a row (`cut_rows`).
    """

    columns: list[str]
    options: sql.Composed
    blank: bytes
    rows: Iterator[Rows | BadRow]
    undeclared: dict[str, None] = field(default_factory=dict)
    missing: tuple[str, ...] | None = ()
    unseen: set[str] = field(default_factory=set)
    cut_rows: set[int] = field(default_factory=set)


def load_file(
    connection: psycopg.Connection, contract: Contract, entity: Entity, path: Path, encoding: str, file_id: UUID
) -> Load:
    """Land one file: good rows by COPY as they stream in, bad ones in the quarantine.

    Raises FileRejected where the file cannot be read to its end, or the server refuses what the readers let pass; its
    own message would quote the row, so only the kind of the error is named.
    """
    layout = contract.format_of(entity)
    try:
        with connection.transaction():
            return _load(connection, contract, path, _open(path, entity, layout, encoding), file_id, entity)
    except ReadWithCareError:
        source = _open(path, entity, layout, encoding, with_care=True)
        return _load(connection, contract, path, source, file_id, entity)


def _load(
    connection: psycopg.Connection, contract: Contract, path: Path, source: Source, file_id: UUID, entity: Entity
) -> Load:
    connection.execute("create temporary sequence if not exists landing_row")
    connection.execute("alter sequence landing_row restart")
    with tempfile.TemporaryFile("w+", encoding="utf-8") as spool, connection.cursor() as cursor:
        try:
            read, landed = _copy(cursor, contract, entity, source, spool)
        except psycopg.Error as error:
            if not isinstance(error, psycopg.DataError | psycopg.IntegrityError) and error.sqlstate != ROW_TOO_BIG:
                raise
            raise FileRejected(f"{path.name}: the database refuses a row ({type(error).__name__})") from None
        spool.seek(0)
        _quarantine(cursor, (json.loads(line) for line in spool), file_id)
        missing = source.missing
        if missing is None:
            is_known = landed >= FEWEST_RECORDS
            missing = tuple(name for name in entity.stored_columns if is_known and name in source.unseen)
    return Load(read, landed, read - landed, tuple(source.undeclared), missing, bool(source.cut_rows))


def _open(path: Path, entity: Entity, layout: Format, encoding: str, with_care: bool = False) -> Source:
    undeclared: dict[str, None] = {}
    names = list(entity.stored_columns)
    text_options = sql.SQL("encoding 'UTF8'").format()
    text_blank = b"\t".join([b"\\N"] * (len(names) + 1)) + b"\n"
    if layout.type not in ("csv", "txt"):
        unseen = set(names)
        rows = in_blocks(read_records(path, entity, layout, encoding, with_care, unseen), undeclared)
        # What is extracted from a table has all its columns, or could not be read.
        missing = () if entity.table else None
        return Source([*names, "_rescued"], text_options, text_blank, rows, undeclared, missing, unseen)
    delimited = open_delimited(path, entity, layout, encoding)
    absent, cut_rows = tuple(name for name in names if name not in delimited.header), delimited.cut_rows
    if delimited.undeclared:
        undeclared.update(dict.fromkeys(delimited.undeclared))
        rows = in_blocks(read_delimited(delimited), undeclared)
        return Source([*names, "_rescued"], text_options, text_blank, rows, undeclared, absent, cut_rows=cut_rows)
    blank = layout.delimiter.encode() * (len(delimited.stored) - 1) + b"\n"
    options, rows = _csv_options(layout), read_bytes(delimited)
    return Source(delimited.stored, options, blank, rows, undeclared, absent, cut_rows=cut_rows)


def _csv_options(layout: Format) -> sql.Composed:
    """Rows without quotes in the contract get one that cannot occur in them: a backspace."""
    quote = layout.quote or "\b"
    return sql.SQL("format csv, delimiter {}, quote {}, escape {}, encoding 'UTF8'").format(
        sql.Literal(layout.delimiter), sql.Literal(quote), sql.Literal(quote)
    )


def _copy(
    cursor: psycopg.Cursor, contract: Contract, entity: Entity, source: Source, spool: IO[str]
) -> tuple[int, int]:
    """(rows read, rows landed). Bad rows wait in the spool until the COPY has ended.

    A bad row sends a blank line in its place: it draws its row number and is then left out by the condition on the
    key, so every landed row gets its number in the file without being taken apart.
    """
    read = landed = waiting = 0
    out: list[bytes] = []
    with cursor.copy(_copy_statement(contract, entity, source)) as copy:
        for rows in source.rows:
            if isinstance(rows, BadRow):
                read += 1
                place = (rows.row_number, rows.line, rows.rule, rows.reason, rows.record)
                spool.write(json.dumps(place) + "\n")
                data = source.blank
            else:
                read += rows.count
                landed += rows.count
                data = rows.data
            out.append(data)
            waiting += len(data)
            if waiting > WRITE_BYTES:
                copy.write(b"".join(out))
                out, waiting = [], 0
        copy.write(b"".join(out))
    if cursor.rowcount != landed:
        raise FileRejected(f"the database took {cursor.rowcount} rows of {landed}")
    return read, landed


def _copy_statement(contract: Contract, entity: Entity, source: Source) -> sql.Composed:
    keys = (entity.key, entity.key_fallback) if entity.key_fallback else (entity.key,)
    present = sql.SQL(" or ").join(
        sql.SQL("({})").format(sql.SQL(" and ").join(sql.SQL("{} is not null").format(sql.Identifier(n)) for n in key))
        for key in keys
    )
    return sql.SQL("copy {} ({}) from stdin with ({}) where {}").format(
        sql.Identifier(f"raw_{contract.system}", entity.name),
        sql.SQL(", ").join(map(sql.Identifier, source.columns)),
        source.options,
        present,
    )


def _quarantine(cursor: psycopg.Cursor, rows: Iterable[list[object]], file_id: UUID) -> None:
    statement = "copy ops.quarantine (file_id, row_number, line, rule, reason, record) from stdin"
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([file_id, *row])
