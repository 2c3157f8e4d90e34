"""What the tests of databases as sources share: a contract with a table, and a day from read to released."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import psycopg

from include.contracts import Contract
from include.extract import fetch_delivery
from include.landing import BatchResult, land_batch, pass_batch, release_batch

URL_ENV = "TEST_SHOP_URL"
DAY1, DAY2, DAY3 = (date(2026, 11, number) for number in (16, 17, 18))
COLUMNS = {"id": {}, "name": {}, "updated_at": {"type": "timestamp"}, "is_deleted": {"type": "boolean"}}
INSERT = "insert into things values"
TABLE = "create table things (id bigint primary key, name text, updated_at timestamptz)"


def contract(columns: dict[str, dict[str, Any]] | None = None, **entity: Any) -> Contract:
    """The contract of a system `shop` with one table `things`, by default of id, name and updated_at."""
    fields = {name: {"meaning": name, **options} for name, options in (columns or COLUMNS).items()}
    things = {"description": "One record per thing.", "table": "things", "watermark": "updated_at", "key": ["id"]}
    words = ("title", "description", "owner", "contact", "missing_record", "purpose", "legal_basis", "region")
    return Contract.model_validate(
        {
            **dict.fromkeys(words, "a word"), "system": "shop", "cadence": "daily", "delivery": "delta",
            "retention_days": 1, "format": {"type": "database", "url_env": URL_ENV},
            "entities": {"things": {**things, "columns": fields, **entity}},
        }
    )  # fmt: skip


def change(url: str, *statements: str) -> None:
    """Change the database of the shop."""
    with psycopg.connect(url) as connection:
        for statement in statements:
            connection.execute(statement)


def extract(shop: Contract, day: date, run_dir: Path, warehouse: str) -> list[dict[str, Any]]:
    """Extract a day; the records of its file."""
    delivery = fetch_delivery(shop, day, run_dir / "inbox", run_dir, warehouse)
    path = delivery.inbox / "shop" / day.isoformat() / "things.jsonl.gz"
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def land(shop: Contract, day: date, run_dir: Path, warehouse: str, is_released: bool = True) -> BatchResult:
    """Extract, land and release a day."""
    inbox = fetch_delivery(shop, day, run_dir / "inbox", run_dir, warehouse).inbox
    result = land_batch(shop, day, inbox, run_dir / "archive", warehouse)
    if is_released:
        pass_batch("shop", day, warehouse)
        release_batch("shop", day, warehouse)
    return result
