"""Each fault of a delivery has its outcome, with a reason that names the place and holds no content."""

from __future__ import annotations

import codecs
import gzip
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from include.landing import land as land_module
from include.landing import land_batch
from tests.include.landing.delivery import DAY, land, put, quarantined, query, things

PERSON = "Vernadette"
CSV = f"id,name,note\n1,{PERSON},x\n".encode()
XML = f"<things><thing><id>1</id><name>{PERSON}</name></thing></things>"
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + XML.replace("</name>", "&b;</name>")

REJECTED = {
    "empty": ("t.csv", b"", "t.csv: the file is empty"),
    "only_blank_lines": ("t.csv", b"\n\r\n", "t.csv: the file is empty"),
    "binary": ("t.csv", bytes(range(256)) * 20, "t.csv: not a text file"),
    "truncated_gzip": ("t.csv.gz", gzip.compress(os.urandom(2000).hex().encode() + CSV)[:-20], "truncated or broken"),
    "damaged_gzip": ("t.csv.gz", b"\x1f\x8b" + b"no gzip at all" * 9, "t.csv.gz: the gzip archive is"),
    "other_encoding": ("t.csv", CSV.decode().encode("utf-16"), "written in utf-16, the contract declares utf-8"),
    "header_encoding": ("t.csv", b"id,n\xff,note\n1,a,b\n" * 9, "t.csv, line 1: the header is no utf-8 text"),
    "header_twice": ("t.csv", b"id,name,Name\n1,a,b\n", "t.csv, line 1: the header names a column twice"),
    "header_unknown": ("t.csv", f"7,{PERSON},x\n8,b,c\n".encode(), "t.csv, line 1: the header is missing, or names no"),
    "other_delimiter": ("t.csv", CSV.replace(b",", b";"), "line 1: the header is missing, or names no column"),
    "page_of_an_error": ("t.csv", b"<html><body>403 Forbidden</body></html>\n", "names no column of the contract"),
    "garbage_behind_gzip": ("t.csv.gz", gzip.compress(CSV) + PERSON.encode(), "(what follows its end is no gzip)"),
    "second_gzip_cut": ("t.csv.gz", gzip.compress(CSV) + gzip.compress(CSV * 99)[:-6], "broken (it ends too early)"),
    "gzip_checksum": ("t.csv.gz", gzip.compress(CSV)[:-8] + bytes(8), "broken (its content is damaged)"),
    "zip_under_another_name": ("t.csv", b"PK\3\4" + bytes(range(256)), "t.csv: not a text file"),
    "header_nameless": ("t.csv", b"id,,note\n1,a,b\n", "t.csv, line 1: column 2 of the header has no readable name"),
    "endless_row": ("t.csv", CSV + b"x" * (1 << 25), "t.csv, line 3: a row is longer than 4,194,304 bytes"),
    "truncated_array": ("t.json", f'[{{"id": "1", "name": "{PERSON}"}}, {{"id"'.encode(), "after record 1"),
    "broken_array": ("t.json", f'[{{"id": "1"}}, {{"name": {PERSON}}}]'.encode(), "no valid JSON after record 1"),
    "no_array": ("t.json", b'{"id": "1"}', "t.json: a JSON array of records is expected"),
    "latin1_array": ("t.json", '[{"id": "1"}, {"id": "é"}]'.encode("latin-1"), "t.json: no valid JSON after record 1"),
    "truncated_xml": ("t.xml", XML.encode()[:-12], "t.xml, line 1: no valid XML"),
    "xml_bomb": ("t.xml", BOMB.encode(), "t.xml: holds a document type or entities"),
    "external_entity": (
        "t.xml",
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><things><thing><id>&e;</id></thing></things>',
        "t.xml: holds a document type or entities",
    ),
    "external_dtd": ("t.xml", b'<!DOCTYPE x SYSTEM "http://x.example/x.dtd">' + XML.encode(), "document type"),
    "endless_brackets": ("t.json", b'[{"id": "1"}, ' + b"[" * 100_000, "no valid JSON after record"),
    "undeclared_entity": ("t.xml", XML.replace(PERSON, "&nbsp;").encode(), "t.xml: no valid XML after record 0"),
    "prefix_of_nobody": ("t.xml", b"<things><x:thing><id>1</id></x:thing></things>", "t.xml, line 1: no valid XML"),
    "encoding_of_names": (
        "t.xml", b'<?xml version="1.0" encoding="idna"?>' + XML.encode(), "written in an encoding that nobody knows",
    ),
    "utf16_without_mark": ("t.csv", CSV.decode().encode("utf-16-le"), "no byte order mark; declare utf-16-le or"),
    "no_xml": ("t.xml", CSV, "t.xml, line 1: no valid XML after record 0"),
    "utf8_as_cp1250": ("t.csv", CSV + "2,Zoë Müller,x\n".encode(), "t.csv: is UTF-8, the contract declares cp1250"),
    "utf8_as_latin1": ("t.txt", CSV + "2,Zoë Müller,x\n".encode(), "t.txt: is UTF-8, the contract declares latin-1"),
    "utf8_array": ("t.json", '[{"id": "Zoë Müller"}]'.encode(), "t.json: is UTF-8, the contract declares cp1252"),
    "utf8_lines": ("t.jsonl", '{"id": "Zoë Müller"}\n'.encode(), "t.jsonl: is UTF-8, the contract declares cp1252"),
    "utf8_xml": ("t.xml", XML.replace("1", "Zoë Müller").encode(), "t.xml: is UTF-8, the contract declares cp1250"),
    "utf8_by_prolog_cp1250": (
        "t.xml",
        b'<?xml version="1.0" encoding="windows-1250"?>' + XML.replace("1", "Zoë Müller").encode(),
        "t.xml: is UTF-8, its prolog says cp1250",
    ),
    "undeclared_iso8859_5": (
        "t.csv",
        CSV + "n,Иван Петров,Москва\n".encode("iso8859-5") * 200,
        "t.csv: the encoding cannot be told (candidates: ",
    ),
}  # fmt: skip
DECLARED = {
    "utf8_as_cp1250": "cp1250", "utf8_as_latin1": "latin-1", "utf8_array": "cp1252", "utf8_lines": "cp1252",
    "utf8_xml": "cp1250", "utf8_by_prolog_cp1250": "detect", "undeclared_iso8859_5": "detect",
    "encoding_of_names": "detect", "utf16_without_mark": "utf-16",
}  # fmt: skip


