"""The database of the sample shop: made from the journal of changes that the generator wrote, day by day."""

from __future__ import annotations

import gzip
import hashlib
from datetime import date
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from include import db

# In this order; each table with its key.
TABLES = {
    "accounts": ("account_id",), "carts": ("cart_id",), "orders": ("order_id",),
    "order_items": ("order_id", "line_number"), "reviews": ("review_id",),
}  # fmt: skip
JOURNAL = ".journal.jsonl.gz"
NAME_LENGTH = 63  # of an identifier of Postgres


class NotTheSampleError(ValueError):
    """A database stands where the sample's shop should, and is somebody's or of another sample."""


def shop_url(server_url: str) -> str:
    """The URL of the sample shop's database: on the server of a warehouse, and named after that warehouse."""
    suffix = "_sample_shop"
    warehouse = unquote(urlsplit(server_url).path.strip("/")) or "customer360"
    return db.in_database(server_url, warehouse[: NAME_LENGTH - len(suffix)] + suffix)


def create_shop(server_url: str) -> str:
    """The URL of the shop's database on the server of the URL, made where it is missing.

    Raises NotTheSampleError where a database of that name holds tables and is not the sample's.
    """
    url = shop_url(server_url)
    name = urlsplit(url).path.strip("/")
    with psycopg.connect(server_url, autocommit=True, application_name="sample shop") as connection:
        connection.execute("select pg_advisory_lock(hashtext('sample shop'))")
        if connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        with psycopg.connect(url, application_name="sample shop") as shop:
            taken = shop.execute(
                "select 1 from pg_stat_user_tables where to_regclass('shop.sample_days') is null limit 1"
            )
            if taken.fetchone():
                raise NotTheSampleError(f"the database {name} on the warehouse's server is not the sample's shop")
    return url


def fill_shop(url: str, inbox: Path, day: date) -> list[date]:
    """Bring the shop's database to how it is at the end of a day; returns the days that were new to it.

    Reads ``<inbox>/ecommerce/<date>/<table>.journal.jsonl.gz`` of every date up to the day. Runs any number of times,
    by several processes at once: a day is applied once, in one transaction. An inbox without a shop changes nothing.
    Raises NotTheSampleError where the days that were applied are those of another sample.
    """
    applied = []
    with psycopg.connect(url, application_name="sample shop") as connection:
        with connection.transaction():
            connection.execute("select pg_advisory_xact_lock(hashtext('sample shop'))")
            connection.execute(db.read_sql("include/sample/shop.sql"))
        for folder in sorted((inbox / "ecommerce").glob("[0-9]*")):
            found = date.fromisoformat(folder.name)
            if found <= day and _apply(connection, folder, found):
                applied.append(found)
    return applied


def _apply(connection: psycopg.Connection, folder: Path, day: date) -> bool:
    paths = {table: path for table in TABLES if (path := folder / f"{table}{JOURNAL}").exists()}
    content = hashlib.sha256(b"".join(path.read_bytes() for path in paths.values())).hexdigest()
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(hashtext('sample shop'))")
        known = connection.execute("select content from shop.sample_days where day = %s", [day]).fetchone()
        if known:
            if known[0] != content:
                raise NotTheSampleError(
                    f"the database {connection.info.dbname} holds the shop of another sample, not that of"
                    f" {folder.parent.parent}; drop it, or set CUSTOMER360_DATABASE_URL to another warehouse"
                )
            return False
        connection.execute("insert into shop.sample_days values (%s, %s)", [day, content])
        for table, path in paths.items():
            _change(connection, table, TABLES[table], path)
    return True


def _change(connection: psycopg.Connection, table: str, key: tuple[str, ...], path: Path) -> None:
    """Each line of the journal is a row as it is now, or a key with `gone`."""
    connection.execute("create temporary table change (doc jsonb) on commit drop")
    with connection.cursor().copy("copy change from stdin") as copy, gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            copy.write_row([line])
    same = sql.SQL(" and ").join(
        sql.SQL("{0}.{1}::text = doc ->> {2}").format(sql.Identifier(table), sql.Identifier(name), sql.Literal(name))
        for name in key
    )
    place = sql.Identifier("shop", table)
    connection.execute(sql.SQL("delete from {} using change where {}").format(place, same))
    connection.execute(
        sql.SQL(
            "insert into {0} select (jsonb_populate_record(null::{0}, doc)).* from change where not doc ? 'gone'"
        ).format(place)
    )
    connection.execute("drop table change")
