"""Warehouses on the session's server: fresh ones, and ones that are built once for all tests of a module.

While it is filled, a warehouse always has the same name: what dbt has read of the project names the database, so it is
kept from one to the next (`keep_parse`). One that stays is renamed (`keep_warehouse`).
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import LiteralString
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from include import db
from include.settings import Settings

TEMPLATE = "customer360_template"
WAREHOUSE = "warehouse"
# Of the environment that a test may run in, what would lead its landings elsewhere.
FOREIGN = ("BANK_DATA", "CUSTOMER360_ECOMMERCE_URL")


@contextmanager
def fresh_warehouse(server: str, template: str = TEMPLATE) -> Iterator[str]:
    """The URL of a copy of the template, by default the empty schema; it is dropped at the end."""
    close_sessions(server, template)  # a template may have none
    execute(server, "create database {} template {}", WAREHOUSE, template)
    try:
        yield db.in_database(server, WAREHOUSE)
    finally:
        execute(server, "drop database if exists {} with (force)", WAREHOUSE)


@contextmanager
def fresh_settings(server: str, run_dir: Path, like: Settings | None = None) -> Iterator[Settings]:
    """The settings of a fresh warehouse with that run folder, in the environment, where dbt reads them.

    `like` is a warehouse that is kept: this one begins as its copy, the run folder included.
    """
    if like:
        shutil.copytree(like.run_dir, run_dir, symlinks=True, dirs_exist_ok=True)
    template = name_of(like) if like else TEMPLATE
    keep_parse(run_dir)
    with fresh_warehouse(server, template) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUSTOMER360_RUN_DIR", str(run_dir))
        patch.setenv("CUSTOMER360_DATABASE_URL", url)
        for name in FOREIGN:
            patch.delenv(name, raising=False)
        yield Settings.from_env()


@contextmanager
def keep_warehouse(
    server: str, run_dir: Path, fill: Callable[[Settings], object], like: Settings | None = None
) -> Iterator[Settings]:
    """The settings of a warehouse that `fill` has filled, for tests that only read it; others begin with a copy."""
    name = f"kept_{uuid.uuid4().hex[:12]}"
    with fresh_settings(server, run_dir, like) as settings:
        fill(settings)
        close_sessions(server, WAREHOUSE)  # Great Expectations keeps some
        execute(server, "alter database {} rename to {}", WAREHOUSE, name)
    yield replace(settings, database_url=db.in_database(server, name))
    execute(server, "drop database {} with (force)", name)


@contextmanager
def copy_of(template: str, server: str) -> Iterator[str]:
    """The URL of a warehouse that begins as the database `template` is, under a name of its own."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    close_sessions(server, template)
    execute(server, "create database {} template {}", name, template)
    try:
        yield db.in_database(server, name)
    finally:
        execute(server, "drop database {} with (force)", name)


def name_of(settings: Settings) -> str:
    return urlsplit(settings.database_url).path.strip("/")


def close_sessions(server: str, name: str) -> None:
    query = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
    _session(server).execute(query, [name])


def keep_parse(run_dir: Path) -> None:
    """Have dbt write what it has read of the project beside the run folders, where the next test's dbt finds it.

    dbt itself compares the files of the project, and reads those again that are others.
    """
    for target in ("next", "prod"):
        kept = run_dir.parent / f"parsed_{target}.msgpack"
        place = run_dir / "dbt" / target / "partial_parse.msgpack"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.symlink_to(kept)


def execute(server: str, statement: LiteralString, *names: str) -> None:
    """A statement about databases, with their names in its places."""
    _session(server).execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


_sessions: dict[str, psycopg.Connection] = {}


def _session(server: str) -> psycopg.Connection:
    """One session for all statements about databases: to log in takes as long as to copy the empty schema."""
    known = _sessions.get(server)
    if known is None or known.closed:
        known = _sessions[server] = psycopg.connect(server, autocommit=True)
    return known
