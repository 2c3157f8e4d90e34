"""Rules in words, as the dictionary shows them."""

from __future__ import annotations

from typing import Any

from include.contracts.model import Column, Contract, Entity, ExpectedRows

# What the tests of a key ask for, in words: by them a table knows its key.
UNIQUE, PRIMARY_KEY = "unique", "never null, unique"


def rules_of_contract(column: Column) -> tuple[str, ...]:
    """What the raw gate asks of a column."""
    limits = (column.minimum, column.maximum)
    found = [
        column.type if column.type != "text" else "",
        f"written as {column.format}" if column.format else "",
        "required" if column.required else "",
        "unique in a batch" if column.unique else "",
        f"one of {', '.join(column.allowed)}" if column.allowed else "",
        f"matches {column.pattern}" if column.pattern else "",
        f"at least {limits[0]}" if limits[0] is not None else "",
        f"at most {limits[1]}" if limits[1] is not None else "",
        f"is in {column.references}" if column.references else "",
        f"{' and '.join(column.mask)} masked".replace("_", " ") if column.mask else "",
    ]
    return tuple(rule for rule in found if rule)


def volume_of_contract(contract: Contract, entity: Entity) -> str:
    """How many rows the raw gate expects of a batch, as a sentence; empty where it expects nothing."""
    limits = entity.expected_rows or ExpectedRows()
    said = f"{limits.min:,} rows or more" if limits.max is None else f"{limits.min:,} to {limits.max:,} rows"
    factor = limits.usual_factor if contract.cadence != "on_demand" else None
    usual = f"1/{factor:g} to {factor:g} times as many as usual" if factor else ""
    found = ", ".join(filter(None, (said if entity.expected_rows else "", usual)))
    return f"A batch has {found}." if found else ""


def rule_of(test: dict[str, Any]) -> str | None:
    """A generic dbt test of a column."""
    name, arguments = test["name"], test["kwargs"]
    if name == "accepted_values":
        return "one of " + ", ".join(map(str, arguments["values"]))
    if name == "relationships":
        return f"is in {str(arguments['to']).split(chr(39))[1]}.{arguments['field']}"
    if name == "expression_is_true":
        return str(arguments["expression"])
    return {"not_null": "never null", "unique": UNIQUE, "primary_key": PRIMARY_KEY}.get(name)
