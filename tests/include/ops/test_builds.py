"""A build reads a fixed set of batches, once; a batch that comes later asks for the day again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import psycopg

from include.contracts import load_contract
from include.landing import land_batch, release_batch
from include.ops.builds import as_of_date, begin_build, end_build, end_crashed, missed_its_build
from include.ops.steps import record_step
from include.settings import PROJECT_DIR

DAY = date(2026, 11, 16)


def release(url: str, inbox: Path, content: str) -> None:
    contract = load_contract(PROJECT_DIR / "include" / "sources" / "crm.yml")
    folder = inbox / "crm" / DAY.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "customers.csv").write_text(content)
    land_batch(contract, DAY, inbox, inbox.parent / "archive", url)
    release_batch("crm", DAY, url)


def test_begin_build__only_where_something_is_new(tmp_path: Path, warehouse_url: str) -> None:
    assert not begin_build(warehouse_url, "2026-11-16", "run 0"), "nothing is released"
    release(warehouse_url, tmp_path / "inbox", "customer_id\nC1\n")
    assert begin_build(warehouse_url, "2026-11-16", "run 1")
    assert as_of_date(warehouse_url) == DAY
    end_build(warehouse_url, "run 1", "built")
    assert not begin_build(warehouse_url, "2026-11-16", "run 2")
    with psycopg.connect(warehouse_url) as connection:
        states = connection.execute("select state from ops.builds order by build_id").fetchall()
    assert states == [("skipped",), ("built",), ("skipped",)]


def test_begin_build__where_a_linking_in_full_is_asked_for_and_nothing_is_new(
    tmp_path: Path, warehouse_url: str
) -> None:
    release(warehouse_url, tmp_path / "inbox", "customer_id\nC1\n")
    begin_build(warehouse_url, "2026-11-16", "run 1")
    end_build(warehouse_url, "run 1", "built")
    with psycopg.connect(warehouse_url) as connection:
        connection.execute("insert into identity.relink_requests (requested_for) values ('2026-11-22')")
    assert begin_build(warehouse_url, "2026-11-22", "run 2")
    end_build(warehouse_url, "run 2", "failed")
    assert begin_build(warehouse_url, "2026-11-22", "run 3"), "it has not been linked in full"
    with psycopg.connect(warehouse_url) as connection:
        connection.execute("update identity.relink_requests set is_linked = true")
    end_build(warehouse_url, "run 3", "built")
    assert not begin_build(warehouse_url, "2026-11-22", "run 4")


def test_begin_build__failed_build_is_begun_again(tmp_path: Path, warehouse_url: str) -> None:
    release(warehouse_url, tmp_path / "inbox", "customer_id\nC1\n")
    assert begin_build(warehouse_url, "2026-11-16", "run 1")
    end_build(warehouse_url, "run 1", "failed")
    assert begin_build(warehouse_url, "2026-11-16", "run 2")


def test_missed_its_build__only_what_the_build_has_not_read(tmp_path: Path, warehouse_url: str) -> None:
    release(warehouse_url, tmp_path / "inbox", "customer_id\nC1\n")
    assert not missed_its_build(warehouse_url, "crm", DAY), "the day has not been built"
    begin_build(warehouse_url, "2026-11-16", "run 1")
    assert not missed_its_build(warehouse_url, "crm", DAY), "the build that runs reads it"
    release(warehouse_url, tmp_path / "inbox", "customer_id\nC1\nC2\n")
    assert missed_its_build(warehouse_url, "crm", DAY)


def test_missed_its_build__a_build_that_failed_or_was_skipped_is_asked_for_again(
    tmp_path: Path, warehouse_url: str
) -> None:
    assert not begin_build(warehouse_url, "2026-11-16", "run 1"), "every batch of the day is held"
    release(warehouse_url, tmp_path / "inbox", "customer_id\nC1\n")
    assert missed_its_build(warehouse_url, "crm", DAY)
    begin_build(warehouse_url, "2026-11-16", "run 2")
    end_build(warehouse_url, "run 2", "failed")
    release(warehouse_url, tmp_path / "inbox", "customer_id\nC1\nC2\n")
    assert missed_its_build(warehouse_url, "crm", DAY)


def states(url: str, table: str) -> list[tuple[str, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(f"select state from ops.{table} order by 1").fetchall()


def test_end_crashed__nothing_stays_running(tmp_path: Path, warehouse_url: str) -> None:
    release(warehouse_url, tmp_path / "inbox", "customer_id\nC1\n")
    begin_build(warehouse_url, "2026-11-16", "run 1")
    killed = record_step(warehouse_url, "build_customer360", "run 1", "stage_records")
    killed.__enter__()  # and never leaves it
    assert states(warehouse_url, "steps") == [("running",)]
    end_crashed(warehouse_url, "build_customer360", "run 1")
    assert states(warehouse_url, "steps") == states(warehouse_url, "builds") == [("failed",)]


def test_record_step__next_try_says_that_the_killed_one_failed(warehouse_url: str) -> None:
    killed = record_step(warehouse_url, "land__crm", "run 1", "land")
    killed.__enter__()  # and never leaves it
    with record_step(warehouse_url, "land__crm", "run 1", "land"):
        assert states(warehouse_url, "steps") == [("failed",), ("running",)]


def test_end_build__good_build_of_a_run_that_was_cleared_stays_good(tmp_path: Path, warehouse_url: str) -> None:
    for number, state in enumerate(("built", "failed"), start=1):
        release(warehouse_url, tmp_path / "inbox", "customer_id\n" + "C1\n" * number)
        begin_build(warehouse_url, "2026-11-16", "run 1")
        end_build(warehouse_url, "run 1", state)
    assert states(warehouse_url, "builds") == [("built",), ("failed",)]
