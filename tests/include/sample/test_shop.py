"""The database of the sample shop: a day is applied once, in order, and changes nothing when it is asked for again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from include.sample import write_sample
from include.sample.shop import NotTheSampleError, create_shop, fill_shop, shop_url

DATES = (date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18))


def content(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute("select * from shop.orders order by order_id").fetchall()


def test_fill_shop__applies_each_day_once(tmp_path: Path, warehouse_url: str) -> None:
    write_sample(tmp_path, tmp_path / "truth", 300, 3, DATES)
    assert fill_shop(warehouse_url, tmp_path, DATES[0]) == [DATES[0]]
    first = content(warehouse_url)
    assert fill_shop(warehouse_url, tmp_path, DATES[0]) == []
    assert content(warehouse_url) == first
    assert fill_shop(warehouse_url, tmp_path, DATES[2]) == [DATES[1], DATES[2]]
    assert content(warehouse_url) != first


def test_fill_shop__inbox_without_a_shop_leaves_it_empty(tmp_path: Path, warehouse_url: str) -> None:
    assert fill_shop(warehouse_url, tmp_path, DATES[0]) == []
    assert content(warehouse_url) == []


@pytest.mark.slow
def test_fill_shop__refuses_the_days_of_another_sample(tmp_path: Path, warehouse_url: str) -> None:
    for name, seed in (("a", 3), ("b", 4)):
        write_sample(tmp_path / name, tmp_path / "truth", 100, seed, DATES)
    fill_shop(warehouse_url, tmp_path / "a", DATES[0])
    first = content(warehouse_url)
    with pytest.raises(NotTheSampleError, match="another sample"):
        fill_shop(warehouse_url, tmp_path / "b", DATES[1])
    assert content(warehouse_url) == first


@pytest.fixture
def shop(postgres_url: str, warehouse_url: str) -> Iterator[str]:
    """The name of the shop's database beside a warehouse; it is dropped afterwards."""
    name = urlsplit(shop_url(warehouse_url)).path.strip("/")
    yield name
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def test_create_shop__makes_its_database_once(warehouse_url: str, shop: str) -> None:
    url = create_shop(warehouse_url)
    assert create_shop(warehouse_url) == url
    with psycopg.connect(url) as connection:
        assert connection.execute("select current_database()").fetchone() == (shop,)
    fill_shop(url, Path("nowhere"), DATES[0])
    assert create_shop(warehouse_url) == url


def test_create_shop__refuses_a_database_of_somebody(postgres_url: str, warehouse_url: str, shop: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(shop)))
    with psycopg.connect(shop_url(warehouse_url)) as connection:
        connection.execute("create schema shop")
        connection.execute("create table shop.accounts (account_id bigint)")
    with pytest.raises(NotTheSampleError, match=shop):
        create_shop(warehouse_url)


@pytest.mark.parametrize("warehouse", ["customer360", "w" * 63])
def test_shop_url__is_named_after_the_warehouse(warehouse: str) -> None:
    """`shop` is what a real shop's database is called."""
    name = urlsplit(shop_url(f"postgresql://me@db.example/{warehouse}?sslmode=require")).path.strip("/")
    assert name.startswith(warehouse[:51])
    assert name.endswith("_sample_shop")
    assert len(name) <= 63