@pytest.mark.parametrize("fault", REJECTED)
def test_land__unreadable_file_is_rejected_whole(fault: str, tmp_path: Path, warehouse_url: str) -> None:
    name, content, reason = REJECTED[fault]
    put(tmp_path / "inbox", "shop", name, content)
    declared = things(name.split(".")[1], encoding=DECLARED.get(fault, "utf-8"))
    (file,) = land(tmp_path / "inbox", warehouse_url, declared).files
    assert (file.state, file.rows_read, file.rows_landed) == ("rejected", None, None)
    assert reason in str(file.reason)
    assert name in str(file.reason)
    assert not any(word in str(file.reason) for word in ("Traceback", "Error(", PERSON))
    assert query(warehouse_url, "select count(*) from raw_shop.things") == [(0,)]
    assert query(warehouse_url, "select count(*) from ops.quarantine") == [(0,)]
    assert query(warehouse_url, "select state, reason, rows_read from ops.files") == [("rejected", file.reason, None)]
    assert len([path for path in (tmp_path / "archive").rglob("*") if path.is_file()]) == 1


BAD_ROWS = {
    "too_many_fields": b"2,a,b,c",
    "too_few_fields": b"2,a",
    "nul_byte": b"2,a\x00,b",
    "encoding": b"2,a\xff,b",
    "key_present": b",a,b",
    "quotes": b'2,"a"b,c',
}


@pytest.mark.parametrize("is_quoted", [False, True])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("rule", BAD_ROWS)
def test_land__bad_row_is_quarantined_and_the_rest_lands(
    rule: str, end: bytes, is_quoted: bool, tmp_path: Path, warehouse_url: str
) -> None:
    good = b'"%d","a name of some length","a note of some length"' if is_quoted else b"%d,a name of some length,a note"
    rows = [b"id,name,note", *(good % n for n in (1, 2)), BAD_ROWS[rule], *(good % n for n in (4, 5))]
    put(tmp_path / "inbox", "shop", "t.csv", end.join(rows) + end)
    (file,) = land(tmp_path / "inbox", warehouse_url, things("csv")).files
    assert (file.state, file.rows_read, file.rows_landed, file.rows_quarantined) == ("landed", 5, 4, 1)
    assert quarantined(warehouse_url) == [(rule, 4)]
    landed = query(warehouse_url, "select id, _row from raw_shop.things order by _row")
    assert landed == [("1", 1), ("2", 2), ("4", 4), ("5", 5)]
    ((reason, row),) = query(warehouse_url, "select reason, record from ops.quarantine")
    assert "," not in str(reason).replace("fields, the header", "")
    assert "a" in str(row)


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF16_BE])
@pytest.mark.parametrize(("name", "content"), [("t.csv", CSV.decode()), ("t.json", '[{"id": "1", "name": "a"}]')])
def test_land__utf16_of_the_declared_order_needs_no_mark(
    name: str, content: str, mark: bytes, tmp_path: Path, warehouse_url: str
) -> None:
    put(tmp_path / "inbox", "shop", name, mark + content.encode("utf-16-be"))
    (file,) = land(tmp_path / "inbox", warehouse_url, things(name.split(".")[1], encoding="UTF-16-BE")).files
    assert (file.state, file.rows_landed, file.reason) == ("landed", 1, None)
    assert query(warehouse_url, "select id from raw_shop.things") == [("1",)]


