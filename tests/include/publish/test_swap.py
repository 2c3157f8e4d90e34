"""Publishing: one step for readers, and what others have built on the published schemas stays."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from include import db
from include.publish import swap
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


def test_publish__what_was_given_to_tables_and_views_stays(url: str) -> None:
    with db.connect(url) as connection:
        connection.execute(
            "alter table core.dim_customer enable row level security;"
            f"create policy own on core.dim_customer to {ANALYST} using (customer_key = 1);"
            f"revoke select on core.dim_customer from {ANALYST};"
            f"grant select (customer_key) on core.dim_customer to {ANALYST};"
            f"alter default privileges in schema core grant select on tables to {ANALYST};"
            "comment on column core.dim_customer.state is 'it''s 100%';"
            "create view reports.safe with (security_invoker=true, security_barrier=true)"
            " as select customer_key from core.dim_customer;"
            f"grant usage on schema reports to {ANALYST}; grant select on reports.safe to {ANALYST};"
            "comment on view reports.safe is 'mine'"
        )
    prepare(url, "generate_series(1, 2) as customer_key, 'new' as state")
    publish_schemas(url)
    for table in ("core.dim_customer", "reports.safe"):
        assert read_as(url, ANALYST, f"select customer_key from {table}") == [(1,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        read_as(url, ANALYST, "select state from core.dim_customer")
    told = (
        "select reloptions, obj_description('reports.safe'::regclass),"
        " col_description('core.dim_customer'::regclass, 2)"
        " from pg_class where oid = 'reports.safe'::regclass"
    )
    assert read_as(url, "postgres", told) == [(["security_invoker=true", "security_barrier=true"], "mine", "it's 100%")]
    assert read_as(url, "postgres", "select count(*) from pg_default_acl") == [(1,)]


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        (
            "alter table core.dim_customer add primary key (customer_key);"
            "create table reports.t (customer_key integer references core.dim_customer)",
            r"table constraint t_customer_key_fkey on reports\.t",
        ),
        (
            "create function reports.f() returns bigint language sql begin atomic"
            " select count(*) from reports.customers; end",
            r"function reports\.f\(\)",
        ),
        ("create table reports.u (one core.dim_customer)", r"table column reports\.u\.one|table reports\.u"),
        (
            "create table reports.g (a integer); create policy p on reports.g"
            " using (a in (select customer_key from core.dim_customer))",
            r"policy p on reports\.g",
        ),
    ],
    ids=["foreign_key", "function", "row_type", "policy"],
)
def test_publish__what_cannot_be_kept_is_named_before_it_would_be_dropped(statement: str, name: str, url: str) -> None:
    with db.connect(url) as connection:
        connection.execute(statement)
    prepare(url)
    with pytest.raises(ValueError, match=rf"({name}) would be dropped"):
        publish_schemas(url)
    assert read_as(url, "postgres", "select state from core.dim_customer") == [("old",)]


def test_publish__policy_that_cannot_be_kept_is_named_and_nothing_changes(url: str) -> None:
    with db.connect(url) as connection:
        connection.execute("drop schema reports cascade; create policy own on core.dim_customer using (state = 'old')")
    prepare(url, "1 as customer_key")
    with pytest.raises(ValueError, match=r"the policy own on core\.dim_customer cannot be kept"):
        publish_schemas(url)
    assert read_as(url, "postgres", "select state from core.dim_customer") == [("old",)]


def test_publish__waits_briefly_for_an_open_transaction_and_says_so(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swap, "LOCK_TIMEOUT_MS", 100)
    monkeypatch.setattr(swap, "PAUSE_S", 0.1)
    monkeypatch.setattr(swap, "ATTEMPTS", 3)
    prepare(url)
    with psycopg.connect(url) as reader:
        reader.execute("select * from core.dim_customer")
        with pytest.raises(TimeoutError, match="core or marts is held by a transaction"):
            publish_schemas(url)
        reader.rollback()
        assert publish_schemas(url) == ["core", "marts"]
