"""The two Airflows that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from include.settings import PROJECT_DIR
from tests.dags.live import DAYS, FEW, Live, Outcome


@pytest.fixture(scope="module")
def live(session_dir: Path) -> Iterator[Live]:
    """A few systems, started by `make up`; the sample's days are not landed yet, and nothing starts by the clock."""
    bank = {"BANK_DATA": str(PROJECT_DIR / "tests" / "fixtures" / "bank"), "BANK_DATE": DAYS[-1].isoformat()}
    stack = Live(session_dir / "live", FEW, **bank)
    try:
        stack.make("up")
        yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="module")
def summary(live: Live) -> dict[str, Any]:
    """The summary of `make demo`: the sample's three days are landed and built from here on."""
    return live.demo()


@pytest.fixture(scope="module")
def undisturbed(live: Live, summary: dict[str, Any]) -> Outcome:
    """What came of the sample's days; to be asked for before a test lands other days."""
    assert summary["ok"], summary["missed"]
    return live.outcome()


@pytest.fixture(scope="session")
def today() -> date:
    """The day that the clock schedules; there has to be enough of it left."""
    now = datetime.now(UTC)
    if (now + timedelta(minutes=45)).date() != now.date():
        pytest.skip("after midnight UTC the clock schedules another day")
    return now.date()
