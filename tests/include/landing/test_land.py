"""Each fault of a delivery has its outcome: a quarantined row, a rejected file; and nothing is lost."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from include.contracts import load_contract
from include.landing import hold_batch, release_batch
from include.settings import PROJECT_DIR
from tests.include.landing.delivery import DAY, land, put, quarantined, query

CSV = "customer_id,first_name,last_name,email,join_date\nC001,Ann,Lee,ann@x.example,2021-03-15\n"
XML = '<?xml version="1.0"?><customers><customer ref="D1"><id>C001</id><age>35</age></customer></customers>'


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


def test_land__clean_csv_lands_as_it_is(inbox: Path, warehouse_url: str) -> None:
    put(inbox, "crm", "customers.csv", b"\xef\xbb\xbf" + CSV.encode() + b'C002,"",,"a ""b""\nc",\n')
    result = land(inbox, warehouse_url, "crm")
    assert (result.state, result.rows_read, result.rows_landed) == ("landed", 2, 2)
    rows = query(warehouse_url, "select customer_id, first_name, last_name, email, _row from raw_crm.customers")
    assert rows == [("C001", "Ann", "Lee", "ann@x.example", 1), ("C002", "", None, 'a "b"\nc', 2)]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (b"C2,a,b,c,2020-01-01,extra", "too_many_fields"),
        (b"C2,a,b", "too_few_fields"),
        (b"C2,a\x00,b,c,2020-01-01", "nul_byte"),
        (b"C2,a\xff,b,c,2020-01-01", "encoding"),
        (b",a,b,c,2020-01-01", "key_present"),
    ],
)
def test_land__bad_row_is_quarantined_with_line(row: bytes, rule: str, inbox: Path, warehouse_url: str) -> None:
    put(inbox, "crm", "customers.csv", CSV.encode() + row + b"\nC003,x,y,z,2020-01-01\n")
    result = land(inbox, warehouse_url, "crm")
    assert (result.rows_read, result.rows_landed, result.rows_quarantined) == (3, 2, 1)
    assert quarantined(warehouse_url) == [(rule, 3)]
    rows = query(warehouse_url, "select customer_id, _row from raw_crm.customers order by 2")
    assert rows == [("C001", 1), ("C003", 3)]


def test_land__undeclared_column_is_rescued_and_missing_one_is_listed(inbox: Path, warehouse_url: str) -> None:
    put(inbox, "crm", "customers.csv", "customer_id,shoe_size\nC001,42\n")
    land(inbox, warehouse_url, "crm")
    assert query(warehouse_url, "select customer_id, _rescued from raw_crm.customers") == [
        ("C001", {"shoe_size": "42"})
    ]
    ((undeclared, missing),) = query(warehouse_url, "select undeclared_columns, missing_columns from ops.files")
    assert undeclared == ["shoe_size"]
    assert "first_name" in missing


@pytest.mark.parametrize(
    ("system", "name", "content", "reason"),
    [
        ("crm", "customers.csv", b"", "the file is empty"),
        ("crm", "customers.csv", bytes(range(256)) * 20, "not a text file"),
        ("crm", "customers.csv", CSV.encode("utf-16"), "written in utf-16"),
        ("crm", "customers.csv", CSV.replace("\n", "\r").encode(), "line feed ends a line"),
        ("crm", "customers.csv.gz", gzip.compress(CSV.encode() * 500)[:-20], "truncated or broken"),
        ("crm", "stock.csv", CSV.encode(), "no entity of the contract takes this file"),
        ("finance", "accounts.json", b'[{"account_id": "A1"}, {"account_id": "A2"', "not archived"),
        ("finance", "accounts.json", b'{"account_id": "A1"}', "JSON array of records is expected"),
        ("demographics", "customers.xml", XML[:60].encode(), "no valid XML"),
        (
            "demographics",
            "customers.xml",
            b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><customers><customer>&b;</customer></customers>',
            "document type or entities",
        ),
    ],
    ids=[
        "empty",
        "binary",
        "utf16",
        "carriage_returns",
        "truncated_gzip",
        "unknown",
        "truncated_json",
        "object",
        "truncated_xml",
        "bomb",
    ],
)
def test_land__unreadable_file_is_rejected_whole(
    system: str, name: str, content: bytes, reason: str, inbox: Path, warehouse_url: str
) -> None:
    put(inbox, system, name, content)
    result = land(inbox, warehouse_url, system)
    assert [file.state for file in result.files] == ["rejected"]
    ((said, rows_read),) = query(warehouse_url, "select reason, rows_read from ops.files")
    assert reason in str(said)
    assert name in str(said)
    assert rows_read is None
    entity = "accounts" if system == "finance" else "customers"
    assert query(warehouse_url, f"select count(*) from raw_{system}.{entity}") == [(0,)]


def test_land__nested_json_stays_json_and_secrets_stay_out(inbox: Path, warehouse_url: str) -> None:
    account = {
        "account_id": "A1", "credit_score": 720, "payment_methods": ["card"], "card_security_code": "991",
        "transaction_history": [{"transaction_id": "T1", "amount": 12.5}],
    }  # fmt: skip
    put(inbox, "finance", "accounts.json", json.dumps([account]))
    land(inbox, warehouse_url, "finance")
    ((score, methods),) = query(warehouse_url, "select credit_score, payment_methods from raw_finance.accounts")
    assert (score, json.loads(str(methods))) == ("720", ["card"])
    ((redacted, differs, key),) = query(
        warehouse_url, "select redacted_columns, archived_sha256 <> sha256, archive_key from ops.files"
    )
    assert (redacted, differs) == (["card_security_code"], True)
    assert b"991" not in gzip.decompress((inbox.parent / "archive" / str(key)).read_bytes())


def test_land__xml_values_come_from_elements_and_attributes(inbox: Path, warehouse_url: str) -> None:
    put(
        inbox,
        "demographics",
        "customers.xml",
        XML.replace("<age>", "<location><city>Oslo</city></location><age>"),
    )
    land(inbox, warehouse_url, "demographics")
    rows = query(warehouse_url, "select ref, id, age, city, name from raw_demographics.customers")
    assert rows == [("D1", "C001", "35", "Oslo", None)]


def test_land__same_file_again_is_recognised(inbox: Path, warehouse_url: str) -> None:
    put(inbox, "crm", "customers.csv", CSV)
    land(inbox, warehouse_url, "crm")
    put(inbox, "crm", "customers_copy.csv", CSV)
    again = land(inbox, warehouse_url, "crm")
    assert all(file.is_known for file in again.files)
    assert query(warehouse_url, "select count(*) from raw_crm.customers") == [(1,)]


def test_release__newer_file_of_the_name_takes_the_place(inbox: Path, warehouse_url: str) -> None:
    put(inbox, "crm", "customers.csv", CSV)
    land(inbox, warehouse_url, "crm")
    assert release_batch("crm", DAY, warehouse_url)
    assert not release_batch("crm", DAY, warehouse_url)
    put(inbox, "crm", "customers.csv", CSV + "C002,a,b,c,\n")
    land(inbox, warehouse_url, "crm")
    assert release_batch("crm", DAY, warehouse_url)
    states = query(warehouse_url, "select rows_read, state from ops.files order by 1")
    assert states == [(1, "superseded"), (2, "released")]


def test_hold__mended_delivery_is_landed_anew(inbox: Path, warehouse_url: str) -> None:
    put(inbox, "crm", "customers.csv", CSV)
    land(inbox, warehouse_url, "crm")
    hold_batch("crm", DAY, "a test", warehouse_url)
    assert query(warehouse_url, "select state, reason from ops.batches") == [("held", "a test")]
    land(inbox, warehouse_url, "crm")
    assert query(warehouse_url, "select state from ops.files") == [("landed",)]


def test_land__inbox_that_is_not_there_is_no_absence(tmp_path: Path, warehouse_url: str) -> None:
    with pytest.raises(OSError, match=r"the inbox .*nowhere is not there"):
        land(tmp_path / "nowhere", warehouse_url, "crm")
    assert query(warehouse_url, "select count(*) from ops.batches") == [(0,)]


def test_land__file_under_a_temporary_name_is_not_taken_yet(inbox: Path, warehouse_url: str) -> None:
    for name in ("customers.csv.part", "customers.csv.TMP", "customers.csv.filepart", ".customers.csv"):
        put(inbox, "crm", name, CSV)
    assert land(inbox, warehouse_url, "crm").state == "absent"
    (inbox / "crm" / DAY.isoformat() / "customers.csv.part").rename(inbox / "crm" / DAY.isoformat() / "customers.csv")
    (file,) = land(inbox, warehouse_url, "crm").files
    assert (file.name, file.state) == ("customers.csv", "landed")


def test_land__nothing_delivered_is_absent(inbox: Path, warehouse_url: str) -> None:
    assert land(inbox, warehouse_url, "crm").state == "absent"
    assert query(warehouse_url, "select state from ops.batches") == [("absent",)]


@pytest.mark.parametrize(("encoding", "state"), [("utf-8", "landed"), ("cp1252", "rejected")])
def test_land__encoding_is_never_guessed(encoding: str, state: str, inbox: Path, warehouse_url: str) -> None:
    contract = load_contract(PROJECT_DIR / "include" / "sources" / "crm.yml")
    detecting = contract.model_copy(update={"format": contract.format.model_copy(update={"encoding": "detect"})})
    names = "".join(f"C{n},Zoë,Müller,k{n}@x.example,2021-03-15\n" for n in range(200))
    put(
        inbox,
        "crm",
        "customers.csv",
        names.encode(encoding) if encoding != "utf-8" else (CSV + names).encode(),
    )
    (file,) = land(inbox, warehouse_url, detecting).files
    assert file.state == state
    if state == "rejected":
        assert "declare it in the contract" in str(file.reason)
