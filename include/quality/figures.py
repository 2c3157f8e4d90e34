"""Reads what the page of one system shows: its batches, its quality over time, its columns, its issues."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from include import db
from include.contracts import Child, Column, Contract, Entity
from include.gates.checkpoint import Finding
from include.gates.lines import with_lines
from include.gates.raw_assets import over_rows, raw_assets
from include.gates.raw_rules import column_conditions
from include.gates.rules import Rule
from include.gates.words import column_rule
from include.quality.items import items_of
from include.quality.profile import Profile, profile_column, shown_value

# Of one entity, or of one list nested in it, that are looked at; of more, every n-th record of each file.
MOST_RECORDS = 20_000
LONGEST = 200  # of longer values the beginning, a hash and the end are read: a record may be megabytes
DAYS_SHOWN = 14
ISSUES_SHOWN, EXAMPLES, QUARANTINED_SHOWN = 40, 3, 8

Row = dict[str, Any]
Connection = psycopg.Connection[Row]


@dataclass(frozen=True)
class EntityProfile:
    """An entity, or a list nested in one, as it was found."""

    name: str
    description: str
    records: int
    looked_at: int
    columns: list[tuple[Column, Profile]]


@dataclass(frozen=True)
class Issue:
    """A rule that some values break, with places of a few of them."""

    entity: str
    column: str
    says: str
    batch_date: date
    broken: int
    checked: int
    examples: list[tuple[str, str]] = field(default_factory=list)


def connect(url: str) -> Connection:
    """A connection whose rows are dictionaries."""
    return psycopg.connect(url, row_factory=dict_row, application_name="customer360")


def read_batches(connection: Connection, system: str) -> list[Row]:
    """The newest batches, newest first: state, reason, and the rows of each entity."""
    return connection.execute(
        db.read_sql("include/quality/batches.sql"), {"system": system, "days": DAYS_SHOWN}
    ).fetchall()


def read_trend(connection: Connection, system: str) -> dict[tuple[str, str], list[Row]]:
    """The newest figures of each (entity, dimension), oldest first."""
    trend: dict[tuple[str, str], list[Row]] = defaultdict(list)
    rows = connection.execute(
        "select * from ops.quality_trend where system = %s and batch_date > (select max(batch_date) - %s"
        " from ops.quality_measures where system = %s) order by entity, dimension, batch_date",
        [system, DAYS_SHOWN, system],
    )
    for row in rows:
        trend[row["entity"], row["dimension"]].append(row)
    return dict(trend)


def read_profiles(connection: Connection, contract: Contract) -> list[EntityProfile]:
    """Every entity, and every list nested in one. Of a snapshot the newest one is looked at, else all batches."""
    profiles = []
    for entity in contract.entities.values():
        chosen = connection.execute(
            db.read_sql("include/quality/chosen_files.sql"),
            {"system": contract.system, "entity": entity.name, "is_snapshot": contract.delivery == "snapshot"},
        ).fetchone()
        records = int(chosen["records"]) if chosen else 0
        step = max(-(-records // MOST_RECORDS), 1)
        files = chosen["files"] if chosen else []
        table = f'raw_{contract.system}."{entity.name}" as record'
        where = f"where record._file_id = any(%(files)s) and record._row %% {step} = 0"
        profiles.append(_profile(connection, entity, entity.name, f"{table} {where}", files, records))
        for name, child in entity.children.items():
            nested = f"{table} cross join lateral {items_of(entity, name)}".replace("%", "%%") + f" {where}"
            counted = connection.execute(
                f"select count(*) as items from {nested}".encode(), {"files": files}
            ).fetchone()
            items = int(counted["items"]) if counted else 0
            if items > MOST_RECORDS:
                nested += f" and (record._row / {step} + item.place) %% {-(-items // MOST_RECORDS)} = 0"
            profiles.append(_profile(connection, child, f"{entity.name}.{name}", nested, files, items))
    return profiles


def _profile(
    connection: Connection, part: Entity | Child, name: str, source: str, files: list[Any], records: int
) -> EntityProfile:  # fmt: skip
    """The profile of what a source gives, a row at a time: of each column only its different values are kept."""
    columns = list(part.stored_columns.values())
    alias = "item" if isinstance(part, Child) else "record"
    selected = ", ".join(_shortened(f'{alias}."{column.name}"') for column in columns)
    values: list[Counter[str | None]] = [Counter() for _ in columns]
    lengths: list[Counter[int]] = [Counter() for _ in columns]
    looked_at = 0
    with connection.cursor(name="profile", row_factory=psycopg.rows.tuple_row) as cursor:
        cursor.itersize = 500
        cursor.execute(f"select {selected} from {source}".encode(), {"files": files})
        for row in cursor:
            looked_at += 1
            for place in range(len(columns)):
                values[place][row[2 * place]] += 1
                if row[2 * place]:
                    lengths[place][row[2 * place + 1]] += 1
    found = [(c, profile_column(c, given, lengths=of)) for c, given, of in zip(columns, values, lengths, strict=True)]
    description = part.description if isinstance(part, Entity) else f"One record per entry of the list `{part.path}`."
    return EntityProfile(name, description, records if records > MOST_RECORDS else looked_at, looked_at, found)


def _shortened(value: str) -> str:
    """A value and its length; of a long one its beginning, a hash that tells it from others, and its end."""
    long = f"left({value}, {LONGEST // 2}) || md5({value}) || right({value}, {LONGEST // 4})"
    return f"case when length({value}) <= {LONGEST} then {value} else {long} end, length({value})"


def read_issues(connection: Connection, contract: Contract, inbox: Path, url: str) -> list[Issue]:
    """The rules of columns that values broke in the newest batch in which any did, the most broken first."""
    parts = _parts(contract)
    required = [f"{name}.{c.name}" for name, part in parts.items() for c in part.stored_columns.values() if c.required]
    broken = connection.execute(
        db.read_sql("include/quality/broken.sql"),
        {"system": contract.system, "required": required, "most": ISSUES_SHOWN},
    ).fetchall()
    known = [row for row in broken if row["entity"] in parts]  # the contract may have changed since
    issues = [(row, column, condition) for row in known
              if (column := parts[row["entity"]].stored_columns.get(row["column_name"]))
              and (condition := _conditions(contract, row["batch_date"], column).get(row["rule"]))]  # fmt: skip
    examples = [_examples(connection, contract, *issue) for issue in issues]
    places = _places(contract, [row["batch_date"] for row, *_ in issues], examples, inbox, url)
    return [
        Issue(row["entity"], column.name, _says(row["rule"], column), row["batch_date"], row["broken"], row["checked"],
              [(place, shown_value(example["value"], column)) for place, example in zip(found, given, strict=True)])
        for (row, column, _), found, given in zip(issues, places, examples, strict=True)
    ]  # fmt: skip


def _says(rule: str, column: Column) -> str:
    words = {"plausible": "says something, and can be read", "filled": "is never empty"}
    return words.get(rule) or column_rule(rule, column)


def _places(
    contract: Contract, days: list[date], examples: list[list[Row]], inbox: Path, url: str
) -> list[list[str]]:  # fmt: skip
    """File and line of each example, its record where its file has no lines; each file is read once."""
    rule = Rule("example", "accuracy", "warning", "", "")
    findings = [
        Finding(rule, 1, 1, [{"_file_id": e["_file_id"], "_row": e["_row"]} for e in given]) for given in examples
    ]
    placed: dict[int, Finding] = {}
    for day in dict.fromkeys(days):
        of_day = [number for number, other in enumerate(days) if other == day]
        with_line = with_lines([findings[number] for number in of_day], contract, day, inbox, url)
        placed |= dict(zip(of_day, with_line, strict=True))
    return [
        [
            f"{example['name']} " + (f"line {at['_line']}" if "_line" in at else f"record {at['_row']}")
            for example, at in zip(given, placed[number].examples, strict=True)
        ]
        for number, given in enumerate(examples)
    ]


def _parts(contract: Contract) -> dict[str, Entity | Child]:
    parts: dict[str, Entity | Child] = dict(contract.entities)
    for entity in contract.entities.values():
        parts |= {f"{entity.name}.{name}": child for name, child in entity.children.items()}
    return parts


def _conditions(contract: Contract, batch_date: date, column: Column) -> dict[str, str]:
    """The condition under which a value breaks each rule that the column has now."""
    conditions = {kind: condition for kind, _, condition in column_conditions(contract, batch_date, column)}
    return conditions | {
        "plausible": f'ops.is_placeholder("{column.name}")',
        "filled": f"coalesce(\"{column.name}\", '') = ''",
    }


def _examples(connection: Connection, contract: Contract, row: Row, column: Column, condition: str) -> list[Row]:
    """A few values that break the rule, each with its file and row."""
    asset = next(asset for asset in raw_assets(contract, row["batch_date"]) if asset.name == row["entity"])
    value = f'"{column.name}" as value'
    broken = f"select _file_id, _row, {value} from delivered where {condition} order by _file_id, _row limit {EXAMPLES}"
    select = (
        f"select broken._file_id::text, broken._row::text, broken.value, files.name from ({broken}) as broken"
        " inner join ops.files as files on broken._file_id = files.file_id order by files.name, broken._row"
    )
    return connection.execute(over_rows(asset.query, select)).fetchall()


def read_columns_that_differ(connection: Connection, system: str) -> list[Row]:
    """Columns that the contract does not declare, and those that did not come, by batch and file."""
    return connection.execute(
        "select batch_date, name, undeclared_columns, missing_columns from ops.files where system = %s"
        " and state in ('released', 'held') and (undeclared_columns <> '{}' or missing_columns <> '{}')"
        " order by batch_date desc, name limit 40",
        [system],
    ).fetchall()


def read_quarantine(connection: Connection, system: str) -> list[Row]:
    """Rows that could not land: the newest, with the number of all that broke the rule in the file. No row is shown."""
    return connection.execute(
        "select files.batch_date, files.name, quarantine.rule, min(quarantine.reason) as reason, count(*) as broken,"
        " coalesce('line ' || min(quarantine.line), 'record ' || min(quarantine.row_number)) as place"
        " from ops.quarantine inner join ops.files using (file_id) where files.system = %s"
        " group by files.batch_date, files.name, quarantine.rule order by 1 desc, 2, 3 limit %s",
        [system, QUARANTINED_SHOWN],
    ).fetchall()
