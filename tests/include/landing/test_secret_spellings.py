"""What must never be stored is found under other spellings of its name, at any depth; nothing of it is kept."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.include.landing.delivery import land, put, query, things

COLUMNS = {"id": {}, "info": {}, "security_code": {"sensitivity": "never_store"}}
JSON = [
    {"Security_Code": "762"}, {"security_code ": "762"}, {"securityCode": "762"}, {"card": {"SECURITY-CODE": "762"}},
    {"info": [{"securityCode": {"value": "762"}}]}, {"info": '[{"security code": "762"}]'},
]  # fmt: skip
FILES = {
    "json": json.dumps([{"id": str(n)} | item for n, item in enumerate(JSON)]),
    "csv": "id,securityCode,info\n0,762,x\n1,762,y\n",
    "xml": '<a><thing Security-Code="762"><id>0</id><b><SecurityCode>762</SecurityCode></b></thing></a>',
}


@pytest.mark.parametrize("kind", FILES)
def test_never_stored__other_spelling_is_blanked(kind: str, tmp_path: Path, warehouse_url: str) -> None:
    put(tmp_path / "inbox", "shop", f"t.{kind}", FILES[kind])
    (file,) = land(tmp_path / "inbox", warehouse_url, things(kind, COLUMNS)).files
    assert (file.state, file.rows_quarantined) == ("landed", 0)
    stored = query(warehouse_url, "select t.id, t::text from raw_shop.things as t order by 1")
    assert [key for key, _ in stored] == [str(n) for n in range(len(stored))]
    assert not any("762" in text.split(str(file.file_id))[0] for _, text in stored)
    (archived,) = (path for path in (tmp_path / "archive").rglob("*") if path.is_file())
    assert b"762" not in gzip.decompress(archived.read_bytes())


def test_land__header_with_path_and_name_of_a_column_is_rejected(tmp_path: Path, warehouse_url: str) -> None:
    put(tmp_path / "inbox", "shop", "t.csv", "id,label,name\n1,a,b\n")
    (file,) = land(tmp_path / "inbox", warehouse_url, things("csv", {"id": {}, "label": {"path": "name"}})).files
    assert (file.state, file.reason) == ("rejected", "t.csv, line 1: the header names a column twice")
