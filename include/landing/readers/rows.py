"""Cuts delimited text into rows: long runs of plain ones as they are, any other one by itself.

A row is plain where COPY reads from its bytes just what ``split_row`` would: as many fields as the header, quotes
around whole fields only, a short key, no NUL. One regular expression matches as many plain rows as follow each other,
so a clean file is never taken apart and a bad row costs no more than itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from include.contracts import Entity, Format
from include.landing.records import MAX_RECORD_BYTES, SHORT_KEY, FileRejected

MAX_ROW_LINES = 1000
_BLANK_LINES = re.compile(rb"(?:\r?\n)+")


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of the file: `rows` plain rows, or (0) one row that has to be taken apart."""

    number: int
    line: int
    data: bytes
    rows: int

    @property
    def is_open(self) -> bool:
        """Whether it ends the file without the line feed that a line before it has."""
        return self.line > 1 and not self.data.endswith(b"\n")


@dataclass(frozen=True)
class Plain:
    """How plain rows of one header look.

    `many` matches rows of one line, `unquoted` the same in text without any quote (faster), `one` a single row whose
    quoted fields span lines. `kept` captures the fields that may be stored; `blanked` and `cut` write a row anew with
    the other fields empty, or without them.
    """

    many: re.Pattern[bytes]
    unquoted: re.Pattern[bytes]
    one: re.Pattern[bytes]
    kept: re.Pattern[bytes]
    blanked: bytes
    cut: bytes


def plain_rows(header: list[str], entity: Entity, layout: Format) -> Plain | None:
    """How plain rows look; None where no row can be plain, since the header lacks the key."""
    if not set(entity.key) <= set(header):
        return None
    is_key = tuple(name in entity.key for name in header)
    is_kept = tuple(name not in entity.never_stored for name in header)
    is_text = any(column.mask for column in entity.columns.values())  # free text, which is its own key of any length
    return _compile(layout.delimiter, layout.quote, layout.escape, is_key, is_kept, 0 if is_text else SHORT_KEY)


@lru_cache(maxsize=32)
def _compile(
    delimiter: str, quote: str | None, escape: str | None, is_key: tuple[bool, ...], is_kept: tuple[bool, ...],
    longest_key: int,
) -> Plain:  # fmt: skip
    special = re.escape("\\" if escape == "\\" else escape or "") if escape != quote else ""
    bare = f"[^{re.escape(delimiter)}{re.escape(quote or chr(8))}{special}\n\r\0]"
    start = r"(?!\\\.)"  # a line that begins with \. ends the data for older servers
    mark = re.escape(quote or "")
    long = f"(?!{mark}(?:[^{mark}]|{mark}{mark}){{{longest_key + 1}}})" if longest_key else ""
    filled = f"(?!{mark}{mark}(?!{mark})){long}"  # a key in quotes that is not empty
    short = f"{bare}{{1,{longest_key}}}+" if longest_key else f"{bare}++"

    def fields(quoted: str | None) -> list[str]:
        return [
            (f"(?:{filled}{quoted}|{short})" if key else f"(?:{quoted}|{bare}*+)") if quoted
            else (short if key else f"{bare}*+")
            for key in is_key
        ]  # fmt: skip

    def line_of(parts: list[str]) -> str:
        return start + re.escape(delimiter).join(parts) + "\r?\n"

    def quoted(excluded: str) -> str | None:
        inside = f"[^{mark}{special}\0{excluded}]*+"
        return f"{mark}{inside}{_all_of(f'{mark}{mark}{inside}')}{mark}" if quote else None

    one_line, lines = quoted("\n\r"), quoted("")
    kept, blanked, cut = _kept(delimiter, fields(lines), is_kept)
    return Plain(
        many=_bytes_pattern(_all_of(line_of(fields(one_line)))),
        unquoted=_bytes_pattern(_all_of(line_of(fields(None)))),
        one=_bytes_pattern(line_of(fields(lines))),
        kept=_bytes_pattern(kept),
        blanked=blanked,
        cut=cut,
    )


def _all_of(pattern: str) -> str:
    """As many of the pattern as follow each other, without giving any back.

    Python before 3.11.5 matches `(?:...)*+` wrongly (gh-106052), and an atomic group rightly.
    """
    return f"(?>(?:{pattern})*)"


