"""Brings a batch to where landing finds it: files are in the inbox; of a database, they are made first."""

from __future__ import annotations

import gzip
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO

import orjson
import psycopg
import sqlalchemy as sa
from psycopg import sql

from include import db
from include.contracts import EXTRACT_SUFFIX, Contract, Entity
from include.extract.compare import Change, Landed, find_changes
from include.extract.source import Key, SourceTable, open_source
from include.landing import ensure_raw_tables
from include.landing.land import lock_of

# A row may be committed so long after its watermark and still be read with the new ones; what comes later is found
# too, and fetched by its key.
OVERLAP = timedelta(hours=1)
WRITE_LINES = 500


@dataclass(frozen=True)
class Delivery:
    """Where the files of a batch are (an inbox), and how many rows a database gave for it."""

    inbox: Path
    counts: dict[str, int] = field(default_factory=dict)
    is_released: bool = False  # nothing is to be landed: the extract has been released, and is in the archive


def inbox_of(contract: Contract, inbox: Path, run_dir: Path) -> Path:
    """Where the files of the system's batches are: of a database, the extracts in the run folder."""
    return run_dir / "extracts" if contract.format.type == "database" else inbox


def fetch_delivery(contract: Contract, batch_date: date, inbox: Path, run_dir: Path, warehouse_url: str) -> Delivery:
    """The inbox to land the batch from.

    For a database that is ``<run folder>/extracts``, and from the contract's first batch date on its tables are
    extracted into it: one file an entity, all or none. An extract that is complete is used as it is, so that a rerun
    lands the same bytes; one whose batch has been held is made anew, since the source may have been mended; of one that
    has been released and removed, nothing is read again. Raises ExtractFailed where the database cannot be read.
    """
    if contract.format.type != "database":
        return Delivery(inbox)
    extracts = inbox_of(contract, inbox, run_dir)
    place = extracts / contract.system / batch_date.isoformat()
    if _is_too_early(contract, batch_date):
        extracts.mkdir(parents=True, exist_ok=True, mode=0o700)
        return Delivery(extracts)
    with psycopg.connect(warehouse_url, application_name="customer360", options="-c timezone=UTC") as warehouse:
        with warehouse.transaction():  # held by the session: another extract of the batch waits, and then finds this
            warehouse.execute("select pg_advisory_lock(hashtext(%s))", [_lock_of(contract.system, batch_date)])
        with warehouse.transaction():
            ensure_raw_tables(contract, warehouse)
            if place.exists() and not _was_refused(warehouse, contract.system, batch_date):
                return Delivery(extracts)
            if not place.exists() and _is_released(warehouse, contract.system, batch_date):
                return Delivery(extracts, is_released=True)
        return Delivery(extracts, _extract(contract, batch_date, place, warehouse))


def remove_extracts(contract: Contract, run_dir: Path, warehouse_url: str) -> None:
    """Remove the extracts of all batches of the system that have been released: the archive has the same bytes, and is
    the one place that keeps them. Those of held batches stay until they are made anew.
    """
    folder = run_dir / "extracts" / contract.system
    if contract.format.type != "database" or not folder.is_dir():
        return
    with psycopg.connect(warehouse_url, application_name="customer360") as warehouse:
        for place in sorted(folder.iterdir()):
            try:
                batch_date = date.fromisoformat(place.name)
            except ValueError:
                continue  # unfinished, or somebody's
            with warehouse.transaction():
                locks = [_lock_of(contract.system, batch_date), lock_of(contract.system, batch_date)]
                is_unused = warehouse.execute(
                    "select bool_and(pg_try_advisory_xact_lock(hashtext(name))) from unnest(%s::text[]) as name",
                    [locks],
                ).fetchone()
                if is_unused == (True,) and _is_released(warehouse, contract.system, batch_date):
                    shutil.rmtree(place, ignore_errors=True)  # what cannot be removed now, the next release tries


def _lock_of(system: str, batch_date: date) -> str:
    return f"extract {system} {batch_date}"


def _is_released(warehouse: psycopg.Connection, system: str, batch_date: date) -> bool:
    """Whether all that was read for the batch is released; a file that waits for a verdict needs its extract."""
    found = warehouse.execute(
        "select 1 from ops.batches where system = %(system)s and batch_date = %(day)s and state = 'released'"
        " and not exists (select 1 from ops.files where system = %(system)s and batch_date = %(day)s"
        " and state in ('landed', 'held', 'rejected'))",
        {"system": system, "day": batch_date},
    )
    return found.fetchone() is not None


def _is_too_early(contract: Contract, batch_date: date) -> bool:
    """A database tells of now: a batch from before the first one would be empty, and say that all is well."""
    return contract.first_batch_date is not None and batch_date < contract.first_batch_date


def _was_refused(warehouse: psycopg.Connection, system: str, batch_date: date) -> bool:
    found = warehouse.execute(
        "select 1 from ops.files where system = %s and batch_date = %s and state in ('held', 'rejected') limit 1",
        [system, batch_date],
    )
    return found.fetchone() is not None