def test_land__gzip_of_several_parts_is_one_file(tmp_path: Path, warehouse_url: str) -> None:
    put(tmp_path / "inbox", "shop", "t.csv.gz", gzip.compress(CSV) + gzip.compress(b"2,b,c\n") + bytes(512))
    (file,) = land(tmp_path / "inbox", warehouse_url, things("csv")).files
    assert (file.state, file.rows_landed) == ("landed", 2)


HEAD = "id,name,note\n"
ROWS = HEAD + "1,a,b\n"
CUT: dict[str, tuple[str, dict[str, Any], int, bool]] = {
    "within_a_field": (ROWS + "2,b,2021-03-1", {}, 2, True),
    "within_a_row": (ROWS + "2,b", {}, 1, True),
    "within_quotes": (ROWS + '2,b,"c', {}, 1, True),
    "after_quotes": (ROWS + '2,b,"c"', {}, 2, True),
    "within_the_line_end": (ROWS.replace("\n", "\r\n") + "2,b,c\r", {}, 2, True),
    "with_undeclared_columns": ("id,name,size\n1,a,b\n2,b,c", {}, 2, True),
    "within_utf16": (ROWS + "2,b,c", {"encoding": "utf-16"}, 2, True),
    "without_header": ("1,a,b\n2,b,c", {"header": False}, 2, True),
    "first_row": (HEAD + "1,a,b", {}, 1, True),
    "whole": (ROWS + "2,b,c\n", {}, 2, False),
    "blank_lines_behind": (ROWS + "2,b,c\n\r\n", {}, 2, False),
    "only_line": ("1,a,b", {"header": False}, 1, False),
    "header_alone": ("id,name,note", {}, 0, False),
}


@pytest.mark.parametrize("case", CUT)
@pytest.mark.parametrize("is_packed", [False, True])
def test_land__file_that_ends_within_a_row_is_marked(
    case: str, is_packed: bool, tmp_path: Path, warehouse_url: str
) -> None:
    """It lands, since many a file ends so that is whole; the manifest knows, and the gate tells."""
    text, layout, landed, is_cut = CUT[case]
    content = text.encode(str(layout.get("encoding", "utf-8")))
    put(tmp_path / "inbox", "shop", "t.csv", gzip.compress(content) if is_packed else content)
    (file,) = land(tmp_path / "inbox", warehouse_url, things("csv", **layout)).files
    assert (file.state, file.rows_landed) == ("landed", landed)
    assert query(warehouse_url, "select ends_within_row from ops.files") == [(is_cut,)]


@pytest.mark.parametrize("stray", ['"unclosed', 'a 5" screen', '"a" "b'])
def test_land__stray_quote_costs_its_own_row_only(stray: str, tmp_path: Path, warehouse_url: str) -> None:
    rows = [f"{number},a,{stray if number in (10, 20) else 'x'}" for number in range(3000)]
    put(tmp_path / "inbox", "shop", "t.csv", "\n".join(["id,name,note", *rows, '3000,"two\nlines",x\n']))
    (file,) = land(tmp_path / "inbox", warehouse_url, things("csv")).files
    assert (file.rows_read, file.rows_landed) == (3001, 2999)
    assert quarantined(warehouse_url) == [("quotes", 12), ("quotes", 22)]
    assert query(warehouse_url, "select name from raw_shop.things where id = '3000'") == [("two\nlines",)]


