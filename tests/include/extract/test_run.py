"""A table of another database lands as files do: what is new, what was committed late, what has gone; once each."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest

from include.contracts import Contract
from include.extract import fetch_delivery, remove_extracts
from include.landing import hold_batch
from include.settings import PROJECT_DIR
from tests.include.extract.shop import COLUMNS, DAY1, DAY2, DAY3, INSERT, change, contract, extract, land
from tests.include.landing.delivery import put, query

NIGHT = "2026-11-16 23:30+00"  # of the first day, less than an hour before its end


def ids(records: list[dict[str, Any]]) -> list[tuple[str, bool]]:
    return [(record["id"], record.get("is_deleted", False)) for record in records]


def test_extract__lands_as_a_file_does(shop: Contract, tmp_path: Path, warehouse_url: str) -> None:
    (file,) = land(shop, DAY1, tmp_path, warehouse_url).files
    assert (file.name, file.state, file.rows_read, file.rows_landed) == ("things.jsonl.gz", "landed", 3, 3)
    rows = query(warehouse_url, "select id, name, updated_at, is_deleted from raw_shop.things order by _row")
    assert rows == [
        ("10", "b", "2026-11-16T10:00:00Z", None), ("11", "c", "2026-11-16T11:00:00Z", None),
        ("9", "a", "2026-11-15T10:00:00Z", None),
    ]  # fmt: skip
    ((key,),) = query(warehouse_url, "select archive_key from ops.files")
    assert (tmp_path / "archive" / key).exists()


def test_extract__before_the_first_batch_date_there_is_nothing(
    shop: Contract, tmp_path: Path, warehouse_url: str
) -> None:
    later = shop.model_copy(update={"first_batch_date": DAY2})
    (tmp_path / "inbox").mkdir()
    assert land(later, DAY1, tmp_path, warehouse_url).files == []
    assert len(land(later, DAY2, tmp_path, warehouse_url).files) == 1


def test_extract__of_a_database_that_has_never_had_a_row_is_no_delivery(
    shop: Contract, shop_url: str, tmp_path: Path, warehouse_url: str
) -> None:
    """`make up` before there is any data: an empty shop that counts as released made the first build, and it red."""
    change(shop_url, "create table aside as select * from things", "delete from things")
    result = land(shop, DAY1, tmp_path, warehouse_url, is_released=False)
    assert (result.state, result.files) == ("absent", [])
    change(shop_url, "insert into things select * from aside")
    assert [file.rows_landed for file in land(shop, DAY1, tmp_path, warehouse_url).files] == [3]
    land(shop, DAY2, tmp_path, warehouse_url)
    landed = query(warehouse_url, "select batch_date, rows_landed from ops.files order by 1")
    assert landed == [(DAY1, 3), (DAY2, 0)]


def test_extract__before_the_first_batch_date_the_inbox_is_not_read(
    shop: Contract, tmp_path: Path, warehouse_url: str
) -> None:
    """The journals of the sample lie there; a database's rows are never files of the inbox."""
    put(tmp_path / "inbox", "shop", "things.journal.jsonl.gz", "no extract")
    later = shop.model_copy(update={"first_batch_date": DAY2})
    result = land(later, DAY1, tmp_path, warehouse_url, is_released=False)
    assert (result.state, result.files) == ("not_due", [])


def test_extract__next_day_brings_what_is_new_or_changed_and_nothing_else(
    shop: Contract, shop_url: str, tmp_path: Path, warehouse_url: str
) -> None:
    land(shop, DAY1, tmp_path, warehouse_url)
    change(shop_url, f"{INSERT} (12, 'd', '2026-11-17 08:00+00')",
           "update things set name = 'A', updated_at = '2026-11-17 09:00+00' where id = 9")  # fmt: skip
    assert ids(extract(shop, DAY2, tmp_path, warehouse_url)) == [("12", False), ("9", False)]
    land(shop, DAY2, tmp_path, warehouse_url)
    assert extract(shop, DAY3, tmp_path, warehouse_url) == []


