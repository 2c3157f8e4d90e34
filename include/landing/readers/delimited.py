"""Delimited text, CSV and TXT: rows are split by the dialect that the contract declares."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from include.contracts import Entity, Format
from include.landing.encoding import open_bytes
from include.landing.records import BadRow, FileRejected, Record

MAX_ROW_LINES = 1000


def read_header(path: Path, layout: Format, encoding: str) -> list[str]:
    """The names of the header row, lower case; raises FileRejected where the file is empty or the header unreadable."""
    with open_bytes(path) as stream:
        for _, line, _ in logical_rows(stream, layout, encoding):
            try:
                names = split_row(line, layout, encoding)
            except (UnicodeDecodeError, ValueError):
                raise FileRejected(f"{path.name}, line 1: the header is no {encoding} text") from None
            if names and len(set(names)) == len(names):
                return [name.strip().lower() for name in names if name is not None]
            raise FileRejected(f"{path.name}, line 1: the header names a column twice")
    raise FileRejected(f"{path.name}: the file is empty")


def split_row(row: bytes, layout: Format, encoding: str) -> list[str | None]:
    """The fields of one row; None for a field that is absent (empty without quotes), "" for one that is empty.

    Raises UnicodeDecodeError where the bytes are no text of the encoding, ValueError where quotes do not match.
    """
    text = row.decode(encoding).rstrip("\r\n").removeprefix("\ufeff")
    quote, delimiter = layout.quote, layout.delimiter
    if not quote or quote not in text:
        return [field or None for field in text.split(delimiter)]
    try:
        fields = next(csv.reader([text], delimiter=delimiter, quotechar=quote, escapechar=layout.escape, strict=True))
    except (csv.Error, StopIteration) as error:
        raise ValueError(str(error)) from None
    return _mark_absent(fields, text, layout)


def logical_rows(stream: BinaryIO, layout: Format, encoding: str) -> Iterator[tuple[int, bytes, bool]]:
    """(line number of its start, bytes, whether it holds a quote) of every row; quoted rows may span lines.

    Works on bytes for encodings in which the delimiter and quote are single bytes; others are recoded to UTF-8.
    """
    quote = layout.quote.encode() if layout.quote else None
    pending, started = b"", 0
    for number, line in enumerate(recode(stream, encoding), start=1):
        if not pending and (quote is None or quote not in line):
            if line.strip(b"\r\n"):
                yield number, line, False
            continue
        started = started if pending else number
        pending += line
        if pending.count(quote or b"") % 2 == 0 or number - started > MAX_ROW_LINES:
            yield started, pending, True
            pending = b""
    if pending:
        yield started, pending, True


def recode(stream: BinaryIO, encoding: str) -> Iterator[bytes]:
    """The lines of the stream as bytes in which an ASCII delimiter is one byte."""
    if encoding.startswith(("utf-16", "utf-32")):
        import codecs

        for text in codecs.getreader(encoding)(stream):
            yield text.encode("utf-8")
        return
    first = True
    for line in stream:
        yield line.removeprefix(b"\xef\xbb\xbf") if first else line
        first = False


def byte_encoding(encoding: str) -> str:
    """The encoding of what `recode` yields."""
    if encoding.startswith(("utf-16", "utf-32")):
        return "utf-8"
    return "utf-8" if encoding == "utf-8-sig" else encoding


def bad_row(number: int, line: int, row: bytes, rule: str, reason: str, encoding: str) -> BadRow:
    """A row for the quarantine; bytes that are no text are kept readable as escapes, NUL as its symbol."""
    text = row.decode(byte_encoding(encoding), errors="backslashreplace").rstrip("\r\n").replace("\x00", "\u2400")
    return BadRow(number, line, rule, reason, text)


def _mark_absent(fields: list[str], text: str, layout: Format) -> list[str | None]:
    """csv does not tell an empty field from an absent one: an absent one has no quote, so look at the text."""
    if "" not in fields:
        return list(fields)
    quote, delimiter = layout.quote or "", layout.delimiter
    marked: list[str | None] = []
    position = 0
    for field in fields:
        if text.startswith(quote, position):
            marked.append(field)
            end = position + 1
            while True:
                end = text.index(quote, end) + 1
                if not text.startswith(quote, end):
                    break
                end += 1
            position = end + len(delimiter)
        else:
            marked.append(field or None)
            position += len(field) + len(delimiter)
    return marked


def read_delimited(path: Path, entity: Entity, layout: Format, encoding: str) -> Iterator[Record | BadRow]:
    """The rows of a delimited file, read one by one; the way for files that COPY has refused."""
    header = read_header(path, layout, encoding)
    with open_bytes(path) as stream:
        rows = logical_rows(stream, layout, encoding)
        next(rows)
        for number, (line, row, _) in enumerate(rows, start=1):
            yield _to_record(number, line, row, header, entity, layout, encoding)


def _to_record(
    number: int, line: int, row: bytes, header: list[str], entity: Entity, layout: Format, encoding: str
) -> Record | BadRow:
    if b"\x00" in row:
        return bad_row(number, line, row, "nul_byte", "the row holds a NUL byte", encoding)
    try:
        fields = split_row(row, layout, byte_encoding(encoding))
    except UnicodeDecodeError as error:
        reason = f"byte {error.start + 1} of the row is no {encoding} text"
        return bad_row(number, line, row, "encoding", reason, encoding)
    except ValueError:
        return bad_row(number, line, row, "quotes", "the quotes of the row do not match", encoding)
    if len(fields) != len(header):
        rule = "too_many_fields" if len(fields) > len(header) else "too_few_fields"
        reason = f"the row has {len(fields)} fields, the header has {len(header)}"
        return bad_row(number, line, row, rule, reason, encoding)
    values = dict(zip(header, fields, strict=True))
    rescued: dict[str, object] = {n: v for n, v in values.items() if n not in entity.columns}
    return Record(number, line, {n: v for n, v in values.items() if n in entity.columns}, rescued or None)
