"""The one Airflow that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dags.live import Live, Outcome


@pytest.fixture(scope="session")
def live(session_dir: Path) -> Iterator[Live]:
    """Airflow, Postgres and the mail catcher as `make up` starts them; the sample's days are not landed yet."""
    stack = Live(session_dir / "live")
    try:
        stack.make("up")
        yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="session")
def summary(live: Live) -> dict[str, Any]:
    """The summary of `make demo`: the sample's three days are landed and built from here on."""
    return live.demo()


@pytest.fixture(scope="session")
def undisturbed(live: Live, summary: dict[str, Any]) -> Outcome:
    """What came of the sample's days; to be asked for before a test lands other days."""
    assert summary["ok"]
    return live.outcome()
