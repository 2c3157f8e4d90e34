"""XML in other encodings than UTF-8: byte order mark, prolog and contract have to agree, and the letters arrive."""

from __future__ import annotations

import codecs
import gzip
from datetime import timedelta
from pathlib import Path

import pytest

from tests.include.landing.delivery import DAY, land, put, query, things

NAME = "Žofie Müller, 5 €"


def document(prolog: str) -> str:
    return f"{prolog}<things><thing><id>1</id><name>{NAME}</name><note>b</note></thing></things>"


def prolog(encoding: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>\n'


def landed(tmp_path: Path, url: str, content: bytes, declared: str, name: str = "t.xml") -> tuple[object, ...]:
    """(state, encoding in the manifest, name of the record) of one delivered file."""
    put(tmp_path / "inbox", "shop", name, content)
    (file,) = land(tmp_path / "inbox", url, things("xml", encoding=declared)).files
    ((encoding,),) = query(url, "select encoding from ops.files")
    names = [row[0] for row in query(url, "select name from raw_shop.things")]
    return file.state, encoding, file.reason if file.state == "rejected" else names[0]


@pytest.mark.parametrize(
    ("content", "declared", "found"),
    [
        (document("").encode("cp1252"), "cp1252", "cp1252"),
        (document('<?xml version="1.0"?>').encode("cp1252"), "windows-1252", "cp1252"),
        (document(prolog("Windows-1252")).encode("cp1252"), "cp1252", "cp1252"),
        (document(prolog("windows-1252")).encode("cp1252"), "detect", "cp1252"),
        (document(prolog("mac_latin2")).encode("mac_latin2", errors="replace"), "mac_latin2", "mac-latin2"),
        (document(prolog("UTF-8")).encode(), "utf-8", "utf-8"),
        (document("").encode(), "detect", "utf-8"),
        (codecs.BOM_UTF8 + document(prolog("utf-8")).encode(), "utf-8", "utf-8-sig"),
        (codecs.BOM_UTF8 + document("").encode(), "cp1252", "utf-8-sig"),
        (document(prolog("US-ASCII")).encode(), "utf-8", "utf-8"),
        (document(prolog("us-ascii")).encode("cp1252"), "cp1252", "cp1252"),
        (codecs.BOM_UTF8 + document(prolog("ascii")).encode(), "cp1252", "utf-8-sig"),
        (document(prolog("UTF-16")).encode("utf-16"), "utf-16", "utf-16"),
        (document(prolog("UTF-16")).encode("utf-16"), "detect", "utf-16"),
        (document(prolog("UTF-16")).encode("utf-16-be"), "utf-16-be", "utf-16-be"),
    ],
)
def test_land__xml_is_read_with_the_declared_encoding(
    content: bytes, declared: str, found: str, tmp_path: Path, warehouse_url: str
) -> None:
    name = NAME.replace("€", "?") if "latin2" in found else NAME
    assert landed(tmp_path, warehouse_url, content, declared) == ("landed", found, name)


@pytest.mark.parametrize(
    ("content", "declared", "reason"),
    [
        (prolog("latin-1").encode() + b"<things/>", "utf-8", "in iso8859-1 by its prolog, the contract declares utf-8"),
        (document(prolog("UTF-8")).encode(), "cp1252", "in utf-8 by its prolog, the contract declares cp1252"),
        (codecs.BOM_UTF8 + document(prolog("cp1252")).encode(), "utf-8", "in cp1252 by its prolog, its byte order mark"
         " says utf-8-sig"),
        (document("").encode("utf-16"), "utf-8", "in utf-16, the contract declares utf-8"),
        (document(prolog("US-ASCII")).encode("utf-16-le"), "utf-16-le", "in ascii by its prolog, the contract declares"
         " utf-16-le"),
        (document(prolog("martian")).encode(), "utf-8", "in an encoding that nobody knows, by its prolog"),
        (document(prolog("hex")).encode(), "detect", "in an encoding that nobody knows, by its prolog"),
    ],
)  # fmt: skip
def test_land__xml_in_another_encoding_is_rejected_in_words(
    content: bytes, declared: str, reason: str, tmp_path: Path, warehouse_url: str
) -> None:
    assert landed(tmp_path, warehouse_url, content, declared) == ("rejected", None, f"t.xml: written {reason}")


def test_land__xml_that_is_not_in_its_encoding_is_rejected(tmp_path: Path, warehouse_url: str) -> None:
    content = document("").encode("cp1252") + b"\x81"
    outcome = landed(tmp_path, warehouse_url, content, "cp1252")
    assert outcome == ("rejected", "cp1252", "t.xml: holds bytes that are no cp1252")


def test_land__a_letter_of_two_blocks_stays_whole(tmp_path: Path, warehouse_url: str) -> None:
    """Wherever the file is cut while it is read; packed as well."""
    records = "".join(f"<thing><id>{n}</id><name>{'é€' * (n % 7)}</name><note/></thing>" for n in range(1, 9000))
    content = gzip.compress(f"{prolog('shift_jis_2004')}<things>{records}</things>".encode("shift_jis_2004"), 1)
    landed(tmp_path, warehouse_url, content, "shift_jis_2004", "t.xml.gz")
    ((rows, right),) = query(
        warehouse_url,
        "select count(*), count(*) filter (where coalesce(name, '') = repeat('é€', id::int % 7)) from raw_shop.things",
    )
    assert (rows, right) == (8999, 8999)


def test_land__never_stored_values_are_blanked_in_any_encoding(tmp_path: Path, warehouse_url: str) -> None:
    put(tmp_path / "inbox", "shop", "t.xml", document("").encode("cp1252"))
    contract = things("xml", {"id": {}, "name": {}, "note": {"sensitivity": "never_store"}}, encoding="cp1252")
    (file,) = land(tmp_path / "inbox", warehouse_url, contract).files
    assert file.state == "landed", file.reason
    ((key,),) = query(warehouse_url, "select archive_key from ops.files")
    archived = gzip.decompress((tmp_path / "archive" / key).read_bytes())
    text = archived.decode("utf-8")
    assert f"<name>{NAME}</name><note></note>" in text.replace("<note/>", "<note></note>")
    later = DAY + timedelta(days=1)
    put(tmp_path / "inbox", "shop", "t.xml", archived, later)
    (again,) = land(tmp_path / "inbox", warehouse_url, contract, later).files
    assert (again.state, again.reason) == ("landed", file.reason)
    assert query(warehouse_url, "select distinct id, name from raw_shop.things") == [("1", NAME)]
