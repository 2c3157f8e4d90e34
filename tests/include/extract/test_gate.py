"""What the raw gate says of a database's batch: rows that have gone are rows, too, of which little is required."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.contracts import Contract
from include.gates import judge_batch
from include.landing import hold_batch
from tests.include.extract.shop import COLUMNS, DAY1, DAY2, DAY3, INSERT, change, contract, land


@pytest.mark.slow
def test_gate__holds_a_batch_in_which_most_of_a_table_has_gone(
    shop: Contract, shop_url: str, tmp_path: Path, warehouse_url: str
) -> None:
    change(shop_url, f"{INSERT} (generate_series(100, 140), 'x', '2026-11-16 10:00+00')")
    land(shop, DAY1, tmp_path, warehouse_url)
    change(shop_url, "delete from things where id >= 120")
    land(shop, DAY2, tmp_path, warehouse_url, is_released=False)
    assert judge_batch(shop, DAY2, warehouse_url, "21 of 44").passed
    change(shop_url, "delete from things")
    hold_batch("shop", DAY2, "so that it is read again", warehouse_url)
    land(shop, DAY2, tmp_path, warehouse_url, is_released=False)
    outcome = judge_batch(shop, DAY2, warehouse_url, "44 of 44")
    assert [problem.expectation for problem in outcome.failed] == ["things.max_deleted_share"]


def test_gate__requires_nothing_of_a_row_that_has_gone(shop_url: str, tmp_path: Path, warehouse_url: str) -> None:
    change(shop_url, f"{INSERT} (1, 'a', '2026-11-16 10:00+00'), (2, 'b', '2026-11-16 10:00+00')")
    shop = contract({**COLUMNS, "name": {"required": True}})
    land(shop, DAY1, tmp_path, warehouse_url)
    change(shop_url, "delete from things where id = 1")
    land(shop, DAY2, tmp_path, warehouse_url)
    assert judge_batch(shop, DAY2, warehouse_url, "a deleted row").failed == []
    change(shop_url, "update things set name = null, updated_at = '2026-11-18 10:00+00'")
    land(shop, DAY3, tmp_path, warehouse_url)
    assert [str(p) for p in judge_batch(shop, DAY3, warehouse_url, "no name").failed] == [
        "things.name.required: 100 % of rows (1 broken of 1), none tolerated"
    ]
