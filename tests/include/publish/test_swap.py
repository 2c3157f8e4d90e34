"""Publishing: one step for readers, and what others have built on the published schemas stays."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from include import db
from include.publish.swap import publish_schemas

ANALYST = "swap_test_analyst"


@pytest.fixture
def url(warehouse_url: str) -> Iterator[str]:
    """A warehouse with one published table, its successor, and an analyst who may read it."""
    with db.connect(warehouse_url) as connection:
        connection.execute(f"drop role if exists {ANALYST}; create role {ANALYST}; create schema reports")
        connection.execute("create table core.dim_customer as select 1 as customer_key, 'old' as state")
        connection.execute("create view reports.customers as select customer_key, state from core.dim_customer")
        connection.execute("create view reports.few as select state from reports.customers")
        connection.execute(f"grant usage on schema core to {ANALYST}; grant select on core.dim_customer to {ANALYST}")
        connection.execute(f"grant select on reports.few to {ANALYST}")
    yield warehouse_url
    with db.connect(warehouse_url) as connection:
        connection.execute(f"drop owned by {ANALYST}; drop role {ANALYST}")


def prepare(url: str, columns: str = "1 as customer_key, 'new' as state") -> None:
    with db.connect(url) as connection:
        connection.execute("create schema core_next; create schema marts_next")
        connection.execute(f"create table core_next.dim_customer as select {columns}")


def read_as(url: str, role: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        connection.execute(f"set role {role}")
        return connection.execute(query).fetchall()


def test_publish__grants_stay(url: str) -> None:
    prepare(url)
    assert publish_schemas(url) == ["core", "marts"]
    assert read_as(url, ANALYST, "select state from core.dim_customer") == [("new",)]


def test_publish__views_of_others_stay_and_read_the_new_tables(url: str) -> None:
    prepare(url)
    publish_schemas(url)
    with db.connect(url) as connection:
        connection.execute(f"grant usage on schema reports to {ANALYST}")
    assert read_as(url, ANALYST, "select * from reports.few") == [("new",)]


def test_publish__again_finds_the_work_done(url: str) -> None:
    prepare(url)
    publish_schemas(url)
    assert publish_schemas(url) == []


def test_publish__view_that_cannot_be_kept_is_named_and_nothing_changes(url: str) -> None:
    prepare(url, "1 as customer_key")
    with pytest.raises(ValueError, match=r"the view reports\.customers cannot be kept, .*column .state"):
        publish_schemas(url)
    assert read_as(url, ANALYST, "select state from core.dim_customer") == [("old",)]


def test_publish__materialised_view_is_named_before_it_would_be_dropped(url: str) -> None:
    with db.connect(url) as connection:
        connection.execute("create materialized view reports.frozen as select * from core.dim_customer")
    prepare(url)
    with pytest.raises(ValueError, match=r"reports\.frozen would be dropped"):
        publish_schemas(url)
    assert read_as(url, "postgres", "select state from reports.frozen") == [("old",)]
