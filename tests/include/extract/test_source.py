"""Other databases through SQLAlchemy, and the memory that an extract takes."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from include.extract.source import IN_UTC
from include.settings import PROJECT_DIR
from tests.include.extract.shop import COLUMNS, DAY1, DAY2, URL_ENV, change, contract, extract, land


@pytest.fixture
def sqlite_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> sqlite3.Connection:
    """A shop in another kind of database, whose times have no zone."""
    path = tmp_path / "shop.db"
    connection = sqlite3.connect(path)
    connection.execute("create table things (id integer primary key, name text, updated_at datetime)")
    monkeypatch.setenv(URL_ENV, f"sqlite:///{path}")
    return connection


def test_extract__reads_another_kind_of_database(
    sqlite_shop: sqlite3.Connection, tmp_path: Path, warehouse_url: str
) -> None:
    rows = [(number, f"n{number}", "2026-11-16 10:00:00.000000") for number in (1, 2, 10, 11)]
    sqlite_shop.executemany("insert into things values (?, ?, ?)", rows)
    sqlite_shop.commit()
    assert land(contract(), DAY1, tmp_path, warehouse_url).rows_landed == 4
    sqlite_shop.execute("update things set name = 'x', updated_at = '2026-11-17 10:00:00.000000' where id = 2")
    sqlite_shop.execute("update things set name = 'y', updated_at = '2001-01-01 10:00:00.000000' where id = 11")
    sqlite_shop.execute("delete from things where id = 10")
    sqlite_shop.commit()
    assert extract(contract(), DAY2, tmp_path, warehouse_url) == [
        {"id": "10", "is_deleted": True},
        {"id": "2", "name": "x", "updated_at": "2026-11-17T10:00:00Z"},
        {"id": "11", "name": "y", "updated_at": "2001-01-01T10:00:00Z"},
    ]


def test_extract__times_are_in_utc_whatever_the_zone_of_the_server(
    shop_url: str, tmp_path: Path, warehouse_url: str
) -> None:
    name = urlsplit(shop_url).path.strip("/")
    change(shop_url, f"alter database {name} set timezone to 'America/New_York'",
           "insert into things values (1, 'a', '2026-11-16 10:00+00')")  # fmt: skip
    (record,) = extract(contract(), DAY1, tmp_path, warehouse_url)
    assert record["updated_at"] == "2026-11-16T10:00:00Z"


@pytest.mark.parametrize("name", ["mysql", "mariadb"])
def test_in_utc__knows_the_databases_whose_times_have_no_zone(name: str) -> None:
    """Neither is here to be asked: their TIMESTAMP comes in the zone of the session, without naming it."""
    assert IN_UTC[name] == "set time_zone = '+00:00'"


def test_extract__number_that_is_none_is_kept_as_a_word(shop_url: str, tmp_path: Path, warehouse_url: str) -> None:
    change(shop_url, "alter table things add column share double precision",
           "insert into things select id, 'a', null, share::float8 from unnest(array[1, 2, 3],"
           " array['NaN', '-Infinity', '0.25']) as given (id, share)")  # fmt: skip
    found = extract(contract({**COLUMNS, "share": {}}), DAY1, tmp_path, warehouse_url)
    assert [record["share"] for record in found] == ["NaN", "-Infinity", 0.25]


# Runs in a fresh interpreter: extracts a day; prints the rows and the most memory that the process has had.
_CHILD = """
import sys
from datetime import date
from pathlib import Path
from include.bench.memory import peak_rss_mb
from include.extract import fetch_delivery
from tests.include.extract.shop import contract
day, folder, url = sys.argv[1:]
counts = fetch_delivery(contract(), date.fromisoformat(day), Path(folder), Path(folder), url).counts
print(counts["new"], counts["late"], counts["deleted"], int(peak_rss_mb()))
"""


def counts_and_memory(day: str, folder: Path, url: str) -> list[int]:
    command = [sys.executable, "-W", "ignore", "-c", _CHILD, day, str(folder), url]
    done = subprocess.run(command, cwd=PROJECT_DIR, capture_output=True, text=True, check=True)
    return [int(number) for number in done.stdout.split()]


@pytest.mark.slow
def test_extract__takes_the_same_memory_for_any_table(shop_url: str, tmp_path: Path, warehouse_url: str) -> None:
    """Of a first extract, and of one in which every row is late: nothing is held in memory."""
    rows = "select i, repeat('x', 200), timestamptz '2026-11-16 10:00+00' from generate_series({}, {}) as i"
    change(shop_url, "insert into things " + rows.format(1, 5_000))
    *_, small = counts_and_memory("2026-11-15", tmp_path / "small", warehouse_url)
    change(shop_url, "insert into things " + rows.format(5_001, 200_000))
    assert counts_and_memory("2026-11-16", tmp_path, warehouse_url)[0] == 200_000
    land(contract(), DAY1, tmp_path, warehouse_url)
    change(shop_url, "update things set updated_at = '2001-01-01 00:00+00' where id > 20000",
           "delete from things where id <= 20000")  # fmt: skip
    _, late, deleted, peak = counts_and_memory("2026-11-17", tmp_path, warehouse_url)
    assert (late, deleted) == (180_000, 20_000)
    assert peak < small + 25