def test_land__bad_json_line_names_its_line(tmp_path: Path, warehouse_url: str) -> None:
    lines = ['{"id": "1"}', "", '{"id": ', "[1]", '{"name": "a"}', '{"id": "a\\u0000"}', '{"id": "6", "extra": 1.50}']
    put(tmp_path / "inbox", "shop", "t.jsonl", "\n".join(lines))
    (file,) = land(tmp_path / "inbox", warehouse_url, things("jsonl")).files
    assert (file.rows_read, file.rows_landed) == (6, 2)
    assert quarantined(warehouse_url) == [
        ("malformed_json", 3), ("not_an_object", 4), ("key_present", 5), ("nul_byte", 6)
    ]  # fmt: skip
    landed = query(warehouse_url, "select id, _row, _rescued::text from raw_shop.things order by 2")
    assert landed == [("1", 1, None), ("6", 6, '{"extra": 1.50}')]
    assert query(warehouse_url, "select undeclared_columns from ops.files") == [(["extra"],)]


def test_land__xml_record_without_key_and_repeated_element(tmp_path: Path, warehouse_url: str) -> None:
    records = [
        "<thing><id>1</id><name>a</name><note>n</note></thing>", "<thing><name>b</name></thing>",
        "<thing><id>3</id><name>c</name><name>d</name></thing>", "<thing><note/><id>4</id><name>e\tf\\</name></thing>",
        "<thing><id>5</id><name>x<b>y</b>z</name></thing>",
    ]  # fmt: skip
    put(tmp_path / "inbox", "shop", "t.xml", "<things>\n" + "\n".join(records) + "\n</things>")
    land(tmp_path / "inbox", warehouse_url, things("xml"))
    assert quarantined(warehouse_url) == [("key_present", 3)]
    assert query(warehouse_url, "select _row, id, name, note, _rescued from raw_shop.things order by 1") == [
        (1, "1", "a", "n", None),
        (3, "3", "c", None, {"name": ["c", "d"]}),
        (4, "4", "e\tf\\", "", None),
        (5, "5", None, None, {"name/b": "y", "name/#text": "x z"}),
    ]


def test_land__header_without_rows_lands_nothing(tmp_path: Path, warehouse_url: str) -> None:
    put(tmp_path / "inbox", "shop", "t.csv", b"id,name,note\n")
    (file,) = land(tmp_path / "inbox", warehouse_url, things("csv")).files
    assert (file.state, file.rows_read, file.rows_landed, file.rows_quarantined) == ("landed", 0, 0, 0)


def test_land__header_without_the_key_quarantines_every_row(tmp_path: Path, warehouse_url: str) -> None:
    put(tmp_path / "inbox", "shop", "t.csv", b"name,note\na,b\nc,d\n")
    (file,) = land(tmp_path / "inbox", warehouse_url, things("csv")).files
    assert (file.rows_read, file.rows_landed) == (2, 0)
    assert quarantined(warehouse_url) == [("key_present", 2), ("key_present", 3)]
    assert query(warehouse_url, "select missing_columns from ops.files") == [(["id"],)]


def test_land__file_for_no_entity_is_rejected_and_archived(tmp_path: Path, warehouse_url: str) -> None:
    put(tmp_path / "inbox", "crm", "stock.csv", CSV)
    (file,) = land(tmp_path / "inbox", warehouse_url, "crm").files
    assert (file.state, file.reason) == ("rejected", "stock.csv: no entity of the contract takes this file")


