"""Which columns a file lacks: said by its header, else by its records, where there are enough of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from include.gates import words
from tests.include.gates.test_raw_rules import gate, spoken
from tests.include.landing.delivery import query, things


@pytest.mark.parametrize("kind", ["jsonl", "json", "xml"])
@pytest.mark.parametrize(("count", "lacks", "speaks"), [(100, 100, True), (100, 99, False), (99, 99, False)])
def test_raw_rules__a_column_that_no_record_has_is_missing(
    kind: str, count: int, lacks: int, speaks: bool, tmp_path: Path, warehouse_url: str
) -> None:
    """A file without a header tells which columns it lacks by its records, where there are enough of them."""
    records = [{"id": f"T{n}", "name": "a"} | ({} if n < lacks else {"note": "b"}) for n in range(count)]
    text = "\n".join(map(json.dumps, records)) if kind == "jsonl" else json.dumps(records)
    if kind == "xml":
        fields = ("".join(f"<{name}>{value}</{name}>" for name, value in record.items()) for record in records)
        text = "<things>" + "".join(f"<thing>{record}</thing>" for record in fields) + "</things>"
    outcome = gate(text, tmp_path, warehouse_url, things(kind))
    assert outcome.passed
    assert spoken(outcome) == ({"things.missing_column"} if speaks else set())
    examples = query(warehouse_url, "select examples from ops.gate_results where expectation = 'things.missing_column'")
    assert [words.place(example) for example in examples[0][0]] == (["things.csv without note"] if speaks else [])


@pytest.mark.parametrize("kind", ["jsonl", "json"])
@pytest.mark.parametrize(
    ("nested", "lacks"), [({"deep": {"b": None}}, ""), ({"deep": None}, ""), ({"deep": {"a": 1}}, "b"), ({}, "b")]
)
def test_raw_rules__a_column_that_is_null_in_every_record_is_not_missing(
    kind: str, nested: dict[str, Any], lacks: str, tmp_path: Path, warehouse_url: str
) -> None:
    records = [{"id": f"T{n}", "name": None} | nested for n in range(100)]
    text = "\n".join(map(json.dumps, records)) if kind == "jsonl" else json.dumps(records)
    gate(text, tmp_path, warehouse_url, things(kind, {"id": {}, "name": {}, "b": {"path": "deep.b"}}))
    assert query(warehouse_url, "select missing_columns from ops.files") == [([lacks] if lacks else [],)]


@pytest.mark.parametrize(("fallback", "speaks"), [(("id",), "things.missing_column"), ((), "max_quarantined_share")])
def test_raw_rules__a_column_of_the_key_may_be_missing_where_there_is_another_key(
    fallback: tuple[str, ...], speaks: str, tmp_path: Path, warehouse_url: str
) -> None:
    declared = things("csv")
    entity = declared.entities["things"].model_copy(update={"key": ("id", "note"), "key_fallback": fallback})
    declared = declared.model_copy(update={"entities": {"things": entity}})
    assert spoken(gate("id,name\nT1,a\nT2,b\n", tmp_path, warehouse_url, declared)) == {speaks}
