"""The rules of a raw gate, made from the contract."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from include.contracts import Child, Column, Contract, Entity
from include.gates.rules import Asset, Rule

TYPE_PATTERNS = {
    "integer": r"^\s*-?\d+\s*$",
    "decimal": r"^\s*-?\d+(\.\d+)?\s*$",
    "date": r"^\d{4}-\d{2}-\d{2}(?!.*[Bb][Cc])",
    "timestamp": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?!.*[Bb][Cc])",
    "boolean": r"(?i)^(true|false|0|1|yes|no)$",
}
CAST_TYPES = {"integer": "bigint", "decimal": "numeric", "date": "date", "timestamp": "timestamptz", "json": "jsonb"}
YEAR_FIRST = ("YYMMDD", "YYYYMMDD", "YYYY-MM-DD")
LIVE = "('landed', 'released')"


def quote(text: object) -> str:
    """A SQL literal; braces are doubled for GX's formatting, colons kept from SQLAlchemy, to whom `:a` is a name."""
    escaped = str(text).replace("'", "''").replace("{", "{{").replace("}", "}}")
    return "('" + escaped.replace(":", "' || chr(58) || '") + "')" if ":" in escaped else f"'{escaped}'"


def raw_assets(contract: Contract, batch_date: date) -> list[Asset]:
    """The live rows of every entity of the batch, its files, and the batch itself."""
    where = f"f.system = {quote(contract.system)} and f.batch_date = {quote(batch_date)}"
    assets = []
    for name, entity in contract.entities.items():
        live = (
            f'from raw_{contract.system}."{name}" as r join ops.files as f on f.file_id = r._file_id'
            f" and {where} and f.state in {LIVE}"
        )
        assets.append(Asset(name, f"select r.* {live}"))
        assets += [_child_asset(f"{name}.{child_name}", child, live) for child_name, child in entity.children.items()]
    assets.append(Asset("files", f"select f.* from ops.files as f where {where} and f.state <> 'superseded'"))
    assets.append(Asset("batch", f"select f.* from ops.batches as f where {where}"))
    return assets


def _child_asset(name: str, child: Child, live: str) -> Asset:
    """The records nested in a column, each with the place of its parent; what is no list holds none."""
    fields = ", ".join(f'item.value ->> {quote(column)} as "{column}"' for column in child.columns)
    nested = f'r."{child.path}"'
    return Asset(
        name,
        f"select r._file_id, r._row, {fields} {live} cross join lateral jsonb_array_elements(case"
        f" when not pg_input_is_valid({nested}, 'jsonb') then '[]' when jsonb_typeof({nested}::jsonb) = 'array'"
        f" then {nested}::jsonb else '[]' end) as item (value)",
    )


def raw_rules(contract: Contract, batch_date: date) -> list[Rule]:
    """Every rule that the contract declares for a batch."""
    rules = [*_batch_rules(contract)]
    for entity in contract.entities.values():
        rules += _entity_rules(contract, entity, batch_date)
        for column in entity.stored_columns.values():
            rules += _column_rules(contract, entity.name, column)
        for name, child in entity.children.items():
            for column in child.columns.values():
                rules += _column_rules(contract, f"{entity.name}.{name}", column)
    return rules


def _batch_rules(contract: Contract) -> Iterator[Rule]:
    share = contract.quality.max_quarantined_share
    files = "select file_id as _file_id, 0 as _row from {batch} where "
    yield Rule("file_readable", "integrity", "critical", files + "state = 'rejected'", "files")
    yield Rule(
        "max_quarantined_share", "accuracy", "critical", files + f"rows_quarantined > {share} * rows_read", "files"
    )
    yield Rule("undeclared_column", "consistency", "warning", files + "undeclared_columns <> '{{}}'", "files")
    absent = "select 0 as _row from {batch} where state = 'absent'"
    yield Rule("batch_delivered", "timeliness", "warning", absent, "batch")


