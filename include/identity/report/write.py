"""Writes the page of the last good build, and keeps its figures."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from psycopg.rows import dict_row

from include.identity.drift import KINDS
from include.identity.model import CLUSTER_WEIGHT
from include.identity.report import charts, figures
from include.identity.report.errors import calibrate

EVENTS = ("minted", "merged", "split", "moved", "joined", "left")
SHOWN_EARLIER = 14  # reports of earlier builds that a page links to; all are kept
# Before builds had pages of their own, a page was named by its batch date alone.
PAGE = re.compile(r"(?P<batch_date>\d{4}-\d{2}-\d{2})(?:-build-(?P<build_id>\d+))?")


def write_report(url: str, folder: Path) -> int:
    """Write ``index.html`` and ``<batch date>-build-<number>.html`` into the folder; returns how many figures are kept.

    A rerun for the same build writes the same page. Raises ValueError where nothing has been built yet.
    """
    with psycopg.connect(url, row_factory=dict_row) as connection:
        build = figures.read_build(connection)
        if build is None:
            raise ValueError("no good build yet: there is nothing to report on")
        before = figures.read_last_figures(connection, build["build_id"])
        tables = figures.read_tables(connection, int(before.figures.get("last event", 0)))
        now = figures.summarise(tables)
        figures.keep_figures(connection, build["build_id"], now | {"last event": float(build["last_event_id"])})
    folder.mkdir(parents=True, exist_ok=True)
    page = render(build, tables, now, before, _earlier_pages(folder, build["build_id"])[:SHOWN_EARLIER])
    for name in (f"{build['batch_date']}-build-{build['build_id']}.html", "index.html"):
        building = folder / f".{name}.building"
        building.write_text(page, encoding="utf-8")
        building.replace(folder / name)
    return len(now)


def _earlier_pages(folder: Path, build_id: int) -> list[tuple[str, str]]:
    """(name of the file, words for it) of the pages of earlier builds, newest first."""
    found = []
    for path in folder.glob("*.html"):
        if named := PAGE.fullmatch(path.stem):
            day, number = named["batch_date"], int(named["build_id"] or 0)
            found.append((number, day, path.name, f"{day} (build {number})" if number else day))
    return [(name, words) for number, _, name, words in sorted(found, reverse=True) if number < build_id]


def render(
    build: dict[str, Any],
    tables: dict[str, list[dict[str, Any]]],
    now: dict[str, float],
    before: figures.Before,
    earlier: list[tuple[str, str]],
) -> str:
    """The page as text."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    drift = figures.compare(now, before.figures)
    counts = [d for d in drift if not d.is_share and not d.figure.startswith("records of ")]
    return environment.get_template("page.html").render(
        build=build, now=now, before=before, earlier=earlier, threshold=CLUSTER_WEIGHT,
        linking=next(iter(tables["linking"]), None), pairs=figures.count_pairs(tables["scored"]),
        increments=sorted(tables["increments"], key=lambda r: KINDS.index(r["kind"])),
        tables=tables, systems=[row["system"] for row in tables["duplicates"]],
        overlap={(row["system"], row["other_system"]): row["customers"] for row in tables["overlap"]},
        completeness={(row["system"], row["name"]): row["filled"] for row in tables["completeness"]},
        fields=list(dict.fromkeys(row["name"] for row in tables["completeness"])),
        largest=sorted((r for r in tables["clusters"] if r["size_rank"] <= 10), key=lambda r: r["size_rank"]),
        weakest=sorted((r for r in tables["clusters"] if r["weakness_rank"] <= 10), key=lambda r: r["weakness_rank"]),
        events=_events(tables["events"]), drift=counts,
        unusual=[d for d in drift if d.is_unusual], stability=figures.stability_of_weights(now, before.figures),
        weights=charts.draw_weights(tables["scored"], CLUSTER_WEIGHT), spread=_draw_spread(tables["spread"]),
        calibration=calibrate(tables["scored"]), truth_errors=next(iter(tables["truth_errors"]), None),
        scored=_outcomes(tables["scored"]), found=sum(row["found"] for row in tables["queue"]),
    )  # fmt: skip


def _draw_spread(rows: list[dict[str, Any]]) -> Any:
    total = sum(row["customers"] for row in rows) or 1
    return charts.draw_bars([
        (f"{row['systems']} system{'s' if row['systems'] > 1 else ''}", row["customers"],
         f"{row['customers']:,} customers, {row['customers'] / total:.1%}")
        for row in rows
    ], "Customers by the number of systems that know them")  # fmt: skip


def _outcomes(scored: list[dict[str, Any]]) -> dict[str, int]:
    """Pairs that became one person, by what joined them, and the ones kept apart."""
    counts: Counter[str] = Counter()
    for row in scored:
        counts[row["reason"] if row["is_one_person"] else "apart"] += row["pairs"]
    return dict(counts)


def _events(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The kinds of event in a fixed order, with their number and the first keys of each."""
    return [
        {"event": event, "count": next((r["events"] for r in rows if r["event"] == event), 0),
         "keys": [(r["customer_key"], r["other_key"]) for r in rows if r["event"] == event]}
        for event in EVENTS
    ]  # fmt: skip
