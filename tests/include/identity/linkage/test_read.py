"""Files as people have them: delimiters, encodings, packed, with lists."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from include.identity.linkage.read import GUESSED, InputProblem, read_table

ROWS = [["id", "name", "city"], ["1", "Ann Lee", "Ely"], ["2", "Zoë Ray, M.A.", ""]]
EXPECTED = [["1", "Ann Lee", "Ely"], ["2", "Zoë Ray, M.A.", None]]


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
