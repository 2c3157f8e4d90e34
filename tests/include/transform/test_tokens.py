"""Tokens: HMAC-SHA-256 as Python computes it; without a key there is none."""

from __future__ import annotations

import hmac
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from include.transform.tokens import session_options, token_key
from tests.include.transform.macros import macro

SQL = f"select {macro('tokens', 'tokenise', '%s::text', 'card')}"


def tokenise(url: str, key: bytes, number: str | None) -> str | None:
    with psycopg.connect(url, options=session_options(key)) as connection:
        row = connection.execute(SQL, [number] * SQL.count("%s")).fetchone()
        assert row is not None
        return row[0]


@pytest.mark.parametrize("key", [b"k", b"x" * 64, b"longer than a block " * 9])
def test_tokenise__is_the_keyed_hash_of_the_standard(key: bytes, warehouse_url: str) -> None:
    expected = "card_" + hmac.new(key, b"card:4111111111111111", "sha256").hexdigest()
    assert (
        tokenise(warehouse_url, key, "4111 1111-1111 1111")
        == tokenise(warehouse_url, key, "4111111111111111")
        == expected
    )
    assert tokenise(warehouse_url, b"other", "4111111111111111") != expected
    assert tokenise(warehouse_url, key, " - ") is None
    assert tokenise(warehouse_url, key, None) is None


def test_tokenise__without_a_key_fails(warehouse_url: str) -> None:
    with psycopg.connect(warehouse_url) as connection, pytest.raises(psycopg.errors.UndefinedObject):
        connection.execute(SQL, ["4111"] * SQL.count("%s"))


def test_token_key__is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: token_key("", tmp_path / "run"), range(16)))
    assert len(keys) == 1
    (path,) = (tmp_path / "run").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert token_key("configured", tmp_path / "run") == b"configured"
