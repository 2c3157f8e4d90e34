"""JSON in every encoding; a value that nothing can be made of costs its record or its file, never the process."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from include.landing.readers import read_records
from include.landing.readers.json_records import array_items, read_json_lines, redact_json
from include.landing.records import BadRow, FileRejected
from tests.include.landing.delivery import things

ENTITY = things("json").entities["things"]
DEEP, DEEPER = ("[" * depth + "]" * depth for depth in (300, 1100))


def read(tmp_path: Path, content: bytes, kind: str = "json", encoding: str = "utf-8") -> list[str]:
    """Each record as its line for COPY, a bad row as its rule."""
    path = tmp_path / "t"
    path.write_bytes(content)
    records = read_records(path, ENTITY, things(kind).format, encoding)
    return [r if isinstance(r, str) else r.rule if isinstance(r, BadRow) else r.text for r in records]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("kind", ["json", "jsonl"])
def test_json__every_declared_encoding_is_read(kind: str, encoding: str, tmp_path: Path) -> None:
    content = '{"id": "1", "name": "Ã© é", "note": "x"}'
    content = f"[{content}]" if kind == "json" else content + "\n"
    assert read(tmp_path, content.encode(encoding), kind, encoding) == ["1\tÃ© é\tx\t\\N"]
    redacted = b"".join(redact_json(tmp_path / "t", ENTITY, encoding, kind == "json"))
    assert "Ã© é" in redacted.decode("utf-8")


def test_json_lines__only_a_line_feed_ends_a_line(tmp_path: Path) -> None:
    content = '{"id": "1", "name": "a\u2028b\x85c", "note": "x"}\n{"id": "2", "name": "d", "note": "x"}'
    expected = ["1\ta\u2028b\x85c\tx\t\\N", "2\td\tx\t\\N"]
    for encoding in ("utf-16", "utf-8"):
        assert read(tmp_path, content.encode(encoding), "jsonl", encoding) == expected


def test_json_lines__text_cut_off_within_a_letter_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match="t: no utf-16 text"):
        read(tmp_path, '{"id": "1"}\n'.encode("utf-16")[:-1], "jsonl", "utf-16")


@pytest.mark.parametrize("before", ["", " " * 262_000])
@pytest.mark.parametrize("sign", ["", "-"])
def test_json__integer_beyond_the_limit_is_rejected(sign: str, before: str, tmp_path: Path) -> None:
    content = f'[{{"id": "1"}}, {before}{{"id": "2", "extra": {sign}{"9" * 4301}}}]'
    with pytest.raises(FileRejected, match=r"after record \d .an integer of more than 4,300 digits"):
        read(tmp_path, content.encode())


def test_json__digits_of_a_text_or_a_fraction_have_no_limit(tmp_path: Path) -> None:
    (line,) = read(tmp_path, b'[{"id": "1", "name": 0.%s, "note": "%s"}]' % (b"9" * 5000, b"9" * 5000))
    assert line == "1\t0." + "9" * 5000 + "\t" + "9" * 5000 + "\t\\N"


@pytest.mark.parametrize("value", [DEEP, DEEPER, "1e-99999999999999999999", "9" * 4301])
def test_json_lines__value_beyond_all_limits_costs_its_record(value: str, tmp_path: Path) -> None:
    content = f'{{"id": "1", "name": {value}}}\n{{"id": "2", "extra": {value}}}\n{{"id": "3"}}\n'
    assert read(tmp_path, content.encode(), "jsonl") == ["malformed_json", "malformed_json", "3\t\\N\t\\N\t\\N"]
    lines = b"".join(redact_json(tmp_path / "t", ENTITY, "utf-8", is_array=False)).splitlines()
    assert len(lines) == 3


@pytest.mark.parametrize("value", [DEEP, DEEPER])
def test_json__value_nested_too_deeply_costs_its_record(value: str, tmp_path: Path) -> None:
    content = f'[{{"id": "1", "name": {value}}}, {{"id": "3"}}]'
    assert read(tmp_path, content.encode()) == ["malformed_json", "3\t\\N\t\\N\t\\N"]


@pytest.mark.parametrize("before", ["", "[" * 2000 + "]" * 2000 + ",", '"' + "]" * 9000 + '",', r'"\\",', r'"\\\"]",'])
def test_json__value_nested_without_end_rejects_the_array(before: str, tmp_path: Path) -> None:
    """The parser keeps all paths to what is open: a hundred thousand of them need twenty gigabytes."""
    with pytest.raises(FileRejected, match=r"no valid JSON after record 0 .nested too deeply"):
        read(tmp_path, f'[{{"id": "1", "name": [{before} {"[" * 4000}'.encode())


@pytest.mark.parametrize("before", range(262_115, 262_145, 2))
def test_json__brackets_of_a_text_are_no_depth(before: int, tmp_path: Path) -> None:
    """`before` moves an escaped quote over the end of a block."""
    text = "x" * before + r"\"\\" + r"\\\"" + "[" * 4000
    path = tmp_path / "t"
    path.write_text(f'[{{"id": "1", "name": "{text}", "note": "b"}}]')
    ((item, _),) = array_items(path, "utf-8")
    assert (item["name"].count("["), item["note"]) == (4000, "b")


def test_json_lines__half_of_a_pair_of_surrogates_is_named(tmp_path: Path) -> None:
    path = tmp_path / "t"
    path.write_bytes(b'{"id": "1", "name": "\\ud800"}\n{"id": "2", "name": "\xed\xa0\x80"}\n{"id": "3"}\n')
    reasons = [r.reason for r in read_json_lines(path, ENTITY, "utf-8") if isinstance(r, BadRow)]
    assert reasons == ["it holds half of a pair of surrogates"] * 2


def test_json__number_that_cannot_be_parsed_rejects_the_array(tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match=r"after record 0 .a number beyond all limits"):
        read(tmp_path, b'[{"id": "3", "name": 1e-99999999999999999999}]')


def test_json__byte_order_mark_is_no_content(tmp_path: Path) -> None:
    assert read(tmp_path, codecs.BOM_UTF8 + b"[]", "json", "utf-8-sig") == []
    with pytest.raises(FileRejected, match="a JSON array of records is expected"):
        read(tmp_path, codecs.BOM_UTF8 + b"{}", "json", "utf-8-sig")


@pytest.mark.parametrize("before", [0, *range(262_102, 262_130, 3)])
def test_json__half_of_a_pair_of_surrogates_is_rejected(before: int, tmp_path: Path) -> None:
    """The parser would make a question mark of it; `before` moves the pair over the end of a block."""
    content = '[{"id": "1", "name": "%s%s", "note": "x"}]'
    for whole, text in (
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\\ud83d", r"\\ud83d"),
        (r"\ud83d\ude00" * 999, "\U0001f600" * 999),
    ):
        read_back = read(tmp_path, (content % (" " * before, whole)).encode())
        assert read_back == [f"1\t{' ' * before}{text}\tx\t\\N"]
    for half in (r"\ud83d", r"\uDE00", r"\\\ud83d x", r"\uD83D\uDE00\uDE00", r"\ud83d\ude00" * 999 + r"\ud83d"):
        with pytest.raises(FileRejected, match=r"after record 0 .half of a pair of surrogates"):
            read(tmp_path, (content % (" " * before, half)).encode())
