"""A valid delivery, changed once for every rule that a contract can declare: that rule speaks, by name, alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from include.contracts import Column, Contract, Format
from include.contracts.model import _Strict
from include.gates import GateOutcome, run_raw_gate
from include.gates.raw_rules import raw_rules
from include.landing import land_batch
from tests.include.extract import shop
from tests.include.extract import test_gate as tables
from tests.include.gates.test_volume import remember
from tests.include.landing.delivery import DAY, put, things

Table = list[dict[str, str]]
COLUMNS: dict[str, dict[str, Any]] = {
    "id": {"required": True, "unique": True},
    "name": {"required": True, "severity": "warning"},
    "colour": {"allowed": ["red", "blue"]},
    "email": {"pattern": "^[^@]+@[^@]+$"},
    "number": {"type": "integer", "minimum": 1, "maximum": 9},
    "price": {"type": "decimal"},
    "day": {"type": "date"},
    "at": {"type": "timestamp"},
    "is_new": {"type": "boolean"},
    "parts": {"type": "json"},
    "owner": {"references": "owners.owner"},
    "short_day": {"type": "date", "format": "YYMMDD"},
    "long_day": {"type": "date", "format": "DD.MM.YYYY"},
}
CHILD = {
    "path": "parts", "key": ["a"],
    "columns": {
        "a": {"meaning": "a", "type": "integer", "required": True}, "b": {"meaning": "b", "allowed": ["x"]},
        "c": {"meaning": "c", "path": "deep.c", "maximum": 9}, "d": {"meaning": "d", "pattern": "^x+$"},
        "e": {"meaning": "e", "type": "date", "format": "DD.MM.YYYY"},
        "f": {"meaning": "f", "minimum": 1, "unique": True}, "g": {"meaning": "g", "references": "owners.owner"},
    },
}  # fmt: skip
ROW = {
    "id": "", "name": "a", "colour": "red", "email": "a@b", "number": "5", "price": "1.50", "day": "2026-11-16",
    "at": "2026-11-16T08:00:00Z", "is_new": "true", "parts": "", "owner": "O1",
    "short_day": "930101", "long_day": "31.12.1993",
}  # fmt: skip


def contract(tolerated: float = 0.0, **quality: Any) -> Contract:
    """Things that belong to owners, with every rule that there is."""
    base = things("csv", COLUMNS | {"owner": {}}).model_dump()
    rules: dict[str, Any] = {"record_time": "at", "max_age_days": 2, "expected_rows": {"min": 2, "max": 20}}
    fields = {name: {"meaning": name, **options} for name, options in COLUMNS.items()}
    owners = {"description": "One record per owner.", "files": ["owners*"], "key": ["owner"]}
    entities = {
        "things": base["entities"]["things"] | rules | {
            "files": ["things*"], "children": {"parts": CHILD}, "columns": fields,
        },
        "owners": owners | {"columns": {"owner": {"meaning": "owner"}}},
    }  # fmt: skip
    demanded = {"tolerated_share": tolerated, "max_quarantined_share": 0.1, **quality}
    return Contract.model_validate(base | {"entities": entities, "quality": demanded})


def table(count: int = 10) -> Table:
    parts = '[{"a": %d0, "b": "x", "deep": {"c": 1}}, {"a": %d1}]'
    return [ROW | {"id": f"T{n}", "parts": parts % (n + 1, n + 1)} for n in range(count)]


def as_csv(rows: Table) -> str:
    names = list(rows[0]) if rows else list(ROW)
    quoted = [",".join('"' + row[name].replace('"', '""') + '"' if row[name] else "" for name in names) for row in rows]
    return "\n".join([",".join(names), *quoted, ""])


def gate(rows: Table | str | None, tmp_path: Path, url: str, declared: Contract | None = None) -> GateOutcome:
    """What the raw gate says of a delivery."""
    declared = declared or contract()
    if rows is not None:
        put(tmp_path / "inbox", "shop", "things.csv", rows if isinstance(rows, str) else as_csv(rows))
        if "owners" in declared.entities:
            put(tmp_path / "inbox", "shop", "owners.csv", "owner\nO1\n")
    (tmp_path / "inbox").mkdir(exist_ok=True)
    land_batch(declared, DAY, tmp_path / "inbox", tmp_path / "archive", url)
    return run_raw_gate(declared, DAY, url, "a run")


def one(column: str, value: str) -> Callable[[Table], Table]:
    """One row of ten with another value."""
    return lambda rows: [rows[0] | {column: value}, *rows[1:]]


def every(column: str, value: str) -> Callable[[Table], Table]:
    return lambda rows: [row | {column: value} for row in rows]


def without(column: str) -> Callable[[Table], Table]:
    return lambda rows: [{name: value for name, value in row.items() if name != column} for row in rows]


# name: (what declares it in the contract, change of the delivery, the one rule that speaks, whether the batch is held)
RULES: dict[str, tuple[set[str], Callable[[Table], Table | str | None], str, bool]] = {
    "required": ({"Column.required", "Column.severity"}, one("name", ""), "things.name.required", False),
    "allowed": ({"Column.allowed"}, one("colour", "green"), "things.colour.allowed", True),
    "pattern": ({"Column.pattern"}, one("email", "no address"), "things.email.pattern", True),
    "integer": ({"Column.type"}, one("number", "5.0"), "things.number.type", True),
    "decimal": ({"Column.type"}, one("price", "1,50"), "things.price.type", True),
    "decimal_word": ({"Column.type"}, one("price", "NaN"), "things.price.type", True),
    "date": ({"Column.type"}, one("day", "16.11.2026"), "things.day.type", True),
    "date_that_is_none": ({"Column.type"}, one("day", "2026-02-31"), "things.day.type", True),
    "date_of_the_clock": ({"Column.type"}, one("day", "today"), "things.day.type", True),
    "timestamp": ({"Column.type"}, one("at", "2026-11-16"), "things.at.type", True),
    "timestamp_that_is_none": ({"Column.type"}, one("at", "2026-11-16T25:00:00Z"), "things.at.type", True),
    "boolean": ({"Column.type"}, one("is_new", "perhaps"), "things.is_new.type", True),
    "json": ({"Column.type"}, one("parts", '{"a": '), "things.parts.type", True),
    "format": ({"Column.format"}, one("short_day", "1993-01-01"), "things.short_day.type", True),
    "format_of_no_day": ({"Column.format"}, one("short_day", "930231"), "things.short_day.type", True),
    "format_day_first_of_no_day": ({"Column.format"}, one("long_day", "31.02.1993"), "things.long_day.type", True),
    "format_day_first": ({"Column.format"}, one("long_day", "1993-12-31"), "things.long_day.type", True),
    "child_required": ({"Entity.children"}, one("parts", '[{"b": "x"}]'), "things.parts.a.required", True),
    "child_type": ({"Entity.children"}, one("parts", '[{"a": "one"}]'), "things.parts.a.type", True),
    "child_allowed": ({"Entity.children"}, one("parts", '[{"a": 1, "b": "y"}]'), "things.parts.b.allowed", True),
    "child_key_twice": ({"Child.key"}, one("parts", '[{"a": 1}, {"a": 1}]'), "things.parts.key", True),
    "child_key_of_another": ({"Child.key"}, one("parts", '[{"a": 20}]'), "things.parts.key", True),
    "child_path": ({"Child.columns"}, one("parts", '[{"a": 1, "deep": {"c": 10}}]'), "things.parts.c.maximum", True),
    "child_literal_path": ({"Child.path"}, one("parts", '[{"a": 1, "deep.c": 10}]'), "things.parts.c.maximum", True),
    "child_pattern": ({"Column.pattern"}, one("parts", '[{"a": 1, "d": "y"}]'), "things.parts.d.pattern", True),
    "child_format": ({"Column.format"}, one("parts", '[{"a": 1, "e": "2026-01-01"}]'), "things.parts.e.type", True),
    "child_minimum": ({"Column.minimum"}, one("parts", '[{"a": 1, "f": 0}]'), "things.parts.f.minimum", True),
    "child_unique": ({"Column.unique"}, one("parts", '[{"a": 1, "f": 5}, {"a": 2, "f": 5}]'), "things.parts.f.unique",
                     True),
    "child_references": ({"Column.references"}, one("parts", '[{"a": 1, "g": "O2"}]'), "things.parts.g.references",
                         True),
    "minimum": ({"Column.minimum"}, one("number", "0"), "things.number.minimum", True),
    "maximum": ({"Column.maximum"}, one("number", "10"), "things.number.maximum", True),
    "unique": ({"Column.unique"}, one("id", "T5"), "things.id.unique", True),
    "references": ({"Column.references"}, one("owner", "O2"), "things.owner.references", True),
    "expected_rows_min": (
        {"Entity.expected_rows", "ExpectedRows.min"},
        lambda rows: rows[:1],
        "things.expected_rows",
        True,
    ),
    "expected_rows_max": ({"ExpectedRows.max"}, lambda _: table(21), "things.expected_rows", True),
    "usual_rows": ({"ExpectedRows.usual_factor"}, lambda rows: rows, "things.usual_rows", False),
    "max_age_days": (
        {"Entity.max_age_days", "Entity.record_time"},
        every("at", "2026-11-13T00:00:00Z"),
        "things.max_age_days",
        False,
    ),
    "required_column": ({"Column.required"}, without("name"), "things.required_column", True),
    "missing_column": ({"Entity.columns"}, without("colour"), "things.missing_column", False),
    "undeclared_column": ({"Entity.columns"}, every("shoe_size", "42"), "undeclared_column", False),
    "file_readable": ({"Entity.files"}, lambda _: "", "file_readable", True),
    "file_ends_within_row": (
        {"Entity.files"},
        lambda rows: as_csv(rows).removesuffix("\n"),
        "file_ends_within_row",
        False,
    ),
    "max_quarantined_share": (
        {"Quality.max_quarantined_share"},
        lambda rows: as_csv(rows) + "T98\nT99\n",
        "max_quarantined_share",
        True,
    ),
    "key": (
        {"Entity.key"},
        lambda rows: [row | {"id": ""} for row in rows[:2]] + rows[2:],
        "max_quarantined_share",
        True,
    ),
    "key_of_two": (
        {"Entity.key"},
        lambda rows: [*rows, rows[0] | {"name": "another", "parts": ""}],
        "things.key",
        True,
    ),
    "batch_delivered": ({"Contract.cadence"}, lambda _: None, "batch_delivered", False),
}  # fmt: skip
BEFORE = {"usual_rows": [50, 40, 60]}  # rows of the batches before, where a rule compares with them
# Rules whose change cannot help breaking another one too.
ALSO = {
    "required_column": {"things.name.required"},
    "file_readable": {"things.expected_rows"},
    "unique": {"things.key"},
    "key_of_two": {"things.id.unique"},
}


def spoken(outcome: GateOutcome) -> set[str]:
    return {problem.expectation for problem in (*outcome.failed, *outcome.warned)}


@pytest.mark.slow  # dozens of gates
@pytest.mark.parametrize("name", RULES)
def test_raw_rules__each_speaks_by_name(name: str, tmp_path: Path, warehouse_url: str) -> None:
    _, change, rule, is_held = RULES[name]
    remember(warehouse_url, "things", BEFORE.get(name, []))
    outcome = gate(change(table()), tmp_path, warehouse_url)
    assert spoken(outcome) - ALSO.get(name, set()) == {rule}
    assert outcome.passed is not is_held


def test_raw_rules__valid_delivery_is_silent(tmp_path: Path, warehouse_url: str) -> None:
    assert spoken(gate(table(), tmp_path, warehouse_url)) == set()


@pytest.mark.parametrize(
    ("broken", "contract_share", "column_share", "speaks"),
    [(1, 0.1, None, False), (2, 0.1, None, True), (2, 0.1, 0.2, False), (1, 0.1, 0.0, True)],
)
def test_raw_rules__tolerated_share(
    broken: int, contract_share: float, column_share: float | None, speaks: bool, tmp_path: Path, warehouse_url: str
) -> None:
    """A share of the contract, of which a column may have its own."""
    declared = contract(contract_share)
    entity = declared.entities["things"]
    colour = entity.columns["colour"].model_copy(update={"tolerated_share": column_share})
    entity = entity.model_copy(update={"columns": entity.columns | {"colour": colour}})
    declared = declared.model_copy(update={"entities": declared.entities | {"things": entity}})
    rows = [row | {"colour": "green"} for row in table()[:broken]] + table()[broken:]
    assert spoken(gate(rows, tmp_path, warehouse_url, declared)) == ({"things.colour.allowed"} if speaks else set())


@pytest.mark.parametrize("is_of_column", [True, False])
def test_raw_rules__severity_decides_whether_it_holds(is_of_column: bool, tmp_path: Path, warehouse_url: str) -> None:
    """That of the column, or that of the whole contract."""
    declared = contract() if is_of_column else contract(on_failure="warn")
    entity = declared.entities["things"]
    severity = "warning" if is_of_column else "critical"
    colour = entity.columns["colour"].model_copy(update={"severity": severity})
    entity = entity.model_copy(update={"columns": entity.columns | {"colour": colour}})
    declared = declared.model_copy(update={"entities": declared.entities | {"things": entity}})
    outcome = gate(one("colour", "green")(table()), tmp_path, warehouse_url, declared)
    assert outcome.passed
    assert [problem.expectation for problem in outcome.warned] == ["things.colour.allowed"]


# What a contract says that no rule is made of: it describes, says where values are, or has rules of its own.
NO_RULE = {
    "Column": {"meaning", "name", "path", "sensitivity", "mask", "not_used"},
    "Child": set(),
    "Format": set(Format.model_fields),
    "ExpectedRows": set(),
    "Entity": {"description", "name", "key_fallback", "table", "watermark", "format"},
    "Quality": set(),
    "Contract": set(Contract.model_fields) - {"cadence"},
}
# Rules and limits that need more than one changed delivery of this contract, with the test in which they speak.
ELSEWHERE: dict[str, Callable[..., None]] = {
    "Column.tolerated_share": test_raw_rules__tolerated_share,
    "Quality.tolerated_share": test_raw_rules__tolerated_share,
    "Quality.on_failure": test_raw_rules__severity_decides_whether_it_holds,
    "Entity.max_deleted_share": tables.test_gate__holds_a_batch_in_which_most_of_a_table_has_gone,
}


def test_raw_rules__every_field_that_declares_a_rule_is_tested() -> None:
    """A new field of a contract is either no rule, and is listed above, or has its change."""
    models = {model.__name__: set(model.model_fields) for model in _Strict.__subclasses__()}
    assert models.keys() == NO_RULE.keys()
    rules = {f"{model}.{name}" for model, names in models.items() for name in names - NO_RULE[model]}
    assert {field for declared, *_ in RULES.values() for field in declared} | ELSEWHERE.keys() == rules


def test_raw_rules__every_rule_that_is_made_of_a_contract_has_spoken() -> None:
    """Of records and of those nested in them; the contract above declares whatever can be declared."""
    columns = [{name for column in declared.values() for name in column} for declared in (COLUMNS, CHILD["columns"])]
    can_be = set(Column.model_fields) - NO_RULE["Column"] - {"severity", "tolerated_share"}
    assert [can_be - declared for declared in columns] == [set(), set()]
    made = {rule.expectation: ("." in (rule.entity or ""), rule.name) for rule in raw_rules(contract(), DAY)}
    assert {made[rule] for _, _, rule, _ in RULES.values()} == set(made.values())
    of_tables = {rule.name for rule in raw_rules(shop.contract(), DAY)} - {name for _, name in made.values()}
    assert of_tables == {"max_deleted_share"}, "see ELSEWHERE"


def test_raw_rules__every_type_has_been_broken() -> None:
    broken = {rule.split(".")[-2] for _, _, rule, _ in RULES.values() if rule.endswith(".type")}
    types = {COLUMNS[name]["type"] for name in broken & COLUMNS.keys()}
    assert types == set(get_args(Column.model_fields["type"].annotation)) - {"text"}


@pytest.mark.parametrize(
    ("options", "old", "young"),
    [
        ({}, "2026-11-13T23:59:00Z", "2026-11-14T00:00:00Z"),
        ({"format": "YYMMDD HH24:MI:SS"}, "261113 23:59:00", "261114 00:00:00"),
        ({"format": "DD.MM.YYYY HH24:MI"}, "13.11.2026 10:00", "14.11.2026 10:00"),
    ],
)
def test_raw_rules__age_is_read_by_the_format(
    options: dict[str, str], old: str, young: str, tmp_path: Path, warehouse_url: str
) -> None:
    """The column is named like a word of SQL."""
    declared = things("csv", {"id": {}, "user": {"type": "timestamp", **options}})
    entity = declared.entities["things"].model_copy(update={"record_time": "user", "max_age_days": 2})
    declared = declared.model_copy(update={"entities": {"things": entity}})
    for value, speaks in ((old, {"things.max_age_days"}), (young, set())):
        put(tmp_path / "inbox", "shop", "things.csv", f"id,user\n1,{value}\n2,\n3,{old}\n")
        land_batch(declared, DAY, tmp_path / "inbox", tmp_path / "archive", warehouse_url)
        assert spoken(run_raw_gate(declared, DAY, warehouse_url, "a run")) == speaks


def test_raw_rules__not_due_is_silent(tmp_path: Path, warehouse_url: str) -> None:
    declared = contract().model_copy(update={"first_batch_date": date(2026, 12, 1)})
    assert spoken(gate(None, tmp_path, warehouse_url, declared)) == set()


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (r"^(?:a|b):c\:d$", "a:c:d", "c:c:d"),
        (r"^[0-9]{2}%$", "50%", "5%"),
        (r"^[[:alpha:]]+'s$", "Ann's", "Anns"),
        (r"^\{x\}$", "{x}", "x"),
    ],
)
def test_raw_rules__pattern_is_taken_as_written(
    pattern: str, good: str, bad: str, tmp_path: Path, warehouse_url: str
) -> None:
    declared = contract()
    entity = declared.entities["things"]
    email = entity.columns["email"].model_copy(update={"pattern": pattern, "allowed": (good, bad)})
    entity = entity.model_copy(update={"columns": entity.columns | {"email": email}})
    declared = declared.model_copy(update={"entities": declared.entities | {"things": entity}})
    rows = one("email", bad)(every("email", good)(table()))
    assert [(p.expectation, p.unexpected) for p in gate(rows, tmp_path, warehouse_url, declared).failed] == [
        ("things.email.pattern", 1)
    ]
