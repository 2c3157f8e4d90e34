"""Every table and column of the warehouse as contracts, dbt's manifest and the survivorship seed describe them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from include.catalogue.lineage import Parents, model_parents, select_from_cte
from include.catalogue.words import PRIMARY_KEY, UNIQUE, rule_of, rules_of_contract, volume_of_contract
from include.contracts.model import Contract, Entity

LAYERS = ("raw", "ops", "staging", "intermediate", "identity", "core", "marts", "features")
SEVERITY = ("none", "personal", "secret")
SURVIVED = "int_customers__survived"
NOT_SURVIVING = ("customer_key", "location_key", "as_of_date", "data_source")
CANDIDATES = {
    SURVIVED: "int_customers__attribute_candidates",
    "int_customers__past_survivors": "int_customers__past_survivors",
}
LINEAGE = {
    "_file_id": ("uuid", "File that brought the record, in `ops.files`."),
    "_row": ("bigint", "Number of the record in its file, from 1."),
    "_batch_date": ("date", "Batch date of the delivery."),
    "_rescued": ("jsonb", "Fields of the record that the contract does not declare."),
}
NOT_KNOWN = "Not known: the contract of the system cannot be used."


@dataclass(frozen=True)
class Column:
    """One column: its business meaning, its type, the rules it keeps, how sensitive it is, what it is made from."""

    name: str
    type: str
    meaning: str
    rules: tuple[str, ...] = ()
    sensitivity: str = "none"
    parents: tuple[tuple[str, str], ...] = ()
    refers_to: str | None = None


@dataclass(frozen=True)
class Table:
    """One table, its grain as its description says it, and its columns in order; of the lists that its columns hold,
    the fields as ``list[].field``, and for each list their names by their paths in a record of it."""

    schema: str
    name: str
    description: str
    columns: dict[str, Column]
    reads: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    nested: dict[str, Column] = field(default_factory=dict)
    lists: dict[str, dict[str, str]] = field(default_factory=dict)

    def find(self, name: str) -> Column | None:
        """A column, or a field of a nested list (``list[].field``)."""
        return self.columns.get(name) or self.nested.get(name)

    @property
    def id(self) -> str:
        """``schema.name``."""
        return f"{self.schema}.{self.name}"

    @property
    def layer(self) -> str:
        """The layer: the schema, `raw` for every system's."""
        return "raw" if self.schema.startswith("raw_") else self.schema


def read_tables(
    contracts: dict[str, Contract],
    manifest: dict[str, Any],
    survivorship: Path,
    stored: Iterable[tuple[str, str, str, str]] = (),
) -> dict[str, Table]:
    """All tables by ``schema.name``, raw ones first, every column with its parents and its sensitivity.

    What is `stored` in raw (schema, table, column, type) tells the columns of a table without a contract. Raises
    LineageFailed where the SQL of a model cannot be resolved.
    """
    tables = {t.id: t for t in (*_raw_tables(contracts), *_sources(manifest), *_seeds(manifest))}
    tests = _tests(manifest)
    order = _survivorship_order(survivorship)
    tables = {t.id: t for t in _undescribed_tables(manifest, tables, stored)} | tables
    for node in _in_order(manifest):
        table = _model(node, manifest, tables, tests, order)
        tables[table.id] = table
    return tables


def _raw_tables(contracts: dict[str, Contract]) -> Iterator[Table]:
    for contract in contracts.values():
        for entity in contract.entities.values():
            columns = {
                name: Column(name, "text", column.meaning, rules_of_contract(column), column.sensitivity)
                for name, column in entity.stored_columns.items()
            }
            lineage = {name: Column(name, kind, meaning) for name, (kind, meaning) in LINEAGE.items()}
            description = f"{entity.description} {volume_of_contract(contract, entity)}".strip()
            yield Table(f"raw_{contract.system}", entity.name, description, columns | lineage, key=entity.key,
                        nested=dict(_nested(entity)), lists=_lists(entity))  # fmt: skip


