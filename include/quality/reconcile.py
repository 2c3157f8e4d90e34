"""Counts and sums every fact beside the records of raw that it stands on, into ops.reconciliation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from include import db
from include.contracts import DELETED, Contract, Entity, read_sources
from include.quality.items import items_of, literal
from include.settings import PROJECT_DIR

DECLARED = PROJECT_DIR / "include" / "gates" / "reconciliation.yml"
# Ways in which a fact can be wrong about raw; every other difference has been explained by raw itself.
WRONG = ("not in raw", "to be left out", "several times", "several versions", "not the newest version",
         "another amount", "another batch", "missing")  # fmt: skip


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Records(_Strict):
    """Records of raw that a fact stands on; reconciliation.yml says what each field means."""

    of: str
    amount: str | None = None
    left_out: dict[str, str] = {}
    key: tuple[str | tuple[str, ...], ...] = ()
    fact_key: str | None = None
    where_fact: str = "true"
    name: str | None = None
    is_grouped: bool = False

    @property
    def path(self) -> tuple[str, str, str | None]:
        """(system, entity, child or None)."""
        system, entity, *child = self.of.split(".")
        return system, entity, child[0] if child else None

    @property
    def system(self) -> str:
        """The system that delivers the records."""
        return self.path[0]

    @property
    def rows_of_fact(self) -> str:
        """The condition under which a row of the fact (`rows`) stands on these records."""
        system, entity, _ = self.path
        of_files = f"select file_id from ops.build_files where system = '{system}' and entity = '{entity}'"
        return f"rows.file_id in ({of_files}) and ({self.where_fact})"

    @property
    def title(self) -> str:
        """The records as the table names them: the entity, its child, and the name where there are several."""
        return self.of.partition(".")[2] + (f" ({self.name})" if self.name else "")


class Fact(_Strict):
    """One fact: its column of amounts, if it has one, and the records that its rows name; or the fact it is made of."""

    amount: str | None = None
    records: tuple[Records, ...] = ()
    made_of: str | None = None
    counts: str | None = None

    @model_validator(mode="after")
    def _check(self) -> Fact:
        if bool(self.records) == bool(self.made_of) or bool(self.made_of) != bool(self.counts):
            raise ValueError("a fact stands on records, or is made of a fact of which it counts the rows")
        return self


def read_facts(path: Path = DECLARED) -> dict[str, Fact]:
    """Every fact that is declared, by its name."""
    declared: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["facts"]
    return {name: Fact.model_validate(fact) for name, fact in declared.items()}


def reconcile_facts(url: str, sources_dir: Path, schema: str = "core_next", path: Path = DECLARED) -> dict[str, int]:
    """Replace ops.reconciliation by what a schema of facts and raw hold now; returns the numbers of lines and of those
    that do not agree.

    A fact that is declared and not there gives no line, nor does a system whose contract cannot be used. One
    transaction.
    """
    sources, declared = read_sources(sources_dir), read_facts(path)
    with db.connect(url) as connection:
        there = {
            name
            for (name,) in connection.execute(
                "select table_name from information_schema.tables where table_schema = %s", [schema]
            )
        }
        connection.execute("set local time zone 'UTC'")
        # A fact of millions of rows is joined in memory, not on disk.
        connection.execute("set local work_mem = '128MB'")
        connection.execute("delete from ops.reconciliation")
        for name in sorted(name for name in there if name.startswith("fact_")):
            fact = declared.get(name)
            if fact is None:
                _say_undeclared(connection, schema, name)
                continue
            if fact.made_of:
                _compare_parts(connection, schema, name, fact)
                continue
            known = [records for records in fact.records if records.system in sources.contracts]
            for records in known:
                _reconcile(connection, sources.contracts[records.system], schema, name, fact, records)
            _find_undeclared(connection, schema, name, known, list(sources.broken))
        found = connection.execute(
            "select count(*), count(*) filter (where not is_reconciled) from ops.reconciliation"
        ).fetchone()
    return {"reconciled": found[0], "differing": found[1]} if found else {}


def _reconcile(
    connection: psycopg.Connection, contract: Contract, schema: str, name: str, fact: Fact, records: Records
) -> None:
    """The lines of one entity in a fact. What is declared is SQL, so both sides become views that one query reads."""
    system, _, child = records.path
    if child and not records.fact_key:
        raise ValueError(f"{name}: {records.of} is nested, so it needs a fact_key")
    _view(connection, "raw_side", _raw(contract, records))
    _view(connection, "fact_side", _select({
        "file_id": "rows.file_id", "row_number": "rows.row_number::bigint", "batch_date": "rows.batch_date",
        "key": f"({records.fact_key})::text" if records.fact_key else "''",
        "amount": f"rows.{fact.amount}::numeric" if records.amount else "null::numeric",
    }) + f" from {schema}.{name} as rows where {records.rows_of_fact}")  # fmt: skip
    connection.execute(
        db.read_sql("include/quality/reconcile.sql"),
        {"fact": name, "system": system, "title": records.title, "wrong": list(WRONG)},
    )


def _find_undeclared(
    connection: psycopg.Connection, schema: str, name: str, known: list[Records], broken: list[str]
) -> None:
    """Rows of a fact that stand on what nobody has declared, or that no `where_fact` of their entity means."""
    is_known = " or ".join(f"({records.rows_of_fact})" for records in known) or "false"
    _view(
        connection, "fact_side",
        f"select rows.file_id, rows.batch_date from {schema}.{name} as rows where not coalesce({is_known}, false)",
    )  # fmt: skip
    connection.execute(db.read_sql("include/quality/undeclared.sql"), {"fact": name, "broken": broken})


def _say_undeclared(connection: psycopg.Connection, schema: str, name: str) -> None:
    """A line that agrees with nothing for a fact that nobody has declared, whatever it holds."""
    found = connection.execute(f"select count(*) from {schema}.{name}").fetchone()
    rows = found[0] if found else 0
    connection.execute(
        "insert into ops.reconciliation (fact, system, entity, batch_date, raw_rows, fact_rows, differences,"
        " unexplained, is_reconciled) select %s, 'core', '(not declared)', max(batch_date), 0, %s, '{}', %s, false"
        " from ops.build_files having max(batch_date) is not null",
        [name, rows, json.dumps({"not declared": rows})],
    )


def _compare_parts(connection: psycopg.Connection, schema: str, name: str, fact: Fact) -> None:
    """A fact that is made of another one counts all rows of it."""
    found = connection.execute(
        f"select (select count(*) from {schema}.{fact.made_of}),"
        f" (select coalesce(sum({fact.counts}), 0) from {schema}.{name})"
    ).fetchone()
    there, counted = found or (0, 0)
    connection.execute(
        "insert into ops.reconciliation (fact, system, entity, batch_date, raw_rows, fact_rows, differences,"
        " unexplained, is_reconciled) select %s, 'core', %s, max(batch_date), %s, %s, '{}', %s, %s from ops.build_files"
        " having max(batch_date) is not null",
        [name, fact.made_of, there, counted,
         json.dumps({} if there == counted else {"not counted": int(there - counted)}), there == counted],
    )  # fmt: skip


def _view(connection: psycopg.Connection, name: str, query: str) -> None:
    connection.execute(f"drop view if exists pg_temp.{name}")
    connection.execute(f"create temporary view {name} as {query}")


def _raw(contract: Contract, records: Records) -> str:
    """A query for the released records with place, key and amount; of a list, each of its items."""
    system, name, child_name = records.path
    entity = contract.entities[name]
    source = f'raw_{system}."{name}" as record inner join ops.build_files as files on record._file_id = files.file_id'
    key = tuple(_flat(records.key)) or tuple(_contract_key(entity, child_name))
    cases = " ".join(f"when {condition} then {literal(why)}" for why, condition in records.left_out.items())
    place_in_list = "1"
    if child_name:
        same_key = f"record._file_id, record._row, {', '.join(key)}"
        place_in_list = f"row_number() over (partition by {same_key} order by item.place)"
        source += f" cross join lateral {items_of(entity, child_name)}"
    is_tombstone = f"record.\"{DELETED}\" is not distinct from 'true'" if entity.table and not child_name else "false"
    of_key = " || '|' || ".join(f"nullif(trim(({part})::text), '')" for part in key)
    return _select({
        "file_id": "record._file_id", "row_number": "record._row", "batch_date": "record._batch_date", "key": of_key,
        "joined_by": of_key if records.fact_key else "''", "place": place_in_list, "amount": _amount(records),
        "is_tombstone": is_tombstone, "is_grouped": str(records.is_grouped),
        "left_out": f"case {cases} end" if cases else "null::text",
    }) + f" from {source}"  # fmt: skip


def _select(columns: dict[str, str]) -> str:
    return "select " + ", ".join(f"{expression} as {name}" for name, expression in columns.items())


def _contract_key(entity: Entity, child_name: str | None) -> Iterator[str]:
    for column in entity.children[child_name].key if child_name else entity.key:
        yield f'{"item" if child_name else "record"}."{column}"'


def _flat(key: tuple[str | tuple[str, ...], ...]) -> Iterator[str]:
    for part in key:
        yield from (part,) if isinstance(part, str) else part


def _amount(records: Records) -> str:
    if records.amount is None:
        return "null::numeric"
    if records.amount.isidentifier():
        return f'ops.to_number({"item" if records.path[2] else "record"}."{records.amount}")'
    return f"({records.amount})::numeric"
