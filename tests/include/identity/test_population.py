"""What is counted of all records is the same whether the database counts it or the linking has them at hand."""

from __future__ import annotations

import psycopg
import pytest

from include.identity.delta import apply_delta
from include.identity.model import prior, steady
from include.identity.population import count_frequencies, frequencies_in, read_frame
from tests.include.identity.sample_people import sample_people
from tests.include.identity.test_store import deliver


def test_count_frequencies__of_everybody_as_in_the_frame(warehouse_url: str) -> None:
    deliver(warehouse_url, sample_people(600, 12)[0])
    with psycopg.connect(warehouse_url) as connection:
        apply_delta(connection, {})
        expected = frequencies_in(read_frame(connection))
        found = count_frequencies(connection, "touched")
        assert found.keys() == expected.keys()
        for name, table in found.items():
            shares = dict(zip(expected[name][name], expected[name][f"tf_{name}"], strict=True))
            assert dict(zip(table[name], table[f"tf_{name}"], strict=True)) == pytest.approx(shares)


@pytest.mark.parametrize("records", [1_000, 100_000, 1_000_000])
def test_steady__a_percent_more_records_are_no_more_and_twice_as_many_are(records: int) -> None:
    assert steady(records) == steady(records * 101 // 100) == pytest.approx(records, rel=0.1)
    assert prior(records) == prior(records * 101 // 100) != prior(records * 2)
