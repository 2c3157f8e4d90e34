"""One build of the sample company for every test of this folder: a build is what takes the time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from include.settings import Settings
from tests.dbt_project.company import Company, add_addresses
from tests.include.databases import keep_warehouse
from tests.include.warehouse import DAYS, build, land, write_days

RECORDS = 700


@pytest.fixture(scope="package")
def company(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """All systems, three days, landed and built once; nothing in it is to be changed."""

    def fill(settings: Settings) -> None:
        write_days(settings, RECORDS)
        add_addresses(settings)
        for day in DAYS:
            land(settings, day)
        assert build(settings, "company", DAYS[-1]) == ("publish_marts", [])

    with keep_warehouse(postgres_url, tmp_path_factory.mktemp("company"), fill) as settings:
        yield Company(settings)
