"""Files as people have them: delimiters, encodings, packed, with lists."""

from __future__ import annotations

import codecs
import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from include.identity.linkage.read import GUESSED, InputProblem, read_table

ROWS = [["id", "name", "city"], ["1", "Ann Lee", "Ely"], ["2", "Zoë Ray, M.A.", ""]]
EXPECTED = [["1", "Ann Lee", "Ely"], ["2", "Zoë Ray, M.A.", None]]


@pytest.fixture
def ordinary_user() -> Iterator[None]:
    """Who may read everything is somebody else until the test ends."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def joined(rows: list[list[str]], delimiter: str, end: str = "\n") -> str:
    return "".join(delimiter.join(f'"{value}"' if "," in value else value for value in row) + end for row in rows)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_read_table__delimiters(delimiter: str, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(joined(ROWS, delimiter), encoding="utf-8")
    table = read_table(path)
    assert list(table) == ROWS[0]
    assert table.to_numpy().tolist() == EXPECTED


def test_read_table__lines_of_windows_after_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(codecs.BOM_UTF8 + joined(ROWS, ";", "\r\n").encode())
    table = read_table(path)
    assert list(table) == ROWS[0]
    assert table.to_numpy().tolist() == EXPECTED
    assert table.attrs[GUESSED] is None


def test_read_table__cyrillic_of_windows(tmp_path: Path) -> None:
    people = [f"{n};Иванов Сергей Петрович;Нижний Новгород, улица Большая Покровская {n}" for n in range(1, 30)]
    path = tmp_path / "people.csv"
    path.write_bytes(("номер;ФИО;адрес\n" + "\n".join(people) + "\n").encode("cp1251"))
    table = read_table(path)
    assert list(table) == ["номер", "ФИО", "адрес"]
    assert set(table["ФИО"]) == {"Иванов Сергей Петрович"}
    assert table.attrs[GUESSED] == "cp1251"


def test_read_table__packed(tmp_path: Path) -> None:
    path = tmp_path / "people.csv.gz"
    path.write_bytes(gzip.compress(joined(ROWS, ",").encode()))
    assert read_table(path).to_numpy().tolist() == EXPECTED


def test_read_table__what_is_wrong_with_a_broken_archive_is_no_encoding(tmp_path: Path) -> None:
    path = tmp_path / "people.csv.gz"
    path.write_bytes(gzip.compress(joined(ROWS * 50, ",").encode())[:60])
    with pytest.raises(InputProblem, match=r"truncated or broken .*Fetch it anew"):
        read_table(path)


def test_read_table__lists_and_structures_of_parquet_are_text(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    duckdb.sql(
        "select * from (values (1, 'Ann Lee', ['a', 'b'], {'n': 1}, date '1980-02-01'),"
        " (2, null, []::varchar[], null, null)) as t (id, name, tags, more, born)"
    ).write_parquet(str(path))
    table = read_table(path)
    assert table.to_numpy().tolist() == [
        ["1", "Ann Lee", "a, b", "{'n': 1}", "1980-02-01"],
        ["2", None, None, None, None],
    ]


def test_read_table__long_numbers_of_parquet_keep_their_digits(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    duckdb.sql(
        "select * from (values (12345678901234567890::decimal(38, 0), 7::decimal(9, 2), 1.50::decimal(9, 2)),"
        ' (12345678901234567891::decimal(38, 0), null, null)) as t (id, "a ""zip""", "*")'
    ).write_parquet(str(path))
    assert read_table(path).to_numpy().tolist() == [
        ["12345678901234567890", "7", "1.5"],
        ["12345678901234567891", None, None],
    ]


def test_read_table__masked_values_of_parquet_are_missing(tmp_path: Path) -> None:
    people = pd.DataFrame({"name": ["Ann Lee", "Bob Ray"], "year": pd.array([1980, None], dtype="Int64")})
    people.to_parquet(tmp_path / "people.parquet")
    assert read_table(tmp_path / "people.parquet")["year"].tolist() == ["1980", None]


def test_read_table__a_folder_is_called_one(tmp_path: Path) -> None:
    with pytest.raises(InputProblem, match="this is a folder"):
        read_table(tmp_path)


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """A folder that nobody may enter, and beside it two files that nobody may read."""
    folder = tmp_path / "closed"
    folder.mkdir()
    for path in (folder / "people.csv", tmp_path / "people.csv", tmp_path / "people.parquet"):
        path.write_text(joined(ROWS, ","), encoding="utf-8")
        path.chmod(0)
    folder.chmod(0)
    yield tmp_path
    folder.chmod(0o700)


@pytest.mark.parametrize("name", ["people.csv", "people.parquet", "closed/people.csv"])
@pytest.mark.usefixtures("closed", "ordinary_user")
def test_read_table__a_file_that_may_not_be_read_is_not_called_a_broken_one(name: str, closed: Path) -> None:
    with pytest.raises(InputProblem, match=r"this file cannot be read \(Permission denied\)"):
        read_table(closed / name)
