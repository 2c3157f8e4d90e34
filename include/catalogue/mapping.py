"""Source to target: for every published column, the fields of the sources that its value is made from."""

from __future__ import annotations

from dataclasses import dataclass

from include.catalogue.tables import Table

TARGETS = ("core", "marts", "features")


@dataclass(frozen=True)
class Mapped:
    """One column of a target: the fields that it comes from by system, and the columns on the way, nearest first."""

    column: str
    meaning: str
    sources: dict[str, list[str]]
    way: list[str]
    rules: tuple[str, ...]


def map_columns(tables: dict[str, Table]) -> dict[str, list[Mapped]]:
    """For each table of the published layers, its columns mapped to the raw fields of the sources."""
    return {
        table.id: [_mapped(table, name, tables) for name in table.columns]
        for table in tables.values()
        if table.layer in TARGETS
    }


def _mapped(table: Table, name: str, tables: dict[str, Table]) -> Mapped:
    sources: dict[str, list[str]] = {}
    way, rules = [], list(table.columns[name].rules)
    waiting, seen = list(table.columns[name].parents), set()
    while waiting:
        place = waiting.pop(0)
        if place in seen or place[0] not in tables or (found := tables[place[0]].find(place[1])) is None:
            continue
        seen.add(place)
        parent = tables[place[0]]
        if parent.layer == "raw":
            sources.setdefault(parent.schema.removeprefix("raw_"), []).append(f"{parent.name}.{place[1]}")
        else:
            way.append(".".join(place))
            rules += [rule for rule in found.rules if "correction" in rule and rule not in rules]
        waiting += found.parents
    column = table.columns[name]
    return Mapped(name, column.meaning, {s: sorted(f) for s, f in sorted(sources.items())}, way, tuple(rules))
