"""Items of a list in a column of raw, whatever their fields are called."""

from __future__ import annotations

import json

import psycopg
import pytest
import yaml

from include.contracts import Contract
from include.quality.items import items_of
from tests.include.quality.test_reconcile import CONTRACT


@pytest.mark.parametrize("field", ["price", "{{price}}", "{price}", "a:price", "it's"])
@pytest.mark.parametrize("is_nested", [True, False])
def test_items_of__fields_of_any_name(field: str, is_nested: bool, warehouse_url: str) -> None:
    declared = yaml.safe_load(CONTRACT)
    declared["entities"]["orders"]["children"]["lines"]["columns"]["price"]["path"] = (
        f"money.{field}" if is_nested else field
    )
    item = {"line_id": "A1"} | ({"money": {field: "4"}} if is_nested else {field: "4"})
    items = items_of(Contract.model_validate(declared).entities["orders"], "lines")
    with psycopg.connect(warehouse_url) as connection:
        connection.execute("create temp table record (lines text)")
        connection.execute("insert into record values (%s), ('no list'), ('{}'), (null)", [json.dumps([item])])
        found = connection.execute(f"select item.* from record cross join lateral {items}".encode()).fetchall()
    assert found == [("A1", "4", 1)]