@pytest.mark.parametrize("moment", ["2026-11-16 22:59+00", NIGHT, "2001-01-01 00:00+00"])
def test_extract__late_commit_is_found_whatever_its_watermark(
    moment: str, shop: Contract, shop_url: str, tmp_path: Path, warehouse_url: str
) -> None:
    land(shop, DAY1, tmp_path, warehouse_url)
    change(shop_url, f"{INSERT} (12, 'late', '{moment}')")
    assert ids(extract(shop, DAY2, tmp_path, warehouse_url)) == [("12", False)]


@pytest.mark.parametrize("moment", ["'2026-11-16 09:00+00'", "'1999-01-01 00:00+00'", "null"])
def test_extract__update_is_found_though_its_watermark_went_back(
    moment: str, shop: Contract, shop_url: str, tmp_path: Path, warehouse_url: str
) -> None:
    land(shop, DAY1, tmp_path, warehouse_url)
    change(shop_url, f"update things set name = 'B', updated_at = {moment} where id = 10")
    (record,) = extract(shop, DAY2, tmp_path, warehouse_url)
    assert (record["id"], record["name"]) == ("10", "B")


def test_extract__row_without_a_watermark_comes_each_day(
    shop: Contract, shop_url: str, tmp_path: Path, warehouse_url: str
) -> None:
    change(shop_url, f"{INSERT} (12, 'd', null)")
    land(shop, DAY1, tmp_path, warehouse_url)
    change(shop_url, "update things set name = 'new' where id = 12")
    (record,) = extract(shop, DAY2, tmp_path, warehouse_url)
    assert (record["id"], record["name"]) == ("12", "new")


def test_extract__deleted_row_becomes_a_tombstone_once_and_may_come_back(
    shop: Contract, shop_url: str, tmp_path: Path, warehouse_url: str
) -> None:
    land(shop, DAY1, tmp_path, warehouse_url)
    change(shop_url, "delete from things where id in (9, 11)")
    assert extract(shop, DAY2, tmp_path, warehouse_url) == [
        {"id": "11", "is_deleted": True}, {"id": "9", "is_deleted": True},
    ]  # fmt: skip
    land(shop, DAY2, tmp_path, warehouse_url)
    change(shop_url, f"{INSERT} (9, 'again', '2026-11-15 10:00+00')")
    assert ids(extract(shop, DAY3, tmp_path, warehouse_url)) == [("9", False)]


def test_extract__row_that_changed_after_the_day_is_neither_read_nor_missed(
    shop: Contract, shop_url: str, tmp_path: Path, warehouse_url: str
) -> None:
    land(shop, DAY1, tmp_path, warehouse_url)
    change(shop_url, f"{INSERT} (12, 'tomorrow', '2026-11-18 00:00+00')",
           "update things set updated_at = '2026-11-18 07:00+00' where id = 9")  # fmt: skip
    assert extract(shop, DAY2, tmp_path, warehouse_url) == []
    assert ids(extract(shop, DAY3, tmp_path, warehouse_url)) == [("12", False), ("9", False)]


def test_extract__what_was_held_comes_again_with_the_next_day(
    shop: Contract, shop_url: str, tmp_path: Path, warehouse_url: str
) -> None:
    """What counts is what has been released; nothing is kept beside it."""
    land(shop, DAY1, tmp_path, warehouse_url)
    change(shop_url, f"{INSERT} (12, 'd', '2026-11-17 08:00+00')")
    land(shop, DAY2, tmp_path, warehouse_url, is_released=False)
    hold_batch("shop", DAY2, "a reason", warehouse_url)
    assert ids(extract(shop, DAY3, tmp_path, warehouse_url)) == [("12", False)]


