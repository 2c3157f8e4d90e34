"""Which columns a column is made from, read from the compiled SQL of the models.

The SQL is resolved by sqlglot: names are qualified against the columns of the tables below, then every projection is
followed through CTEs, unions and lateral joins down to tables. A parent that only filters or joins is no source of a
value and is not named; neither are the parts of a window.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Parents = dict[str, list[tuple[str, str]]]
"""For each column of a model, the (table, column) that its value is made from; tables as ``schema.name``."""


class LineageFailed(Exception):  # noqa: N818 - reads as what happened
    """The SQL of a model cannot be resolved; the message names the model and the column."""


def model_parents(name: str, sql: str, columns: Iterable[str], schema: dict[str, dict[str, list[str]]]) -> Parents:
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
        return {column: _leaves(nodes[column]) for column in columns}
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


def _leaves(node: Any) -> list[tuple[str, str]]:
    from sqlglot import exp

    found = {
        (f"{leaf.source.db}.{leaf.source.name}", leaf.name.rsplit(".", 1)[-1].strip('"'))
        for leaf in node.walk()
        if not leaf.downstream and isinstance(leaf.source, exp.Table) and leaf.source.db
    }
    return sorted(found)
