"""JSON values as text, with every digit that arrived."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import orjson

from include.contracts import Entity
from include.landing.records import WITHHELD, fold, secret_names

MAX_EXPONENT = 100
JSONB_EXPONENTS = range(-16383, 131072)  # of the last digit and of the first one

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
    # A plain record is names and texts, each in quotes; a name that comes twice adds quotes.
    if line is not None and text.count(b'"') == 4 * len(item):
        return item, line
    if text.count(b'"') != count_quotes(item):
        json.loads(text, object_pairs_hook=_once)
    if line is None and _DELICATE_NUMBER.search(text):
        return json.loads(text, parse_float=Decimal), None
    return item, line


class NameTwiceError(Exception):
    """An object names a field twice; all parsers would silently take the last one. The message is the name."""


def _once(pairs: list[tuple[str, Any]]) -> None:
    names: set[str] = set()
    for name, _ in pairs:
        if name in names:
            raise NameTwiceError(name)
        names.add(name)


class Once(dict[str, Any]):
    """An object as the parser of arrays makes it, that keeps both values of a name that comes twice, as a list."""

    twice = ""

    def __setitem__(self, name: str, value: Any) -> None:
        if name in self:
            self.twice = name or '""'
            value = [self[name], value]
        super().__setitem__(name, value)


def name_twice(value: Any) -> str:
    """The name that an object in the value has twice; "" where there is none. The value was read `Once`."""
    return next((part.twice for part in _parts(value) if isinstance(part, Once) and part.twice), "")


def ordinary(value: Any) -> Any:
    """The value with ordinary objects instead of `Once`, which may be changed."""
    if isinstance(value, dict):
        return {name: ordinary(entry) for name, entry in value.items()}
    return [ordinary(entry) for entry in value] if isinstance(value, list) else value


def count_quotes(value: Any) -> int:
    """The quotes that stand around the names and texts of a value."""
    return sum(2 if isinstance(part, str) else 2 * len(part) for part in _parts(value) if isinstance(part, str | dict))


def _parts(value: Any) -> Iterator[Any]:
    """The value and all that is in it, however deep."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def is_json(text: bytes) -> bool:
    """Whether the text is JSON as its standard has it, also where `load_line` refuses it."""
    try:
        json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except RecursionError:
        return True
    except (ValueError, ArithmeticError):
        return False
    return True


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def dump(value: Any) -> str:
    """The value as json text; decimals keep their digits."""
    try:
        return orjson.dumps(value, default=_fragment).decode()
    except TypeError:
        return orjson.dumps(_with_fragments(value), default=_fragment).decode()


class BeyondJsonbError(ArithmeticError):
    """A number has more digits than jsonb can hold."""


def dump_for_jsonb(value: Any) -> str:
    """The value as json text; raises BeyondJsonbError where it holds a number that jsonb cannot."""
    for part in _parts(value):
        if isinstance(part, Decimal) and not (
            int(part.as_tuple().exponent) in JSONB_EXPONENTS and part.adjusted() in JSONB_EXPONENTS
        ):
            raise BeyondJsonbError
    return dump(value)


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
    """The item with the values blanked that must never be stored, in lists and in json that comes as text too.

    Those under another spelling of the name go as well, at any depth.
    """
    columns = entity.never_stored
    for column in columns.values():
        _blank(item, column.source_path.split("."))
    _blank_names(item, secret_names(columns))
    return item


def _blank_names(place: Any, names: frozenset[str]) -> Any:
    """The place with every value blanked whose folded name is one of these."""
    if isinstance(place, dict):
        for name, value in place.items():
            place[name] = None if fold(name) in names else _blank_names(value, names)
    elif isinstance(place, list):
        place[:] = [_blank_names(entry, names) for entry in place]
    elif isinstance(place, str) and place.lstrip().startswith(("{", "[")):
        folded = fold.__wrapped__(place)
        if any(name in folded for name in names):
            try:
                return dump(_blank_names(json.loads(place, parse_float=Decimal), names))
            except (ValueError, RecursionError):
                return WITHHELD
    return place


def _blank(place: Any, parts: list[str]) -> Any:
    """The place with the value at the path blanked; names with dots in them are found as well."""
    if isinstance(place, list):
        return [_blank(entry, parts) for entry in place]
    if isinstance(place, str):
        return _blank_text(place, parts)
    if isinstance(place, dict):
        for count in range(1, len(parts) + 1):
            name = ".".join(parts[:count])
            if name in place:
                place[name] = None if count == len(parts) else _blank(place[name], parts[count:])
    return place


def _blank_text(text: str, parts: list[str]) -> str:
    """Text that is json is blanked inside; text that only begins like json may hold anything, and is withheld."""
    if not text.lstrip().startswith(("{", "[", '"')):
        return text
    try:
        value = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError):
        return WITHHELD
    before = dump(value)
    after = dump(_blank(value, parts))
    return text if after == before else after


def rest_of(item: dict[str, Any], whole: set[str], partly: set[str], prefix: str = "") -> dict[str, Any]:
    """What no declared path reaches, by path: `whole` are those paths, `partly` what they go through."""
    rest: dict[str, Any] = {}
    for key, value in item.items():
        path = prefix + key
        is_step = "." not in key  # a name with a dot in it is found at the top alone, as `pick` does
        if path in whole and (is_step or not prefix):
            continue
        if path in partly and is_step and (value is None or isinstance(value, dict)):
            rest |= rest_of(value or {}, whole, partly, f"{path}.")
        else:
            rest[path] = value
    return rest


def pick(item: dict[str, Any], path: str) -> Any:
    """The value at the path: the key of that very name, else the nested one."""
    if path in item:
        return item[path]
    value: Any = item
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def has(item: dict[str, Any], path: str) -> bool:
    """Whether the item names what `pick` takes, be it null; what a null holds nobody can say, so it has that."""
    if path in item:
        return True
    value: Any = item
    for part in path.split("."):
        if value is None:
            return True
        if not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
    return True


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