def test_extract__complete_one_is_used_again_unless_it_was_held(
    shop: Contract, shop_url: str, tmp_path: Path, warehouse_url: str
) -> None:
    land(shop, DAY1, tmp_path, warehouse_url, is_released=False)
    change(shop_url, "update things set name = 'mended' where id = 9")
    (file,) = land(shop, DAY1, tmp_path, warehouse_url, is_released=False).files
    assert file.is_known
    hold_batch("shop", DAY1, "a reason", warehouse_url)
    (file,) = land(shop, DAY1, tmp_path, warehouse_url).files
    assert not file.is_known
    statement = "select t.name from raw_shop.things as t join ops.files on file_id = _file_id where state = 'released'"
    assert ("mended",) in query(warehouse_url, statement)


def extracts(run_dir: Path) -> list[str]:
    return sorted(path.name for path in (run_dir / "extracts" / "shop").iterdir())


def test_extract__is_removed_once_released_and_then_not_made_again(
    shop: Contract, shop_url: str, tmp_path: Path, warehouse_url: str
) -> None:
    """The archive has the bytes. A rerun of the released day lands nothing else, whatever the table now holds."""
    land(shop, DAY1, tmp_path, warehouse_url)
    change(shop_url, f"{INSERT} (12, 'd', '2026-11-17 08:00+00')")
    land(shop, DAY2, tmp_path, warehouse_url, is_released=False)
    remove_extracts(shop, tmp_path, warehouse_url)
    assert extracts(tmp_path) == ["2026-11-17"]
    change(shop_url, "update things set name = 'later'")
    assert fetch_delivery(shop, DAY1, tmp_path / "inbox", tmp_path, warehouse_url).is_released
    assert extracts(tmp_path) == ["2026-11-17"]
    hold_batch("shop", DAY2, "a reason", warehouse_url)
    remove_extracts(shop, tmp_path, warehouse_url)
    assert extracts(tmp_path) == ["2026-11-17"], "whoever mends a held batch looks into it"
    land(shop, DAY2, tmp_path, warehouse_url)
    (tmp_path / "extracts" / "shop" / "2026-11-17 for me").mkdir()
    remove_extracts(shop, tmp_path, warehouse_url)
    assert extracts(tmp_path) == ["2026-11-17 for me"], "what is no extract is somebody's"


def test_extract__that_is_being_landed_is_not_removed(shop: Contract, tmp_path: Path, warehouse_url: str) -> None:
    land(shop, DAY1, tmp_path, warehouse_url)
    with psycopg.connect(warehouse_url) as landing:
        landing.execute("select pg_advisory_lock(hashtext('land shop 2026-11-16'))")
        remove_extracts(shop, tmp_path, warehouse_url)
    assert extracts(tmp_path) == ["2026-11-16"]


def test_extract__equal_rows_give_equal_bytes(shop: Contract, tmp_path: Path, warehouse_url: str) -> None:
    found = []
    for name in ("a", "b"):
        inbox = fetch_delivery(shop, DAY1, tmp_path, tmp_path / name, warehouse_url).inbox
        found.append((inbox / "shop" / "2026-11-16" / "things.jsonl.gz").read_bytes())
    assert found[0] == found[1]


def test_extract__every_value_keeps_its_digits(shop_url: str, tmp_path: Path, warehouse_url: str) -> None:
    columns: dict[str, dict[str, Any]] = {
        name: {} for name in ("amount", "note", "flag", "doc", "code", "on_day", "wall")
    }
    types = "amount numeric, note text, flag boolean, doc jsonb, code bytea, on_day date, wall timestamp"
    change(shop_url, "drop table things", f"create table things (id uuid primary key, updated_at timestamptz, {types})",
           f"{INSERT} ('00000000-0000-0000-0000-00000000000a', '2026-11-16 02:00:00.123456+02', 12.50, '', true,"
           """ '{"a": [1, "x"]}', '\\xff00', '2026-01-02', '2026-01-02 03:04:05')""")  # fmt: skip
    land(contract({**COLUMNS, **columns}), DAY1, tmp_path, warehouse_url)
    (row,) = query(warehouse_url, f"select id, updated_at, {', '.join(columns)}, name from raw_shop.things")
    assert row == (
        "00000000-0000-0000-0000-00000000000a", "2026-11-16T00:00:00.123456Z", "12.50", "", "true", '{"a":[1,"x"]}',
        "ff00", "2026-01-02", "2026-01-02T03:04:05Z", None,
    )  # fmt: skip


