"""JSON arrays and JSON Lines. Nested values stay json; numbers keep the digits they arrived with."""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

import ijson

from include.contracts import Entity
from include.landing.encoding import block_encoding, open_bytes
from include.landing.readers.json_text import JsonText, json_lines, require_array
from include.landing.readers.json_values import dump, holds_nul, load_line, pick, rest_of, to_text, without_never_stored
from include.landing.records import (
    SHORT_KEY,
    WITHHELD,
    BadRow,
    FileRejected,
    Record,
    copy_text,
    keyless_row,
    missing_key,
)  # fmt: skip

UNUSABLE = (TypeError, ValueError, ArithmeticError, RecursionError)
NOT_SHOWN = "[not shown: it cannot be written as json]"


def read_json(path: Path, entity: Entity, encoding: str) -> Iterator[str | Record | BadRow]:
    """The items of the array that the file is; an item that is no object is a bad row."""
    take = RecordReader(entity)
    number = 0
    for number, item in enumerate(array_items(path, encoding), start=1):
        try:
            yield take.plain(item) or take(number, None, item)
        except UNUSABLE:
            yield _unusable(number, None, entity, NOT_SHOWN)
    if number == 0:
        require_array(path, encoding)


def read_json_lines(path: Path, entity: Entity, encoding: str) -> Iterator[str | Record | BadRow]:
    """One object a line; a line that is no object is a bad row."""
    take, own = RecordReader(entity), block_encoding(encoding)
    for number, (line, text) in enumerate(json_lines(path, encoding), start=1):
        try:
            item, plain = load_line(text if own == "utf-8" else text.decode(own).encode(), take.plain)
            record: str | Record | BadRow = plain or take(number, line, item)
        except UNUSABLE as error:
            shown = text.decode(own, errors="backslashreplace").rstrip().replace("\x00", "\u2400")
            record = _unusable(number, line, entity, shown, is_json=not isinstance(error, ValueError))
        yield record


def _unusable(number: int, line: int | None, entity: Entity, shown: str, is_json: bool = True) -> BadRow:
    """A record that is no JSON, or JSON that nothing can be made of."""
    reason = "it is nested too deeply or holds a number beyond all limits" if is_json else "the line is no valid JSON"
    return BadRow(number, line, "malformed_json", reason, WITHHELD if entity.never_stored else shown)


def array_items(path: Path, encoding: str) -> Iterator[Any]:
    """The items of a JSON array; raises FileRejected where it breaks off."""
    number = 0
    with open_bytes(path) as stream:
        items = ijson.items(JsonText(stream, encoding), "item")
        while True:
            try:
                item = next(items, items)
            except (ijson.JSONError, ValueError, ArithmeticError, RecursionError) as error:
                reason = str(error).splitlines()[0].split(":")[0] if str(error) else "nested too deeply"
                if isinstance(error, ArithmeticError):
                    reason = "a number beyond all limits"
                raise FileRejected(f"{path.name}: no valid JSON after record {number} ({reason})") from None
            if item is items:
                return
            yield item
            number += 1


class RecordReader:
    """Makes records of parsed JSON objects; what follows from the contract is worked out once."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
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
        return None if "\r" in line or "\x00" in line else line + "\t\\N"

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
        text = copy_text([*values, dump(rescued) if rescued else None])
        if ("\x00" in text or "\\u0000" in text) and holds_nul(item):
            return BadRow(number, line, "nul_byte", "the record holds a NUL character", dump(item))
        for place in self.key:
            if not values[place] or len(values[place]) > SHORT_KEY:
                missing = missing_key(dict(zip(self.names, values, strict=True)), entity)
                if missing:
                    return keyless_row(number, line, missing, dump(item))
        return Record(text, tuple(rescued) if rescued else ())


def redact_json(path: Path, entity: Entity, encoding: str, is_array: bool) -> Iterator[bytes]:
    """The file anew, in UTF-8, with the values blanked that must never be stored."""
    if is_array:
        number = 0
        yield b"["
        for number, item in enumerate(array_items(path, encoding), start=1):
            yield (b",\n" if number > 1 else b"\n") + _redacted(item, entity)
        if number == 0:
            require_array(path, encoding)
        yield b"\n]\n"
        return
    own = block_encoding(encoding)
    for _, text in json_lines(path, encoding):
        try:
            item, _ = load_line(text if own == "utf-8" else text.decode(own).encode())
        except UNUSABLE:
            item = WITHHELD
        yield _redacted(item, entity) + b"\n"


def _redacted(item: Any, entity: Entity) -> bytes:
    try:
        return dump(without_never_stored(item, entity) if isinstance(item, dict) else WITHHELD).encode()
    except UNUSABLE:
        return dump(WITHHELD).encode()
