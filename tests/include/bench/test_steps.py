"""The bench compares only what did the same work."""

from __future__ import annotations

import re

import psycopg
import pytest

from include.bench.steps import _beside_splink, _compare
from include.identity.delta import apply_delta
from tests.include.identity.sample_people import sample_people
from tests.include.identity.test_store import deliver


def test_compare__equal_counts_pass() -> None:
    _compare({})
    _compare({"raw_crm.customers": (3, 3), "raw_pos.receipts": (0, 0)})


@pytest.mark.parametrize("pair", [(3, 2), (2, 3), (0, 1)])
def test_compare__names_the_tables_that_differ(pair: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="ours and the floor differ in rows: ") as refusal:
        _compare({"raw_crm.customers": pair, "raw_pos.receipts": (5, 5)})
    assert "raw_crm.customers" in str(refusal.value)
    assert "raw_pos" not in str(refusal.value)


@pytest.mark.slow
def test_beside_splink__refuses_another_number_of_pairs(warehouse_url: str) -> None:
    deliver(warehouse_url, sample_people(300, 12)[0])
    with psycopg.connect(warehouse_url) as connection:
        apply_delta(connection, {})
    with pytest.raises(ValueError, match=r"the pipeline scored 7 pairs, bare Splink \d+") as refusal:
        _beside_splink(warehouse_url, {"pairs": 7, "seconds": {}})
    pairs = int(re.findall(r"\d+", str(refusal.value))[-1])
    assert pairs > 7
    figures = _beside_splink(warehouse_url, {"pairs": pairs, "seconds": {"score": 1.0}})
    assert (figures["pairs"], figures["parts_s"]) == (pairs, {"score": 1.0})
