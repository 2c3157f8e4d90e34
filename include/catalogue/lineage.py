"""Which columns a column is made from, read from the compiled SQL of the models.

The SQL is resolved by sqlglot: names are qualified against the columns of the tables below, then every projection is
followed through CTEs, unions and lateral joins down to tables. A parent that only filters or joins is no source of a
value and is not named; neither are the parts of a window.

Of a list of nested records, the parent is the field whose key the SQL takes, `list[].field`, however many steps lie
between the unnesting and the key; where no key is seen, as after a union, it is the whole list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from include.catalogue.keys import Keys, keys_taken

Parents = dict[str, list[tuple[str, str]]]
"""For each column of a model, the (table, column) that its value is made from; tables as ``schema.name``."""
Lists = Mapping[tuple[str, str], Mapping[str, str]]
"""For each (table, column) that holds a list, its fields: the path in a record of the list, and what to call it."""


class LineageFailed(Exception):  # noqa: N818 - reads as what happened
    """The SQL of a model cannot be resolved; the message names the model and the column."""


def model_parents(
    name: str, sql: str, columns: Iterable[str], schema: dict[str, dict[str, list[str]]], lists: Lists | None = None
) -> Parents:
    """The direct parents of each column of one model.

    `schema` holds, by schema and table, the columns of everything that the SQL may read. Raises LineageFailed.
    """
    from sqlglot import exp, parse_one
    from sqlglot.errors import SqlglotError
    from sqlglot.lineage import lineage
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import build_scope

    try:
        tree = parse_one(sql, dialect="postgres")
        for table in tree.find_all(exp.Table):
            table.set("catalog", None)
        _drop_conditions(tree)
        typed: dict[str, Any] = {s: {t: dict.fromkeys(c, "text") for t, c in ts.items()} for s, ts in schema.items()}
        query = qualify(tree, schema=typed, dialect="postgres")
        scope = build_scope(query)
        nodes = lineage(None, query, typed, dialect="postgres", scope=scope, trim_selects=False, copy=False)
        return {column: _parents(nodes[column], lists or {}) for column in columns}
    except KeyError as error:
        raise LineageFailed(f"{name}: no column {error.args[0]}") from None
    except (SqlglotError, ValueError) as error:
        raise LineageFailed(f"{name}: {str(error).splitlines()[0]}") from None


def _drop_conditions(tree: Any) -> None:
    """What a window is parted and ordered by, and what an aggregate is filtered by, chooses values and is none."""
    from sqlglot import exp

    for window in tree.find_all(exp.Window):
        window.set("partition_by", [])
        window.set("order", None)
    for chosen in list(tree.find_all(exp.Filter)):
        chosen.replace(chosen.this)


def select_from_cte(sql: str, cte: str, columns: Iterable[str]) -> str:
    """The SQL of a model, ended at one of its CTEs: what would some of its columns be, had it no further steps."""
    from sqlglot import exp, parse_one

    tree = parse_one(sql, dialect="postgres")
    ended = exp.select(*(f"{cte}.{column}" for column in columns), dialect="postgres").from_(cte)
    for found in tree.find_all(exp.CTE):
        ended = ended.with_(found.alias, as_=found.this, dialect="postgres")
    return ended.sql(dialect="postgres")


def _parents(node: Any, lists: Lists) -> list[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for table, column, keys in _leaves(node):
        found.update((table, name) for name in _fields(column, keys, lists.get((table, column), {})))
    return sorted(found)


def _leaves(node: Any) -> Iterator[tuple[str, str, Keys]]:
    """The columns of tables, each with the keys that are taken of it on the way."""
    from sqlglot import exp

    waiting: list[tuple[Any, Keys]] = [(node, ())]
    seen = set()
    while waiting:
        at, keys = waiting.pop()
        if (id(at), keys) in seen:
            continue
        seen.add((id(at), keys))
        uses = _uses(at)
        for below in at.downstream:  # a branch of a union has no name here: what is taken of it is not known
            known = uses.get(_plain(below))
            waiting += [(below, taken + keys) for taken in known] if known else [(below, ())]
        if not at.downstream and isinstance(at.source, exp.Table) and at.source.db:
            yield f"{at.source.db}.{at.source.name}", _plain(at).rsplit(".", 1)[-1], keys


def _plain(node: Any) -> str:
    return str(node.name).replace('"', "")


def _uses(node: Any) -> dict[str, list[Keys]]:
    """For each column (``table.column``) that a projection or an unnesting reads, the keys it takes of it."""
    from sqlglot import exp
    from sqlglot.optimizer.scope import find_all_in_scope

    columns = list(find_all_in_scope(node.expression, exp.Column))
    if isinstance(node.source, exp.UDTF):
        columns += node.source.find_all(exp.Column)
    uses: dict[str, list[Keys]] = {}
    for column in columns:
        uses.setdefault(f"{column.table}.{column.name}", []).append(keys_taken(column))
    return uses


def _fields(column: str, keys: Keys, declared: Mapping[str, str]) -> list[str]:
    """What the keys name: a declared field, the one that they lie in, or those that lie in what they name."""
    paths = {_parts(path): name for path, name in declared.items()}
    taken = _parts("/".join(keys))
    if taken in paths:
        return [paths[taken]]
    within = [name for path, name in paths.items() if taken[: len(path)] == path]
    return within or [name for path, name in paths.items() if taken and path[: len(taken)] == taken] or [column]


def _parts(path: str) -> Keys:
    return tuple(part for part in re.split("[./]", path) if part)
