"""JSON values as text, with every digit that arrived."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import orjson

from include.contracts import Entity

MAX_EXPONENT = 100

# A number that a float might not give back digit by digit: many digits, a zero at the end, an exponent, a tiny one.
# It may also be found inside a string; the line is then read by the slower parser, with the same result.
_PLAIN_NUMBER = rb"-?(?=[\d.]{1,16}[\s,\]}])(?!0\.000)(?:0|[1-9]\d*)(?:\.\d*[1-9])?[\s,\]}]"
_DELICATE_NUMBER = re.compile(rb"[:\[,]\s*(?=[-\d])(?!" + _PLAIN_NUMBER + rb")|[:\[,]\s*-0")


def load_line(text: bytes, plain: Callable[[Any], str | None] = lambda _: None) -> tuple[Any, str | None]:
    """(value of one line of JSON, what `plain` makes of it). Raises ValueError where it is no JSON.

    Numbers that a float would change come as Decimal; a record that is plain holds none, so nobody looks for them.
    """
    item = orjson.loads(text)
    line = plain(item)
    if line is None and _DELICATE_NUMBER.search(text):
        return json.loads(text, parse_float=Decimal), None
    return item, line


def dump(value: Any) -> str:
    """The value as json text; decimals keep their digits."""
    try:
        return orjson.dumps(value, default=_fragment).decode()
    except TypeError:
        return orjson.dumps(_with_fragments(value), default=_fragment).decode()


def to_text(value: Any) -> str | None:
    """A JSON value as the text that lands: strings as they are, nested values and booleans as json."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | dict | list):
        return dump(value)
    return digits(value) if isinstance(value, Decimal) else str(value)


def digits(number: Decimal) -> str:
    """The digits of a decimal, without an exponent where the number is of a usual size."""
    text = str(number)
    return f"{number:f}" if "E" in text and abs(number.adjusted()) < MAX_EXPONENT else text


def without_never_stored(item: dict[str, Any], entity: Entity) -> dict[str, Any]:
    """The item with the values blanked that must never be stored, in lists of objects too."""
    for column in entity.never_stored.values():
        _blank(item, column.source_path, column.source_path.split("."))
    return item


def _blank(place: Any, path: str, parts: list[str]) -> None:
    if isinstance(place, list):
        for entry in place:
            _blank(entry, path, parts)
    elif isinstance(place, dict):
        if path in place:
            place[path] = None
        if parts[0] in place:
            if len(parts) == 1:
                place[parts[0]] = None
            else:
                _blank(place[parts[0]], path, parts[1:])


def pick(item: dict[str, Any], path: str) -> Any:
    """The value at the path: the key of that very name, else the nested one."""
    if path in item:
        return item[path]
    value: Any = item
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def holds_nul(value: Any) -> bool:
    """Whether any text in the value holds a NUL character, which Postgres cannot store."""
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(holds_nul(key) or holds_nul(entry) for key, entry in value.items())
    return isinstance(value, list) and any(map(holds_nul, value))


def _fragment(value: Any) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(digits(value))
    raise TypeError(type(value).__name__)


def _with_fragments(value: Any) -> Any:
    """Integers beyond 64 bits as fragments, which orjson writes as they are."""
    if isinstance(value, dict):
        return {key: _with_fragments(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_with_fragments(entry) for entry in value]
    return orjson.Fragment(str(value)) if type(value) is int else value
