"""Lands one batch: every file of one system and date, each in one transaction with its row of the manifest."""

from __future__ import annotations

import fnmatch
import hashlib
import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from include import db
from include.contracts import Contract, Entity
from include.landing.archive import archive_file, hash_file
from include.landing.encoding import find_encoding, find_xml_encoding
from include.landing.load import Load, load_file
from include.landing.masking import masked_file
from include.landing.raw_tables import ensure_raw_tables
from include.landing.records import FileRejected

UNREADABLE = "unreadable"
UNFINISHED = (".part", ".tmp", ".filepart")  # endings of names under which programs write what is not yet whole


@dataclass(frozen=True)
class FileResult:
    """What became of one file; counts are None where it was not read to its end."""

    name: str
    file_id: UUID
    state: str
    rows_read: int | None = None
    rows_landed: int | None = None
    rows_quarantined: int | None = None
    reason: str | None = None
    is_known: bool = False


@dataclass(frozen=True)
class BatchResult:
    """What became of one batch: its state (landed, absent or not_due) and its files."""

    state: str
    files: list[FileResult] = field(default_factory=list)

    def _sum(self, name: str) -> int:
        return sum(getattr(file, name) or 0 for file in self.files)

    @property
    def rows_read(self) -> int:
        """Rows of all files that were read to their end."""
        return self._sum("rows_read")

    @property
    def rows_landed(self) -> int:
        """Rows that went to the raw tables."""
        return self._sum("rows_landed")

    @property
    def rows_quarantined(self) -> int:
        """Rows that went to the quarantine."""
        return self._sum("rows_quarantined")


def land_batch(contract: Contract, batch_date: date, inbox: Path, archive: Any, connection_url: str) -> BatchResult:
    """Land the files of ``inbox/<system>/<date>/``. A rerun recognises what has landed and lands the rest.

    Never raises for what a file holds: a file that cannot be used is recorded as rejected, with its reason. An outage
    of the inbox or the archive or a full disk raises OSError, and the file is as if it had not been tried.
    """
    if not inbox.is_dir():
        raise FileNotFoundError(f"the inbox {inbox} is not there")
    folder = inbox / contract.system / batch_date.isoformat()
    # Unlike glob, iterdir does not take a folder that may not be read for an empty one.
    paths = sorted(p for p in folder.iterdir() if not _is_unfinished(p.name)) if folder.is_dir() else []
    with psycopg.connect(connection_url, application_name="customer360") as connection:
        with connection.transaction():
            # A killed landing that waits would else keep its lock as long, and its next try would wait for it.
            connection.execute("set client_connection_check_interval = '2s'")
            # Held by the session: another landing of the batch waits, and then recognises what this one has landed.
            connection.execute("select pg_advisory_lock(hashtext(%s))", [lock_of(contract.system, batch_date)])
        with connection.transaction():
            ensure_raw_tables(contract, connection)
        files = [_land_file(connection, contract, batch_date, path, archive) for path in paths]
        with connection.transaction():
            _write_names(connection, files)
            _supersede(connection, contract.system, batch_date, files)
            state = _settle_state(connection, contract, batch_date, files)
    return BatchResult(state, files)


def lock_of(system: str, batch_date: date) -> str:
    """The name of the lock that whoever lands a batch holds."""
    return f"land {system} {batch_date}"


def _is_unfinished(name: str) -> bool:
    return name.startswith(".") or name.lower().endswith(UNFINISHED)


def file_id_of(system: str, batch_date: date, sha256: str) -> UUID:
    """The id of a file: made from what it is and where it belongs, so that landing again gives the same id."""
    return UUID(bytes=hashlib.sha256(f"{system}/{batch_date}/{sha256}".encode()).digest()[:16])


def _land_file(
    connection: psycopg.Connection, contract: Contract, batch_date: date, path: Path, archive: Any
) -> FileResult:
    stamp, sha256, name = _stamp(path), _hash(path), _readable(path.name)
    file_id = file_id_of(contract.system, batch_date, sha256 if sha256 != UNREADABLE else f"{sha256}/{name}")
    if known := _recognise(connection, file_id, name):
        return known
    entry: dict[str, Any] = {
        "file_id": file_id, "system": contract.system, "entity": None, "batch_date": batch_date, "name": name,
        "names": [name],
        "sha256": sha256, "bytes": stamp[0], "encoding": None, "archive_key": None,
        "archived_sha256": None, "redacted_columns": [], "undeclared_columns": [], "missing_columns": [],
        "ends_within_row": False, "rows_read": None, "rows_landed": None, "rows_quarantined": None, "state": "landed",
        "reason": None,
    }  # fmt: skip
    try:
        with connection.transaction():
            _read_into(connection, contract, path, archive, entry)
            _refuse_changed(path, stamp, sha256)
            connection.execute(db.read_sql("include/landing/manifest.sql"), entry)
    except FileRejected as error:
        entry |= {"state": "rejected", "reason": _readable(str(error)), "rows_read": None}
        entry |= {"rows_landed": None, "rows_quarantined": None}
        with connection.transaction():
            connection.execute(db.read_sql("include/landing/manifest.sql"), entry)
    counts = (entry["rows_read"], entry["rows_landed"], entry["rows_quarantined"])
    return FileResult(name, file_id, entry["state"], *counts, entry["reason"])


