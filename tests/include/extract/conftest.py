"""The database of a shop, beside the warehouse."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest

from include import db
from include.contracts import Contract
from tests.include.extract.shop import INSERT, TABLE, URL_ENV, change, contract


@pytest.fixture
def shop_url(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database with the table `things`, empty; its address is in the environment."""
    name = f"s_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    url = db.in_database(postgres_url, name)
    change(url, TABLE)
    monkeypatch.setenv(URL_ENV, url)
    yield url
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'drop database "{name}" with (force)')


@pytest.fixture
def shop(shop_url: str) -> Contract:
    """Three rows of the first day."""
    change(shop_url, f"{INSERT} (9, 'a', '2026-11-15 10:00+00'), (10, 'b', '2026-11-16 10:00+00'),"
           " (11, 'c', '2026-11-16 11:00+00')")  # fmt: skip
    return contract()
