"""Which part of a JSON value is taken: the literal keys of ``->``, ``->>``, ``#>``, ``#>>``, subscripts, JSON paths.

A key that is no literal cannot be seen, and what is taken is then the whole value.
"""

from __future__ import annotations

import re
from typing import Any

Keys = tuple[str, ...]
"""The keys from the outermost on; empty where the whole value is taken."""

BY_PATH = re.compile(r"jsonb_path_(query|query_first|query_array)(_tz)?", re.IGNORECASE)
BY_KEYS = re.compile(r"jsonb?_extract_path(_text)?", re.IGNORECASE)


def keys_taken(column: Any) -> Keys:
    """The keys by which the expression around a column (of sqlglot) takes a part of its value."""
    from sqlglot import exp

    keys: list[str] = []
    inner = column
    while (outer := inner.parent) is not None:
        if not isinstance(outer, exp.Paren | exp.Cast):
            found = _step(outer, inner)
            if found is None:
                break
            keys += found
        inner = outer
    return tuple(keys)


def _step(outer: Any, inner: Any) -> list[str] | None:
    """The keys that `outer` takes of `inner`; none for a place in an array; None if it takes no part, or one unseen."""
    from sqlglot import exp

    if isinstance(outer, exp.JSONExtract | exp.JSONExtractScalar) and inner is outer.this:
        return _of_path(outer.expression)
    if isinstance(outer, exp.JSONBExtract | exp.JSONBExtractScalar) and inner is outer.this:
        return _of_array(outer.expression)
    if isinstance(outer, exp.Bracket) and inner is outer.this:
        return _of_literals(outer.expressions)
    if isinstance(outer, exp.Anonymous) and inner is outer.expressions[0]:
        if BY_KEYS.fullmatch(outer.name):
            return _of_literals(outer.expressions[1:])
        if BY_PATH.fullmatch(outer.name) and outer.expressions[1].is_string:
            return _of_text(outer.expressions[1].name)
    return None


def _of_text(path: str) -> list[str] | None:
    from sqlglot.errors import SqlglotError
    from sqlglot.jsonpath import parse

    try:
        return _of_path(parse(path))
    except SqlglotError:
        return None


def _of_path(path: Any) -> list[str] | None:
    from sqlglot import exp

    if not isinstance(path, exp.JSONPath):
        return None
    keys = []
    for part in path.expressions:
        if isinstance(part, exp.JSONPathKey) and isinstance(part.this, str):
            keys.append(part.this)
        elif not isinstance(part, exp.JSONPathRoot | exp.JSONPathSubscript):
            return None
    return keys


def _of_array(array: Any) -> list[str] | None:
    """Of a text array, written as one literal or with its parts."""
    from sqlglot import exp

    if isinstance(array, exp.Array):
        return _of_literals(array.expressions)
    if not array.is_string:
        return None
    keys = [key.strip(' "') for key in array.name.strip("{}").split(",")]
    return [key for key in keys if not key.isdecimal()]


def _of_literals(parts: list[Any]) -> list[str] | None:
    """Numbers are places in an array."""
    if not all(part.is_string or part.is_number for part in parts):
        return None
    return [part.name for part in parts if part.is_string]