def _entity_rules(contract: Contract, entity: Entity, batch_date: date) -> Iterator[Rule]:
    required = [name for name, column in entity.stored_columns.items() if column.required]
    if required and contract.format.type in ("csv", "txt"):
        names = ", ".join(quote(name) for name in required)
        query = (
            f"select file_id as _file_id, 0 as _row from {{batch}} where entity = {quote(entity.name)}"
            f" and missing_columns && array[{names}]"
        )
        yield Rule("required_column", "completeness", "critical", query, "files", entity.name)
    if entity.expected_rows:
        limits = entity.expected_rows
        too_many = f" or count(*) > {limits.max}" if limits.max is not None else ""
        batch = f"system = {quote(contract.system)} and batch_date = {quote(batch_date)}"
        delivered = f"select 1 from ops.batches where {batch} and state in ('absent', 'not_due')"
        query = (
            f"select count(*) as _row from {{batch}} having (count(*) < {limits.min}{too_many})"
            f" and not exists ({delivered})"
        )
        yield Rule("expected_rows", "completeness", "critical", query, entity.name, entity.name)
    if entity.max_age_days is not None and entity.record_time:
        day = f"left({entity.record_time}, 10)"
        newest = f"max({day}) filter (where pg_input_is_valid({day}, 'date'))"
        query = (
            f"select 0 as _row from {{batch}} having ({newest})::date < {quote(batch_date)}::date"
            f" - {entity.max_age_days}"
        )
        yield Rule("max_age_days", "timeliness", "warning", query, entity.name, entity.name)


def _column_rules(contract: Contract, entity: str, column: Column) -> Iterator[Rule]:
    name = f'"{column.name}"'
    tolerated = contract.quality.tolerated_share if column.tolerated_share is None else column.tolerated_share

    def rule(kind: str, dimension: str, condition: str, tolerate: float = tolerated) -> Rule:
        query = f"select _file_id, _row from {{batch}} where {condition}"
        return Rule(kind, dimension, column.severity, query, entity, entity, column.name, tolerate)

    present = f"{name} is not null and {name} <> ''"
    if column.required:
        yield rule("required", "completeness", f"coalesce({name}, '') = ''", 0.0)
    if column.allowed is not None:
        values = ", ".join(quote(value) for value in column.allowed)
        yield rule("allowed", "consistency", f"{present} and {name} not in ({values})")
    if column.pattern:
        yield rule("pattern", "accuracy", f"{present} and {name} !~ {quote(column.pattern)}")
    if column.type != "text" or column.format:
        yield rule("type", "accuracy", f"{present} and not ({_is_of_type(column)})")
    for kind, limit, sign in (("minimum", column.minimum, "<"), ("maximum", column.maximum, ">")):
        if limit is not None:
            number = f"case when pg_input_is_valid({name}, 'numeric') then {name}::numeric end"
            yield rule(kind, "accuracy", f"{number} {sign} {limit}")
    if column.unique:
        repeated = f"select {name} from {{batch}} group by 1 having count(*) > 1"
        yield rule("unique", "uniqueness", f"{name} in ({repeated})", 0.0)
    if column.references:
        other, _, key = column.references.partition(".")
        known = f'select o."{key}" from raw_{contract.system}."{other}" as o where o."{key}" is not null'
        yield rule("references", "integrity", f"{present} and {name} not in ({known})")


def _is_of_type(column: Column) -> str:
    """Written as the type or the format, and readable by Postgres: 2026-02-31 has the form of a date and is none."""
    name = f'"{column.name}"'
    checks = []
    if column.format:
        checks.append(f"{name} ~ {quote(_format_pattern(column.format))}")
        if not column.format.startswith(YEAR_FIRST):
            return checks[0]  # Postgres reads a day before its month as the month
    elif column.type in TYPE_PATTERNS:
        checks.append(f"{name} ~ {quote(TYPE_PATTERNS[column.type])}")
    if column.type in CAST_TYPES:
        checks.append(f"pg_input_is_valid({name}, '{CAST_TYPES[column.type]}')")
    return " and ".join(checks)


def _format_pattern(written: str) -> str:
    """The regular expression of a format such as YYMMDD or DD.MM.YYYY HH24:MI:SS."""
    pattern = re.escape(written)
    for part, digits in (("HH24", 2), ("YYYY", 4), ("YY", 2), ("MM", 2), ("DD", 2), ("MI", 2), ("SS", 2)):
        pattern = pattern.replace(part, f"[0-9]{{{digits}}}")
    return f"^{pattern}$"