def _kept(delimiter: str, fields: list[str], is_kept: tuple[bool, ...]) -> tuple[str, bytes, bytes]:
    """(pattern of a row with a group for each field to keep, replacement that blanks the rest, one that cuts it)."""
    groups = [f"({field})" if keep else field for field, keep in zip(fields, is_kept, strict=True)]
    numbers = iter(range(1, len(fields) + 2))
    names = [f"\\g<{next(numbers)}>" if keep else "" for keep in is_kept]
    end = f"\\g<{next(numbers)}>"
    separator = delimiter.replace("\\", "\\\\")
    pattern = re.escape(delimiter).join(groups) + "(\r?\n)"
    return (
        pattern,
        (separator.join(names) + end).encode(),
        (separator.join(name for name in names if name) + end).encode(),
    )


def _bytes_pattern(pattern: str) -> re.Pattern[bytes]:
    return re.compile(pattern.encode())


def cut_rows(
    blocks: Iterable[bytes], layout: Format, plain: Plain | None, is_row: Callable[[bytes], bool]
) -> Iterator[Span]:
    """Every row of the text, in order, the first (the header) by itself; blank lines are none.

    Lines that a quote joins and that are no row together (`is_row`) are rows of their own: a stray quote costs its
    line only. Raises FileRejected for a row that does not end.
    """
    quote = layout.quote.encode() if layout.quote else b""
    buffer, number, line = b"", 1, 1
    for block in chain(blocks, (b"",)):
        buffer += block
        whole = buffer.rfind(b"\n") + 1 if block else len(buffer)
        position = 0
        while position < whole:
            if blank := _BLANK_LINES.match(buffer, position, whole):
                line += buffer.count(b"\n", position, blank.end())
                position = blank.end()
                continue
            end, rows = _match(buffer, position, whole, plain if number > 1 else None, quote)
            if rows == 0:
                must_end = not block or len(buffer) - position > MAX_RECORD_BYTES
                end = _row_end(buffer, position, whole, layout, must_end)
                if end < 0:
                    break
                first = buffer.find(b"\n", position, end) + 1
                if 0 < first < end and not is_row(buffer[position:end]):
                    end = first
            data = buffer[position:end]
            position = end
            if rows or data.strip(b"\r\n"):
                yield Span(number, line, data, rows)
                number += rows or 1
            line += data.count(b"\n")
        buffer = buffer[position:]
        if len(buffer) > MAX_RECORD_BYTES and b"\n" not in buffer:
            raise FileRejected(f"line {line}: a row is longer than {MAX_RECORD_BYTES:,} bytes")


def _match(buffer: bytes, position: int, whole: int, plain: Plain | None, quote: bytes) -> tuple[int, int]:
    """(end, number) of the plain rows that begin here; number 0 where the first row is not plain."""
    if plain is None:
        return position, 0
    has_quotes = bool(quote) and buffer.find(quote, position, whole) >= 0
    found = (plain.many if has_quotes else plain.unquoted).match(buffer, position, whole)
    if found and found.end() > position:
        return found.end(), buffer.count(b"\n", position, found.end())
    single = plain.one.match(buffer, position, whole) if has_quotes else None
    if single and single.group().count(b"\n") <= MAX_ROW_LINES:
        return single.end(), 1
    return position, 0


def _row_end(buffer: bytes, position: int, whole: int, layout: Format, must_end: bool) -> int:
    """Where the row that begins here ends: after the line with its last quote; -1 where that is not read yet."""
    quotes, end = 0, position
    for _ in range(MAX_ROW_LINES):
        start, end = end, buffer.find(b"\n", end, whole) + 1 or whole
        quotes += count_quotes(buffer[start:end], layout)
        if quotes % 2 == 0:
            return end
        if end == whole:
            return end if must_end else -1
    return end


def count_quotes(line: bytes, layout: Format) -> int:
    """The quotes of the line that are not escaped by another character than the quote itself."""
    if not layout.quote:
        return 0
    quote = layout.quote.encode()
    if layout.escape and layout.escape != layout.quote:
        line = re.sub(re.escape(layout.escape.encode()) + b".", b"", line, flags=re.DOTALL)
    return line.count(quote)


def write_row(values: list[str | None], layout: Format) -> bytes:
    """One row as COPY reads it, in UTF-8: each value in quotes, absent ones empty."""
    quote = layout.quote or "\b"
    fields = ("" if value is None else quote + value.replace(quote, quote * 2) + quote for value in values)
    return layout.delimiter.join(fields).encode("utf-8")
