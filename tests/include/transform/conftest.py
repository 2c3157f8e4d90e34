"""The sample company that several files look at from their sides: one build is what takes the time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from include.settings import Settings
from tests.include.databases import keep_warehouse
from tests.include.warehouse import DAYS, build, land, write_days


@pytest.fixture(scope="session")
def company(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Three days of all systems, built with dbt's data tests. It is for reading only."""

    def fill(settings: Settings) -> None:
        write_days(settings, 1500, seed=7)
        for day in DAYS:
            land(settings, day)
        assert build(settings, "company", DAYS[-1]) == ("publish_marts", [])

    with keep_warehouse(postgres_url, tmp_path_factory.mktemp("company"), fill) as settings:
        yield settings
