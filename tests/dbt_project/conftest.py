"""One build of the sample company for every test of this folder: a build is what takes the time."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest

from include import db
from include.settings import Settings
from tests.dbt_project.company import Company, add_addresses
from tests.include.warehouse import DAYS, build, land, write_days

RECORDS = 700


@pytest.fixture(scope="package")
def company(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """All systems, three days, landed and built once; nothing in it is to be changed."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'create database "{name}" template customer360_template')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUSTOMER360_RUN_DIR", str(tmp_path_factory.mktemp("company")))
        patch.setenv("CUSTOMER360_DATABASE_URL", db.in_database(postgres_url, name))
        patch.delenv("BANK_DATA", raising=False)
        patch.delenv("CUSTOMER360_ECOMMERCE_URL", raising=False)
        settings = Settings.from_env()
        write_days(settings, RECORDS)
        add_addresses(settings)
        for day in DAYS:
            land(settings, day)
        assert build(settings, "company", DAYS[-1]) == ("publish_marts", [])
        yield Company(settings)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'drop database "{name}" with (force)')
