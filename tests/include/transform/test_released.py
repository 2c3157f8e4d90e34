"""Rows of raw as staging reads them: the hash of their content, and which version of a record is the latest."""

from __future__ import annotations

import psycopg
import pytest

from include.transform.tokens import session_options
from tests.include.transform.macros import macro

FILE = "00000000-0000-0000-0000-000000000001"


def load(url: str, numbers: list[str]) -> None:
    """Rows of one released file; they have one key, one time and different numbers."""
    with psycopg.connect(url) as connection:
        connection.execute("create schema raw_shop")
        connection.execute(
            "create table raw_shop.cards (number text, later text, _file_id uuid, _row bigint, _batch_date date)"
        )
        connection.execute(
            "insert into ops.files (file_id, system, batch_date, name, sha256, bytes, state)"
            " values (%s, 'shop', '2026-11-16', 'cards.csv', '', 0, 'released')",
            [FILE],
        )
        connection.execute("insert into ops.build_files values (%s, 'shop', 'cards', '2026-11-16')", [FILE])
        for row, number in enumerate(numbers):
            connection.execute(
                "insert into raw_shop.cards values (%s, null, %s, %s, '2026-11-16')", [number, FILE, row]
            )


def read(url: str, key: bytes, query: str) -> list[str]:
    released = macro("released", "released", "shop", "cards")
    with psycopg.connect(url, options=session_options(key)) as connection:
        return [row[0] for row in connection.execute(f"with released as ({released}) {query}")]


def test_released__the_hash_of_a_row_is_keyed(warehouse_url: str) -> None:
    """It stands beside the other fields of a row, so a plain one would let somebody try all numbers of a card."""
    load(warehouse_url, ["4111111111111111", "4111111111111111", "5105105105105100"])
    query = "select content_hash from released order by row_number"
    hashes = read(warehouse_url, b"one", query)
    assert hashes[0] == hashes[1] != hashes[2]
    assert not set(hashes) & set(read(warehouse_url, b"other", query))


@pytest.mark.parametrize("numbers", [["1", "2", "3"], ["3", "2", "1"]])
def test_latest_version__content_and_no_order_of_rows_decides(numbers: list[str], warehouse_url: str) -> None:
    load(warehouse_url, numbers)
    typed = "typed as (select *, 'K' as source_key, null::timestamptz as recorded_at from released)"
    latest = macro("released", "latest_version", "typed")
    (chosen,) = read(warehouse_url, b"one", f", {typed} select number from ({latest}) as latest")
    (greatest,) = read(warehouse_url, b"one", "select number from released order by content_hash desc limit 1")
    assert chosen == greatest
