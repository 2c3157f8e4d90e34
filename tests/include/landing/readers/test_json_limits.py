"""JSON that every parser takes in its own way, or no database holds: it costs its record, and never the process."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from include.landing.readers import json_values, read_records
from include.landing.readers.json_records import read_json
from include.landing.records import MAX_RECORD_BYTES, MAX_UNDECLARED, BadRow, FileRejected
from tests.include.landing.delivery import land, put, query, things

QUOTED = '{"id": "9", "name": "5\\" \\\\", "note": "\\\\\\" \\u0022"}'  # quotes that stand around nothing


def deliver(tmp_path: Path, url: str, kind: str, records: list[str], **options: dict[str, str]) -> list[str]:
    """The ids that landed; what was quarantined is in the warehouse."""
    joined = f"[{','.join(records)}]" if kind == "json" else "\n".join(records)
    put(tmp_path / "inbox", "shop", "t", joined)
    columns = {"id": {}, "name": {}, "note": {}, **options}
    (file,) = land(tmp_path / "inbox", url, things(kind, columns)).files
    assert file.state == "landed", file.reason
    assert file.rows_read == len(records)
    return [row[0] for row in query(url, "select id from raw_shop.things order by _row")]


TWICE = {
    "text": '{"id": "2", "name": "a", "note": "x", "name": "b"}',
    "same": '{"id": "2", "name": "a", "note": "x", "name": "a"}',
    "number": '{"id": "2", "name": 1, "note": "x", "name": "b"}',
    "null": '{"id": "2", "name": null, "note": "x", "name": "b"}',
    "spaced": '{"id": "2", "name" : "a", "note": "x", "na\\u006de" : "b"}',
    "nested": '{"id": "2", "note": [{"name": 1, "name": 2}]}',
    "undeclared": '{"id": "2", "more": {"name": 1, "name": 2.50}}',
}


@pytest.mark.parametrize("around", ['{"id": "1", "name": "a", "note": "b"}', QUOTED], ids=["plain", "quoted"])
@pytest.mark.parametrize("kind", ["json", "jsonl"])
@pytest.mark.parametrize("twice", TWICE)
def test_json__name_that_comes_twice_costs_its_record(
    twice: str, kind: str, around: str, tmp_path: Path, warehouse_url: str
) -> None:
    """Parsers take the last value, and nobody would hear of the first."""
    landed = deliver(tmp_path, warehouse_url, kind, [around, TWICE[twice], '{"id": "3", "name": "c", "note": "d"}'])
    assert landed == [around[8:9], "3"]
    found = query(warehouse_url, "select row_number, rule, reason, record from ops.quarantine")
    assert [row[:3] for row in found] == [(2, "name_twice", "an object names a field twice: name")]
    if twice == "text":
        assert '"a"' in found[0][3]
        assert '"b"' in found[0][3]


def test_json__secret_of_a_name_that_comes_twice_is_withheld(tmp_path: Path, warehouse_url: str) -> None:
    for kind in ("json", "jsonl"):
        deliver(tmp_path, warehouse_url, kind, ['{"id": "2", "cvv": "762", "cvv": "763"}'],
                cvv={"sensitivity": "never_store"})  # fmt: skip
    assert not query(warehouse_url, "select 1 from ops.quarantine where record ~ '76'")
    assert query(warehouse_url, "select count(*) from ops.quarantine") == [(2,)]


@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_json__quotes_that_are_content_are_no_names(kind: str, tmp_path: Path, warehouse_url: str) -> None:
    assert deliver(tmp_path, warehouse_url, kind, [QUOTED]) == ["9"]
    assert query(warehouse_url, "select name, note from raw_shop.things") == [('5" \\', '\\" "')]


def test_json__array_without_odd_quotes_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slow way costs twice the time, so nothing but what cannot be told otherwise asks for it."""
    monkeypatch.setattr(json_values.Once, "__init__", lambda *_: pytest.fail("read with care"))
    monkeypatch.setattr("include.landing.encoding.BLOCK_BYTES", 7)
    items = ['{"id": "1", "name": "a\\"b", "note": null}', '{"id": 2, "name": ["\\u0022", {"x": "y"}], "note": "é\\n"}']
    path = tmp_path / "t.json"
    path.write_text(f"[{', '.join(items)}]", encoding="utf-8")
    assert len(list(read_json(path, things("json").entities["things"], "utf-8"))) == 2


