"""Addresses of the warehouse, with their options, as the parts of the stack want them; the lock of the one writer."""

from __future__ import annotations

import threading
import time
import uuid
from pathlib import Path

import psycopg
import pytest

from include import db
from include.runtime import postgres
from include.runtime.airflow import airflow_environment
from include.settings import Settings
from include.transform.dbt import run_dbt

OPTIONS = "sslmode=prefer&application_name=a%20name"
ADDRESS = f"postgresql://me:a%40b@db.example:6000/shop?{OPTIONS}"


def test_in_database__keeps_the_options() -> None:
    assert db.in_database(ADDRESS, "airflow") == f"postgresql://me:a%40b@db.example:6000/airflow?{OPTIONS}"


def test_sqlalchemy_url__names_the_driver_and_its_option() -> None:
    assert db.sqlalchemy_url(ADDRESS, "psycopg2").startswith("postgresql+psycopg2://me:a%40b@db.example:6000/shop?ssl")
    assert "?ssl=prefer&" in db.sqlalchemy_url(ADDRESS, "asyncpg")


def test_settings__short_scheme_is_the_same_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER360_DATABASE_URL", "postgres://me@db.example/shop")
    assert Settings.from_env().database_url == "postgresql://me@db.example/shop"
    monkeypatch.setenv("CUSTOMER360_DATABASE_URL", "db.example:5432")
    with pytest.raises(ValueError, match="CUSTOMER360_DATABASE_URL is no address"):
        Settings.from_env()


def test_migrate__of_what_is_there_waits_for_no_build(warehouse_url: str) -> None:
    with psycopg.connect(warehouse_url) as build:
        build.execute("lock table ops.files, identity.compared in share mode")
        db.migrate(f"{warehouse_url}?options=-c%20lock_timeout%3D2000")
        build.execute("comment on schema ops is 'an earlier version'")
    db.migrate(warehouse_url)
    with psycopg.connect(warehouse_url) as connection:
        (note,) = connection.execute("select obj_description('ops'::regnamespace, 'pg_namespace')").fetchone() or ("",)
    assert len(note) == 64, "a warehouse of an earlier version is migrated"


def test_create_databases__reads_the_name_and_leaves_the_options(postgres_url: str) -> None:
    name = f"t_{uuid.uuid4().hex[:8]}"
    url = f"{db.in_database(postgres_url, name)}?sslmode=prefer"
    postgres.create_databases(url)
    db.migrate(url)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        assert connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() == (1,)
        connection.execute(f"drop database {name}")


def test_create_databases__without_the_right_says_what_to_do(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("drop role if exists t_poor; create role t_poor login password 'poor'")
    server = postgres_url.rsplit("@", 1)[1]
    with pytest.raises(postgres.PostgresError, match="may not create them"):
        postgres.create_databases(db.in_database(f"postgresql://t_poor:poor@{server}", "t_none"))


@pytest.mark.slow
def test_run_dbt__speaks_to_an_address_with_options(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"{settings.database_url}?application_name=options_test&sslmode=prefer"
    monkeypatch.setenv("CUSTOMER360_DATABASE_URL", url)
    for name in ("PGAPPNAME", "PGSSLMODE"):
        monkeypatch.setenv(name, "")
    run_dbt(["show", "--inline", "select 1 as one", "--target", "next"], "a run", Settings.from_env())


def test_airflow_environment__folder_of_the_inbox_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CUSTOMER360_RUN_DIR", "run")
    monkeypatch.setenv("CUSTOMER360_INBOX", "deliveries")
    environment = airflow_environment(Settings.from_env(), 8080)
    assert environment["CUSTOMER360_INBOX"] == str(tmp_path / "deliveries")
    assert environment["CUSTOMER360_ARCHIVE_URL"] == (tmp_path / "run" / "archive").as_uri()


def test_writer_lock__second_writer_waits_for_the_first(warehouse_url: str) -> None:
    is_in = threading.Event()

    def write() -> None:
        with db.writer_lock(warehouse_url):
            is_in.set()

    second = threading.Thread(target=write, daemon=True)
    with db.writer_lock(warehouse_url) as first, psycopg.connect(warehouse_url, autocommit=True) as onlooker:
        second.start()
        waits = (
            "select count(*) from pg_locks inner join pg_database as here on pg_locks.database = here.oid"
            " where datname = current_database() and locktype = 'advisory' and not granted and objid = %s"
        )
        deadline = time.monotonic() + 30
        while onlooker.execute(waits, [db.WRITER_LOCK]).fetchone() != (1,):
            assert time.monotonic() < deadline, "the second writer does not wait"
            time.sleep(0.05)
        assert not is_in.is_set()
        assert first.execute("select 1").fetchone() == (1,), "the first one is still there"
    assert is_in.wait(30), "and comes when the first has gone"
    second.join(30)


def test_writer_lock__a_killed_writer_leaves_none(warehouse_url: str) -> None:
    with db.writer_lock(warehouse_url) as writer, psycopg.connect(warehouse_url, autocommit=True) as onlooker:
        onlooker.execute("select pg_terminate_backend(%s)", [writer.info.backend_pid])
    with db.writer_lock(warehouse_url) as writer:
        assert writer.execute("select 1").fetchone() == (1,)
