"""XML: nothing of a file is lost without a word, whatever its elements are called and wherever its text stands."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from include.contracts import load_contract
from include.landing.readers import read_records
from include.landing.readers.xml_redact import redact_xml
from include.landing.records import BadRow, FileRejected, Header, Record
from include.settings import PROJECT_DIR
from tests.include.landing.delivery import land, put, query, things

ENTITY = things("xml").entities["things"]


def read(tmp_path: Path, content: str) -> list[object]:
    """(id, what was rescued) of each record, (rule, line) of each bad row."""
    path = tmp_path / "t.xml"
    path.write_text(content, encoding="utf-8")
    found: list[object] = []
    for record in read_records(path, ENTITY, things("xml").format, "utf-8"):
        if isinstance(record, BadRow):
            found.append((record.rule, record.line))
        elif isinstance(record, Header):
            found.append(("header", record.name))
        else:
            fields = (record.text if isinstance(record, Record) else record).split("\t")
            found.append((fields[0], None if fields[3] == "\\N" else json.loads(fields[3])))
    return found


def thing(number: int, tag: str = "thing", more: str = "", text: str = "") -> str:
    return f"<{tag}>{text}<id>{number}</id>\n<name>a</name><note>b</note>{more}</{tag}>"


@pytest.mark.parametrize(
    "place", ["<things>{0}{1}{2}</things>", "<x><y>{0}{1}</y>{2}</x>", "<things>{1}{2}{0}</things>"]
)
def test_xml__element_beside_records_is_a_bad_row(place: str, tmp_path: Path) -> None:
    found = read(tmp_path, place.format(thing(1), thing(2, "Thing"), thing(3)))
    assert sorted(str(name) for name, _ in found) == ["1", "3", "unknown_element"]


def test_xml__file_with_elements_but_no_record_has_only_bad_rows(tmp_path: Path) -> None:
    assert read(tmp_path, f"<things>{thing(1, 'Thing')}\n{thing(2, 'Thing')}</things>") == [
        ("unknown_element", 1),
        ("unknown_element", 3),
    ]
    assert read(tmp_path, "<things/>") == []


@pytest.mark.parametrize("place", ["<all>{0}{1}{1}</all>", "<all>{1}{0}{1}</all>", "<all>{1}{1}{0}</all>"])
def test_xml__header_is_no_record(place: str, tmp_path: Path) -> None:
    header = '<exported by="someone"><at>2026-11-16</at><rows>2</rows></exported>'
    found = read(tmp_path, place.format(header, thing(1)))
    assert sorted(found, key=str) == [("1", None), ("1", None), ("header", "exported")]


@pytest.mark.parametrize(
    "other",
    [
        "<Customer><ID>7</ID></Customer>", '<x Note="7"/>', "<x><y><na-me>7</na-me></y></x>",
        "<kunde><nr>1</nr></kunde>" * 2, '<x xmlns:a="urn:a" a:id="7"/>',
    ],
    ids=["other_case", "attribute", "deep", "more_than_one", "namespace"],
)  # fmt: skip
def test_xml__element_that_may_be_a_record_is_no_header(other: str, tmp_path: Path) -> None:
    found = read(tmp_path, f"<all>{thing(1)}{other}</all>")
    assert [name for name, _ in found if name != "header"] == ["1", "unknown_element"]


def test_xml__header_is_in_the_manifest_and_counts_as_no_row(tmp_path: Path, warehouse_url: str) -> None:
    """A file of a few records with a header has to pass `max_quarantined_share`."""
    put(tmp_path / "inbox", "shop", "t.xml", f"<all><head><at>x</at></head>{thing(1)}{thing(2)}</all>")
    (file,) = land(tmp_path / "inbox", warehouse_url, things("xml")).files
    assert (file.rows_read, file.rows_landed, file.rows_quarantined) == (2, 2, 0)
    assert query(warehouse_url, "select undeclared_columns from ops.files") == [(["head"],)]
    assert query(warehouse_url, "select id, _row from raw_shop.things order by 2") == [("1", 1), ("2", 2)]


def test_xml__elements_of_a_namespace_are_found_by_their_name(tmp_path: Path) -> None:
    for root in ('<things xmlns="urn:a">{}</things>', '<a:things xmlns:a="urn:a" xmlns="urn:b">{}</a:things>'):
        assert read(tmp_path, root.format(thing(1) + thing(2))) == [("1", None), ("2", None)]


def test_xml__text_beside_the_values_is_rescued(tmp_path: Path) -> None:
    records = thing(1) + thing(2) + thing(3, text="lost") + thing(4, more="tail") + thing(5)
    assert read(tmp_path, f"<things>{records}</things>") == [
        ("1", None), ("2", None), ("3", {"#text": "lost"}), ("4", {"#text": "tail"}), ("5", None),
    ]  # fmt: skip


def test_xml__a_hundred_thousand_attributes_take_no_longer_than_as_many_elements(tmp_path: Path) -> None:
    """Looked up one by one they would take minutes: nothing here is timed, but nobody would wait for it."""
    given = {f"k{number}": str(number) for number in range(100_000)}
    words = " ".join(f'{name}="{value}"' for name, value in given.items())
    crowd = f'<of xmlns:a="urn:a" a:z="first" {words}/>'
    found = read(tmp_path, f"<things>{thing(1, more=crowd)}</things>")
    rescued = {"of/@{urn:a}z": "first"} | {f"of/@{name}": value for name, value in given.items()}
    assert found == [("1", {"of": ""} | rescued)]


def test_xml__record_within_a_record_is_a_part_of_it(tmp_path: Path) -> None:
    found = read(tmp_path, f"<things>{thing(1)}{thing(2, more=f'<of>{thing(3)}</of>')}{thing(4)}</things>")
    rescued = {"of/thing/id": "3", "of/thing/name": "a", "of/thing/note": "b"}
    assert found == [("1", None), ("2", rescued), ("4", None)]


@pytest.mark.parametrize("start", ["<things>", "<things><thing><id>1</id>", f"<things>{thing(1)}"])
def test_xml__endless_content_without_a_record_is_rejected(start: str, tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match=r"t\.xml: 4,194,304 bytes without the end of a record"):
        read(tmp_path, start + "<a/>" * 1_100_000)


def test_redact_xml__what_is_beside_the_records_is_not_archived(tmp_path: Path) -> None:
    """A misspelt record holds what must never be stored, under names that the contract may not know."""
    contract = things("xml", {"id": {}, "cvv": {"sensitivity": "never_store"}})
    path, archived = tmp_path / "t.xml", io.BytesIO()
    path.write_text(
        '<things day="1" xmlns="urn:a"><Thing cvv="762"><cvv>762</cvv></Thing><thing><id>1</id><cvv>762</cvv></thing>'
        "<thing><id>2</id><of><thing><cvv>762</cvv></thing></of></thing></things>"
    )
    redact_xml(path, archived, contract.entities["things"], contract.format, "utf-8")
    text = archived.getvalue().decode()
    assert "762" not in text
    assert 'day="1"' in text
    assert "<id>1</id>" in text
    assert "<id>2</id>" in text


def test_xml__list_of_children_lands_as_json(tmp_path: Path) -> None:
    """By the same paths as any record; an empty list stays empty, and what is around the list is rescued."""
    path = tmp_path / "t.xml"
    path.write_text(
        '<r><report file="F1"><payment_history from="x"><month entry="1"><amount_due currency="EUR">5.10</amount_due>'
        '<a><b>deep</b></a></month><month entry="2"/>tail</payment_history></report>'
        '<report file="F2"><payment_history/></report><report file="F3"/><report file="F4"><payment_history/></report>'
        "</r>",
        encoding="utf-8",
    )
    bureau = load_contract(PROJECT_DIR / "include" / "sources" / "bureau.yml")
    entity = bureau.entities["credit_reports"]
    place = list(entity.stored_columns).index("payment_history")
    found = []
    for record in read_records(path, entity, bureau.format_of(entity), "utf-8"):
        assert not isinstance(record, BadRow)
        fields = (record.text if isinstance(record, Record) else record).split("\t")
        found.append((fields[place], fields[-1]))
    nested = [{"@entry": "1", "amount_due": "5.10", "amount_due/@currency": "EUR", "a/b": "deep"}, {"@entry": "2"}]
    assert json.loads(found[0][0]) == nested
    assert json.loads(found[0][1]) == {"payment_history/@from": "x", "payment_history/#text": "tail"}
    assert [text for text, _ in found[1:]] == ["", "\\N", ""]


@pytest.mark.parametrize(
    ("body", "missing", "undeclared"),
    [
        ("<note/><deep><b>1</b></deep>", [], []),
        ("<note> </note><deep><b/></deep>", [], []),
        ('<note nil="true"/><deep><b/></deep>', [], ["note/@nil"]),
        ("<note><x>1</x></note><deep><b/></deep>", [], ["note/x"]),
        ("<note/><deep/>", [], []),
        ("<note/><deep>text</deep>", ["b"], ["deep"]),
        ("<note/><deep><c/></deep>", ["b"], ["deep/c"]),
        ("<note/>", ["b"], []),
        ("", ["note", "b"], []),
    ],
)
def test_land__xml_element_that_is_empty_in_every_record_is_not_missing(
    body: str, missing: list[str], undeclared: list[str], tmp_path: Path, warehouse_url: str
) -> None:
    """An element is there, whatever it holds; in one that is empty nobody can tell which parts are missing."""
    records = "".join(f"<thing><id>{number}</id>{body}</thing>" for number in range(100))
    put(tmp_path / "inbox", "shop", "t.xml", f"<things>{records}</things>")
    land(tmp_path / "inbox", warehouse_url, things("xml", {"id": {}, "note": {}, "b": {"path": "deep/b"}}))
    found = query(warehouse_url, "select missing_columns, undeclared_columns, rows_landed from ops.files")
    assert found == [(missing, undeclared, 100)]
