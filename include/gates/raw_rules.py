"""The rules of a raw gate, made from the contract."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from include.contracts import DELETED, Child, Column, Contract, Entity
from include.gates import words
from include.gates.raw_assets import known_values, quote
from include.gates.rules import Rule
from include.gates.volume import volume_rules

TYPE_PATTERNS = {
    "integer": r"^\s*-?\d+\s*$",
    "decimal": r"^\s*-?\d+(\.\d+)?\s*$",
    "date": r"^\d{4}-\d{2}-\d{2}(?!.*[Bb][Cc])",
    "timestamp": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?!.*[Bb][Cc])",
    "boolean": r"(?i)^(true|false|0|1|yes|no)$",
}
CAST_TYPES = {"integer": "bigint", "decimal": "numeric", "date": "date", "timestamp": "timestamptz", "json": "jsonb"}
MANY_DELETED = 10  # rows of a table that may go at once, whatever share they are
YEAR_FIRST = ("YYMMDD", "YYYYMMDD", "YYYY-MM-DD")


def raw_rules(contract: Contract, batch_date: date) -> list[Rule]:
    """Every rule that the contract declares for a batch; all of them warn only, where a failure is not to hold it."""
    rules = [*_batch_rules(contract)]
    for entity in contract.entities.values():
        rules += [*_entity_rules(contract, entity, batch_date), _key_rule(contract, entity)]
        for column in entity.stored_columns.values():
            rules += _column_rules(contract, batch_date, entity.name, column, is_deletable=entity.table is not None)
        for name, child in entity.children.items():
            rules += _child_rules(contract, batch_date, f"{entity.name}.{name}", child)
    if contract.quality.on_failure == "warn":
        return [replace(rule, severity="warning") for rule in rules]
    return rules


def _batch_rules(contract: Contract) -> Iterator[Rule]:
    share = contract.quality.max_quarantined_share
    files = "select file_id as _file_id, 0 as _row from {batch} where "

    def rule(kind: str, dimension: str, severity: str, condition: str, says: str) -> Rule:
        return Rule(kind, dimension, severity, files + condition, "files", says=says, unit="files")

    yield rule("file_readable", "integrity", "critical", "state = 'rejected'", "every file can be read to its end")
    yield rule("file_ends_within_row", "integrity", "warning", "ends_within_row",
               "no file lacks the end of its last line, as one that is cut off does")  # fmt: skip
    yield rule(
        "max_quarantined_share", "accuracy", "critical", f"rows_quarantined > {share} * rows_read",
        f"at most {words.percent(share)} of a file's rows go to quarantine",
    )  # fmt: skip
    yield rule("undeclared_column", "consistency", "warning", "undeclared_columns <> '{{}}'",
               "no column beyond those of the contract")  # fmt: skip
    absent = "select 0 as _row from {batch} where state = 'absent'"
    yield Rule("batch_delivered", "timeliness", "warning", absent, "batch", says="the day has a delivery", unit="")


def _entity_rules(contract: Contract, entity: Entity, batch_date: date) -> Iterator[Rule]:
    required = [name for name, column in entity.stored_columns.items() if column.required]
    if required and contract.format_of(entity).type in ("csv", "txt"):
        names = ", ".join(quote(name) for name in required)
        query = (
            f"select file_id as _file_id, 0 as _row from {{batch}} where entity = {quote(entity.name)}"
            f" and missing_columns && array[{names}]"
        )
        says = f"every file has the columns {', '.join(required)}"
        yield Rule("required_column", "completeness", "critical", query, "files", entity.name, says=says, unit="files")
    yield from _missing_rule(entity)
    yield from volume_rules(contract, entity, batch_date)
    if entity.table:
        yield _deleted_rule(contract, entity, batch_date)
    if entity.max_age_days is not None and entity.record_time:
        written, day = day_of(entity.columns[entity.record_time])
        is_day = f"case when {written} then pg_input_is_valid({day}, 'date') end"
        query = (
            f"select 0 as _row from {{batch}} having max(case when {is_day} then ({day})::date end)"
            f" < {quote(batch_date)}::date - {entity.max_age_days}"
        )
        says = f"the newest record is at most {entity.max_age_days} days older than the batch"
        yield Rule("max_age_days", "timeliness", "warning", query, entity.name, entity.name, says=says, unit="")


def _missing_rule(entity: Entity) -> Iterator[Rule]:
    """`missing_column`: a file that lacks one that need not be filled; of those that must be, others speak.

    Without a column of the key no row lands, unless there is another key to fall back to.
    """
    filled = [] if entity.key_fallback else entity.key
    names = [name for name, column in entity.stored_columns.items() if not (column.required or name in filled)]
    if names:
        listed = ", ".join(quote(name) for name in names)
        lacking = f"select string_agg(name, ', ') from unnest(missing_columns) as name where name in ({listed})"
        query = (
            f"select file_id as _file_id, 0 as _row, ({lacking}) as _columns from {{batch}}"
            f" where entity = {quote(entity.name)} and missing_columns && array[{listed}]"
        )
        says = "every file has all columns of the contract"
        yield Rule("missing_column", "consistency", "warning", query, "files", entity.name, says=says, unit="files")


def _deleted_rule(contract: Contract, entity: Entity, batch_date: date) -> Rule:
    """`max_deleted_share`: so many of the keys released before may have gone; a table emptied by mistake speaks."""
    keys = ", ".join(f'o."{name}"' for name in entity.key)
    known = (
        f'select count(distinct ({keys})) from raw_{contract.system}."{entity.name}" as o join ops.files as f'
        f" on f.file_id = o._file_id where f.state = 'released' and f.batch_date < {quote(batch_date)}"
    )
    gone = f"count(*) filter (where \"{DELETED}\" = 'true')"
    query = (
        f"select {gone} as _row from {{batch}}"
        f" having {gone} > greatest({MANY_DELETED}, {entity.max_deleted_share} * ({known}))"
    )
    says = f"at most {words.percent(entity.max_deleted_share)} of the records known before have gone at once"
    return Rule("max_deleted_share", "consistency", "critical", query, entity.name, entity.name, says=says, unit="")


def _key_rule(contract: Contract, entity: Entity) -> Rule:
    """`key`: no key stands over two contents, of which staging would keep one; a row that is repeated is no loss.

    In another file, with another time of the record, it is a new version; except of an event, which has none.
    """
    cases = []
    for names in filter(None, (entity.key, entity.key_fallback)):
        parts = [f"nullif(trim(\"{name}\"), '')" for name in names]
        present = " and ".join(f"{part} is not null" for part in parts)
        cases.append(f"when {present} then array[{quote(names[0])}, {', '.join(parts)}]")
    keyed = f"(select *, case {' '.join(cases)} end as _key from {{batch}}) as"
    content = "(jsonb_strip_nulls(to_jsonb(delivered)) - '_file_id' - '_row' - '_batch_date')::text"
    is_versioned = entity.record_time and contract.delivery != "events"
    across = f'_key, "{entity.record_time}"' if is_versioned else "_key"
    differ = " or ".join(
        f"min({content}) over (partition by {group}) <> max({content}) over (partition by {group})"
        for group in ("_key, _file_id", across)
    )
    compared = (
        f"select _file_id, _row, {differ} as _differ from {keyed} delivered"
        f" where _key in (select _key from {keyed} counted group by _key having count(*) > 1)"
    )
    query = f"select _file_id, _row from ({compared}) as compared where _differ"
    tolerated = contract.quality.tolerated_share
    says = f"one {' and '.join(entity.key)}, one record"
    return Rule("key", "uniqueness", "critical", query, entity.name, entity.name, None, tolerated, says)


def _child_rules(contract: Contract, batch_date: date, name: str, child: Child) -> Iterator[Rule]:
    """Those of its columns, of which the key is required; and `key`: one nested record, one key, one parent."""
    for column in child.stored_columns.values():
        is_required = column.required or column.name in child.key
        yield from _column_rules(contract, batch_date, name, column.model_copy(update={"required": is_required}))
    key = ", ".join(f'"{column}"' for column in child.key)
    present = " and ".join(f"\"{column}\" <> ''" for column in child.key)
    counted = (
        f"select *, count(*) over (partition by _file_id, _row, {key}) as _in_list,"
        f" min(_parent) over (partition by {key}) <> max(_parent) over (partition by {key}) as _is_shared"
        " from {batch}"
    )
    query = f"select _file_id, _row from ({counted}) as counted where {present} and (_in_list > 1 or _is_shared)"
    tolerated, says = contract.quality.tolerated_share, f"one {' and '.join(child.key)}, one nested record, one parent"
    yield Rule("key", "uniqueness", "critical", query, name, name, None, tolerated, says)


def _column_rules(
    contract: Contract, batch_date: date, entity: str, column: Column, is_deletable: bool = False
) -> Iterator[Rule]:
    """The rules of one column, each with the share that it tolerates."""
    tolerated = contract.quality.tolerated_share if column.tolerated_share is None else column.tolerated_share
    for kind, dimension, condition in column_conditions(contract, batch_date, column, is_deletable):
        query = f"select _file_id, _row from {{batch}} where {condition}"
        share = 0.0 if kind in ("required", "unique") else tolerated
        says = words.column_rule(kind, column)
        yield Rule(kind, dimension, column.severity, query, entity, entity, column.name, share, says)


def column_conditions(
    contract: Contract, batch_date: date, column: Column, is_deletable: bool = False
) -> Iterator[tuple[str, str, str]]:
    """(kind of rule, its dimension, the condition under which a row of ``{batch}`` breaks it) of one column.

    Of a row that has gone from its table nothing is left but the key.
    """
    name = f'"{column.name}"'
    present = f"{name} is not null and {name} <> ''"
    if column.required:
        is_there = f" and \"{DELETED}\" is distinct from 'true'" if is_deletable else ""
        yield "required", "completeness", f"coalesce({name}, '') = ''{is_there}"
    if column.allowed is not None:
        values = ", ".join(quote(value) for value in column.allowed)
        yield "allowed", "consistency", f"{present} and {name} not in ({values})"
    if column.pattern:
        yield "pattern", "accuracy", f"{present} and {name} !~ {quote(column.pattern)}"
    if column.type != "text" or column.format:
        yield "type", "accuracy", f"{present} and not ({_is_of_type(column)})"
    for kind, limit, sign in (("minimum", column.minimum, "<"), ("maximum", column.maximum, ">")):
        if limit is not None:
            number = f"case when pg_input_is_valid({name}, 'numeric') then {name}::numeric end"
            yield kind, "accuracy", f"{number} {sign} {limit}"
    if column.unique:
        repeated = f"select {name} from {{batch}} group by 1 having count(*) > 1"
        yield "unique", "uniqueness", f"{name} in ({repeated})"
    if column.references:
        known = known_values(contract, batch_date, column.references)
        yield "references", "integrity", f"{present} and {name} not in ({known})"


def _is_of_type(column: Column) -> str:
    """Written as the type or the format, and readable by Postgres: 2026-02-31 has the form of a date and is none."""
    name = f'"{column.name}"'
    checks = []
    if column.format:
        written, day = day_of(column)
        checks.append(written)
        if not column.format.startswith(YEAR_FIRST):  # Postgres reads a day before its month as the month
            return f"{written} and pg_input_is_valid({day}, 'date')"
    elif column.type in TYPE_PATTERNS:
        checks.append(f"{name} ~ {quote(TYPE_PATTERNS[column.type])}")
    if column.type in CAST_TYPES:
        checks.append(f"pg_input_is_valid({name}, '{CAST_TYPES[column.type]}')")
    return " and ".join(checks)


def day_of(column: Column) -> tuple[str, str]:
    """(condition: is it written as declared, its day as Postgres reads it: year first, whatever the format)."""
    name = f'"{column.name}"'
    if not column.format:
        return f"{name} ~ {quote(TYPE_PATTERNS['date'])}", f"left({name}, 10)"
    places = column.format.replace("HH24", "HH")
    year = "YYYY" if "YYYY" in places else "YY"
    day = " || ".join(f"substr({name}, {places.index(part) + 1}, {len(part)})" for part in (year, "MM", "DD"))
    return f"{name} ~ {quote(_format_pattern(column.format))}", day


def _format_pattern(written: str) -> str:
    """The regular expression of a format such as YYMMDD or DD.MM.YYYY HH24:MI:SS."""
    pattern = re.escape(written)
    for part, digits in (("HH24", 2), ("YYYY", 4), ("YY", 2), ("MM", 2), ("DD", 2), ("MI", 2), ("SS", 2)):
        pattern = pattern.replace(part, f"[0-9]{{{digits}}}")
    return f"^{pattern}$"