def _readable(name: str) -> str:
    """The name as one line of text: bytes of it that are no UTF-8 as escapes, and so what no reader would see."""
    text = os.fsencode(name).decode("utf-8", errors="backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _recognise(connection: psycopg.Connection, file_id: UUID, name: str) -> FileResult | None:
    """The file where its rows have landed before. One that was held, or out, is taken up again."""
    with connection.transaction():
        connection.execute(
            "update ops.files set state = 'landed', judged_at = null, changed_at = now()"
            " where file_id = %s and state in ('held', 'superseded') and rows_read is not null",
            [file_id],
        )
        known = connection.execute(
            "select state, rows_read, rows_landed, rows_quarantined, reason from ops.files"
            " where file_id = %s and rows_read is not null",
            [file_id],
        ).fetchone()
    if known is None:
        return None
    state, read, landed, quarantined, reason = known
    return FileResult(name, file_id, state, read, landed, quarantined, reason, is_known=True)


def _stamp(path: Path) -> tuple[int, int]:
    """Size and time of the last change; a file that is gone has none."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_size, found.st_mtime_ns)


def _refuse_changed(path: Path, stamp: tuple[int, int], sha256: str) -> None:
    """What was read must be what the hash names; a file that is still being written comes again, whole."""
    if _stamp(path) != stamp and _hash(path) != sha256:
        raise FileRejected(f"{path.name}: changed while it was read; deliver it whole, under a name not in use")


def _hash(path: Path) -> str:
    """Of plain files alone: a folder or a dangling link cannot be read, and a pipe would never end."""
    try:
        return hash_file(path) if path.is_file() else UNREADABLE
    except OSError:
        return UNREADABLE


def _read_into(
    connection: psycopg.Connection, contract: Contract, path: Path, archive: Any, entry: dict[str, Any]
) -> None:
    """Archive and load the file, and write down in the entry what became known of it on the way."""
    if entry["sha256"] == UNREADABLE:
        raise FileRejected(f"{path.name}: cannot be opened; it is no plain file, may not be read or has gone")
    entity = _entity_of(contract, path.name)
    if entity is not None:
        entry["entity"] = entity.name
    layout = contract.format_of(entity)
    with masked_file(path, entity, layout) as (kept, masked):
        sha256 = hash_file(kept) if masked else entry["sha256"]
        key, digest, redacted = archive_file(kept, sha256, archive, entity, layout)
        entry |= {"archive_key": key, "archived_sha256": digest, "redacted_columns": [*redacted, *masked]}
        if entity is None:
            raise FileRejected(f"{path.name}: no entity of the contract takes this file")
        _load_into(connection, contract, entity, kept, entry)


def _load_into(
    connection: psycopg.Connection, contract: Contract, entity: Entity, path: Path, entry: dict[str, Any]
) -> None:
    layout = contract.format_of(entity)
    find = find_xml_encoding if layout.type == "xml" else find_encoding
    entry["encoding"] = find(path, layout.encoding)
    connection.execute(db.read_sql("include/landing/manifest.sql"), entry | {"state": "rejected"})
    connection.execute(
        "select set_config('customer360.file_id', %s, true), set_config('customer360.batch_date', %s, true)",
        [str(entry["file_id"]), entry["batch_date"].isoformat()],
    )
    load: Load = load_file(connection, contract, entity, path, entry["encoding"], entry["file_id"])
    entry |= {"rows_read": load.rows_read, "rows_landed": load.rows_landed}
    entry |= {"rows_quarantined": load.rows_quarantined, "undeclared_columns": list(load.undeclared_columns)}
    entry |= {"missing_columns": list(load.missing_columns), "ends_within_row": load.ends_within_row}


def _entity_of(contract: Contract, name: str) -> Entity | None:
    for entity in contract.entities.values():
        if any(fnmatch.fnmatch(name.lower(), pattern.lower()) for pattern in entity.files):
            return entity
    return None


def _write_names(connection: psycopg.Connection, files: list[FileResult]) -> None:
    """A file has the names under which its content is there now: what comes under an earlier one replaces nothing."""
    names: dict[UUID, list[str]] = {}
    for file in files:
        names.setdefault(file.file_id, []).append(file.name)
    for file_id, found in names.items():
        connection.execute(
            "update ops.files set name = %s, names = %s where file_id = %s and names <> %s",
            [found[0], found, file_id, found],
        )


def _supersede(connection: psycopg.Connection, system: str, batch_date: date, files: list[FileResult]) -> None:
    """Files that were held or rejected and have left the inbox, or came again with other content, are out."""
    present = [file.file_id for file in files]
    connection.execute(
        "update ops.files set state = 'superseded', changed_at = now() where system = %s and batch_date = %s"
        " and state in ('held', 'rejected', 'landed') and not file_id = any(%s)",
        [system, batch_date, present],
    )


def _settle_state(connection: psycopg.Connection, contract: Contract, batch_date: date, files: list[FileResult]) -> str:
    """Write the state of the batch. Without files: absent where one is due; a batch that was released stays so."""
    state = "landed" if files else "absent" if contract.is_due(batch_date) else "not_due"
    connection.execute(
        "insert into ops.batches (system, batch_date, state) values (%s, %s, %s)"
        " on conflict (system, batch_date) do update set state = excluded.state, reason = null, changed_at = now()"
        " where batches.state <> 'released'",
        [contract.system, batch_date, state],
    )
    return state
