"""Values that must never be stored are nowhere: not in raw, archive, quarantine, `_rescued`, nor in any reason."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from include.contracts import Contract
from include.gates import run_raw_gate
from include.landing.records import WITHHELD
from tests.include.landing.delivery import DAY, land, put, query, things

SECRET = "83917"
COLUMNS: dict[str, dict[str, Any]] = {
    "id": {}, "code": {"sensitivity": "never_store", "path": None}, "name": {}, "amount": {"type": "decimal"}
}  # fmt: skip


def columns(path: str | None = None) -> dict[str, dict[str, Any]]:
    return COLUMNS | {"code": {"sensitivity": "never_store", "path": path}}


CSV = (
    f'id,code,name,amount\n1,{SECRET},"Ann ""A"" Lee",12.50\n2,"{SECRET}","two\nlines",\n'
    f'3,{SECRET},5" or 6" nail,1\r\n4,,,\n'
)
FILES = {
    "csv": ("t.csv", CSV, columns()),
    "csv_last": ("t.csv", f"id,name,amount,code\n1,a,1,{SECRET}\n2,b,2,{SECRET}\n3,,,{SECRET}\n4,,,", columns()),
    "csv_undeclared": ("t.csv", f"id,shoe,code\n1,x,{SECRET}\n2,x,{SECRET}\n3,x,{SECRET}\n4,x,\n", columns()),
    "csv_utf16": ("t.csv", CSV.encode("utf-16"), columns()),
    "jsonl": (
        "t.jsonl",
        f'{{"id": "1", "card": [{{"code": "{SECRET}", "x": 1}}], "amount": 12.50}}\n'
        f'{{"id": "2", "card": {{"code": {SECRET}}}}}\n{{"id": "3", "card.code": "{SECRET}"}}\n{{"id": "4"}}\n',
        columns("card.code"),
    ),
    "json": (
        "t.json",
        f'[{{"id": "1", "code": "{SECRET}", "amount": 12.50}}, {{"id": "2", "code": {{"n": "{SECRET}"}}}},'
        f' {{"id": "3", "code": [{SECRET}]}}, {{"id": "4"}}]',
        columns(),
    ),
    "xml": (
        "t.xml",
        f"<all at='now'><made>today</made><thing><id>1</id><card><code>{SECRET}</code></card><name>&lt;A</name></thing>"
        f"<thing><id>2</id><card><code no='{SECRET}'><deep>{SECRET}</deep></code></card></thing>"
        f"<thing><card><code>{SECRET}</code><code>{SECRET}</code></card><id>3</id></thing><thing><id>4</id></thing></all>",
        columns("card/code"),
    ),
    "xml_attribute": (
        "t.xml",
        "".join(["<all>", *(f"<thing id='{n}' code='{SECRET}'/>" for n in "1234"), "</all>"]),
        columns("@code") | {"id": {"path": "@id"}},
    ),
}  # fmt: skip


def everything(url: str, archive: Path, raw: str = "raw_shop") -> str:
    """All that the pipeline has kept, as one text."""
    tables = query(url, f"select schemaname || '.' || tablename from pg_tables where schemaname in ('ops', '{raw}')")
    kept = [str(query(url, f"select t::text from {table} as t")) for (table,) in tables]
    stored = [path.read_bytes() for path in archive.rglob("*") if path.is_file()]
    kept += [(gzip.decompress(b) if b.startswith(b"\x1f\x8b") else b).decode(errors="replace") for b in stored]
    return "\n".join(kept)


@pytest.mark.parametrize("name", FILES)
def test_never_stored__is_blanked_everywhere(name: str, tmp_path: Path, warehouse_url: str) -> None:
    file, content, declared = FILES[name]
    layout = {"encoding": "utf-16"} if "utf16" in name else {}
    contract = things(file.split(".")[1], declared, **layout)
    put(tmp_path / "inbox", "shop", file, content)
    result = land(tmp_path / "inbox", warehouse_url, contract)
    assert [(f.state, f.rows_landed, f.reason) for f in result.files] == [("landed", 4, None)]
    assert query(warehouse_url, "select id from raw_shop.things order by _row") == [("1",), ("2",), ("3",), ("4",)]
    assert SECRET not in everything(warehouse_url, tmp_path / "archive")
    assert query(warehouse_url, "select redacted_columns, archived_sha256 <> sha256 from ops.files") == [
        (["code"], True)
    ]


def test_never_stored__archive_of_a_csv_keeps_the_rest(tmp_path: Path, warehouse_url: str) -> None:
    put(tmp_path / "inbox", "shop", "t.csv", CSV)
    land(tmp_path / "inbox", warehouse_url, things("csv", columns()))
    (stored,) = (path for path in (tmp_path / "archive").rglob("*") if path.is_file())
    assert gzip.decompress(stored.read_bytes()).decode() == (
        'id,code,name,amount\n1,,"Ann ""A"" Lee",12.50\n2,,"two\nlines",\n"3",,"5"" or 6"" nail","1"\n4,,,\n'
    )
    rows = query(warehouse_url, "select id, name, amount from raw_shop.things order by _row")
    assert rows == [
        ("1", 'Ann "A" Lee', "12.50"),
        ("2", "two\nlines", None),
        ("3", '5" or 6" nail', "1"),
        ("4", None, None),
    ]


def test_never_stored__archive_of_json_keeps_the_digits(tmp_path: Path, warehouse_url: str) -> None:
    numbers = "[12.50, 0.10000000000000000555, 123456789012345678901234567890, 1.0]"
    content = f'[{{"id": "1", "code": "{SECRET}", "amount": 100.00, "name": {numbers}}}]'
    put(tmp_path / "inbox", "shop", "t.json", content)
    land(tmp_path / "inbox", warehouse_url, things("json", columns()))
    (stored,) = (path for path in (tmp_path / "archive").rglob("*") if path.is_file())
    kept = gzip.decompress(stored.read_bytes()).decode()
    assert numbers.replace(" ", "") in kept
    assert "100.00" in kept
    assert query(warehouse_url, "select amount, name from raw_shop.things") == [("100.00", numbers.replace(" ", ""))]


def test_never_stored__archive_of_xml_keeps_the_rest(tmp_path: Path, warehouse_url: str) -> None:
    file, content, declared = FILES["xml"]
    put(tmp_path / "inbox", "shop", file, content)
    land(tmp_path / "inbox", warehouse_url, things("xml", declared))
    (stored,) = (path for path in (tmp_path / "archive").rglob("*") if path.is_file())
    kept = gzip.decompress(stored.read_bytes()).decode()
    assert '<all at="now"><made></made><thing><id>1</id><card><code' in kept
    assert "<name>&lt;A</name></thing>" in kept
    assert query(warehouse_url, "select name from raw_shop.things where id = '1'") == [("<A",)]


@pytest.mark.parametrize(
    ("file", "row", "rule", "shown"),
    [
        ("t.csv", f"2,{SECRET},a,1,more\n", "too_many_fields", WITHHELD),
        ("t.csv", f"2,{SECRET}\n", "too_few_fields", WITHHELD),
        ("t.csv", f"2,{SECRET}\x00,a,1\n", "nul_byte", WITHHELD),
        ("t.csv", f'2,{SECRET},"a"b,1\n', "quotes", WITHHELD),
        ("t.csv", f"2,{SECRET},\udcff,1\n", "encoding", WITHHELD),
        ("t.csv", f",{SECRET},a,1\n", "key_present", json.dumps({"id": None, "name": "a", "amount": "1"})),
        ("t.jsonl", f'{{"id": "2", "code": "{SECRET}"\n', "malformed_json", WITHHELD),
        ("t.jsonl", f'["2", "{SECRET}"]\n', "not_an_object", WITHHELD),
        ("t.jsonl", f'{{"code": "{SECRET}", "name": "a"}}\n', "key_present", '{"code":null,"name":"a"}'),
        ("t.jsonl", f'{{"id": "a\\u0000", "code": "{SECRET}"}}\n', "nul_byte", '{"id":"a\\u0000","code":null}'),
    ],
)
def test_never_stored__bad_row_does_not_leak(
    file: str, row: str, rule: str, shown: str, tmp_path: Path, warehouse_url: str
) -> None:
    kind = file.split(".")[1]
    good = f"id,code,name,amount\n1,9,{'a' * 200},1\n" if kind == "csv" else '{"id": "1"}\n'
    put(tmp_path / "inbox", "shop", file, (good + row).encode(errors="surrogateescape"))
    (result,) = land(tmp_path / "inbox", warehouse_url, things(kind, columns())).files
    assert (result.state, result.rows_read, result.rows_quarantined) == ("landed", 2, 1)
    assert query(warehouse_url, "select rule, record from ops.quarantine") == [(rule, shown)]
    assert SECRET not in everything(warehouse_url, tmp_path / "archive")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("t.xml", f"<all><thing><id>1</id><code>{SECRET}</code></thing><thing>"),
        ("t.json", f'[{{"id": "1", "code": "{SECRET}"}}, {{"id": '),
        ("t.csv", f"id,,code\n1,,{SECRET}\n"),
        ("t.csv", "id,code\n" + "".join(map(chr, range(32))) * 50),
    ],
    ids=["xml", "json", "header", "binary"],
)
def test_never_stored__unreadable_file_is_not_archived(
    file: str, content: str, tmp_path: Path, warehouse_url: str
) -> None:
    put(tmp_path / "inbox", "shop", file, content)
    (result,) = land(tmp_path / "inbox", warehouse_url, things(file.split(".")[1], columns())).files
    assert result.state == "rejected"
    assert "so it is not archived" in str(result.reason)
    assert not [path for path in (tmp_path / "archive").rglob("*") if path.is_file()]
    assert SECRET not in everything(warehouse_url, tmp_path / "archive")


CHILDREN = {
    "parts": {
        "path": "parts", "key": ["no"],
        "columns": {
            "no": {"meaning": "no"}, "code": {"meaning": "code", "sensitivity": "never_store"},
            "deep": {"meaning": "deep", "path": "card.code", "sensitivity": "never_store"},
        },
    },
}  # fmt: skip
NESTED = {
    "a list": [{"no": 1, "code": SECRET, "card": {"code": SECRET, "x": 1}}, {"no": 2, "code": int(SECRET)}],
    "one object": {"no": 1, "code": SECRET},
    "a list as text": json.dumps([{"no": 1, "code": SECRET, "card": {"code": SECRET}}]),
    "text in text": json.dumps(json.dumps([{"no": 1, "card.code": SECRET}])),
    "in the list as text": [json.dumps({"no": 1, "code": SECRET}), {"no": 2, "card": json.dumps({"code": SECRET})}],
}


def with_children(kind: str, path: str | None = None) -> Contract:
    declared = things(kind, {"id": {}, "parts": {"type": "json", "path": path}}).model_dump()
    declared["entities"]["things"]["children"] = CHILDREN
    return Contract.model_validate(declared)


@pytest.mark.parametrize("path", [None, "order.parts", "order.lines"])
@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_never_stored__is_blanked_in_nested_records(
    kind: str, path: str | None, tmp_path: Path, warehouse_url: str
) -> None:
    def item(name: str, parts: Any) -> dict[str, Any]:
        if path is None:
            return {"id": name, "parts": parts}
        return {"id": name, "order": {"parts": parts}} if path == "order.parts" else {"id": name, "order.lines": parts}

    items = [item(name, parts) for name, parts in NESTED.items()]
    content = json.dumps(items) if kind == "json" else "\n".join(map(json.dumps, items))
    put(tmp_path / "inbox", "shop", f"t.{kind}", content)
    land(tmp_path / "inbox", warehouse_url, with_children(kind, path))
    assert SECRET not in everything(warehouse_url, tmp_path / "archive")
    landed = dict(query(warehouse_url, "select id, parts from raw_shop.things"))
    assert json.loads(str(landed["a list"])) == [
        {"no": 1, "code": None, "card": {"code": None, "x": 1}}, {"no": 2, "code": None}
    ]  # fmt: skip
    assert json.loads(str(landed["a list as text"])) == [{"no": 1, "code": None, "card": {"code": None}}]
    assert query(warehouse_url, "select redacted_columns from ops.files") == [(["parts.code", "parts.deep"],)]


def test_never_stored__nested_column_is_not_asked_for_by_the_gate(tmp_path: Path, warehouse_url: str) -> None:
    put(tmp_path / "inbox", "shop", "t.json", json.dumps([{"id": "1", "parts": NESTED["a list"]}]))
    contract = with_children("json")
    land(tmp_path / "inbox", warehouse_url, contract)
    assert run_raw_gate(contract, DAY, warehouse_url, "a run").passed
    names = query(warehouse_url, "select distinct column_name from ops.gate_results where entity = 'things.parts'")
    assert sorted(str(name) for (name,) in names) == ["None", "no"]


@pytest.mark.parametrize("kind", ["csv", "txt", "xml"])
def test_never_stored__nested_in_text_is_refused(kind: str) -> None:
    with pytest.raises(ValidationError, match=r"things\.parts.*never_store.*json"):
        with_children(kind)
