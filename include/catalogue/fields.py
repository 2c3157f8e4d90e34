"""Source to target the other way round: for every field of every contract, where it lands and what is made from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from include.catalogue.mapping import TARGETS
from include.catalogue.tables import Table
from include.contracts.model import Column, Contract

Place = tuple[str, str]


@dataclass(frozen=True)
class Field:
    """One field of a contract: where it lands (None where it is never stored), the published columns that are made from
    it, those on the way, and why there are none."""

    name: str
    meaning: str
    landed: str | None
    published: tuple[str, ...]
    inner: tuple[str, ...]
    not_used: str | None


def map_fields(contracts: dict[str, Contract], tables: dict[str, Table]) -> dict[str, list[Field]]:
    """For each entity (``system.entity``), its fields and those of its nested lists, in the order of the contract."""
    made = _children(tables)
    return {
        f"{contract.system}.{entity.name}": [
            *(_field(name, column, contract.system, entity.name, made)
              for name, column in entity.columns.items()),
            *(_field(f"{child.path}[].{name}", column, contract.system, entity.name, made)
              for child in entity.children.values() for name, column in child.columns.items()),
        ]
        for contract in contracts.values() for entity in contract.entities.values()
    }  # fmt: skip


def _field(name: str, column: Column, system: str, entity: str, made: dict[Place, list[Place]]) -> Field:
    """A field; one of a nested list (``list[].field``) lands in the list's column."""
    if column.sensitivity == "never_store":
        return Field(name, column.meaning, None, (), (), "it must never be stored")
    table, own = f"raw_{system}.{entity}", name.rpartition("].")[2].lstrip(".")
    reached = list(_reached((table, name), made))
    published = [".".join(place) for place in reached if place[0].split(".")[0] in TARGETS]
    published.sort(key=lambda place: not place.endswith(f".{own}"))  # by its own name first, then nearest first
    inner = [".".join(place) for place in reached if place[0].split(".")[0] not in TARGETS]
    return Field(
        name, column.meaning, f"{table}.{name.partition('[]')[0]}", tuple(published), tuple(inner), column.not_used
    )


def _children(tables: dict[str, Table]) -> dict[Place, list[Place]]:
    """What is made from each column, one step on; from a list also what is made from its fields."""
    made: dict[Place, list[Place]] = {}
    for table in tables.values():
        for column in table.columns.values():
            for source, name in column.parents:
                for parent in {(source, name), (source, name.partition("[].")[0])}:
                    made.setdefault(parent, []).append((table.id, column.name))
    return made


def _reached(place: Place, made: dict[Place, list[Place]]) -> Iterator[Place]:
    """Everything that is made from a column, nearest first."""
    waiting, seen = list(made.get(place, [])), set()
    while waiting:
        found = waiting.pop(0)
        if found not in seen:
            seen.add(found)
            yield found
            waiting += made.get(found, [])
