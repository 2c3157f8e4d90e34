"""The six dimensions of a batch: what is counted, once, and again only where the batch has changed."""

from __future__ import annotations

import csv
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from include import db
from include.contracts import Contract, load_contracts
from include.gates import judge_batch
from include.landing import land_batch, release_batch
from include.quality.measure import measure_batches
from include.settings import Settings
from tests.include.warehouse import rows

DAY, NEXT = date(2026, 11, 16), date(2026, 11, 17)
COLUMNS = ["customer_id", "first_name", "last_name", "email", "gender", "join_date", "status", "updated_at", "city"]


@pytest.fixture
def crm(settings: Settings) -> Contract:
    return load_contracts(settings.sources_dir)["crm"]


def deliver(settings: Settings, day: date, *people: list[str], columns: list[str] | None = None) -> None:
    path = settings.inbox / "crm" / day.isoformat() / "customers.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([columns or COLUMNS, *people])


def land(settings: Settings, contract: Contract, day: date, archive: Path) -> None:
    land_batch(contract, day, settings.inbox, archive, settings.database_url)


def measured(settings: Settings, day: date, rule: str, column: str = "") -> tuple[int, int] | None:
    found: list[dict[str, Any]] = rows(
        settings,
        "select checked, passed from ops.quality_measures where batch_date = %s and rule = %s and column_name = %s",
        [day, rule, column],
    )
    return (found[0]["checked"], found[0]["passed"]) if found else None


def person(number: int, **fields: str) -> list[str]:
    given = {"customer_id": f"C{number}", "first_name": "Kerry", "last_name": "Walker", "email": "k@w.example",
             "gender": "female", "join_date": "2020-01-01", "status": "active",
             "updated_at": "2026-11-16 10:00:00"}  # fmt: skip
    return [(given | fields).get(name, "") for name in COLUMNS]


def test_measure_batches__six_dimensions(settings: Settings, crm: Contract, tmp_path: Path) -> None:
    deliver(
        settings, DAY, person(1), person(1), person(2, email="nobody", gender="x"), person(3, email="", status="gone"),
        person(4, first_name="n/a", updated_at="2026-11-20 10:00:00"), person(5, email="test@test.com"),
        person(6, join_date="2026-02-31"), [""] * len(COLUMNS),
    )  # fmt: skip
    land(settings, crm, DAY, tmp_path / "archive")
    assert measure_batches(settings.database_url, {"crm": crm}) == 1
    expected = {
        ("delivered", ""): (1, 1), ("file_readable", ""): (1, 1), ("row_lands", ""): (8, 7), ("key", ""): (7, 6),
        ("filled", "email"): (7, 6), ("filled", "city"): (7, 0), ("pattern", "email"): (6, 5),
        ("plausible", "email"): (6, 5), ("allowed", "gender"): (7, 6), ("allowed", "status"): (7, 6),
        ("type", "join_date"): (7, 6), ("plausible", "first_name"): (7, 6),
        ("not_after_the_batch", "updated_at"): (7, 6),
        ("newest_record_is_recent", "updated_at"): (1, 1), ("column_is_declared", ""): (16, 16),
    }  # fmt: skip
    assert {key: measured(settings, DAY, *key) for key in expected} == expected
    dimensions = rows(settings, "select distinct dimension from ops.quality_measures order by 1")
    assert [row["dimension"] for row in dimensions] == [
        "accuracy", "completeness", "consistency", "timeliness", "uniqueness", "validity"
    ]  # fmt: skip


def test_measure_batches__once_and_again_when_the_batch_has_changed(
    settings: Settings, crm: Contract, tmp_path: Path
) -> None:
    deliver(settings, DAY, person(1), person(2, email=""))
    land(settings, crm, DAY, tmp_path / "archive")
    release_batch("crm", DAY, settings.database_url)
    assert measure_batches(settings.database_url, {"crm": crm}) == 1
    before = rows(settings, "select * from ops.quality_measures order by 1, 2, 3, 4, 5, 6")
    assert measure_batches(settings.database_url, {"crm": crm}) == 0
    deliver(settings, NEXT, person(3), columns=[*COLUMNS[:-1], "town"])
    land(settings, crm, NEXT, tmp_path / "archive")
    assert measure_batches(settings.database_url, {"crm": crm}, "crm") == 1
    assert measured(settings, NEXT, "column_is_declared") == (17, 16)
    earlier = rows(
        settings, "select * from ops.quality_measures where batch_date = %s order by 1, 2, 3, 4, 5, 6", [DAY]
    )
    assert earlier == before, "history stays as it was measured"
    deliver(settings, DAY, person(1), person(2))
    land(settings, crm, DAY, tmp_path / "archive")
    release_batch("crm", DAY, settings.database_url)
    assert measure_batches(settings.database_url, {"crm": crm}) == 1
    assert measured(settings, DAY, "filled", "email") == (2, 2), "the file that has given way counts no more"


def test_measure_batches__two_at_once_measure_a_batch_once(settings: Settings, crm: Contract, tmp_path: Path) -> None:
    """A landing measures its system, the build's last task all of them, in one moment."""
    deliver(settings, DAY, person(1))
    land(settings, crm, DAY, tmp_path / "archive")
    with db.connect(settings.database_url) as other, ThreadPoolExecutor(2) as pool:
        other.execute("lock table ops.quality_measures in share mode")  # both come as far as to write
        both = [pool.submit(measure_batches, settings.database_url, {"crm": crm}) for _ in range(2)]
        deadline = time.monotonic() + 20
        while _waiting(settings) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        other.commit()
    assert sorted(each.result() for each in both) == [0, 1]
    assert measured(settings, DAY, "filled", "email") == (1, 1)


def _waiting(settings: Settings) -> int:
    found: list[dict[str, Any]] = rows(
        settings,
        "select count(*) as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )
    return int(found[0]["n"])


def test_measure_batches__held_and_absent_ones_too(settings: Settings, crm: Contract, tmp_path: Path) -> None:
    deliver(settings, DAY, *(person(n, email="nobody") for n in range(10)))
    land(settings, crm, DAY, tmp_path / "archive")
    assert not judge_batch(crm, DAY, settings.database_url, "run").passed
    land(settings, crm, NEXT, tmp_path / "archive")
    assert measure_batches(settings.database_url, {"crm": crm}) == 2
    assert measured(settings, DAY, "pattern", "email") == (10, 0)
    assert measured(settings, NEXT, "delivered") == (1, 0)


def test_quality_trend__compares_what_both_batches_have(settings: Settings, crm: Contract, tmp_path: Path) -> None:
    for day, email in ((DAY, "k@w.example"), (NEXT, "")):
        deliver(settings, day, person(1), person(2, email=email))
        land(settings, crm, day, tmp_path / "archive")
    measure_batches(settings.database_url, {"crm": crm})
    insert = "insert into ops.quality_measures (system, entity, batch_date, dimension, rule, checked, passed) values"
    rows(settings, f"{insert} ('crm', 'customers', %s, 'completeness', 'new_rule', 100, 0) returning 1", [NEXT])
    first, second = rows(
        settings, "select * from ops.quality_trend where entity = 'customers' and dimension = 'completeness' order by 4"
    )
    assert first["previous_share"] is None
    assert first["change"] is None
    assert second["change"] == pytest.approx(-1 / (2 * len(crm.entities["customers"].columns)))
    assert second["usual_share"] == pytest.approx(first["share"])
