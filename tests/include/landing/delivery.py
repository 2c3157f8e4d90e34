"""What the tests of landing share: a contract of their own, an inbox and what has become of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import psycopg

from include.contracts import Contract, load_contract
from include.landing import BatchResult, land_batch
from include.settings import PROJECT_DIR

DAY = date(2026, 11, 16)


def things(kind: str, columns: Mapping[str, Mapping[str, Any]] | None = None, **layout: Any) -> Contract:
    """The contract of a system `shop` with one entity `things`: key `id`, columns `name` and `note` by default."""
    declared = {"id": {}, "name": {}, "note": {}} if columns is None else columns
    fields = {name: {"meaning": name, **options} for name, options in declared.items()}
    entity = {"description": "One record per thing.", "files": ["*"], "key": ["id"], "columns": fields}
    words = ("title", "description", "owner", "contact", "missing_record", "purpose", "legal_basis", "region")
    return Contract.model_validate(
        {
            **dict.fromkeys(words, "a word"), "system": "shop", "cadence": "daily", "delivery": "delta",
            "retention_days": 1, "format": {"type": kind, "record_element": "thing", **layout},
            "entities": {"things": entity},
        }
    )  # fmt: skip


def put(inbox: Path, system: str, name: str, content: bytes | str, day: date = DAY) -> Path:
    """Deliver one file."""
    folder = inbox / system / day.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def land(inbox: Path, url: str, system: str | Contract, day: date = DAY) -> BatchResult:
    """Land a batch of a system of the project, or of a contract of the test."""
    if isinstance(system, str):
        system = load_contract(PROJECT_DIR / "include" / "sources" / f"{system}.yml")
    return land_batch(system, day, inbox, inbox.parent / "archive", url)


def query(url: str, statement: str) -> list[tuple[Any, ...]]:
    """The rows of a statement."""
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchall()


def quarantined(url: str) -> list[tuple[Any, ...]]:
    """(rule, line) of every quarantined row."""
    return query(url, "select rule, line from ops.quarantine order by row_number")
