"""Delimited text, CSV and TXT: plain rows pass as bytes, others are split by the dialect of the contract."""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

from include.contracts import Entity, Format
from include.landing.encoding import block_encoding, is_ascii_based, open_bytes, text_blocks
from include.landing.readers.rows import Plain, Span, count_quotes, cut_rows, plain_rows, write_row
from include.landing.records import (
    MAX_RECORD_BYTES,
    WITHHELD,
    BadRow,
    FileRejected,
    Record,
    Rows,
    copy_text,
    fold,
    keyless_row,
    missing_key,
)

csv.field_size_limit(MAX_RECORD_BYTES)


@dataclass(frozen=True)
class Delimited:
    """A delimited file: where it is, how it is written, its header in names of the contract, and, once it is read, the
    number of the row within which it may have been cut off."""

    path: Path
    entity: Entity
    layout: Format
    encoding: str
    header: list[str]
    cut_rows: set[int] = field(default_factory=set)

    @property
    def stored(self) -> list[str]:
        """The columns of the header that may be stored."""
        return [name for name in self.header if name not in self.entity.never_stored]

    @property
    def undeclared(self) -> list[str]:
        """The columns of the header that the contract does not know."""
        return [name for name in self.header if name not in self.entity.columns]

    @property
    def plain(self) -> Plain | None:
        """How its plain rows look."""
        return plain_rows(self.header, self.entity, self.layout)


def open_delimited(path: Path, entity: Entity, layout: Format, encoding: str) -> Delimited:
    """Read the header row; raises FileRejected where the file is empty or its header cannot be used.

    A file without a header (`header: false`) has the columns of the contract, in their order.
    """
    _refuse_carriage_returns(path, encoding)
    if not layout.header:
        return Delimited(path, entity, layout, encoding, list(entity.columns))
    header = next(row_spans(path, layout, encoding, None), None)
    if header is None:
        raise FileRejected(f"{path.name}: the file is empty")
    try:
        fields = split_row(header.data, layout, block_encoding(encoding))
    except (UnicodeDecodeError, ValueError):
        raise FileRejected(f"{path.name}, line {header.line}: the header is no {encoding} text") from None
    declared = {column.source_path.lower(): name for name, column in entity.columns.items()}
    secrets = {fold(column.name): column.source_path.lower() for column in entity.never_stored.values()}
    names = [(field or "").strip().lower() for field in fields]
    names = [name if name in declared else secrets.get(fold(name), name) for name in names]
    if "\r" in "".join(names):
        raise FileRejected(f"{path.name}, line {header.line}: a carriage return in the header; a line feed ends a line")
    if "" in names or "\x00" in "".join(names):
        raise FileRejected(f"{path.name}, line {header.line}: column {names.index('') + 1 if '' in names else 1}"
                           " of the header has no readable name")  # fmt: skip
    mapped = [declared.get(name, name) for name in names]
    if len(set(mapped)) < len(mapped):
        raise FileRejected(f"{path.name}, line {header.line}: the header names a column twice")
    if not set(mapped) & set(entity.columns):  # it may be a record, so it is neither named in the manifest nor lost
        raise FileRejected(
            f"{path.name}, line {header.line}: the header is missing, or names no column of the contract"
        )
    return Delimited(path, entity, layout, encoding, mapped)


def _refuse_carriage_returns(path: Path, encoding: str) -> None:
    """A file whose lines end with carriage returns alone would be one row, and with a header none at all."""
    with open_bytes(path) as stream:
        try:
            start = next(text_blocks(stream, encoding), b"")
        except UnicodeDecodeError as error:
            raise FileRejected(f"{path.name}: no {encoding} text ({error.reason})") from None
    if b"\r" in start and b"\n" not in start:
        raise FileRejected(f"{path.name}: its lines end with carriage returns; a line feed ends a line")


