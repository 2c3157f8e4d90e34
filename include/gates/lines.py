"""The lines of examples: raw tables know the row of a record, whoever mends a file looks for its line."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

from include import db
from include.contracts import Contract, Entity, Format
from include.gates.checkpoint import Finding
from include.landing.archive import hash_file
from include.landing.encoding import find_encoding
from include.landing.readers.delimited import open_delimited, row_spans
from include.landing.readers.json_text import json_lines
from include.landing.records import FileRejected


def with_lines(findings: list[Finding], contract: Contract, batch_date: date, inbox: Path, url: str) -> list[Finding]:
    """The findings, with the line of every example whose file is still in the inbox as it was landed.

    Only files with broken rules are read again; of a database, the inbox is that of its extracts. XML and JSON arrays
    have rows alone: their lines depend on who wrote them.
    """
    wanted: dict[str, set[int]] = {}
    for finding in findings:
        for example in finding.examples if finding.is_broken else ():
            if example.get("_file_id") and int(example.get("_row") or 0):
                wanted.setdefault(example["_file_id"], set()).add(int(example["_row"]))
    folder = inbox / contract.system / batch_date.isoformat()
    lines = {file_id: _lines_of(file_id, rows, contract, folder, url) for file_id, rows in wanted.items()}

    def placed(example: dict[str, str]) -> dict[str, str]:
        line = lines.get(example.get("_file_id", ""), {}).get(int(example.get("_row") or 0))
        return example | {"_line": str(line)} if line else example

    return [
        replace(finding, examples=[placed(example) for example in finding.examples]) if finding.is_broken else finding
        for finding in findings
    ]


def _lines_of(file_id: str, rows: Collection[int], contract: Contract, folder: Path, url: str) -> dict[int, int]:
    with db.connect(url) as connection:
        known = connection.execute(
            "select name, sha256, entity from ops.files where file_id = %s", [file_id]
        ).fetchone()  # fmt: skip
    if known is None or known[2] not in contract.entities:
        return {}
    name, sha256, entity = known
    with suppress(OSError, FileRejected):  # gone, or another by now: the row has to do
        path = folder / name
        if path.is_file() and hash_file(path) == sha256:
            described = contract.entities[entity]
            return line_numbers(path, described, contract.format_of(described), rows)
    return {}


def line_numbers(path: Path, entity: Entity, layout: Format, rows: Collection[int]) -> dict[int, int]:
    """The line on which each of the rows begins, as landing counts both."""
    found: dict[int, int] = {}
    for row, line, count in _runs(path, entity, layout):
        found |= {wanted: line + wanted - row for wanted in rows if row <= wanted < row + count}
        if len(found) == len(rows):
            break
    return found


def _runs(path: Path, entity: Entity, layout: Format) -> Iterator[tuple[int, int, int]]:
    """(row, line, number of rows that follow each other line by line)."""
    if layout.type in ("csv", "txt"):
        encoding = find_encoding(path, layout.encoding)
        source = open_delimited(path, entity, layout, encoding)
        for span in row_spans(path, layout, encoding, source.plain, len(source.header)):
            if span.number:
                yield span.number, span.line, span.rows or 1
    elif layout.type in ("jsonl", "database"):
        lines = json_lines(path, find_encoding(path, layout.encoding))
        yield from ((row, line, 1) for row, (line, _, _) in enumerate(lines, start=1))
