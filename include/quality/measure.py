"""Measures the six dimensions of quality of each batch, once, into ops.quality_measures.

What a batch holds is looked at in one pass over each of its entities, with the conditions of the raw gate; so what the
gate calls broken and what is measured here are the same. Only batches that are new, or hold something else than when
they were measured, are looked at; of an entity that brought very much, every n-th record of each file (of keys, all).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

import psycopg

from include import db
from include.contracts import DELETED, Child, Column, Contract, Entity
from include.gates.raw_assets import over_rows, raw_assets
from include.gates.raw_rules import column_conditions, day_of

# The raw gate's kinds of rules, by the dimension that each belongs to here; the gate itself counts form as accuracy and
# references as integrity (DECISIONS 81). What is required is measured as filled.
DIMENSION_OF = {
    "type": "validity", "pattern": "validity", "allowed": "validity", "minimum": "accuracy", "maximum": "accuracy",
    "unique": "uniqueness", "references": "consistency",
}  # fmt: skip

MOST_RECORDS = 100_000  # of an entity and batch that are looked at


@dataclass(frozen=True)
class Measure:
    """One figure of an entity: SQL over the rows that are looked at, and over those of them that are sound."""

    dimension: str
    rule: str
    column: str
    checked: str
    passed: str


def measure_batches(url: str, contracts: dict[str, Contract], system: str | None = None) -> int:
    """Measure every batch, or those of one system, that has not been measured as it is; returns how many were.

    One transaction a batch, one measurer at a time: what another has measured meanwhile is left alone.
    """
    with db.connect(url) as connection:
        waiting = connection.execute(
            db.read_sql("include/quality/unmeasured.sql"), {"system": system, "systems": list(contracts)}
        ).fetchall()
    measured = 0
    for name, batch_date, content in waiting:
        with db.connect(url) as connection:
            if not _take(connection, name, batch_date, content):
                continue
            _measure_batch(connection, contracts[name], batch_date)
            measured += 1
            connection.execute(
                "insert into ops.quality_batches (system, batch_date, content) values (%s, %s, %s)"
                " on conflict (system, batch_date) do update set content = excluded.content, measured_at = now()",
                [name, batch_date, content],
            )
    return measured


def _take(connection: psycopg.Connection, system: str, batch_date: date, content: str) -> bool:
    """Wait for whoever measures the batch; whether it has yet to be measured then, by this transaction alone."""
    connection.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"measure {system} {batch_date}"])
    known = connection.execute(
        "select 1 from ops.quality_batches where system = %s and batch_date = %s and content = %s",
        [system, batch_date, content],
    )
    return known.fetchone() is None


def measure_people(url: str, systems: Collection[str] = ()) -> int:
    """Measure what only the linking knows, for the newest batch of each system, or of these: how far the records of a
    system agree with other systems on the same person, and how many it holds twice. Returns the number of figures.
    """
    with db.connect(url) as connection:
        return connection.execute(
            db.read_sql("include/quality/measure_people.sql"), {"systems": list(systems) or None}
        ).rowcount


def _measure_batch(connection: psycopg.Connection, contract: Contract, batch_date: date) -> None:
    place = [contract.system, batch_date]
    connection.execute("delete from ops.quality_measures where system = %s and batch_date = %s", place)
    connection.execute(
        db.read_sql("include/quality/measure_files.sql"), {"system": contract.system, "batch_date": batch_date}
    )
    assets = {asset.name: asset.query for asset in raw_assets(contract, batch_date)}
    for entity in contract.entities.values():
        _write(connection, contract, batch_date, entity.name, assets[entity.name],
               [*_entity_measures(entity, batch_date), *_columns(contract, batch_date, entity)])  # fmt: skip
        for name, child in entity.children.items():
            nested = f"{entity.name}.{name}"
            _write(connection, contract, batch_date, nested, assets[nested],
                   [_key_measure([child.key]), *_columns(contract, batch_date, child)])  # fmt: skip


def _write(
    connection: psycopg.Connection, contract: Contract, batch_date: date, entity: str, query: str,
    measures: list[Measure],
) -> None:  # fmt: skip
    """All figures of one entity in one pass over its rows; none of an entity of which nothing came."""
    figures = ", ".join(f"{part}" for m in measures for part in (m.checked, m.passed))
    landed = connection.execute(
        "select coalesce(sum(rows_landed), 0)::bigint from ops.files where system = %s and batch_date = %s"
        " and entity = %s and state <> 'superseded'",
        [contract.system, batch_date, entity.partition(".")[0]],
    ).fetchone()
    step = max(-(-landed[0] // MOST_RECORDS), 1) if landed else 1
    select = f"select count(*), {figures} from delivered"
    row = connection.execute(over_rows(query, select, f"_row % {step} = 0")).fetchone()
    if row is None or not row[0]:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.quality_measures (system, entity, batch_date, dimension, rule, column_name, checked,"
            " passed) values (%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                [contract.system, entity, batch_date, m.dimension, m.rule, m.column, row[1 + 2 * n], row[2 + 2 * n]]
                for n, m in enumerate(measures)
                if row[1 + 2 * n] is not None
            ],
        )


def _entity_measures(entity: Entity, batch_date: date) -> Iterator[Measure]:
    declared = len(entity.stored_columns)
    rescued = (
        "(select count(distinct field.name) from delivered as r cross join lateral jsonb_object_keys(r._rescued)"
        " as field (name) where jsonb_typeof(r._rescued) = 'object')"
    )
    yield Measure("consistency", "column_is_declared", "", f"{declared} + {rescued}", f"{declared}")
    yield _key_measure([entity.key, entity.key_fallback])
    if entity.record_time:
        written, day = day_of(entity.columns[entity.record_time])
        when = f"case when {written} then case when pg_input_is_valid({day}, 'date') then ({day})::date end end"
        if entity.max_age_days is not None:
            yield Measure(
                "timeliness", "newest_record_is_recent", entity.record_time, "least(count(*), 1)",
                f"(coalesce(max({when}) >= '{batch_date}'::date - {entity.max_age_days}, false))::int",
            )  # fmt: skip
        yield Measure(
            "timeliness", "not_after_the_batch", entity.record_time, f"count({when})",
            f"count(*) filter (where {when} <= '{batch_date}'::date + 1)",
        )  # fmt: skip


def _key_measure(keys: list[tuple[str, ...]]) -> Measure:
    """All records with a key, and how many of them are the first with theirs."""
    cases = []
    for names in filter(None, keys):
        parts = ", ".join(f"nullif(trim(\"{name}\"), '')" for name in names)
        cases.append(f"when num_nulls({parts}) = 0 then array['{names[0]}', {parts}]")
    key = f"case {' '.join(cases)} end"
    return Measure(
        "uniqueness", "key", "", f"(select count({key}) from {{batch}})",
        f"(select count(*) from (select distinct {key} as key from {{batch}}) as keys where key is not null)",
    )  # fmt: skip


def _columns(contract: Contract, batch_date: date, part: Entity | Child) -> Iterator[Measure]:
    """Of each column: filled, and sound by each rule of its own among what is filled."""
    is_deletable = isinstance(part, Entity) and part.table is not None
    there = f" and \"{DELETED}\" is distinct from 'true'" if is_deletable else ""
    for column in part.stored_columns.values():
        if is_deletable and column.name == DELETED:
            continue
        filled = f"coalesce(\"{column.name}\", '') <> ''"
        yield Measure(
            "completeness", "filled", column.name, f"count(*) filter (where true{there})",
            f"count(*) filter (where {filled}{there})",
        )  # fmt: skip
        conditions = [(k, c) for k, _, c in column_conditions(contract, batch_date, column) if k in DIMENSION_OF]
        for kind, broken in (*conditions, *_plausible(column)):
            yield Measure(
                DIMENSION_OF.get(kind, "accuracy"), kind, column.name, f"count(*) filter (where {filled})",
                f"count(*) filter (where {filled} and ({broken}) is not true)",
            )  # fmt: skip


def _plausible(column: Column) -> Iterator[tuple[str, str]]:
    """Of what people fill in: that it says something. Numbers and secrets have rules of their own."""
    if column.sensitivity == "personal" and column.type in ("text", "date"):
        yield "plausible", f'ops.is_placeholder("{column.name}")'
