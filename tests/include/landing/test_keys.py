"""A key that no index can hold becomes a bad row when it lands: later it would stop every build."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.include.landing.delivery import land, put, quarantined, query, things

LONGEST, TOO_LONG = "\u00e9" * 250, "\u00e9" * 251  # two bytes each
COLUMNS = {"id": {}, "name": {}}


def content(kind: str, keys: tuple[str, ...]) -> str:
    """A file of one record a key, after one that readers may learn the shape from."""
    keys = ("1", *keys)
    if kind == "xml":
        return f"<all>{''.join(f'<thing><id>{key}</id><name>a</name></thing>' for key in keys)}</all>"
    if kind.startswith("json"):
        lines = [json.dumps({"id": key, "name": "a"}) for key in keys]
        return f"[{','.join(lines)}]" if kind == "json" else "\n".join(lines)
    quote, more = '"' if kind == "quoted" else "", "more" if kind == "undeclared" else ""
    return "\n".join(
        [f"id,name,{more}".rstrip(","), *(f"{quote}{key}{quote},a,{more}".rstrip(",") for key in keys), ""]
    )


@pytest.mark.parametrize("kind", ["plain", "quoted", "undeclared", "json", "jsonl", "xml"])
def test_land__key_that_no_index_holds_is_quarantined(kind: str, tmp_path: Path, warehouse_url: str) -> None:
    layout = kind if kind in ("json", "jsonl", "xml") else "csv"
    contract = things(layout, COLUMNS, **({"record_element": "thing"} if kind == "xml" else {}))
    put(tmp_path, "shop", f"things.{layout}", content(kind, (LONGEST, TOO_LONG)))
    land(tmp_path, warehouse_url, contract)
    assert query(warehouse_url, "select id from raw_shop.things order by _row") == [("1",), (LONGEST,)]
    found = query(warehouse_url, "select row_number, rule, reason from ops.quarantine")
    assert found == [(3, "key_too_long", "the key is longer than 500 bytes: id")]


def test_land__text_that_is_its_own_key_may_be_long(tmp_path: Path, warehouse_url: str) -> None:
    contract = things("txt", {"id": {"mask": ["card_number"]}}, header=False, delimiter="\x1f", quote=None)
    put(tmp_path, "shop", "things.txt", TOO_LONG + "\n")
    land(tmp_path, warehouse_url, contract)
    assert query(warehouse_url, "select id from raw_shop.things") == [(TOO_LONG,)]
    assert quarantined(warehouse_url) == []


def test_land__key_that_the_contract_has_changed(tmp_path: Path, warehouse_url: str) -> None:
    before = things("csv", COLUMNS)
    put(tmp_path, "shop", "things.csv", "id,name\n1,a\n")
    land(tmp_path, warehouse_url, before)
    entity = before.entities["things"].model_copy(update={"key": ("name",)})
    put(tmp_path, "shop", "things.csv", "id,name\n,b\n")
    land(tmp_path, warehouse_url, before.model_copy(update={"entities": {"things": entity}}))
    assert ("b",) in query(warehouse_url, "select name from raw_shop.things")