def _has_landed(warehouse: psycopg.Connection, system: str) -> bool:
    """Whether any row of the system has ever landed: until then an extract without rows is no delivery, and the day is
    absent; later, a day without a change is a delivery of no rows.
    """
    found = warehouse.execute("select 1 from ops.files where system = %s and rows_landed > 0 limit 1", [system])
    return found.fetchone() is not None


def _extract(contract: Contract, batch_date: date, place: Path, warehouse: psycopg.Connection) -> dict[str, int]:
    """Every table of the batch, as of one moment; the folder gets its name when all of them are complete.

    Where no table has ever had a row, there is no folder.
    """
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    prefix = f".unfinished-{batch_date}-"
    for rest in place.parent.glob(f"{prefix}*"):  # of a killed attempt; the lock says that nobody writes it
        shutil.rmtree(rest)
    counts = {"new": 0, "late": 0, "deleted": 0}
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place.parent))
    try:
        with open_source(contract) as source:
            for entity in contract.entities.values():
                _extract_table(source, warehouse, contract, entity, batch_date, folder, counts)
        shutil.rmtree(place, ignore_errors=True)
        if any(counts.values()) or _has_landed(warehouse, contract.system):
            folder.rename(place)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return counts


def _extract_table(
    source: sa.Connection, warehouse: psycopg.Connection, contract: Contract, entity: Entity, batch_date: date,
    folder: Path, counts: dict[str, int],
) -> None:  # fmt: skip
    table = SourceTable(source, entity)
    end = datetime.combine(batch_date + timedelta(1), datetime.min.time(), UTC)
    last = _last_released(warehouse, contract.system, entity.name, batch_date)
    low = datetime.combine(last, datetime.min.time(), UTC) - OVERLAP if last else None
    with tempfile.TemporaryFile("w+b") as aside, _packed(folder, entity.name) as out:
        landed = _landed(warehouse, contract.system, entity, batch_date, table.moment_type) if last else ()
        watermark = table.as_watermark(end)
        changes = find_changes(table.rows(low, end), landed, watermark, lambda key: _put(aside, key))
        counts["new"] += _write(out, table, changes, counts)
        aside.seek(0)
        late = (orjson.loads(line) for line in aside)
        counts["late"] += _write(out, table, table.rows_of(late), counts)


def _put(aside: IO[bytes], key: Key) -> None:
    aside.write(orjson.dumps(key) + b"\n")


def _write(out: gzip.GzipFile, table: SourceTable, changes: Iterable[Change], counts: dict[str, int]) -> int:
    """Write rows as they come, and a tombstone (the key and that it is deleted) for each key; returns the rows."""
    lines: list[bytes] = []
    rows = 0
    for key, row in changes:
        if row is None:
            lines.append(table.tombstone(key))
            counts["deleted"] += 1
        else:
            lines.append(table.line(row))
            rows += 1
        if len(lines) >= WRITE_LINES:
            out.write(b"".join(lines))
            lines.clear()
    out.write(b"".join(lines))
    return rows


def _packed(folder: Path, name: str) -> gzip.GzipFile:
    """A file that says its name and not its time: equal rows give equal bytes, and no two entities do, even empty."""
    path = folder / f"{name}{EXTRACT_SUFFIX}"
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    return _Packed(descriptor, f"{name}.jsonl")


class _Packed(gzip.GzipFile):
    """A packed file that closes what it writes to."""

    def __init__(self, descriptor: int, name: str) -> None:
        self._file = os.fdopen(descriptor, "wb")
        super().__init__(name, "wb", 1, self._file, mtime=0)

    def close(self) -> None:
        super().close()
        self._file.close()


def _last_released(warehouse: psycopg.Connection, system: str, entity: str, batch_date: date) -> date | None:
    with warehouse.transaction():
        row = warehouse.execute(
            "select max(batch_date) from ops.files"
            " where system = %s and entity = %s and state = 'released' and batch_date < %s",
            [system, entity, batch_date],
        ).fetchone()
    return row[0] if row else None


def _landed(
    warehouse: psycopg.Connection, system: str, entity: Entity, batch_date: date, moment_type: str
) -> Iterator[Landed]:
    keys = [sql.SQL("raw.{}").format(sql.Identifier(name)) for name in entity.key]
    query = sql.SQL(db.read_sql("include/extract/landed.sql")).format(
        order=sql.SQL(", ").join(sql.SQL('{} collate "C"').format(key) for key in keys),
        keys=sql.SQL(", ").join(keys), watermark=sql.Identifier(entity.watermark or ""),
        table=sql.Identifier(f"raw_{system}", entity.name), type=sql.SQL(moment_type),
    )  # fmt: skip
    with warehouse.transaction(), warehouse.cursor("landed") as cursor:
        cursor.itersize = 2000
        cursor.execute(query, {"day": batch_date})
        for *key, watermark, is_deleted in cursor:
            yield key[0] if len(key) == 1 else tuple(key), watermark, is_deleted
