"""A warehouse in which one pair is in doubt: linked once, and copied for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from include.settings import Settings
from tests.include.databases import fresh_warehouse, keep_warehouse, name_of
from tests.include.identity.stewards.people import doubtful, link


@pytest.fixture(scope="session")
def in_doubt(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    def fill(settings: Settings) -> None:
        link(settings.database_url, doubtful())

    with keep_warehouse(postgres_url, tmp_path_factory.mktemp("in_doubt"), fill) as settings:
        yield settings


@pytest.fixture
def linked_url(postgres_url: str, in_doubt: Settings) -> Iterator[str]:
    """A warehouse of one's own with the linked records of `people.doubtful`."""
    with fresh_warehouse(postgres_url, name_of(in_doubt)) as url:
        yield url
