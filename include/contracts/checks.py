"""What has to fit together in a contract. Each check raises ValueError, which pydantic tells with its place."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from include.contracts.model import Child, Column, Contract, Entity, Format

_WORD = re.compile(r"[a-z][a-z0-9_]{0,40}")
_FORMAT_PARTS = re.compile(r"YYYY|YY|MM|DD|HH24|MI|SS")
_TABLE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)?", re.ASCII)
_RESERVED = "\0\b\n\r"  # a backspace stands for the quote of files that have none
# Postgres and Python speak two dialects of regular expressions; what Python says of these is true of both.
_WRONG_IN_BOTH = (
    "unterminated", "unbalanced parenthesis", "nothing to repeat", "multiple repeat", "bad character range",
    "min repeat greater",
)  # fmt: skip


# Names that every table of Postgres has, and as many columns as one surely takes.
_SYSTEM_COLUMNS = {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}
_MOST_COLUMNS = 1000


def check_word(name: str, kind: str) -> None:
    """Names of systems, entities and columns go into SQL and DAG ids as they are."""
    if not _WORD.fullmatch(name):
        raise ValueError(f"{kind} {name!r}: use lower-case letters, digits and underscores, a letter first")


def check_column(column: Column) -> None:
    """Its pattern can be a regular expression, its format can be read, its limits leave something."""
    if column.pattern is not None:
        _check_pattern(column.pattern)
    if column.format is not None:
        parts = _FORMAT_PARTS.findall(column.format)
        rest = _FORMAT_PARTS.sub("", column.format).replace("T", "").replace("Z", "")
        if column.type not in ("date", "timestamp") or not {"MM", "DD"} <= set(parts) or re.search("[A-Za-z]", rest):
            raise ValueError(f"format {column.format!r}: write it with YYYY or YY, MM, DD, HH24, MI, SS, for a date or"
                             " a timestamp")  # fmt: skip
        if len({part[:2] for part in parts}) < len(parts) or not {"YY", "YYYY"} & set(parts):
            raise ValueError(f"format {column.format!r}: each part once, and a year")
    if column.minimum is not None and column.maximum is not None and column.minimum > column.maximum:
        raise ValueError(f"minimum {column.minimum} is greater than maximum {column.maximum}")


def _check_pattern(pattern: str) -> None:
    if pattern.startswith("***="):  # Postgres takes the rest literally
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern.removeprefix("***:"))
    except re.error as error:
        if any(reason in error.msg for reason in _WRONG_IN_BOTH):
            raise ValueError(f"pattern {pattern!r} is no regular expression: {error.msg}") from None


def check_child(child: Child) -> None:
    """Its key names columns that are stored."""
    _check_columns(child.columns)
    _check_named(child.key, child.stored_columns, "key")


def check_entity(entity: Entity) -> None:
    """What it names as key, time and list are columns of its own, each from a place of its own."""
    _check_columns(entity.columns)
    if not all(pattern.strip() for pattern in entity.files):
        raise ValueError("a file pattern is empty")
    limits = entity.expected_rows
    if limits and limits.max is not None and limits.min > limits.max:
        raise ValueError(f"expected_rows: min {limits.min} is greater than max {limits.max}")
    _check_named((*entity.key, *entity.key_fallback), entity.stored_columns, "key")
    _check_named([entity.record_time] if entity.record_time else [], entity.stored_columns, "record time")
    if entity.max_age_days is not None and not entity.record_time:
        raise ValueError("max_age_days needs a record_time")
    paths = [column.source_path for column in entity.columns.values()]
    if twice := sorted({path for path in paths if paths.count(path) > 1}):
        raise ValueError(f"two columns have the same path: {', '.join(twice)}")
    _check_table(entity)
    if len(entity.columns) > 1 and any(column.mask for column in entity.columns.values()):
        raise ValueError("mask: free text is masked line by line, so it has to be the only column of its files")
    for name, child in entity.children.items():
        check_word(name, "child")
        _check_named([child.path], entity.stored_columns, f"path of child {name}")


def _check_table(entity: Entity) -> None:
    """A table of a database has a watermark by which it is read, and a column that says what has been deleted."""
    if (entity.table is None) != (entity.watermark is None):
        raise ValueError("table and watermark belong together")
    if entity.table is None or entity.watermark is None:
        return
    if not _TABLE.fullmatch(entity.table):
        raise ValueError(f"table {entity.table!r}: write it as table or schema.table")
    _check_named([entity.watermark], entity.stored_columns, "watermark")
    if entity.columns[entity.watermark].type != "timestamp":
        raise ValueError(f"watermark {entity.watermark!r} has to be a timestamp")
    if "is_deleted" not in entity.stored_columns or entity.columns["is_deleted"].required:
        raise ValueError("a table needs a column is_deleted, not required: landing sets it where a row has gone")
    if entity.key_fallback:
        raise ValueError("a table is told by its key alone, so it has no key_fallback")


def _check_columns(columns: Mapping[str, Column]) -> None:
    if len(columns) > _MOST_COLUMNS:
        raise ValueError(f"{len(columns)} columns are more than {_MOST_COLUMNS}")
    for name in columns:
        check_word(name, "column")
        if name in _SYSTEM_COLUMNS:
            raise ValueError(f"column {name!r}: Postgres has a column of this name in every table")


def _check_named(names: Iterable[str], columns: Mapping[str, Column], kind: str) -> None:
    for name in names:
        if name not in columns:
            raise ValueError(f"{name!r} is named as {kind} and is no column that is stored")


def check_format(layout: Format) -> None:
    """COPY and csv take one ASCII character each; XML needs to know what a record is."""
    marks = {"delimiter": layout.delimiter, "quote": layout.quote, "escape": layout.escape}
    for name, mark in marks.items():
        if mark is not None and (len(mark) != 1 or not mark.isascii() or mark in _RESERVED):
            raise ValueError(f"{name} {mark!r}: one ASCII character, which ends no line")
    if layout.delimiter in (layout.quote, layout.escape):
        raise ValueError("the delimiter cannot be the quote or the escape, too")
    if (layout.type == "database") != bool(layout.url_env):
        raise ValueError(
            "url_env, the environment variable with the address, belongs to a database and to nothing else"
        )
    if layout.type == "xml" and not layout.record_element:
        raise ValueError("xml needs record_element, the name of the element that is one record")
    if layout.encoding != "detect":
        try:
            "".encode(layout.encoding)
        except LookupError:
            raise ValueError(f"encoding {layout.encoding!r} is none that Python knows") from None


def check_contract(contract: Contract) -> None:
    """Its names are words, its references lead somewhere, and what must never be stored can be found."""
    check_word(contract.system, "system")
    is_database = contract.format.type == "database"
    entities = contract.entities.values()
    if any((entity.table is not None) != is_database for entity in entities):
        raise ValueError("each entity of a database, and of nothing else, names its table")
    if any(entity.format and "database" in (contract.format.type, entity.format.type) for entity in entities):
        raise ValueError("a database is the source of the whole system, so no entity has a format of its own beside it")
    patterns = [pattern for entity in entities for pattern in entity.files]
    if twice := sorted({pattern for pattern in patterns if patterns.count(pattern) > 1}):
        raise ValueError(f"two entities have the same file pattern: {', '.join(twice)}")
    for name, entity in contract.entities.items():
        check_word(name, "entity")
        for column in entity.columns.values():
            _check_reference(contract, f"{name}.{column.name}", column)
        for child_name, child in entity.children.items():
            place = f"{name}.{child_name}"
            for column in child.columns.values():
                _check_reference(contract, f"{place}.{column.name}", column)
            if len(child.stored_columns) < len(child.columns) and contract.format_of(entity).type not in (
                "json", "jsonl", "database",
            ):  # fmt: skip
                raise ValueError(
                    f"{place}: never_store inside a list is possible in json and jsonl; declare the whole column so"
                )


def _check_reference(contract: Contract, place: str, column: Column) -> None:
    if column.references is None:
        return
    entity, _, name = column.references.partition(".")
    if entity not in contract.entities or name not in contract.entities[entity].stored_columns:
        raise ValueError(f"{place}: references {column.references!r}, which is no stored column of this contract")
