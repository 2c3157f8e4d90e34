"""JSON arrays and JSON Lines. Nested values stay json; numbers keep the digits they arrived with."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

import ijson

from include.contracts import Entity
from include.landing.encoding import block_encoding, open_bytes
from include.landing.readers.json_text import JsonText, holds_half_pair, json_lines, require_array
from include.landing.readers.json_values import (
    BeyondJsonbError,
    NameTwiceError,
    Once,
    count_quotes,
    dump,
    dump_for_jsonb,
    has,
    holds_nul,
    is_json,
    load_line,
    name_twice,
    ordinary,
    pick,
    rest_of,
    to_text,
    without_never_stored,
)
from include.landing.records import (
    MAX_RECORD_BYTES,
    SHORT_KEY,
    SHOWN_CHARACTERS,
    WITHHELD,
    BadRow,
    FileRejected,
    ReadWithCareError,
    Record,
    copy_text,
    keyless_row,
    missing_key,
)  # fmt: skip

FIRST_OF_SURROGATE = 0xED  # as the parser writes one in UTF-8, which has no such letters


def read_json(
    path: Path, entity: Entity, encoding: str, with_care: bool = False, unseen: set[str] | None = None
) -> Iterator[str | Record | BadRow]:
    """The items of the array that the file is; an item that is no object is a bad row.

    The parser silently takes the last of two fields of one name. So the quotes of the file are counted: each name and
    each text has two. Where there are others, ReadWithCareError asks for the slow way, which looks at every name.
    """
    take, text = RecordReader(entity, unseen), None
    quotes = 0
    for number, (item, source) in enumerate(array_items(path, encoding, with_care), start=1):
        text = source
        try:
            if with_care:
                if name := name_twice(item):
                    raise NameTwiceError(name)
                item = ordinary(item)
            record: str | Record | BadRow | None = take.plain(item)
            quotes += 4 * len(item) if record else count_quotes(item)
            record = record or take(number, None, item)
        except UNUSABLE as error:
            record = _unusable(number, None, entity, _shown(item), error)
        yield record
    if text is None:
        require_array(path, encoding)
    elif not with_care and text.quotes != quotes:
        raise ReadWithCareError


def read_json_lines(
    path: Path, entity: Entity, encoding: str, unseen: set[str] | None = None
) -> Iterator[str | Record | BadRow]:
    """One object a line; a line that is no object is a bad row."""
    take, own = RecordReader(entity, unseen), block_encoding(encoding)
    for number, (line, text, is_whole) in enumerate(json_lines(path, encoding), start=1):
        try:
            if not is_whole:
                raise _TooLongError
            item, plain = load_line(text if own == "utf-8" else text.decode(own).encode(), take.plain)
            record: str | Record | BadRow = plain or take(number, line, item)
        except UNUSABLE as error:
            shown = text if is_whole else text[:SHOWN_CHARACTERS]
            shown_text = shown.decode(own, errors="backslashreplace").rstrip().replace("\x00", "\u2400")
            reason: Exception | None = error
            if isinstance(error, ValueError):
                reason = (_HalfPairError() if holds_half_pair(text) else error) if is_json(text) else None
            record = _unusable(number, line, entity, shown_text, reason)
        yield record


class _TooLongError(Exception):
    """The record is longer than any may be."""


class _HalfPairError(Exception):
    """The record holds half of a pair of surrogates, which is no letter."""


UNUSABLE = (TypeError, ValueError, ArithmeticError, RecursionError, NameTwiceError, _TooLongError)


def _unusable(number: int, line: int | None, entity: Entity, shown: str, error: Exception | None) -> BadRow:
    """A record that is no JSON (without an error), or JSON that nothing can be made of."""
    rule, reason = "malformed_json", "it is nested too deeply or holds what is beyond all limits"
    if error is None:
        reason = "the line is no valid JSON"
    elif isinstance(error, NameTwiceError):
        rule, reason = "name_twice", f"an object names a field twice: {str(error)[:60]}".replace("\x00", "\u2400")
    elif isinstance(error, BeyondJsonbError):
        rule, reason = "number_range", "a field that is not declared holds a number beyond what the database can keep"
    elif isinstance(error, _HalfPairError):
        reason = "it holds half of a pair of surrogates"
    elif isinstance(error, _TooLongError):
        rule, reason = "record_too_long", f"the record is longer than {MAX_RECORD_BYTES:,} bytes; its begin is kept"
    return BadRow(number, line, rule, reason, WITHHELD if entity.never_stored else shown)


def _shown(item: Any) -> str:
    try:
        return dump(item).replace("\\u0000", "\u2400")
    except UNUSABLE:
        return "[not shown: it cannot be written as json]"


def array_items(path: Path, encoding: str, with_care: bool = False) -> Iterator[tuple[Any, JsonText]]:
    """The items of a JSON array, each with the text that it is read from; raises FileRejected where it breaks off."""
    number = 0
    with open_bytes(path) as stream:
        text = JsonText(stream, encoding)
        items = ijson.items(text, "item", map_type=Once if with_care else None)
        while True:
            try:
                item = next(items, items)
            except (ijson.JSONError, ValueError, ArithmeticError, RecursionError) as error:
                reason = str(error).splitlines()[0].split(":")[0] if str(error) else "nested too deeply"
                if isinstance(error, ArithmeticError):
                    reason = "a number beyond all limits"
                elif isinstance(error, UnicodeDecodeError) and error.object[error.start] == FIRST_OF_SURROGATE:
                    reason = "half of a pair of surrogates"
                raise FileRejected(f"{path.name}: no valid JSON after record {number} ({reason})") from None
            if item is items:
                return
            text.bytes = 0
            yield item, text
            number += 1


class RecordReader:
    """Makes records of parsed JSON objects; what follows from the contract is worked out once.

    Takes from `unseen` the columns that a record has, so only a column that is missing is looked for in all of them.
    """

    def __init__(self, entity: Entity, unseen: set[str] | None = None) -> None:
        self.entity = entity
        self.unseen = set() if unseen is None else unseen
        self.names = list(entity.stored_columns)
        self.paths = [column.source_path for column in entity.stored_columns.values()]
        self.key = [self.names.index(name) for name in entity.key]
        self.has_secrets = bool(entity.never_stored)
        self.get_all = itemgetter(*self.paths)
        self.is_flat = len(self.paths) > 1 and not self.has_secrets and not any("." in path for path in self.paths)
        self.nested = any("." in path for path in self.paths)
        self.known = {column.source_path for column in entity.columns.values()}
        steps = [path.split(".") for path in self.known]
        self.partly = {".".join(parts[:count]) for parts in steps for count in range(1, len(parts))}

    def plain(self, item: Any) -> str | None:
        """The line for COPY of a record that holds each declared column as text and nothing else; None for others."""
        if not self.is_flat:
            return None
        try:
            values = self.get_all(item)
            line = "\t".join(values)
        except (KeyError, TypeError):
            return None
        for place in self.key:
            if not values[place] or len(values[place]) > SHORT_KEY:
                return None
        if len(item) > len(self.paths) or line.count("\t") >= len(self.paths) or "\\" in line or "\n" in line:
            return None
        if "\r" in line or "\x00" in line:
            return None
        self.unseen.clear()
        return line + "\t\\N"

    def __call__(self, number: int, line: int | None, item: Any) -> Record | BadRow:
        """The record of one item, or why it cannot land."""
        entity = self.entity
        if not isinstance(item, dict):
            shown = WITHHELD if entity.never_stored else dump(item)
            return BadRow(number, line, "not_an_object", "the record is no JSON object", shown)
        if self.has_secrets:
            item = without_never_stored(item, entity)
        get = item.get
        values = [pick(item, path) for path in self.paths] if self.nested else [get(path) for path in self.paths]
        rescued = None
        if not item.keys() <= self.known:
            rescued = rest_of(item, self.known, self.partly)
        values = [v if v is None or v.__class__ is str else to_text(v) for v in values]
        text = copy_text([*values, dump_for_jsonb(rescued) if rescued else None])
        if ("\x00" in text or "\\u0000" in text) and holds_nul(item):
            return BadRow(number, line, "nul_byte", "the record holds a NUL character", dump(item))
        for place in self.key:
            if not values[place] or len(values[place]) > SHORT_KEY:
                missing = missing_key(dict(zip(self.names, values, strict=True)), entity)
                if missing:
                    return keyless_row(number, line, missing, dump(item))
        if self.unseen:
            self.unseen.difference_update([name for name in self.unseen if has(item, entity.columns[name].source_path)])
        return Record(text, tuple(rescued) if rescued else ())


def redact_json(path: Path, entity: Entity, encoding: str, is_array: bool) -> Iterator[bytes]:
    """The file anew, in UTF-8, with the values blanked that must never be stored."""
    if is_array:
        number = 0
        yield b"["
        for number, (item, _) in enumerate(array_items(path, encoding), start=1):
            yield (b",\n" if number > 1 else b"\n") + _redacted(item, entity)
        if number == 0:
            require_array(path, encoding)
        yield b"\n]\n"
        return
    own = block_encoding(encoding)
    for _, text, is_whole in json_lines(path, encoding):
        try:
            if not is_whole:
                raise _TooLongError
            item, _ = load_line(text if own == "utf-8" else text.decode(own).encode())
        except UNUSABLE:
            item = WITHHELD
        yield _redacted(item, entity) + b"\n"


def _redacted(item: Any, entity: Entity) -> bytes:
    try:
        return dump(without_never_stored(item, entity) if isinstance(item, dict) else WITHHELD).encode()
    except UNUSABLE:
        return dump(WITHHELD).encode()