def test_land__one_bad_file_leaves_the_others_alone(tmp_path: Path, warehouse_url: str) -> None:
    put(tmp_path / "inbox", "shop", "a.csv", b"")
    put(tmp_path / "inbox", "shop", "b.csv", CSV)
    files = land(tmp_path / "inbox", warehouse_url, things("csv")).files
    assert [file.state for file in files] == ["rejected", "landed"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file, whatever its permissions say")
def test_land__file_that_may_not_be_read_is_rejected(tmp_path: Path, warehouse_url: str) -> None:
    put(tmp_path / "inbox", "shop", "t.csv", CSV).chmod(0)
    (file,) = land(tmp_path / "inbox", warehouse_url, things("csv")).files
    assert file.state == "rejected"
    assert "t.csv: cannot be opened" in str(file.reason)


def test_land__file_that_has_gone_is_rejected(
    tmp_path: Path, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "inbox", "shop", "t.csv", CSV)
    real = land_module.ensure_raw_tables

    def after_it_was_listed(*arguments: object) -> None:
        path.unlink()
        real(*arguments)

    monkeypatch.setattr(land_module, "ensure_raw_tables", after_it_was_listed)
    (file,) = land(tmp_path / "inbox", warehouse_url, things("csv")).files
    assert file.state == "rejected"
    assert "t.csv: cannot be opened" in str(file.reason)


@pytest.mark.parametrize("moment", ["archive_file", "load_file"])
def test_land__file_that_changes_while_it_is_read_is_rejected(
    moment: str, tmp_path: Path, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its hash would name other bytes than those that land. The next attempt takes it as it is then."""
    path = put(tmp_path / "inbox", "shop", "t.csv", CSV)
    real = getattr(land_module, moment)

    def while_it_is_written(*arguments: object) -> object:
        with path.open("ab") as late:
            late.write(b"2,b,c\n")
        return real(*arguments)

    monkeypatch.setattr(land_module, moment, while_it_is_written)
    (file,) = land(tmp_path / "inbox", warehouse_url, things("csv")).files
    assert file.state == "rejected"
    assert str(file.reason).startswith("t.csv: changed while it was read")
    assert query(warehouse_url, "select count(*) from raw_shop.things") == [(0,)]
    monkeypatch.undo()
    (file,) = land(tmp_path / "inbox", warehouse_url, things("csv")).files
    assert (file.state, file.rows_landed) == ("landed", path.read_bytes().count(b"\n") - 1)
    assert query(warehouse_url, "select state from ops.files order by 1") == [("landed",), ("superseded",)]


def test_archive__rest_of_a_killed_attempt_is_written_again(tmp_path: Path, warehouse_url: str) -> None:
    put(tmp_path / "inbox", "shop", "t.csv", CSV)
    land(tmp_path / "inbox", warehouse_url, things("csv"))
    (stored,) = (path for path in (tmp_path / "archive").rglob("*") if path.is_file())
    stored.write_bytes(CSV[:10])
    land_batch(things("csv"), DAY.replace(day=17), tmp_path / "inbox", tmp_path / "archive", warehouse_url)
    put(tmp_path / "inbox", "shop", "t.csv", CSV, DAY.replace(day=17))
    land(tmp_path / "inbox", warehouse_url, things("csv"), DAY.replace(day=17))
    assert stored.read_bytes() == CSV


def test_land__byte_order_mark_wins_over_nothing_declared(tmp_path: Path, warehouse_url: str) -> None:
    put(tmp_path / "inbox", "shop", "t.csv", codecs.BOM_UTF8 + "id,name,note\n1,Žofie,é\n".encode())
    land(tmp_path / "inbox", warehouse_url, things("csv", encoding="detect"))
    assert query(warehouse_url, "select id, name from raw_shop.things") == [("1", "Žofie")]


def test_land__name_that_is_no_text_is_escaped(tmp_path: Path, warehouse_url: str) -> None:
    for name, content in ((b"t\xe9.csv", CSV), (b"u\xe9.csv", b""), ("z\n- \x1b[1m\u202e.csv".encode(), b"\n")):
        put(tmp_path / "inbox", "shop", os.fsdecode(name), content)
    files = land(tmp_path / "inbox", warehouse_url, things("csv")).files
    assert [(file.name, file.state) for file in files] == [
        ("t\\xe9.csv", "landed"), ("u\\xe9.csv", "rejected"), ("z\\n- \\x1b[1m\\u202e.csv", "rejected"),
    ]  # fmt: skip
    assert all(str(file.reason).isprintable() for file in files)
    assert query(warehouse_url, "select count(distinct name) from ops.files") == [(3,)]


def test_land__batch_that_lands_at_the_same_time_lands_once(tmp_path: Path, warehouse_url: str) -> None:
    rows = b"".join(b"%d,a,b\n" % number for number in range(20_000))
    put(tmp_path / "inbox", "shop", "t.csv", CSV + rows + b",no key,\n" * 20_000)
    with ThreadPoolExecutor(3) as pool:
        tries = [pool.submit(land, tmp_path / "inbox", warehouse_url, things("csv")) for _ in range(3)]
    assert sorted(done.result().files[0].is_known for done in tries) == [False, True, True]
    assert query(warehouse_url, "select count(*) from ops.quarantine") == [(20_000,)]


def test_land__entry_that_is_no_plain_file_is_rejected(tmp_path: Path, warehouse_url: str) -> None:
    folder = put(tmp_path / "inbox", "shop", "t.csv", CSV).parent
    (folder / "folder.csv").mkdir()
    (folder / "link.csv").symlink_to("nowhere.csv")
    (folder / "loop.csv").symlink_to("loop.csv")
    os.mkfifo(folder / "pipe.csv")
    files = land(tmp_path / "inbox", warehouse_url, things("csv")).files
    assert [(file.name, file.state) for file in files] == [
        ("folder.csv", "rejected"), ("link.csv", "rejected"), ("loop.csv", "rejected"), ("pipe.csv", "rejected"),
        ("t.csv", "landed"),
    ]  # fmt: skip
