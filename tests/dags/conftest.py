"""The one Airflow that the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dags.live import Live


@pytest.fixture(scope="session")
def live(session_dir: Path) -> Iterator[Live]:
    """Airflow, Postgres and the mail catcher as `make up` starts them; the sample's days are not landed yet."""
    stack = Live(session_dir / "live")
    try:
        stack.make("up")
        yield stack
    finally:
        stack.stop()
