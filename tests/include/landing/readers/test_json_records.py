"""Nothing of a JSON record is lost: what is not declared is kept, what is nested as much as what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.include.landing.delivery import land, put, query, things

COLUMNS: dict[str, dict[str, Any]] = {
    "id": {}, "street": {"path": "address.street"}, "lat": {"path": "address.geo.lat"}, "debt": {},
    "years": {"path": "debt.years"},
}  # fmt: skip
RECORDS: dict[str, tuple[dict[str, Any], tuple[str | None, ...], dict[str, Any] | None]] = {
    "all declared": ({"address": {"street": "S", "geo": {"lat": 1}}}, ("S", "1", None, None), None),
    "sibling": ({"address": {"street": "S", "flat": "4"}}, ("S", None, None, None), {"address.flat": "4"}),
    "deeper": (
        {"address": {"geo": {"lat": 1, "lon": 2.50}, "tags": [1]}},
        (None, "1", None, None),
        {"address.geo.lon": 2.5, "address.tags": [1]},
    ),
    "no object": ({"address": "1 High St"}, (None, None, None, None), {"address": "1 High St"}),
    "list": ({"address": [{"street": "S"}]}, (None, None, None, None), {"address": [{"street": "S"}]}),
    "inner text": ({"address": {"geo": "north"}}, (None, None, None, None), {"address.geo": "north"}),
    "null": ({"address": None}, (None, None, None, None), None),
    "empty": ({"address": {}}, (None, None, None, None), None),
    "whole is declared": ({"debt": {"years": 3, "x": 1}}, (None, None, '{"years":3,"x":1}', "3"), None),
    "dotted name": ({"address.street": "S", "address.flat": "4"}, ("S", None, None, None), {"address.flat": "4"}),
}


@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_rescued__is_the_rest_of_partly_declared_objects(kind: str, tmp_path: Path, warehouse_url: str) -> None:
    items = [{"id": name} | record for name, (record, _, _) in RECORDS.items()]
    content = json.dumps(items) if kind == "json" else "\n".join(map(json.dumps, items))
    put(tmp_path / "inbox", "shop", f"t.{kind}", content)
    land(tmp_path / "inbox", warehouse_url, things(kind, COLUMNS))
    landed = query(warehouse_url, "select id, street, lat, debt, years, _rescued from raw_shop.things order by _row")
    assert {row[0]: (row[1:5], row[5]) for row in landed} == {
        name: (values, rescued) for name, (_, values, rescued) in RECORDS.items()
    }
    ((undeclared,),) = query(warehouse_url, "select undeclared_columns from ops.files")
    assert sorted(undeclared) == ["address", "address.flat", "address.geo", "address.geo.lon", "address.tags"]
