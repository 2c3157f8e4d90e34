"""What is counted of all records is the same whether the database counts it or the linking has them at hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import psycopg
import pytest

from include.identity.delta import apply_delta
from include.identity.population import (
    count_frequencies,
    count_population,
    frequencies_in,
    read_frame,
    read_reference_date,
)
from tests.include.identity.sample_people import comparable, sample_people
from tests.include.identity.test_store import deliver

FIRST = date(2026, 11, 16)
Shares = dict[str, float]


def people(*surnames: str, days: int = 0) -> list[dict[str, Any]]:
    since = FIRST + timedelta(days)
    return [comparable(f"crm/customers/{days}-{n}", first_name=f"A{n}", last_name=name, first_seen_date=since)
            for n, name in enumerate(surnames)]  # fmt: skip


def shares(table: pd.DataFrame, name: str) -> Shares:
    return dict(zip(table[name], table[f"tf_{name}"], strict=True))


def count(url: str, rows: list[dict[str, Any]]) -> tuple[date, int, Shares]:
    """The day, the population and the frequencies of last names, after a delivery of everybody."""
    deliver(url, rows)
    with psycopg.connect(url) as connection:
        apply_delta(connection, {})
        everybody = frequencies_in(read_frame(connection))
        connection.execute("create temp table everybody on commit drop as select unique_id as record_id"
                           " from identity.compared")  # fmt: skip
        found = count_frequencies(connection, "everybody")
        assert found.keys() == everybody.keys()
        for name, table in found.items():
            assert shares(table, name) == pytest.approx(shares(everybody[name], name))
        return read_reference_date(connection), count_population(connection), shares(found["last_name"], "last_name")


def test_count_frequencies__of_everybody_as_in_the_frame(warehouse_url: str) -> None:
    rows = sample_people(600, 12)[0]
    _, population, found = count(warehouse_url, rows)
    assert population == sum(not row["links_by_id_only"] for row in rows)
    assert sum(found.values()) == pytest.approx(1)


def test_read_reference_date__a_little_growth_changes_no_frequency(warehouse_url: str) -> None:
    first = people(*["Smith"] * 60, *["Quast"] * 40)
    expected = (FIRST, 100, {"smith": 0.6, "quast": 0.4})
    assert count(warehouse_url, first) == expected
    later = [*first, *people("Smith", "Smith", "Zabriskie", "Zabriskie", days=1)]
    assert count(warehouse_url, later) == (FIRST, 100, expected[2] | {"zabriskie": 0.01})
    grown = [*later, *people(*["Zabriskie"] * 96, days=2)]
    assert count(warehouse_url, grown) == (
        FIRST + timedelta(2), 200, {"smith": 62 / 200, "quast": 40 / 200, "zabriskie": 98 / 200}
    )  # fmt: skip


def test_read_reference_date__of_nobody(warehouse_url: str) -> None:
    assert count(warehouse_url, []) == (date.min, 0, {})