def test_extract__key_of_several_columns_in_the_order_of_both_databases(
    shop_url: str, tmp_path: Path, warehouse_url: str
) -> None:
    """Numbers are ordered as text, and text by its code points, whatever the language of the server."""
    change(shop_url, "drop table things", "create table things (id text, line int, updated_at timestamptz)")
    pairs = [(text, line) for text in ("a", "B", "É", "é", "z z", "中", "😀") for line in (1, 2, 10, 100)]
    values = ", ".join(f"('{text}', {line}, '2026-11-16 10:00+00')" for text, line in pairs)
    change(shop_url, f"{INSERT} {values}")
    shop = contract({**COLUMNS, "line": {}}, key=["id", "line"])
    assert land(shop, DAY1, tmp_path, warehouse_url).rows_landed == len(pairs)
    change(shop_url, "delete from things where id = 'é' and line = 10",
           "update things set updated_at = '2001-01-01 00:00+00' where id = '😀' and line = 2")  # fmt: skip
    found = extract(shop, DAY2, tmp_path, warehouse_url)
    assert [(r["id"], str(r["line"]), r.get("is_deleted", False)) for r in found] == [
        ("é", "10", True),
        ("😀", "2", False),
    ]


def test_extract__never_stored_column_does_not_leave_the_database(
    shop_url: str, tmp_path: Path, warehouse_url: str
) -> None:
    change(shop_url, "alter table things add column security_code text, add column colour text",
           f"{INSERT} (1, 'a', '2026-11-16 10:00+00', '762', 'red')")  # fmt: skip
    shop = contract({**COLUMNS, "security_code": {"sensitivity": "never_store"}})
    (record,) = extract(shop, DAY1, tmp_path, warehouse_url)
    assert set(record) == {"id", "name", "updated_at", "colour"}
    land(shop, DAY1, tmp_path, warehouse_url)
    found = query(warehouse_url, "select _rescued, undeclared_columns from raw_shop.things, ops.files")
    assert found == [({"colour": "red"}, ["colour"])]


# Extracts with a pause before each block of rows, in a process of its own, so that it can be killed in the middle.
_SLOW = """
import sys, time
from pathlib import Path
from include.extract import fetch_delivery, run
from tests.include.extract.shop import DAY1, contract
run.WRITE_LINES = 5
line = run.SourceTable.line
run.SourceTable.line = lambda self, row: time.sleep(0.02) or line(self, row)
fetch_delivery(contract(), DAY1, Path(sys.argv[1]), Path(sys.argv[1]), sys.argv[2])
"""


def test_extract__killed_in_the_middle_leaves_nothing_that_counts(
    shop_url: str, tmp_path: Path, warehouse_url: str
) -> None:
    change(shop_url, f"{INSERT} (generate_series(1, 300), 'x', '2026-11-16 10:00+00')")
    folder = tmp_path / "extracts" / "shop"
    command = [sys.executable, "-W", "ignore", "-c", _SLOW, str(tmp_path), warehouse_url]
    process = subprocess.Popen(command, cwd=PROJECT_DIR)
    while process.poll() is None and not list(folder.glob(".unfinished-*/*")):
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert [path.name[:11] for path in folder.iterdir()] == [".unfinished"]
    assert land(contract(), DAY1, tmp_path, warehouse_url).rows_landed == 300
    assert [path.name for path in folder.iterdir()] == ["2026-11-16"]