def _nested(entity: Entity) -> Iterator[tuple[str, Column]]:
    """The fields of the lists, each as sensitive as its list at least."""
    for child in entity.children.values():
        for name, c in child.stored_columns.items():
            called, both = f"{child.path}[].{name}", (c.sensitivity, entity.columns[child.path].sensitivity)
            yield called, Column(called, "json", c.meaning, rules_of_contract(c), max(both, key=SEVERITY.index))


def _lists(entity: Entity) -> dict[str, dict[str, str]]:
    return {
        child.path: {column.source_path: f"{child.path}[].{name}" for name, column in child.stored_columns.items()}
        for child in entity.children.values()
    }


def _undescribed_tables(
    manifest: dict[str, Any], tables: dict[str, Table], stored: Iterable[tuple[str, str, str, str]]
) -> Iterator[Table]:
    """Raw tables that models read and no contract describes, since it cannot be used: what they hold is there, what it
    means is not known, and it may be personal.
    """
    columns: dict[str, dict[str, Column]] = {}
    for schema, table, name, kind in stored:
        meaning = LINEAGE[name][1] if name in LINEAGE else NOT_KNOWN
        found = Column(name, kind, meaning, sensitivity="none" if name in LINEAGE else "personal")
        columns.setdefault(f"{schema}.{table}", {})[name] = found
    for source in manifest["sources"].values():
        table_id = f"{source['schema']}.{source['name']}"
        if table_id not in tables:
            yield Table(source["schema"], source["name"], source["description"].strip(), columns.get(table_id, {}))


def _sources(manifest: dict[str, Any]) -> Iterator[Table]:
    for source in manifest["sources"].values():
        if not source["schema"].startswith("raw_"):
            reads = {parent.rpartition(".")[0] for c in source["columns"].values() for parent in _made_from(c)}
            yield Table(
                source["schema"], source["name"], source["description"], _declared(source), tuple(sorted(reads))
            )


def _seeds(manifest: dict[str, Any]) -> Iterator[Table]:
    for node in manifest["nodes"].values():
        if node["resource_type"] == "seed":
            yield Table(_schema(node), node["name"], node["description"].strip(), _declared(node))


def _made_from(column: dict[str, Any]) -> list[str]:
    """What Python makes a column from, as its YAML says: ``meta: {made_from: [schema.table.column]}``."""
    return list((column.get("meta") or {}).get("made_from", []))


def _declared(node: dict[str, Any]) -> dict[str, Column]:
    types = node.get("config", {}).get("column_types") or {}
    return {
        name: Column(
            name, column["data_type"] or types.get(name, ""), column["description"].strip(),
            parents=tuple((p.rpartition(".")[0], p.rpartition(".")[2]) for p in _made_from(column)),
            sensitivity=(column.get("meta") or {}).get("sensitivity", "none"),
        )
        for name, column in node["columns"].items()
    }  # fmt: skip


def _schema(node: dict[str, Any]) -> str:
    return str(node["schema"]).removesuffix("_next")


def _table_id(node: dict[str, Any]) -> str:
    return f"{_schema(node)}.{node['name']}"


