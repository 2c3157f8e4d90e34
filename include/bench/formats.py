"""How fast each format lands, beside ``\\copy`` of the same rows as CSV."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from include import db
from include.bench.floors import copy_floor
from include.contracts import Contract

DAY = date(2026, 11, 16)
COLUMNS = ("id", "first_name", "last_name", "email", "phone", "born", "street", "city", "postcode", "note")
BAD_SHARE = 0.01
# The ratio to `\copy` that landing aims for; a dirty file is measured against the clean one.
TARGETS = {"csv": 2.0, "csv.gz": 2.0, "jsonl": 4.0, "json": 5.0, "xml": 7.0, "csv, 1 % bad": 2.0}


def bench_contract(kind: str) -> Contract:
    """A contract of ten text columns in the given format."""
    return Contract.model_validate({
        "system": f"bench_{kind}", "title": "Bench", "description": "Rows for measuring", "owner": "-", "contact": "-",
        "cadence": "daily", "delivery": "events", "missing_record": "-", "purpose": "-", "legal_basis": "-",
        "region": "-", "retention_days": 1, "format": {"type": kind, "record_element": "record"},
        "entities": {"rows": {
            "description": "One row per row.", "files": ["rows*"], "key": ["id"],
            "columns": {name: {"meaning": name} for name in COLUMNS},
        }},
    })  # fmt: skip


def measure_formats(url: str, folder: Path, rows: int) -> list[dict[str, Any]]:
    """One figure per format: format, rows, bytes, seconds, copy_s (the floor), ratio, target, hash_s, archive_s, mb.

    Each file lands in a process of its own, so that `mb` is the memory of landing that file and nothing else.
    """
    db.migrate(url)
    figures = []
    for kind, name, write in _files(rows):
        path = write(folder / kind / name)
        label = "csv, 1 % bad" if "bad" in name else "csv.gz" if name.endswith(".gz") else kind
        figures.append({"format": label, **_land_in_child(url, kind, path)})
        path.unlink()
        if label == "csv":
            floor_s, floor_rows = copy_floor(url, "raw_bench_csv", "rows", folder)
            clean_s = figures[0]["seconds"]
    for figure in figures:
        is_dirty = figure["format"] == "csv, 1 % bad"
        if not is_dirty and figure["rows"] != floor_rows:
            raise ValueError(f"{figure['format']}: {figure['rows']:,} rows landed, \\copy took {floor_rows:,}")
        figure["copy_s"] = round(floor_s, 2)
        figure["ratio"] = round(figure["seconds"] / (clean_s if is_dirty else floor_s), 2)
        figure["target"] = TARGETS[figure["format"]]
    return figures


def _files(rows: int) -> Iterator[tuple[str, str, Callable[[Path], Path]]]:
    yield "csv", "rows.csv", lambda path: _write(path, _csv_lines(rows, bad=False))
    yield "csv", "rows.csv.gz", lambda path: _write_gzip(path, _csv_lines(rows, bad=False))
    yield "csv", "rows-bad.csv", lambda path: _write(path, _csv_lines(rows, bad=True))
    yield "jsonl", "rows.jsonl", lambda path: _write(path, (json.dumps(r) + "\n" for r in _records(rows)))
    yield "json", "rows.json", lambda path: _write(path, _json_parts(rows))
    yield "xml", "rows.xml", lambda path: _write(path, _xml_parts(rows))


def _records(rows: int) -> Iterator[dict[str, str]]:
    rng = random.Random(1)  # noqa: S311 - repeatable, not secret
    for number in range(rows):
        word = f"{rng.getrandbits(40):x}"
        yield dict(zip(COLUMNS, (
            f"{number:09d}", f"Anna{word[:3]}", f"Novák{word[3:6]}", f"{word}@mail.example", f"+4420{number:08d}",
            "1980-01-02", f"{number % 300} High Street", "Leeds", f"LS{number % 30} {number % 9}AB", word,
        ), strict=True))  # fmt: skip


def _csv_lines(rows: int, bad: bool) -> Iterator[str]:
    yield ",".join(COLUMNS) + "\n"
    every = round(1 / BAD_SHARE)
    for number, record in enumerate(_records(rows)):
        extra = ",one,two" if bad and number % every == 50 else ""
        yield ",".join(record.values()) + extra + "\n"


def _json_parts(rows: int) -> Iterator[str]:
    yield "[\n"
    for number, record in enumerate(_records(rows)):
        yield (",\n" if number else "") + json.dumps(record)
    yield "\n]\n"


def _xml_parts(rows: int) -> Iterator[str]:
    yield "<?xml version='1.0' encoding='utf-8'?>\n<records>\n"
    for record in _records(rows):
        yield "<record>" + "".join(f"<{k}>{escape(v)}</{k}>" for k, v in record.items()) + "</record>\n"
    yield "</records>\n"


def _write(path: Path, parts: Iterator[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(parts)
    return path


def _write_gzip(path: Path, parts: Iterator[str]) -> Path:
    import gzip

    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=3) as stream:
        stream.writelines(parts)
    return path


def _land_in_child(url: str, kind: str, path: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "include.bench.formats", kind, str(path)]
    done = subprocess.run(command, input=url, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"{path.name} did not land: {done.stderr.strip().splitlines()[-1:]}")
    figure: dict[str, Any] = json.loads(done.stdout)
    return figure


def main() -> None:
    """Land one file into a raw table that is made anew, and print the figures; the warehouse's URL comes by stdin."""
    import tempfile

    import psycopg
    from psycopg import sql

    from include.bench.memory import peak_rss_mb
    from include.landing import land_batch
    from include.landing.archive import archive_file, hash_file

    kind, path, url = sys.argv[1], Path(sys.argv[2]), sys.stdin.read().strip()
    contract = bench_contract(kind)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(f"raw_{contract.system}")))
        connection.execute("delete from ops.quarantine; delete from ops.files; delete from ops.batches;")
    with tempfile.TemporaryDirectory(dir=path.parent) as work:
        inbox = Path(work) / "inbox" / contract.system / DAY.isoformat()
        inbox.mkdir(parents=True)
        (inbox / path.name).hardlink_to(path)
        began = time.monotonic()
        digest = hash_file(path)
        hashed = time.monotonic()
        archive_file(path, digest, Path(work) / "probe", None, contract.format)
        archived = time.monotonic()
        result = land_batch(contract, DAY, Path(work) / "inbox", Path(work) / "archive", url)
        seconds = time.monotonic() - archived
    if result.rows_read != result.rows_landed + result.rows_quarantined or not result.rows_landed:
        raise ValueError(f"{result.rows_read} read, {result.rows_landed} landed: {[f.reason for f in result.files]}")
    hash_s, archive_s = hashed - began, archived - hashed
    print(json.dumps({
        "rows": result.rows_landed, "quarantined": result.rows_quarantined, "bytes": path.stat().st_size,
        "seconds": round(seconds - hash_s - archive_s, 2), "hash_s": round(hash_s, 2),
        "archive_s": round(archive_s, 2), "mb": round(peak_rss_mb()),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
