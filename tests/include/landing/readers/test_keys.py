"""A record is told by its key: one whose key is absent or empty is quarantined, in every format."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.contracts import Contract
from tests.include.landing.delivery import land, put, query, things

FILES = {
    "csv": 'id,name,note\n1,a,x\n"",b,x\n3,c,x\n"""",d,x\n',
    "csv_quoted": 'id,name,note\n"1","a",x\n"","b",x\n"3","c",x\n"""","d",x\n',
    "csv_lines": 'id,name,note\n1,"a\nb",x\n"","b\nc",x\n3,c,x\n"""",d,x\n',
    "csv_undeclared": 'id,name,shoe\n1,a,x\n"",b,x\n3,c,x\n"""",d,x\n',
    "jsonl": "".join(f'{{"id": {key}, "name": "a", "note": "x"}}\n' for key in ('"1"', '""', '"3"', '"\\""')),
    "jsonl_nested": "".join(f'{{"id": {key}, "shoe": 1}}\n' for key in ('"1"', '""', "3", '"\\""')),
    "json": '[{"id": "1"}, {"id": ""}, {"id": 3}, {"id": "\\""}]',
    "xml": "<a>" + "".join(f"<thing><id>{k}</id><name>a</name><note/></thing>" for k in ("1", "", "3", '"')) + "</a>",
    "xml_shapes": "<a>" + "".join(f"<thing><id>{k}</id><shoe/></thing>" for k in ("1", "", "3", '"')) + "</a>",
}  # fmt: skip


def with_fallback(contract: Contract) -> Contract:
    entity = contract.entities["things"].model_copy(update={"key_fallback": ("name",)})
    return contract.model_copy(update={"entities": {"things": entity}})


@pytest.mark.parametrize("name", FILES)
def test_key__empty_is_absent(name: str, tmp_path: Path, warehouse_url: str) -> None:
    kind = name.split("_")[0]
    put(tmp_path / "inbox", "shop", f"t.{kind}", FILES[name])
    (file,) = land(tmp_path / "inbox", warehouse_url, things(kind)).files
    assert (file.state, file.rows_read, file.rows_quarantined) == ("landed", 4, 1)
    found = query(warehouse_url, "select row_number, rule, reason from ops.quarantine")
    assert found == [(2, "key_present", "the key is missing: id")]
    landed = query(warehouse_url, "select _row, id from raw_shop.things order by 1")
    assert landed == [(1, "1"), (3, "3"), (4, '"')]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("csv", 'id,name,note\n"",a,x\n"","",x\n,a,x\n'),
        ("jsonl", '{"id": "", "name": "a", "note": "x"}\n{"id": "", "name": "", "note": ""}\n{"name": "a"}\n'),
        ("xml", "<a><thing id='' name='a'/><thing id='' name=''/><thing name='a'/></a>"),
    ],
)
def test_key__fallback_tells_a_record_whose_key_is_empty(
    kind: str, content: str, tmp_path: Path, warehouse_url: str
) -> None:
    columns = {"id": {"path": "@id"}, "name": {"path": "@name"}} if kind == "xml" else None
    put(tmp_path / "inbox", "shop", f"t.{kind}", content)
    land(tmp_path / "inbox", warehouse_url, with_fallback(things(kind, columns)))
    assert query(warehouse_url, "select row_number from ops.quarantine") == [(2,)]
    landed = query(warehouse_url, "select _row, id, name from raw_shop.things order by 1")
    assert landed == [(1, "", "a"), (3, None, "a")]
