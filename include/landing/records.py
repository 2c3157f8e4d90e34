"""What readers yield: rows that are ready for COPY, or one bad row with its place and reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from include.contracts import Column, Entity

WITHHELD = "[withheld: the row may hold a value that must never be stored]"
BLOCK_CHARACTERS = 1 << 16
MAX_KEY_BYTES = 500
MAX_RECORD_BYTES = 1 << 22  # two bytes can be a value, which takes sixty in memory
MAX_UNDECLARED = 1000
SHOWN_CHARACTERS = 1000  # of a record that is too long to be kept
SHORT_KEY = 120  # a key of so many characters is never longer than that, whatever the encoding


class FileRejected(Exception):  # noqa: N818 - reads as what happened
    """The file cannot be read to its end; nothing of it may land. The message says why and how far it was read."""


class ReadWithCareError(Exception):
    """The fast way of reading cannot tell whether all that it read may land: read the file again, with care."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Good rows in the order of the file, as the bytes that COPY reads."""

    count: int
    data: bytes


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that cannot land: the rule it breaks, the reason in words, and the row as it arrived."""

    row_number: int
    line: int | None
    rule: str
    reason: str
    record: str


@dataclass(frozen=True, slots=True)
class Header:
    """An element beside the records that is none; the manifest names it."""

    name: str


@dataclass(frozen=True, slots=True)
class Record:
    """One row that was taken apart: its text for COPY, and the names it holds beyond the contract."""

    text: str
    undeclared: tuple[str, ...] = ()


def missing_key(values: Mapping[str, str | None], entity: Entity) -> tuple[str, str] | None:
    """Why the record cannot be told by its key or fallback, as (rule, reason); None where it can.

    A key that an index of Postgres cannot hold would stop every later build; free text that is its own key has no such
    index.
    """
    for key in (entity.key, entity.key_fallback):
        if key and all(values.get(name) for name in key):
            long = [name for name in key if _is_too_long(values[name] or "", entity.columns[name])]
            reason = f"the key is longer than {MAX_KEY_BYTES} bytes: {', '.join(long)}"
            return ("key_too_long", reason) if long else None
    return "key_present", f"the key is missing: {', '.join(name for name in entity.key if not values.get(name))}"


def _is_too_long(value: str, column: Column) -> bool:
    return len(value) > SHORT_KEY and not column.mask and len(value.encode("utf-8", "replace")) > MAX_KEY_BYTES


def keyless_row(number: int, line: int | None, why: tuple[str, str], content: Mapping[str, object] | str) -> BadRow:
    """A record without a key that can be used becomes a bad row."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return BadRow(number, line, *why, text.replace("\x00", "\u2400"))


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """The name as it is compared where a secret may stand under another spelling of it."""
    return re.sub("[^a-z0-9]", "", name.lower())


def secret_names(columns: Mapping[str, Column]) -> frozenset[str]:
    """The folded names of columns that must never be stored."""
    return frozenset(fold(column.name) for column in columns.values())


_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def copy_text(values: list[str | None]) -> str:
    """The values as one line of COPY's text format."""
    line = "\t".join(["\\N" if value is None else value for value in values])
    if (
        line.count("\t") == len(values) - 1
        and line.count("\\") == values.count(None)
        and "\n" not in line
        and "\r" not in line
    ):
        return line
    return "\t".join(["\\N" if value is None else value.translate(_ESCAPES) for value in values])


def in_blocks(
    records: Iterable[str | Record | Header | BadRow], undeclared: dict[str, None]
) -> Iterator[Rows | BadRow]:
    """Records gathered to blocks for COPY, bad rows in their place between; notes the undeclared names it sees.

    Of names without an end it notes the first thousand.
    """
    lines: list[str] = []
    size = 0
    for record in records:
        if isinstance(record, str):
            line = record
        elif isinstance(record, Record):
            line = record.text
            if len(undeclared) < MAX_UNDECLARED:
                undeclared.update(dict.fromkeys(record.undeclared[:MAX_UNDECLARED]))
        elif isinstance(record, Header):
            undeclared[record.name] = None
            continue
        else:
            if lines:
                yield _block(lines)
                lines, size = [], 0
            yield record
            continue
        lines.append(line)
        size += len(line)
        if size > BLOCK_CHARACTERS:
            yield _block(lines)
            lines, size = [], 0
    if lines:
        yield _block(lines)


def _block(lines: list[str]) -> Rows:
    return Rows(len(lines), ("\n".join(lines) + "\n").encode())
