"""A part of a JSON value is named by its literal keys, however it is written."""

from __future__ import annotations

import pytest
from sqlglot import exp, parse_one

from include.catalogue.keys import keys_taken


@pytest.mark.parametrize(
    ("sql", "keys"),
    [
        ("x ->> 'amount'", ("amount",)),
        ("x -> 'amount'", ("amount",)),
        ("(x::jsonb -> 'item')::jsonb ->> 'price'", ("item", "price")),
        ("x ->> '@month' || '-01'", ("@month",)),
        ("x ->> 'amount_due/@currency'", ("amount_due/@currency",)),
        ("x -> 0 ->> 'amount'", ("amount",)),
        ("x #>> '{item,price}'", ("item", "price")),
        ("x #> '{0, item}'", ("item",)),
        ("x #>> array['item', 'price']", ("item", "price")),
        ("x['item'][1]", ("item",)),
        ("jsonb_extract_path_text(x, 'item', 'price')", ("item", "price")),
        ("jsonb_path_query_first(x, '$.item[0].price')", ("item", "price")),
        ("case when lower(x ->> 'type') = 'fee' then 1 end", ("type",)),
        ("x", ()),
        ("x::text", ()),
        ("x ->> name", ()),
        ("x -> 'item' ->> name", ("item",)),
        ("x #>> names", ()),
        ("jsonb_path_query(x, '$.** ? (@.price > 1)')", ()),
        ("jsonb_array_elements(x) ->> 'amount'", ()),
        ("names -> x", ()),
    ],
)
def test_keys_taken__are_those_that_sql_names(sql: str, keys: tuple[str, ...]) -> None:
    tree = parse_one(f"select {sql} as found", dialect="postgres")
    assert {keys_taken(column) for column in tree.find_all(exp.Column) if column.name == "x"} == {keys}