def _in_order(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """The models, each after those that it reads."""
    models = {k: n for k, n in manifest["nodes"].items() if n["resource_type"] == "model"}
    done: dict[str, dict[str, Any]] = {}

    def visit(key: str) -> None:
        if key in models and key not in done:
            for parent in models[key]["depends_on"]["nodes"]:
                visit(parent)
            done[key] = models[key]

    for key in sorted(models):
        visit(key)
    return list(done.values())


def _model(
    node: dict[str, Any], manifest: dict[str, Any], tables: dict[str, Table], tests: dict[str, list[dict[str, Any]]],
    order: dict[str, list[str]],
) -> Table:  # fmt: skip
    everything = manifest["nodes"] | manifest["sources"]
    reads = tuple(sorted({_table_id(everything[key]) for key in node["depends_on"]["nodes"] if key in everything}))
    schema: dict[str, dict[str, list[str]]] = {}
    for read in reads:
        schema.setdefault(tables[read].schema, {})[tables[read].name] = list(tables[read].columns)
    sql = str(node["compiled_code"]).replace('_next".', '".')
    lists = {(read, column): fields for read in reads for column, fields in tables[read].lists.items()}
    parents = model_parents(node["name"], sql, list(node["columns"]), schema, lists)
    if node["name"] in CANDIDATES:
        parents |= _survivor_parents(node["name"], everything, list(node["columns"]), tables)
    columns = {}
    for name, column in node["columns"].items():
        found = [test for test in tests.get(node["unique_id"], []) if test["column_name"] == name]
        columns[name] = Column(
            name, column["data_type"] or "", column["description"].strip(),
            tuple(rule for test in found if (rule := rule_of(test["test_metadata"]))),
            _sensitivity(parents, name, tables), tuple(parents[name]), _refers_to(column, found, _schema(node)),
        )  # fmt: skip
    if node["name"] in CANDIDATES:
        columns = {name: _with_survivorship(column, order) for name, column in columns.items()}
    key = tuple(name for name in columns if {UNIQUE, PRIMARY_KEY} & set(columns[name].rules))[:1]
    return Table(_schema(node), node["name"], node["description"].strip(), columns, reads, key)


def _survivor_parents(name: str, nodes: dict[str, Any], columns: list[str], tables: dict[str, Table]) -> Parents:
    """Where attributes come from: candidates are rows of attribute and value, so the names of the columns are followed
    from before they were made rows."""
    candidates = next(node for node in nodes.values() if node["name"] == CANDIDATES[name])
    names = [column for column in columns if column not in NOT_SURVIVING]
    sql = select_from_cte(str(candidates["compiled_code"]).replace('_next".', '".'), "records", names)
    reads = [_table_id(nodes[key]) for key in candidates["depends_on"]["nodes"]]
    schema: dict[str, dict[str, list[str]]] = {}
    for read in reads:
        schema.setdefault(tables[read].schema, {})[tables[read].name] = list(tables[read].columns)
    return model_parents(name, sql, names, schema)


def _sensitivity(parents: Parents, name: str, tables: dict[str, Table]) -> str:
    """As sensitive as the most sensitive column that it is made from."""
    found = [parent.sensitivity for t, c in parents[name] if t in tables and (parent := tables[t].find(c))]
    return max(found, key=SEVERITY.index, default="none")


def _tests(manifest: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    by_model: dict[str, list[dict[str, Any]]] = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and node.get("test_metadata"):
            by_model.setdefault(node["attached_node"], []).append(node)
    return by_model


def _refers_to(column: dict[str, Any], tests: list[dict[str, Any]], schema: str) -> str | None:
    """The table that a `relationships` test names, or the column itself where no such test could ever fail."""
    name = column.get("config", {}).get("meta", {}).get("refers_to")
    for test in tests:
        if test["test_metadata"]["name"] == "relationships":
            name = str(test["test_metadata"]["kwargs"]["to"]).split("'")[1]
    if name is None:
        return None
    return f"{'core' if name.startswith(('dim_', 'fact_')) else schema}.{name}"


def _survivorship_order(path: Path) -> dict[str, list[str]]:
    """For each group of attributes, the systems in the order in which they may supply it."""
    with path.open(encoding="utf-8") as stream:
        rows = sorted(csv.DictReader(stream), key=lambda row: int(row["preference"]))
    order: dict[str, list[str]] = {}
    for row in rows:
        order.setdefault(row["attribute_group"], []).append(f"{row['system']} ({row['rule']})")
    return order


GROUPS = {"first_name": "name", "last_name": "name", "address_line": "address", "city": "address",
          "postcode": "address", "country": "address"}  # fmt: skip


def _with_survivorship(column: Column, order: dict[str, list[str]]) -> Column:
    systems = order.get(GROUPS.get(column.name, column.name))
    if systems is None:
        return column
    return replace(column, rules=(*column.rules, "a steward's correction, else the first of: " + ", ".join(systems)))
