"""The archive: every file as it was received, under its own hash, with never-stored values blanked."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Any

import ijson
import orjson

from include.contracts import Entity, Format
from include.landing.encoding import open_bytes
from include.landing.readers.json_records import to_text, without_never_stored
from include.landing.records import FileRejected


def hash_file(path: Path) -> str:
    """The sha256 of the file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def archive_file(path: Path, archive: Any, entity: Entity | None, layout: Format) -> tuple[str, str, list[str]]:
    """Store the file; returns (key in the archive, sha256 of the stored object, columns that were blanked).

    `archive` is a path-like of Airflow's or fsspec's object storage. A file with never-stored fields is written anew
    without them; raises FileRejected where it cannot be parsed, since it must then not be stored at all.
    """
    if entity is None or not entity.never_stored:
        return (*_store(path, archive, hash_file(path)), [])
    if layout.type not in ("json", "jsonl"):
        raise FileRejected(f"{path.name}: fields that must never be stored are supported in JSON only")
    with tempfile.TemporaryDirectory() as folder:
        redacted = Path(folder) / path.name
        _write_redacted(path, redacted, entity, layout)
        return (*_store(redacted, archive, hash_file(redacted)), sorted(entity.never_stored))


def _store(path: Path, archive: Any, digest: str) -> tuple[str, str]:
    key = f"{digest[:2]}/{digest}"
    target = archive / digest[:2] / digest
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
    return key, digest


def _write_redacted(path: Path, target: Path, entity: Entity, layout: Format) -> None:
    try:
        with open_bytes(path) as stream, gzip.GzipFile(target, "wb", mtime=0) as out:
            if layout.type == "json":
                out.write(b"[\n")
                for number, item in enumerate(ijson.items(stream, "item")):
                    out.write((b",\n" if number else b"") + _redacted(item, entity))
                out.write(b"\n]\n")
            else:
                for line in stream:
                    out.write(_redacted(orjson.loads(line), entity) + b"\n")
    except (ijson.JSONError, orjson.JSONDecodeError, UnicodeDecodeError):
        raise FileRejected(
            f"{path.name}: no valid JSON; it may hold fields that must never be stored, so it is not archived"
        ) from None


def _redacted(item: Any, entity: Entity) -> bytes:
    cleaned = without_never_stored(item, entity) if isinstance(item, dict) else None
    return orjson.dumps(cleaned, default=lambda number: float(to_text(number) or 0))
