"""Loads one file into its raw table with COPY, bad rows into the quarantine, in the caller's transaction."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Json

from include.contracts import Contract, Entity, Format
from include.landing.encoding import open_bytes
from include.landing.readers import read_records
from include.landing.readers.delimited import read_header
from include.landing.records import BadRow, Record

# What COPY can read by itself, by Python's name of the encoding.
COPY_ENCODINGS = {
    "utf-8": "UTF8", "utf-8-sig": "UTF8", "ascii": "UTF8", "iso8859-1": "LATIN1", "iso8859-2": "LATIN2",
    "iso8859-15": "LATIN9", "cp1250": "WIN1250", "cp1252": "WIN1252",
}  # fmt: skip
CHUNK_BYTES = 1 << 18


@dataclass(frozen=True)
class Load:
    """What became of the rows of a file."""

    rows_read: int
    rows_landed: int
    rows_quarantined: int
    undeclared_columns: tuple[str, ...] = ()
    missing_columns: tuple[str, ...] = ()


def load_file(
    connection: psycopg.Connection, contract: Contract, entity: Entity, path: Path, encoding: str, file_id: UUID
) -> Load:
    """Land one file. A clean delimited file passes to COPY as bytes; what COPY refuses is read row by row."""
    layout = contract.format
    header: list[str] | None = None
    if layout.type in ("csv", "txt"):
        header = read_header(path, layout, encoding)
        if _fits_as_bytes(header, entity, encoding):
            landed = _copy_bytes(connection, contract, entity, path, header, encoding)
            if landed is not None:
                return Load(landed, landed, 0, (), _missing(header, entity))
    load = _copy_records(connection, contract, entity, read_records(path, entity, layout, encoding), file_id)
    if header is None:
        return load
    undeclared = tuple(name for name in header if name not in entity.columns)
    return Load(load.rows_read, load.rows_landed, load.rows_quarantined, undeclared, _missing(header, entity))


def _missing(header: list[str], entity: Entity) -> tuple[str, ...]:
    return tuple(name for name in entity.stored_columns if name not in header)


def _fits_as_bytes(header: list[str], entity: Entity, encoding: str) -> bool:
    return encoding in COPY_ENCODINGS and all(name in entity.stored_columns for name in header)


def _copy_bytes(
    connection: psycopg.Connection, contract: Contract, entity: Entity, path: Path, header: list[str], encoding: str
) -> int | None:
    """Rows landed, or None where COPY refuses a row; the savepoint then leaves nothing behind."""
    try:
        with connection.transaction(), connection.cursor() as cursor:
            statement = _copy_statement(contract, entity, header, encoding)
            with open_bytes(path) as stream, cursor.copy(statement) as copy:
                first = stream.read(CHUNK_BYTES).removeprefix(b"\xef\xbb\xbf")
                while first:
                    copy.write(first)
                    first = stream.read(CHUNK_BYTES)
            return cursor.rowcount
    except (psycopg.DataError, psycopg.IntegrityError):
        connection.execute("alter sequence landing_row restart")
        return None


def _copy_statement(contract: Contract, entity: Entity, header: list[str], encoding: str) -> sql.Composed:
    layout: Format = contract.format
    options = [
        sql.SQL("format csv, header true, delimiter {}").format(sql.Literal(layout.delimiter)),
        sql.SQL("quote {}").format(sql.Literal(layout.quote or "\b")),
        sql.SQL("escape {}").format(sql.Literal(layout.escape or layout.quote or "\b")),
        sql.SQL("encoding {}").format(sql.Literal(COPY_ENCODINGS[encoding])),
    ]
    return sql.SQL("copy {} ({}) from stdin ({})").format(
        sql.Identifier(f"raw_{contract.system}", entity.name),
        sql.SQL(", ").join(sql.Identifier(name) for name in header),
        sql.SQL(", ").join(options),
    )


def _copy_records(
    connection: psycopg.Connection,
    contract: Contract,
    entity: Entity,
    records: Iterable[Record | BadRow],
    file_id: UUID,
) -> Load:
    """Good records to the raw table; bad rows wait in a temporary file until the COPY has ended."""
    names = list(entity.stored_columns)
    statement = sql.SQL("copy {} ({}, _rescued, _row) from stdin").format(
        sql.Identifier(f"raw_{contract.system}", entity.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    read = landed = 0
    undeclared: dict[str, None] = {}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as spool, connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for found in records:
                read += 1
                record = _with_key(found, entity)
                if isinstance(record, BadRow):
                    fields = (record.row_number, record.line, record.rule, record.reason, record.record)
                    spool.write(json.dumps(fields) + "\n")
                    continue
                landed += 1
                rescued = Json(record.rescued) if record.rescued else None
                undeclared.update(dict.fromkeys(record.rescued or ()))
                copy.write_row([*(record.values.get(name) for name in names), rescued, record.row_number])
        spool.seek(0)
        _quarantine(cursor, (json.loads(line) for line in spool), file_id)
    return Load(read, landed, read - landed, tuple(undeclared))


def _with_key(record: Record | BadRow, entity: Entity) -> Record | BadRow:
    """A record without its key cannot be used: it becomes a bad row."""
    if isinstance(record, BadRow):
        return record
    for key in (entity.key, entity.key_fallback):
        if key and all(record.values.get(name) is not None for name in key):
            return record
    missing = ", ".join(name for name in entity.key if record.values.get(name) is None)
    content = json.dumps(record.values | (record.rescued or {}), ensure_ascii=False)
    return BadRow(record.row_number, record.line, "key_present", f"the key is missing: {missing}", content)


def _quarantine(cursor: psycopg.Cursor, rows: Iterable[list[object]], file_id: UUID) -> None:
    statement = "copy ops.quarantine (file_id, row_number, line, rule, reason, record) from stdin"
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([file_id, *row])
