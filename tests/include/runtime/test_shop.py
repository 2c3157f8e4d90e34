"""The sample shop's database beside the warehouse: offered, filled day by day, and never in the place of a real one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from include import db
from include.contracts import load_contracts
from include.runtime.shop import VARIABLE, bring_shop_to, offer_shop
from include.settings import Settings
from tests.include.warehouse import DAYS, write_days


@pytest.fixture
def shop_url(settings: Settings, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv(VARIABLE, "")
    name = f"{urlsplit(settings.database_url).path.strip('/')}_sample_shop"
    yield db.in_database(settings.database_url, name)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def days_applied(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from shop.sample_days").fetchone()
    return row[0] if row else 0


def test_offer_shop__makes_the_system_active_before_anything_is_written(settings: Settings, shop_url: str) -> None:
    assert "ecommerce" not in load_contracts(settings.sources_dir)
    offer_shop(settings)
    assert os.environ[VARIABLE] == shop_url
    assert "ecommerce" in load_contracts(settings.sources_dir)
    assert days_applied(shop_url) == 0


def test_bring_shop_to__applies_the_days_until_then(settings: Settings, shop_url: str) -> None:
    write_days(settings, 100)
    bring_shop_to(settings, DAYS[1])
    assert days_applied(shop_url) == 2
    offer_shop(settings)
    assert days_applied(shop_url) == 2, "an offer applies no day"


def test_offer_shop__an_inbox_elsewhere_has_none_until_the_sample_is_in_it(
    settings: Settings, shop_url: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = replace(settings, inbox=tmp_path_factory.mktemp("elsewhere"))
    offer_shop(elsewhere)
    assert not os.environ[VARIABLE]
    write_days(elsewhere, 100)
    offer_shop(elsewhere)
    assert os.environ[VARIABLE] == shop_url


def test_shop__of_somebody_is_left_alone(
    settings: Settings, shop_url: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "postgresql://elsewhere/shop")
    write_days(settings, 100)
    offer_shop(settings)
    bring_shop_to(settings, DAYS[2])
    assert os.environ[VARIABLE] == "postgresql://elsewhere/shop"
    name = urlsplit(shop_url).path.strip("/")
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None
