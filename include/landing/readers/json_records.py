"""JSON arrays and JSON Lines. Nested values stay json; numbers keep the digits they arrived with."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import ijson
import orjson

from include.contracts import Entity
from include.landing.encoding import open_bytes
from include.landing.records import BadRow, FileRejected, Record


def read_json(path: Path, entity: Entity, encoding: str) -> Iterator[Record | BadRow]:
    """The items of the array that the file is; an item that is no object is a bad row."""
    number = 0
    with open_bytes(path) as stream:
        source = codecs.getreader(encoding)(stream) if encoding != "utf-8" else stream
        try:
            for number, item in enumerate(ijson.items(source, "item"), start=1):
                yield _to_record(number, None, item, entity)
        except (ijson.JSONError, UnicodeDecodeError) as error:
            reason = str(error).splitlines()[0].split(":")[0]
            raise FileRejected(f"{path.name}: no valid JSON after record {number} ({reason})") from None
        if number == 0:
            _require_array(path)


def read_json_lines(path: Path, entity: Entity, encoding: str) -> Iterator[Record | BadRow]:
    """One object a line; a line that is no object is a bad row."""
    with open_bytes(path) as stream:
        number = 0
        for line_number, line in enumerate(stream, start=1):
            text = line.removeprefix(codecs.BOM_UTF8) if line_number == 1 else line
            if not text.strip():
                continue
            number += 1
            try:
                item = orjson.loads(text if encoding.startswith("utf-8") else text.decode(encoding))
            except (orjson.JSONDecodeError, UnicodeDecodeError):
                shown = text.decode(encoding, errors="backslashreplace").rstrip().replace("\x00", "\u2400")
                yield BadRow(number, line_number, "malformed_json", "the line is no valid JSON", shown)
                continue
            yield _to_record(number, line_number, item, entity)


def to_text(value: Any) -> str | None:
    """A JSON value as the text that lands: strings as they are, nested values and booleans as json."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | dict | list):
        return json.dumps(value, ensure_ascii=False, default=_number)
    return str(value)


def without_never_stored(item: dict[str, Any], entity: Entity) -> dict[str, Any]:
    """The item with the values blanked that must never be stored."""
    for column in entity.never_stored.values():
        *parents, last = column.source_path.split(".")
        place: Any = item
        for parent in parents:
            place = place.get(parent) if isinstance(place, dict) else None
        if isinstance(place, dict) and last in place:
            place[last] = None
    return item


def _to_record(number: int, line: int | None, item: Any, entity: Entity) -> Record | BadRow:
    if not isinstance(item, dict):
        return BadRow(number, line, "not_an_object", "the record is no JSON object", json.dumps(item, default=_number))
    item = without_never_stored(item, entity)
    text = json.dumps(item, ensure_ascii=False, default=_number)
    if "\\u0000" in text:
        return BadRow(number, line, "nul_byte", "the record holds a NUL character", text)
    values: dict[str, str | None] = {}
    for name, column in entity.stored_columns.items():
        values[name] = to_text(_pick(item, column.source_path))
    known = {column.source_path.split(".")[0] for column in entity.columns.values()}
    rescued = {key: value for key, value in item.items() if key not in known}
    return Record(number, line, values, json.loads(json.dumps(rescued, default=_number)) if rescued else None)


def _pick(item: dict[str, Any], path: str) -> Any:
    if path in item:
        return item[path]
    value: Any = item
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _number(value: Any) -> int | float:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)


def _require_array(path: Path) -> None:
    with open_bytes(path) as stream:
        start = stream.read(1024).removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    if start != b"[":
        raise FileRejected(f"{path.name}: a JSON array of records is expected")