def read_bytes(source: Delimited) -> Iterator[Rows | BadRow]:
    """Rows as CSV in UTF-8, with the columns that may be stored; the way for files without undeclared columns."""
    plain = source.plain
    for span in _readable(source, plain):
        if isinstance(span, Span) and span.rows and plain is not None:
            yield Rows(span.rows, _as_csv(span, source, plain))
            continue
        fields = span if isinstance(span, BadRow) else _fields(span, source)
        if isinstance(fields, BadRow):
            yield fields
        else:
            yield Rows(1, write_row([fields[name] for name in source.stored], source.layout) + b"\n")


def read_delimited(source: Delimited) -> Iterator[Record | BadRow]:
    """Rows one by one as COPY text, undeclared columns gathered in `_rescued`; the way for files that have some."""
    names = list(source.entity.stored_columns)
    undeclared = tuple(source.undeclared)
    for fields in read_fields(source):
        if isinstance(fields, BadRow):
            yield fields
            continue
        rescued = {name: fields[name] for name in undeclared}
        text = json.dumps(rescued) if rescued else None
        yield Record(copy_text([*(fields.get(name) for name in names), text]), undeclared)


def read_fields(source: Delimited) -> Iterator[dict[str, str | None] | BadRow]:
    """Every row taken apart. What `read_bytes` lands is the same, which a property test holds."""
    for span in row_spans(source.path, source.layout, source.encoding, None, len(source.header)):
        if span.number:
            yield _fields(span, source)


def redact_delimited(source: Delimited) -> Iterator[bytes]:
    """The file anew, header first, with the values blanked that must never be stored.

    It keeps its encoding; one of several bytes a character becomes UTF-8 with a byte order mark.
    """
    plain, layout = source.plain, source.layout
    if not is_ascii_based(source.encoding) or source.encoding == "utf-8-sig":
        yield codecs.BOM_UTF8
    own, blank = block_encoding(source.encoding), set(source.entity.never_stored)
    for span in row_spans(source.path, layout, source.encoding, plain, len(source.header)):
        if span.number == 0:
            yield span.data
        elif span.rows and plain is not None:
            yield plain.kept.sub(plain.blanked, span.data)
        else:
            fields = _fields(span, source)
            if isinstance(fields, BadRow):
                yield WITHHELD.encode() + b"\n"
            else:
                values = [None if name in blank else value for name, value in fields.items()]
                yield write_row(values, layout).decode("utf-8").encode(own) + b"\n"


def row_spans(
    path: Path, layout: Format, encoding: str, plain: Plain | None, width: int | None = None
) -> Iterator[Span]:
    """The header, where there is one, as row 0, then the rows from 1 on."""

    def is_row(data: bytes) -> bool:
        try:
            fields = split_row(data.replace(b"\x00", b" "), layout, "latin-1")  # where it is cut, its letters are one
        except ValueError:
            return False
        return width is None or len(fields) == width

    with open_bytes(path) as stream:
        try:
            for span in cut_rows(text_blocks(stream, encoding), layout, plain, is_row):
                yield Span(span.number - (1 if layout.header else 0), span.line, span.data, span.rows)
        except FileRejected as error:
            raise FileRejected(f"{path.name}, {error}") from None
        except UnicodeDecodeError as error:
            raise FileRejected(f"{path.name}: no {encoding} text ({error.reason})") from None


def _readable(source: Delimited, plain: Plain | None) -> Iterator[Span]:
    """The rows after the header; a run of plain rows is cut where one of them is no text of the encoding."""
    encoding = block_encoding(source.encoding)
    for span in row_spans(source.path, source.layout, source.encoding, plain, len(source.header)):
        rest = span
        while rest.rows and not rest.data.isascii():
            try:
                rest.data.decode(encoding)
                break
            except UnicodeDecodeError as error:
                if rest.rows == 1:
                    rest = Span(rest.number, rest.line, rest.data, 0)
                    break
                start = rest.data.rfind(b"\n", 0, error.start) + 1
                end = rest.data.index(b"\n", error.start) + 1
                before = rest.data.count(b"\n", 0, start)
                if before:
                    yield Span(rest.number, rest.line, rest.data[:start], before)
                yield Span(rest.number + before, rest.line + before, rest.data[start:end], 0)
                used = before + 1
                rest = Span(rest.number + used, rest.line + used, rest.data[end:], rest.rows - used)
                if not rest.rows:
                    break
        if rest.data and rest.number:
            yield rest


