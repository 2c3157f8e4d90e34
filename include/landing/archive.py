"""The archive: every file as it was received, under its own hash, with never-stored values blanked."""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any, BinaryIO

from include.contracts import Entity, Format
from include.landing.encoding import find_encoding, find_xml_encoding, open_delivered
from include.landing.readers.delimited import open_delimited, redact_delimited
from include.landing.readers.json_records import redact_json
from include.landing.readers.xml_redact import redact_xml
from include.landing.records import FileRejected

COPY_BYTES = 1 << 20


def hash_file(path: Path) -> str:
    """The sha256 of the file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def archive_file(
    path: Path, sha256: str, archive: Any, entity: Entity | None, layout: Format
) -> tuple[str, str, list[str]]:
    """Store the file; returns (key in the archive, sha256 of the stored object, columns that were blanked).

    `archive` is a path-like of Airflow's or fsspec's object storage. A file with never-stored fields is written anew,
    as gzip, without them; raises FileRejected where it cannot be parsed, since it must then not be stored at all, and
    where its content is no longer that of `sha256`. An outage of the archive is an OSError.
    """
    if entity is None or not entity.never_stored:
        with open_delivered(path) as content:
            return (*_store(content, path.name, archive, sha256), [])
    with tempfile.TemporaryDirectory() as folder:
        redacted = Path(folder) / "redacted.gz"
        try:
            _write_redacted(path, redacted, entity, layout)
        except FileRejected as error:
            raise FileRejected(
                f"{error}; it may hold fields that must never be stored, so it is not archived"
            ) from None
        with redacted.open("rb") as content:
            return (*_store(content, path.name, archive, hash_file(redacted)), sorted(entity.never_stored))


def _store(content: BinaryIO, name: str, archive: Any, digest: str) -> tuple[str, str]:
    """Copy the file under its hash. An object of another size is the rest of a killed attempt and written again."""
    key = f"{digest[:2]}/{digest}"
    target = archive / digest[:2] / digest
    if not target.exists() or target.stat().st_size != os.fstat(content.fileno()).st_size:
        target.parent.mkdir(parents=True, exist_ok=True)
        copied = hashlib.sha256()
        with target.open("wb") as copy:
            while block := content.read(COPY_BYTES):
                copied.update(block)
                copy.write(block)
        if copied.hexdigest() != digest:
            target.unlink()
            raise FileRejected(f"{name}: changed while it was read; deliver it whole, under a name not in use")
    return key, digest


def _write_redacted(path: Path, target: Path, entity: Entity, layout: Format) -> None:
    with target.open("wb") as raw, gzip.GzipFile("", "wb", 1, raw, mtime=0) as out:
        if layout.type == "xml":
            redact_xml(path, out, entity, layout, find_xml_encoding(path, layout.encoding))
            return
        encoding = find_encoding(path, layout.encoding)
        if layout.type in ("csv", "txt"):
            pieces = redact_delimited(open_delimited(path, entity, layout, encoding))
        else:
            pieces = redact_json(path, entity, encoding, layout.type == "json")
        for piece in pieces:
            out.write(piece)
