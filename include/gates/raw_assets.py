"""What a raw gate looks at: the rows of a batch that would be released, its files, and the batch itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from include.contracts import Child, Contract, Entity
from include.gates.rules import Asset

# What waits for its verdict, and what was released before and is not replaced, under all its names, by what waits.
_WAITING = "('landed', 'held')"
_LIVE = (
    f"(f.state in {_WAITING} or f.state = 'released' and not f.names <@ array(select unnest(newer.names)"
    " from ops.files as newer where newer.system = f.system and newer.batch_date = f.batch_date"
    f" and newer.state in {_WAITING}))"
)


def quote(text: object) -> str:
    """A SQL literal; braces are doubled for GX's formatting, colons kept from SQLAlchemy, to whom `:a` is a name."""
    escaped = str(text).replace("'", "''").replace("{", "{{").replace("}", "}}")
    return "('" + escaped.replace(":", "' || chr(58) || '") + "')" if ":" in escaped else f"'{escaped}'"


def raw_assets(contract: Contract, batch_date: date) -> list[Asset]:
    """The live rows of every entity of the batch, its files, and the batch itself."""
    where = f"f.system = {quote(contract.system)} and f.batch_date = {quote(batch_date)}"
    assets = []
    for name, entity in contract.entities.items():
        live = (
            f'from raw_{contract.system}."{name}" as r join ops.files as f on f.file_id = r._file_id'
            f" and {where} and {_LIVE}"
        )
        assets.append(Asset(name, f"select r.* {live}", is_read_once=True))
        assets += [
            _child_asset(f"{name}.{child_name}", entity, child, live) for child_name, child in entity.children.items()
        ]
    assets.append(Asset("files", f"select f.* from ops.files as f where {where} and (f.state = 'rejected' or {_LIVE})"))
    assets.append(Asset("batch", f"select f.* from ops.batches as f where {where}"))
    return assets


def over_rows(query: str, select: str, looked_at: str = "true") -> bytes:
    """A statement over the rows of an asset (`query`), for psycopg without parameters: `select` reads them as
    ``delivered``, of which only those that `looked_at` means are there; ``{batch}`` in it are all.

    Assets and conditions are written for a formatter: braces of values are doubled (see quote).
    """
    rows = f"with whole as ({query}), delivered as materialized (select * from whole where {looked_at})"
    return f"{rows} {select}".format(batch="whole").encode()


def known_values(contract: Contract, batch_date: date, target: str) -> str:
    """A query for the values that a reference to `entity.column` may take: live ones of the batch, all released ones.

    Held and replaced rows are not there for those who read the released ones.
    """
    entity, _, column = target.partition(".")
    return (
        f'select o."{column}" from raw_{contract.system}."{entity}" as o join ops.files as f on f.file_id = o._file_id'
        f' where o."{column}" is not null and f.system = {quote(contract.system)}'
        f" and (f.batch_date = {quote(batch_date)} and {_LIVE}"
        f" or f.batch_date <> {quote(batch_date)} and f.state = 'released')"
    )


def _child_asset(name: str, entity: Entity, child: Child, live: str) -> Asset:
    """The records nested in a column, each with the place and the key of its parent; what is no list holds none."""
    fields = nested_fields(child)
    parent = ", ".join(f'r."{key}"' for key in (*entity.key, *entity.key_fallback))
    return Asset(
        name,
        f"select r._file_id, r._row, array[{parent}]::text as _parent, {fields} {live}"
        f" cross join lateral {nested_list('r', child)} as item (value)",
        is_read_once=True,
    )


def nested_list(alias: str, child: Child) -> str:
    """The items of the list in a column of raw; what is no list holds none."""
    column = f'{alias}."{child.path}"'
    return (
        f"jsonb_array_elements(case when not pg_input_is_valid({column}, 'jsonb') then '[]'"
        f" when jsonb_typeof({column}::jsonb) = 'array' then {column}::jsonb else '[]' end)"
    )


def nested_fields(child: Child, quoted: Callable[[str], str] = quote) -> str:
    """The columns of an `item` of a list by their names; `quoted` makes a literal of a part of a path."""
    return ", ".join(
        f'{_nested(column.source_path, quoted)} as "{name}"' for name, column in child.stored_columns.items()
    )


def _nested(path: str, quoted: Callable[[str], str]) -> str:
    """The value at the path of a nested record: the key of that very name, else the nested one, as landing reads it."""
    direct = f"item.value ->> {quoted(path)}"
    if "." not in path:
        return direct
    parts = ", ".join(map(quoted, path.split(".")))
    return f"coalesce({direct}, item.value #>> array[{parts}])"
