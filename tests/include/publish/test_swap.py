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
        ("create table core.mine (a integer)", r"table core\.mine"),
        ("create view core.mine as select state from core.dim_customer", r"view core\.mine"),
        ("create function core.mine() returns integer language sql as 'select 1'", r"function core\.mine\(\)"),
        ("create type core.mine as enum ('a'); create table reports.m (a core.mine)", r"type core\.mine"),
        ("create sequence marts.mine", r"sequence marts\.mine"),
        (
            "create statistics core.mine on customer_key, state from core.dim_customer",
            r"statistics object core\.mine",
        ),
        (
            "alter table core.dim_customer add constraint mine check (customer_key > 0)",
            r"table constraint mine on core\.dim_customer",
        ),
        (
            "create publication mine for table core.dim_customer",
            r"publication relation core\.dim_customer in publication mine",
        ),
    ],
    ids=[
        "foreign_key",
        "function",
        "row_type",
        "policy",
        "own_table",
        "own_view",
        "own_function",
        "own_type",
        "own_sequence",
        "statistics",
        "constraint",
        "publication",
    ],
)
def test_publish__what_cannot_be_kept_is_named_before_it_would_be_dropped(statement: str, name: str, url: str) -> None:
    with db.connect(url) as connection:
        connection.execute(statement)
    prepare(url)
    with pytest.raises(ValueError, match=rf"({name}).* would be dropped"):
        publish_schemas(url)
    assert read_as(url, "postgres", "select state from core.dim_customer") == [("old",)]


KEPT = {
    "trigger_on_view": (
        "create trigger mine instead of insert on reports.customers for each row execute function reports.f()",
        "select tgrelid::regclass::text from pg_trigger where tgname = 'mine'", "reports.customers",
    ),
    "trigger": (
        "create trigger mine before insert on core.dim_customer for each row execute function reports.f();"
        " alter table core.dim_customer disable trigger mine",
        "select tgrelid::regclass || ' ' || tgenabled::text from pg_trigger where tgname = 'mine'",
        "core.dim_customer D",
    ),
    "rule_on_view": (
        "create rule mine as on insert to reports.customers do instead insert into reports.log values (1)",
        "select ev_class::regclass::text from pg_rewrite where rulename = 'mine'", "reports.customers",
    ),
    "rule_that_writes_to_a_table": (
        "create view reports.other as select 1 as one; create rule mine as on insert to reports.other do instead"
        " insert into core.dim_customer values (1)",
        "select ev_class::regclass::text from pg_rewrite where rulename = 'mine'", "reports.other",
    ),
    "default_of_view": (
        "alter view reports.customers alter column state set default 'mine'",
        "select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'reports.customers'::regclass",
        "'mine'::text",
    ),
    "index": (
        "create unique index mine on core.dim_customer (customer_key) where state = 'new'",
        "select indexdef from pg_indexes where indexname = 'mine'",
        "CREATE UNIQUE INDEX mine ON core.dim_customer USING btree (customer_key) WHERE (state = 'new'::text)",
    ),
    "comment_on_schema": (
        "comment on schema core is 'mine'", "select obj_description('core'::regnamespace, 'pg_namespace')", "mine",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KEPT)
def test_publish__what_others_made_on_tables_and_views_stays(kind: str, url: str) -> None:
    statement, told, expected = KEPT[kind]
    with db.connect(url) as connection:
        connection.execute("create table reports.log (a integer)")
        connection.execute("create function reports.f() returns trigger language plpgsql as 'begin return new; end'")
        connection.execute(statement)
    prepare(url)
    assert publish_schemas(url) == ["core", "marts"]
    assert read_as(url, "postgres", told) == [(expected,)]
    assert read_as(url, "postgres", "select state from core.dim_customer") == [("new",)]


def test_publish__index_that_the_new_table_has_under_another_name_is_not_made_twice(url: str) -> None:
    with db.connect(url) as connection:
        connection.execute("create index old_name on core.dim_customer (state)")
    prepare(url)
    with db.connect(url) as connection:
        connection.execute("create index new_name on core_next.dim_customer (state)")
    publish_schemas(url)
    assert read_as(url, "postgres", "select indexname from pg_indexes where schemaname = 'core'") == [("new_name",)]


def test_publish__own_table_of_an_earlier_build_goes_without_a_word(url: str) -> None:
    prepare(url)
    with db.connect(url) as connection:
        connection.execute("create table core_next.dim_gone (a integer)")
    publish_schemas(url)
    prepare(url)
    assert publish_schemas(url) == ["core", "marts"]
    assert read_as(url, "postgres", "select to_regclass('core.dim_gone') is null") == [(True,)]


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