NUMBERS = {"1e200000": False, "1e-20000": False, "0." + "3" * 17000: False, "1e131071": True, "1e-16383": True,
           "1e131072": False, "1e-16384": False, "1.5": True, "0.00": True}  # fmt: skip


@pytest.mark.parametrize("kind", ["json", "jsonl"])
@pytest.mark.parametrize("number", NUMBERS)
def test_json__number_beyond_jsonb_costs_its_record(number: str, kind: str, tmp_path: Path, warehouse_url: str) -> None:
    with psycopg.connect(warehouse_url) as connection:
        is_valid = connection.execute("select pg_input_is_valid(%s, 'jsonb')", [number]).fetchone()
        assert is_valid == (NUMBERS[number],)
    records = ['{"id": "1"}', f'{{"id": "2", "more": [{number}]}}', '{"id": "3"}']
    landed = deliver(tmp_path, warehouse_url, kind, records)
    rules = query(warehouse_url, "select row_number, rule from ops.quarantine")
    if kind == "jsonl" and number in ("1e200000", "1e131071", "1e131072"):
        assert rules == [(2, "malformed_json")], "its fast parser takes no number beyond a float"
    else:
        assert landed == (["1", "2", "3"] if NUMBERS[number] else ["1", "3"])
        assert rules == ([] if NUMBERS[number] else [(2, "number_range")])


def test_json_lines__reason_tells_no_json_from_what_is_beyond_limits(tmp_path: Path, warehouse_url: str) -> None:
    deliver(tmp_path, warehouse_url, "jsonl", ['{"id": NaN}', '{"id": "\\ud800"}', '{"id": 1e999}', '{"id": '])
    reasons = [row[0] for row in query(warehouse_url, "select reason from ops.quarantine order by row_number")]
    assert ["no valid JSON" in reason for reason in reasons] == [True, False, False, True]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_json_lines__endless_line_costs_itself(encoding: str, tmp_path: Path) -> None:
    path, lines = tmp_path / "t.jsonl", ['{"id": "1"}', f'{{"id": "2", "name": "{"x" * 3 * MAX_RECORD_BYTES}"}}']
    path.write_text("\n".join([*lines, '{"id": "3"}', lines[1]]), encoding=encoding)
    contract = things("jsonl")
    bad, landed = [], 0
    for record in read_records(path, contract.entities["things"], contract.format, encoding):
        bad += [record] if isinstance(record, BadRow) else []
        landed += not isinstance(record, BadRow)
    assert landed == 2
    assert [(row.line, row.rule, len(row.record)) for row in bad] == [
        (2, "record_too_long", 1000), (4, "record_too_long", 1000),
    ]  # fmt: skip


@pytest.mark.parametrize("before", ["", '{"id": "1"},'])
@pytest.mark.parametrize("endless", ['{"id": "%s"}', "[%s]", " %s"])
def test_json__endless_record_rejects_the_array(before: str, endless: str, tmp_path: Path) -> None:
    path, contract = tmp_path / "t.json", things("json")
    path.write_text(f"[{before}{endless % (' ' * 40_000_000)}]")
    with pytest.raises(FileRejected, match=r"4,194,304 bytes without the end of a record"):
        list(read_records(path, contract.entities["things"], contract.format, "utf-8"))


def test_json__undeclared_names_without_end_are_noted_up_to_a_limit(tmp_path: Path, warehouse_url: str) -> None:
    deliver(tmp_path, warehouse_url, "jsonl", [f'{{"id": "{n}", "k{n}": 1}}' for n in range(MAX_UNDECLARED + 500)])
    assert query(warehouse_url, "select cardinality(undeclared_columns) from ops.files") == [(MAX_UNDECLARED,)]