def _as_csv(span: Span, source: Delimited, plain: Plain) -> bytes:
    """Plain rows as COPY reads them: UTF-8, one kind of line end, only what may be stored."""
    data = span.data
    if source.entity.never_stored:
        data = plain.kept.sub(plain.cut, data)
    encoding = block_encoding(source.encoding)
    if encoding not in ("utf-8", "ascii") and not data.isascii():
        data = data.decode(encoding).encode("utf-8")
    if span.rows == 1:
        return data.removesuffix(b"\n").removesuffix(b"\r") + b"\n"
    return data.replace(b"\r\n", b"\n") if b"\r" in data else data


def _fields(span: Span, source: Delimited) -> dict[str, str | None] | BadRow:
    """The fields of one row by name, or why it cannot land."""
    encoding = block_encoding(source.encoding)
    if span.is_open:
        source.cut_rows.add(span.number)

    def bad(rule: str, reason: str) -> BadRow:
        text = span.data.decode(encoding, errors="backslashreplace").rstrip("\r\n").replace("\x00", "\u2400")
        return BadRow(span.number, span.line, rule, reason, WITHHELD if source.entity.never_stored else text)

    if b"\x00" in span.data:
        return bad("nul_byte", "the row holds a NUL byte")
    try:
        fields = split_row(span.data, source.layout, encoding)
    except UnicodeDecodeError as error:
        return bad("encoding", f"byte {error.start + 1} of the row is no {source.encoding} text")
    except ValueError:
        return bad("quotes", "the quotes of the row do not match")
    if len(fields) != len(source.header):
        rule = "too_many_fields" if len(fields) > len(source.header) else "too_few_fields"
        return bad(rule, f"the row has {len(fields)} fields, the header has {len(source.header)}")
    values = dict(zip(source.header, fields, strict=True))
    if missing := missing_key(values, source.entity):
        return keyless_row(span.number, span.line, missing, {name: values[name] for name in source.stored})
    return values


def split_row(row: bytes, layout: Format, encoding: str) -> list[str | None]:
    """The fields of one row; None for a field that is absent (empty without quotes), "" for one that is empty.

    Raises UnicodeDecodeError where the bytes are no text of the encoding, ValueError where quotes do not match.
    """
    text = row.decode(encoding).rstrip("\r\n")
    quote, delimiter, escape = layout.quote, layout.delimiter, layout.escape
    if escape == quote:
        escape = None
    if (not quote or quote not in text) and (not escape or escape not in text):
        return [field or None for field in text.split(delimiter)]
    if count_quotes(row, layout) % 2:
        raise ValueError("a quote is never closed")
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    try:
        fields = next(csv.reader([text], delimiter=delimiter, quotechar=quote, escapechar=escape, quoting=quoting,
                                 strict=True))  # fmt: skip
    except (csv.Error, StopIteration) as error:
        raise ValueError(str(error)) from None
    return _mark_absent(fields, text, layout)


def _mark_absent(fields: list[str], text: str, layout: Format) -> list[str | None]:
    """csv does not tell an empty field from an absent one: an absent one has no quote, so look at the text."""
    if "" not in fields:
        return list(fields)
    pattern = _field_pattern(layout.delimiter, layout.quote or "", layout.escape or "")
    marked: list[str | None] = []
    position = 0
    for text_of_field in fields:
        found = pattern.match(text, position)
        end = found.end() if found else position
        marked.append(None if end == position else text_of_field)
        position = end + 1
    return marked


@lru_cache(maxsize=32)
def _field_pattern(delimiter: str, quote: str, escape: str) -> re.Pattern[str]:
    q, d = re.escape(quote), re.escape(delimiter)
    e = re.escape(escape) if escape and escape != quote else ""
    escaped = f"|{e}." if e else ""
    bare = f"(?:[^{d}{e}]{escaped})*"
    return re.compile(f"{q}(?:[^{q}{e}]|{q}{q}{escaped})*{q}|{bare}" if quote else bare, re.DOTALL)
