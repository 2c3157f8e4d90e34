"""Records nested in a column of raw, as SQL."""

from __future__ import annotations

from include.contracts import Entity
from include.gates.raw_assets import nested_fields, nested_list


def items_of(entity: Entity, child_name: str) -> str:
    """The items of a list of `record`, each with its columns by name and its place in the list, as ``item``."""
    child = entity.children[child_name]
    return (
        f"(select {nested_fields(child, literal)}, item.place from {nested_list('record', child)}"
        " with ordinality as item (value, place)) as item"
    )


def literal(text: str) -> str:
    """A SQL literal of SQL that nobody formats."""
    return "'" + text.replace("'", "''") + "'"
