"""Writes the profiling report of each source system, the page of all systems, and that of the reconciliation."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from include import db
from include.contracts import Contract, read_sources
from include.quality import company, figures
from include.quality.charts import draw_histogram, draw_trend
from include.quality.profile import FEW
from include.settings import Settings

HERE = Path(__file__).parent
DIMENSIONS = ("completeness", "validity", "uniqueness", "consistency", "timeliness", "accuracy")
CONTENT = re.compile(r'<meta name="content" content="(\w+)">')


def write_profiles(settings: Settings) -> dict[str, int]:
    """Write ``<run folder>/profiles``: a page per system of which something has changed since its page was written, the
    first page, and the reconciliation. Returns how many systems there are and how many pages of them were written.
    """
    folder = settings.run_dir / "profiles"
    folder.mkdir(parents=True, exist_ok=True)
    contracts = read_sources(settings.sources_dir).contracts
    written = 0
    with figures.connect(settings.database_url) as connection:
        content = _contents(connection, contracts)
        shown = {name: contracts[name] for name in content}
        for name, contract in shown.items():
            if _content_of(folder / f"{name}.html") != content[name]:
                page = render_system(connection, contract, settings, content[name])
                _replace(folder / f"{name}.html", page)
                written += 1
        _replace(folder / "index.html", render_company(connection, shown))
        _replace(folder / "reconciliation.html", render_reconciliation(connection))
    for page_of in folder.glob("*.html"):
        if page_of.stem not in (*shown, "index", "reconciliation"):
            page_of.unlink()
    return {"systems": len(shown), "profiles": written}


def render_system(
    connection: figures.Connection, contract: Contract, settings: Settings, content: str = ""
) -> str:  # fmt: skip
    """The profiling report of one system."""
    trend = figures.read_trend(connection, contract.system)
    entities = sorted(dict.fromkeys(entity for entity, _ in trend), key=lambda entity: (not entity, entity))
    return _render(
        "system.html", contract=contract, content=content, few=FEW, dimensions=DIMENSIONS, entities=entities,
        batches=figures.read_batches(connection, contract.system),
        latest={key: rows[-1] for key, rows in trend.items()},
        trends={key: draw_trend([row["share"] for row in rows], f"{key[1]} over {len(rows)} batches")
                for key, rows in trend.items()},
        profiles=figures.read_profiles(connection, contract), draw_histogram=draw_histogram,
        issues=figures.read_issues(connection, contract, settings.inbox, settings.database_url),
        differing=figures.read_columns_that_differ(connection, contract.system),
        quarantined=figures.read_quarantine(connection, contract.system),
    )  # fmt: skip


def render_company(connection: figures.Connection, contracts: dict[str, Contract]) -> str:
    """The first page: the quality of each system, and what they know of the same people."""
    found = company.read_reconciliation(connection)
    return _render(
        "index.html", contracts=contracts, dimensions=DIMENSIONS, quality=company.read_quality(connection),
        company=company.read_company(connection), lines=len(found),
        differing=sum(not row["is_reconciled"] for row in found),
        as_of=max((row["batch_date"] for row in found), default=None),
    )  # fmt: skip


def render_reconciliation(connection: figures.Connection) -> str:
    """Every fact beside the records of raw that it stands on."""
    facts: dict[str, dict[tuple[str, str], list[figures.Row]]] = {}
    for row in company.read_reconciliation(connection):
        facts.setdefault(row["fact"], {}).setdefault((row["system"], row["entity"]), []).append(row)
    return _render("reconciliation.html", facts=facts, total=_total)


def _total(rows: list[figures.Row]) -> dict[str, Any]:
    """The sums of the lines of one entity in a fact; differences by name."""
    differences: dict[str, dict[str, Any]] = {}
    for row in rows:
        for name, part in row["differences"].items():
            so_far = differences.setdefault(name, {"rows": 0, "amount": None})
            so_far["rows"] += part["rows"]
            if part["amount"] is not None:
                so_far["amount"] = (so_far["amount"] or 0) + part["amount"]
    total: dict[str, Any] = {name: sum(row[name] for row in rows) for name in ("raw_rows", "fact_rows")}
    for name in ("raw_amount", "fact_amount"):
        known = [row[name] for row in rows if row[name] is not None]
        total[name] = sum(known) if known else None
    return total | {"differences": differences, "is_reconciled": all(row["is_reconciled"] for row in rows)}


def _contents(connection: figures.Connection, contracts: dict[str, Contract]) -> dict[str, str]:
    """What the page of each system would be made of, as a hash: what is known of its batches, its contract, this code.

    The contract says, too, which values may be shown.
    """
    code = hashlib.sha256()
    for path in sorted((*HERE.glob("*.py"), *HERE.glob("*.html"), *HERE.glob("*.css"))):
        code.update(path.read_bytes())
    made_by = code.hexdigest()
    known = connection.execute(db.read_sql("include/quality/contents.sql"), {"days": figures.DAYS_SHOWN}).fetchall()
    parts = {row["system"]: row["content"] for row in known}
    return {
        system: hashlib.sha256(f"{made_by} {parts[system]} {contract.model_dump_json()}".encode()).hexdigest()
        for system, contract in contracts.items()
        if system in parts
    }


def _content_of(page: Path) -> str | None:
    if not page.is_file():
        return None
    found = CONTENT.search(page.read_text(encoding="utf-8"))
    return found[1] if found else None


def _replace(path: Path, text: str) -> None:
    building = path.with_name(f".{path.name}.building")
    building.write_text(text, encoding="utf-8")
    building.replace(path)


def percent(share: float | None) -> str:
    """A share in per cent; nearly all is not said to be all, nor nearly none to be none."""
    if share is None:
        return ""
    if share in (0, 1):
        return f"{share:.0%}"
    if share > 0.9995:
        return "> 99.9%"
    return "< 0.1%" if share < 0.0005 else f"{share:.1%}"


def _render(template: str, **values: Any) -> str:
    page: str = _environment().get_template(template).render(**values)
    return page


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["percent"] = percent
    environment.filters["number"] = lambda n: "" if n is None else f"{n:,.0f}"
    environment.filters["money"] = lambda n: "" if n is None else f"{n:,.2f}"
    environment.globals["style"] = (HERE / "page.css").read_text(encoding="utf-8")
    environment.globals["heat"] = lambda share: f"{max(0.0, min(1.0, (1 - share) * 4)):.3f}"
    return environment
