"""Rows that pass to COPY as bytes land exactly as if each had been taken apart, whatever a file holds."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from include.contracts import Contract
from include.landing import ensure_raw_tables
from include.landing.load import load_file
from include.landing.readers.delimited import open_delimited, read_bytes, read_fields
from include.landing.records import BadRow, Rows
from tests.include.landing.delivery import things

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "250"))
DIALECTS = {
    "csv": {"delimiter": ",", "quote": '"'},
    "escape": {"delimiter": ";", "quote": '"', "escape": "\\"},
    "no_quotes": {"delimiter": "|", "quote": None},
    "tab_latin1": {"delimiter": "\t", "quote": '"', "encoding": "latin-1"},
    "cp1250": {"delimiter": ";", "quote": "'", "encoding": "cp1250"},
    "ascii": {"delimiter": ";", "quote": '"', "encoding": "ascii"},
    "utf16": {"delimiter": ",", "quote": '"', "encoding": "utf-16"},
}


def _pieces(dialect: dict[str, Any]) -> st.SearchStrategy[str]:
    delimiter, quote, escape = dialect["delimiter"], dialect.get("quote") or '"', dialect.get("escape") or "\\"
    plain = st.sampled_from(["a", "7", "é", "Ž", "", " ", "\\.", "\\N", "\b", "\ufeff", "x" * 50])
    nasty = st.sampled_from(
        [quote, quote * 2, quote * 3, escape, escape + quote, "\r", "\n", "\r\n", "\x00", "\udcff", delimiter, "\u2028"]
    )
    quoted = st.lists(plain | nasty, max_size=3).map(lambda p: quote + "".join(p).replace(quote, quote * 2) + quote)
    return st.one_of(plain, plain, quoted, nasty, st.tuples(plain, nasty, plain).map("".join))


def _files(dialect: dict[str, Any]) -> st.SearchStrategy[bytes]:
    encoding = dialect.get("encoding", "utf-8").replace("ascii", "utf-8")  # more than ASCII holds
    errors = "surrogateescape" if encoding == "utf-8" else "ignore"
    row = st.lists(_pieces(dialect), min_size=3, max_size=3) | st.lists(_pieces(dialect), max_size=5)
    ends = st.sampled_from(["\n", "\n", "\r\n", "\n\n", "\n\\.\n", ""])
    header = dialect["delimiter"].join(["id", "name", "note"]) + "\n"
    rows = st.lists(st.tuples(row.map(dialect["delimiter"].join), ends).map("".join), max_size=12)
    return rows.map(lambda found: (header + "".join(found)).encode(encoding, errors=errors))


@pytest.fixture
def landing(warehouse_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(warehouse_url) as connection:
        ensure_raw_tables(things("csv"), connection)
        connection.execute("create temporary sequence landing_row")
        connection.commit()
        yield connection


def _landed(connection: psycopg.Connection, contract: Contract, path: Path, encoding: str) -> tuple[list[Any], ...]:
    """(rows by number, bad rows) of what the file leaves in the database; everything is rolled back."""
    file_id = uuid.uuid4()
    with connection.transaction(force_rollback=True):
        connection.execute("alter sequence landing_row restart")
        connection.execute("select set_config('customer360.file_id', %s, true)", [str(file_id)])
        connection.execute("select set_config('customer360.batch_date', %s, true)", [str(date(2026, 11, 16))])
        connection.execute(
            "insert into ops.files (file_id, system, batch_date, name, sha256, bytes, state)"
            " values (%s, 'shop', '2026-11-16', 'f', 's', 1, 'landed')",
            [file_id],
        )
        load = load_file(connection, contract, contract.entities["things"], path, encoding, file_id)
        rows = connection.execute("select _row, id, name, note from raw_shop.things order by _row").fetchall()
        bad = connection.execute("select row_number, line, rule, record from ops.quarantine order by 1").fetchall()
    assert (load.rows_read, load.rows_landed) == (len(rows) + len(bad), len(rows))
    return rows, bad


@pytest.mark.slow
@pytest.mark.parametrize("name", DIALECTS)
def test_read_bytes__lands_what_reading_row_by_row_gives(
    name: str, landing: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("include.landing.encoding.BLOCK_BYTES", 64)  # rows that cross blocks are the rule
    dialect = DIALECTS[name]
    contract = things("csv", **dialect)
    encoding = dialect.get("encoding", "utf-8")
    path = tmp_path / "things.csv"

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(_files(dialect))
    @example("id,name,note\n".replace(",", dialect["delimiter"]).encode(encoding))
    def holds(content: bytes) -> None:
        path.write_bytes(content)
        source = open_delimited(path, contract.entities["things"], contract.format, encoding)
        wanted: list[Any] = []
        bad: list[Any] = []
        for number, found in enumerate(read_fields(source), start=1):
            if isinstance(found, BadRow):
                bad.append((found.row_number, found.line, found.rule, found.record))
            else:
                wanted.append((number, found["id"], found["name"], found["note"]))
        assert _landed(landing, contract, path, encoding) == (wanted, bad)

    holds()


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        (b'1,"","a ""b"""\n', ["1", "", 'a "b"']),
        (b"1,,x\r\n", ["1", None, "x"]),
        (b'1,5" nail,6" nail\n', ["1", '5" nail', '6" nail']),
        (b'1,"two\r\nlines",x\n', ["1", "two\r\nlines", "x"]),
        (b"1,\\.,\\N\n", ["1", "\\.", "\\N"]),
        (b"1, ,a\rb\n", ["1", " ", "a\rb"]),
        ("1,Žofie,\u2028\n".encode(), ["1", "Žofie", "\u2028"]),
    ],
)
def test_read_fields__keeps_values_untouched(row: bytes, fields: list[str | None], tmp_path: Path) -> None:
    path = tmp_path / "things.csv"
    path.write_bytes(b"id,name,note\n" + row)
    contract = things("csv")
    source = open_delimited(path, contract.entities["things"], contract.format, "utf-8")
    (found,) = read_fields(source)
    assert isinstance(found, dict)
    assert list(found.values()) == fields


def test_read_bytes__plain_rows_are_not_taken_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One bad row in a thousand costs one row, not the file."""
    taken = []
    split = "include.landing.readers.delimited.split_row"
    path = tmp_path / "things.csv"
    lines = [f'{n},"name {n}",Ž\r\n' for n in range(1000)]
    lines[500] = "500,a,b,c\r\n"
    path.write_bytes(("id,name,note\r\n" + "".join(lines)).encode())
    contract = things("csv")
    source = open_delimited(path, contract.entities["things"], contract.format, "utf-8")
    from include.landing.readers import delimited

    real = delimited.split_row
    monkeypatch.setattr(split, lambda *arguments: taken.append(arguments[0]) or real(*arguments))
    parts = list(read_bytes(source))
    assert taken == [b"500,a,b,c\r\n"]
    assert sum(part.count for part in parts if isinstance(part, Rows)) == 999


def test_open_delimited__path_names_the_header(tmp_path: Path) -> None:
    """Headers with spaces and brackets, as the contract's path gives them."""
    path = tmp_path / "things.csv"
    path.write_bytes(b"ID,Vehicle (make) \n1,Skoda\n")
    contract = things("csv", {"id": {}, "make": {"path": "Vehicle (make)"}})
    source = open_delimited(path, contract.entities["things"], contract.format, "utf-8")
    assert source.header == ["id", "make"]
    assert list(read_fields(source)) == [{"id": "1", "make": "Skoda"}]
