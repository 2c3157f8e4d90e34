"""What a batch may hold when it comes again: each delivery counts as what the inbox holds now."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.gates.raw_assets import raw_assets
from include.landing import hold_batch, release_batch
from include.landing.release import BatchHeld, pass_batch
from tests.include.landing.delivery import DAY, land, put, query, things

A, B = "id,name,note\n1,a,x\n", "id,name,note\n1,b,x\n2,b,x\n"


def deliver(content: str | None, tmp_path: Path, url: str, name: str = "t.csv", kind: str = "csv") -> None:
    """The inbox holds this one file, or none, and is landed."""
    (tmp_path / "inbox").mkdir(exist_ok=True)
    for old in (tmp_path / "inbox").rglob("*.*"):
        old.unlink()
    if content is not None:
        put(tmp_path / "inbox", "shop", name, content)
    land(tmp_path / "inbox", url, things(kind))


def released(url: str) -> list[str]:
    statement = "select name || ' ' || rows_landed from ops.files where state = 'released' order by 1"
    return [row[0] for row in query(url, statement)]


def test_release__content_that_was_replaced_may_come_again(tmp_path: Path, warehouse_url: str) -> None:
    for content, rows in ((A, 1), (B, 2), (A, 1), (B, 2)):
        deliver(content, tmp_path, warehouse_url)
        assert release_batch("shop", DAY, warehouse_url)
        assert released(warehouse_url) == [f"t.csv {rows}"]
    assert query(warehouse_url, "select count(*) from raw_shop.things") == [(3,)], "nothing lands twice"


def test_release__held_file_that_was_taken_away_may_come_again(tmp_path: Path, warehouse_url: str) -> None:
    deliver(A, tmp_path, warehouse_url)
    hold_batch("shop", DAY, "a test", warehouse_url)
    deliver(None, tmp_path, warehouse_url)
    assert query(warehouse_url, "select state from ops.files") == [("superseded",)]
    deliver(A, tmp_path, warehouse_url, name="mended.csv")
    assert release_batch("shop", DAY, warehouse_url)
    assert released(warehouse_url) == ["mended.csv 1"]


def test_release__rejected_file_that_was_taken_away_is_tried_again(tmp_path: Path, warehouse_url: str) -> None:
    deliver(A, tmp_path, warehouse_url, kind="xml")
    deliver(None, tmp_path, warehouse_url, kind="xml")
    assert query(warehouse_url, "select state, rows_landed from ops.files") == [("superseded", None)]
    deliver(A, tmp_path, warehouse_url)
    assert query(warehouse_url, "select state, rows_landed, reason from ops.files") == [("landed", 1, None)]
    assert query(warehouse_url, "select count(*) from raw_shop.things") == [(1,)]


def test_release__held_file_is_not_walked_around(tmp_path: Path, warehouse_url: str) -> None:
    deliver(A, tmp_path, warehouse_url)
    hold_batch("shop", DAY, "a test", warehouse_url)
    with pytest.raises(BatchHeld, match=r"shop 2026-11-16: t\.csv"):
        release_batch("shop", DAY, warehouse_url)
    assert query(warehouse_url, "select state from ops.batches") == [("held",)]
    pass_batch("shop", DAY, warehouse_url)
    assert release_batch("shop", DAY, warehouse_url)
    assert query(warehouse_url, "select state from ops.batches") == [("released",)]


def test_hold__absent_batch_stays_absent(tmp_path: Path, warehouse_url: str) -> None:
    deliver(None, tmp_path, warehouse_url)
    hold_batch("shop", DAY, "a test", warehouse_url)
    assert query(warehouse_url, "select state from ops.batches") == [("absent",)]


@pytest.mark.parametrize("is_renamed", [False, True])
def test_release__content_under_a_second_name_stays(is_renamed: bool, tmp_path: Path, warehouse_url: str) -> None:
    """a.csv is replaced, or renamed to b.csv with a new a.csv in its place; b.csv still holds what a.csv held."""
    for name in ("a.csv",) if is_renamed else ("a.csv", "b.csv"):
        put(tmp_path / "inbox", "shop", name, A)
    land(tmp_path / "inbox", warehouse_url, things("csv"))
    release_batch("shop", DAY, warehouse_url)
    put(tmp_path / "inbox", "shop", "b.csv", A)
    put(tmp_path / "inbox", "shop", "a.csv", B)
    land(tmp_path / "inbox", warehouse_url, things("csv"))
    release_batch("shop", DAY, warehouse_url)
    assert released(warehouse_url) == ["a.csv 2", "b.csv 1"]


@pytest.mark.parametrize("gone", [False, True], ids=["still_there", "taken_away"])
def test_release__content_under_two_names_goes_with_the_last_of_them(
    gone: bool, tmp_path: Path, warehouse_url: str
) -> None:
    """a.csv and b.csv hold the same; then b.csv comes anew, then a.csv."""
    for name in ("a.csv", "b.csv"):
        put(tmp_path / "inbox", "shop", name, A)
    land(tmp_path / "inbox", warehouse_url, things("csv"))
    release_batch("shop", DAY, warehouse_url)
    assert query(warehouse_url, "select name, names from ops.files") == [("a.csv", ["a.csv", "b.csv"])]
    put(tmp_path / "inbox", "shop", "b.csv", B)
    if gone:
        (tmp_path / "inbox" / "shop" / DAY.isoformat() / "a.csv").unlink()
    land(tmp_path / "inbox", warehouse_url, things("csv"))
    assert judged(warehouse_url) == 3, "the gate sees what a release would leave"
    release_batch("shop", DAY, warehouse_url)
    assert released(warehouse_url) == ["a.csv 1", "b.csv 2"]
    put(tmp_path / "inbox", "shop", "a.csv", A.replace("a,x", "c,x"))
    land(tmp_path / "inbox", warehouse_url, things("csv"))
    assert judged(warehouse_url) == 3
    release_batch("shop", DAY, warehouse_url)
    assert released(warehouse_url) == ["a.csv 1", "b.csv 2"]
    assert query(warehouse_url, "select names from ops.files where state = 'superseded'") == [([],)]


def test_release__name_that_was_given_up_keeps_nothing(tmp_path: Path, warehouse_url: str) -> None:
    """a.csv is renamed to b.csv, and b.csv then comes anew."""
    for name, content in (("a.csv", A), ("b.csv", A), ("b.csv", B)):
        deliver(content, tmp_path, warehouse_url, name)
        release_batch("shop", DAY, warehouse_url)
    assert released(warehouse_url) == ["b.csv 2"]


def judged(url: str) -> int:
    """How many rows the raw gate looks at."""
    (rows,) = (asset.query for asset in raw_assets(things("csv"), DAY) if asset.name == "things")
    ((count,),) = query(url, f"select count(*) from ({rows}) as judged")
    return int(count)


def test_release__file_that_landed_after_the_verdict_waits(tmp_path: Path, warehouse_url: str) -> None:
    put(tmp_path / "inbox", "shop", "a.csv", A)
    land(tmp_path / "inbox", warehouse_url, things("csv"))
    pass_batch("shop", DAY, warehouse_url)
    put(tmp_path / "inbox", "shop", "b.csv", B)
    land(tmp_path / "inbox", warehouse_url, things("csv"))
    assert release_batch("shop", DAY, warehouse_url)
    assert released(warehouse_url) == ["a.csv 1"]
    assert not release_batch("shop", DAY, warehouse_url)
    pass_batch("shop", DAY, warehouse_url)
    assert release_batch("shop", DAY, warehouse_url)
    assert released(warehouse_url) == ["a.csv 1", "b.csv 2"]
