"""The first day once more, step by step in one process, each beside its floor."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from include import db
from include.bench.floors import copy_floor, dbt_floor, splink_floor
from include.contracts import Contract, load_contracts
from include.settings import Settings
from include.transform.tokens import session_options, token_key

RUN = "bench"
Figures = dict[str, dict[str, Any]]


def measure_steps(settings: Settings, day: date, work: Path) -> Figures:
    """Seconds of every step of a first day on an empty warehouse, and where there is one its floor.

    Each step has seconds; those with a floor also floor_s, ratio and floor (what it is), and `rows`: (ours, the
    floor's) by table, or `pairs`. Raises ValueError where the two did not do the same work.
    """
    from include.transform.build import STEPS
    from include.transform.dbt import run_dbt

    url = settings.database_url
    db.migrate(url)
    figures = _land(settings, day, work)
    _begin(url, day)
    parse = ["parse", "--target", "next"]  # dbt parses everything anew where the target is not named in the same words
    run_dbt(parse, RUN, settings)  # what a process imports and reads once; and the manifest, which the floor reads
    startup_s, _ = _timed(lambda: run_dbt([*parse, "--no-write-json"], RUN, settings))  # no build writes it
    for name, step in STEPS.items():
        counts: dict[str, object] = {}
        seconds, failed = _timed(lambda step=step, counts=counts: step(settings, RUN, counts))  # type: ignore[misc]
        if failed:
            raise ValueError(f"{name}: {', '.join(map(str, failed))}")
        figures[name] = {"seconds": round(seconds, 2)}
        if name in ("stage_records", "build_marts"):
            figures[name] |= _beside_psql(settings, "stage" if name == "stage_records" else "marts", work, startup_s)
        if name == "link_people":
            figures[name] |= _beside_splink(url, counts)
        if "floor_s" in figures[name]:
            figures[name]["ratio"] = round(seconds / figures[name]["floor_s"], 2)
    return figures


def stage_first_day(settings: Settings, day: date, work: Path) -> None:
    """Land, release and stage a day on an empty warehouse, up to the comparable records."""
    from include.transform.build import STEPS

    db.migrate(settings.database_url)
    _open_shop(settings, day)
    for contract in load_contracts(settings.sources_dir).values():
        _land_system(settings, contract, day, work, {})
    _begin(settings.database_url, day)
    STEPS["stage_records"](settings, RUN, {})


def _land(settings: Settings, day: date, work: Path) -> Figures:
    """Landing, gate and release of every system, one after the other, and ``\\copy`` of what has landed."""
    url, rows, floor_s = settings.database_url, {}, 0.0
    seconds = dict.fromkeys(("land", "gate_raw", "release"), 0.0)
    _open_shop(settings, day)
    for system, contract in load_contracts(settings.sources_dir).items():
        _land_system(settings, contract, day, work, seconds)
        for entity in contract.entities:
            took, copied = copy_floor(url, f"raw_{system}", entity, work)
            floor_s += took
            rows[f"raw_{system}.{entity}"] = (_size(url, f"raw_{system}", entity), copied)
    _compare(rows)
    figures: Figures = {name: {"seconds": round(value, 2)} for name, value in seconds.items()}
    figures["land"] |= {"floor": "\\copy", "floor_s": round(floor_s, 2), "rows": rows}
    figures["land"]["ratio"] = round(seconds["land"] / floor_s, 2)
    return figures


def _open_shop(settings: Settings, day: date) -> None:
    """The tables of the sample's shop as they are on the day, in a schema of the warehouse."""
    from include.sample.shop import fill_shop

    if (settings.inbox / "ecommerce").exists():
        fill_shop(settings.database_url, settings.inbox, day)
        os.environ["CUSTOMER360_ECOMMERCE_URL"] = settings.database_url


def _land_system(settings: Settings, contract: Contract, day: date, work: Path, seconds: dict[str, float]) -> None:
    """Land, judge and release one system's day, and add what each of the three has taken to `seconds`."""
    from include.extract import fetch_delivery
    from include.gates import run_raw_gate
    from include.landing import land_batch, release_batch

    url = settings.database_url

    def land() -> None:
        delivery = fetch_delivery(contract, day, settings.inbox, settings.run_dir, url)
        land_batch(contract, day, delivery.inbox, work / "archive", url)

    steps = {
        "land": land,
        "gate_raw": lambda: run_raw_gate(contract, day, url, RUN),
        "release": lambda: release_batch(contract.system, day, url),
    }
    for name, step in steps.items():
        seconds[name] = seconds.get(name, 0.0) + _timed(step)[0]


def _begin(url: str, day: date) -> None:
    from include.ops.builds import begin_build

    if not begin_build(url, day.isoformat(), RUN):
        raise ValueError(f"nothing was released for {day}")


def _beside_psql(settings: Settings, tag: str, work: Path, startup_s: float) -> dict[str, Any]:
    options = session_options(token_key(settings.token_key, settings.run_dir))
    seconds, rows = dbt_floor(settings.database_url, settings.run_dir / "dbt" / "next", tag, work, options)
    _compare(rows)
    return {"floor": "psql + one start-up", "floor_s": round(seconds + startup_s, 2), "startup_s": round(startup_s, 2),
            "rows": rows}  # fmt: skip


def _beside_splink(url: str, counts: dict[str, object]) -> dict[str, Any]:
    from include.identity.model import MODEL_FILE
    from include.identity.population import read_frame

    with db.connect(url) as connection:
        frame = read_frame(connection)
    seconds, pairs, _ = splink_floor(frame, json.loads(MODEL_FILE.read_text()))
    if pairs != counts["pairs"]:
        raise ValueError(f"the pipeline scored {counts['pairs']} pairs, bare Splink {pairs}")
    return {"floor": "bare Splink", "floor_s": round(seconds, 2), "records": len(frame), "pairs": pairs,
            "parts_s": counts["seconds"]}  # fmt: skip


def _compare(rows: dict[str, tuple[int, int]]) -> None:
    differing = {name: pair for name, pair in rows.items() if pair[0] != pair[1]}
    if differing:
        raise ValueError(f"ours and the floor differ in rows: {differing}")


def _size(url: str, schema: str, table: str) -> int:
    from psycopg import sql

    with db.connect(url) as connection:
        row = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))).fetchone()
        return int(row[0]) if row else 0


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.monotonic()
    result = work()
    return time.monotonic() - began, result
