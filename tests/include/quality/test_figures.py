"""What the page of a system is made of, read from a batch of customers with faults."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from include.contracts import Column, Contract, load_contracts
from include.landing import ensure_all_raw_tables
from include.quality import figures
from include.quality.measure import measure_batches
from include.quality.profile import Profile, profile_column
from include.settings import Settings
from tests.include.quality.test_measure import COLUMNS, DAY, deliver, land, person
from tests.include.quality.test_reconcile import CONTRACT


@pytest.fixture
def crm(settings: Settings) -> Contract:
    return load_contracts(settings.sources_dir)["crm"]


@pytest.fixture
def connection(settings: Settings) -> Iterator[figures.Connection]:
    with figures.connect(settings.database_url) as connection:
        yield connection


def issues(settings: Settings, connection: figures.Connection, contract: Contract) -> set[tuple[str, str]]:
    found = figures.read_issues(connection, contract, settings.inbox, settings.database_url)
    return {(issue.column, place) for issue in found for place, _ in issue.examples}


def changed_column(contract: Contract, name: str, **rules: object) -> Contract:
    customers = contract.entities["customers"]
    column = customers.columns[name].model_copy(update=rules)
    entity = customers.model_copy(update={"columns": {**customers.columns, name: column}})
    return contract.model_copy(update={"entities": {**contract.entities, "customers": entity}})


def test_read_issues__a_rule_that_the_contract_no_longer_has(
    settings: Settings, connection: figures.Connection, crm: Contract, tmp_path: Path
) -> None:
    deliver(settings, DAY, person(1, email="nobody"), person(2, gender="x"))
    land(settings, crm, DAY, tmp_path / "archive")
    measure_batches(settings.database_url, {"crm": crm})
    assert issues(settings, connection, crm) == {
        ("email", "customers.csv line 2"), ("gender", "customers.csv line 3")
    }  # fmt: skip
    changed = changed_column(crm, "email", pattern=None)
    assert issues(settings, connection, changed) == {("gender", "customers.csv line 3")}


def test_read_issues__rules_with_signs_that_formatters_know(
    settings: Settings, connection: figures.Connection, crm: Contract, tmp_path: Path
) -> None:
    odd = changed_column(crm, "gender", allowed=("{x}", "50%", "a:b", "it's", "{batch}"))
    odd = changed_column(odd, "email", pattern="^[^%:{}]{1,40}@w[.]example$")
    genders = ["{x}", "50%", "a:b", "it's", "{batch}", "x"]
    deliver(settings, DAY, *(person(n, gender=gender) for n, gender in enumerate(genders)), person(7, email="50%@w.c"))
    land(settings, odd, DAY, tmp_path / "archive")
    measure_batches(settings.database_url, {"crm": odd})
    assert issues(settings, connection, odd) == {
        ("email", "customers.csv line 8"), ("gender", "customers.csv line 7"), ("gender", "customers.csv line 8")
    }  # fmt: skip


def test_read_quarantine__names_the_first_line(
    settings: Settings, connection: figures.Connection, crm: Contract, tmp_path: Path
) -> None:
    rows = [[""] * len(COLUMNS) if number in (2, 9, 10) else person(number) for number in range(1, 12)]
    deliver(settings, DAY, *rows)
    land(settings, crm, DAY, tmp_path / "archive")
    (found,) = figures.read_quarantine(connection, "crm")
    assert (found["broken"], found["place"]) == (3, "line 3")


@pytest.fixture
def shop(settings: Settings, tmp_path: Path) -> Contract:
    """200 orders of two lines each, with a text of 5,000 characters that differs in its middle."""
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "shop.yml").write_text(CONTRACT)
    ensure_all_raw_tables(tmp_path / "sources", settings.database_url)
    lines = json.dumps([{"line_id": f"L{n}", "money": {"price": str(n)}} for n in range(2)])
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        connection.execute(
            "insert into ops.files (file_id, system, entity, batch_date, name, sha256, bytes, state, rows_landed)"
            " values (%s, 'shop', 'orders', '2026-11-16', 'orders.json', 'x', 1, 'released', 200)",
            [uuid.UUID(int=1)],
        )
        connection.execute(
            "insert into raw_shop.orders (_file_id, _row, _batch_date, order_id, status, lines)"
            " select %s, n, '2026-11-16', n, repeat('x', 2500) || lpad((n %% 50)::text, 2, '0') || repeat('y', 2498),"
            " %s from generate_series(1, 200) as n",
            [uuid.UUID(int=1), lines],
        )
    return load_contracts(tmp_path / "sources")["shop"]


def test_read_profiles__long_values_are_read_shortened_and_told_as_they_are(
    connection: figures.Connection, shop: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = 0

    def watched(column: Column, values: Counter[str | None], lengths: Counter[int]) -> Profile:
        nonlocal longest
        longest = max([longest, *(len(value or "") for value in values)])
        return profile_column(column, values, lengths=lengths)

    monkeypatch.setattr(figures, "profile_column", watched)
    orders = next(part for part in figures.read_profiles(connection, shop) if part.name == "orders")
    status = next(found for column, found in orders.columns if column.name == "status")
    assert (orders.records, orders.looked_at) == (200, 200)
    assert (status.filled, status.distinct, status.lengths) == (200, 50, (5000, 5000))
    assert longest < 300


def test_read_profiles__no_more_items_of_lists_than_records(
    connection: figures.Connection, shop: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {part.name: part for part in figures.read_profiles(connection, shop)}
    assert (found["orders.lines"].records, found["orders.lines"].looked_at) == (400, 400)
    monkeypatch.setattr(figures, "MOST_RECORDS", 100)
    found = {part.name: part for part in figures.read_profiles(connection, shop)}
    assert (found["orders"].records, found["orders"].looked_at) == (200, 100)
    assert (found["orders.lines"].records, found["orders.lines"].looked_at) == (200, 100)
    price = next(profile for column, profile in found["orders.lines"].columns if column.name == "price")
    assert price.bars == (("0", 50), ("1", 50)), "all places of the lists"
