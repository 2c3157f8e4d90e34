"""The figures of the report: SQL aggregates of the warehouse, and how they moved since the last build."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from include import db
from include.identity.model import CLUSTER_WEIGHT
from include.identity.report.errors import expect_errors

HERE = Path("include/identity/report")
TABLES = ("identifiers", "completeness", "duplicates", "spread", "overlap", "clusters", "events", "queue",
          "linking", "increments")  # fmt: skip
# What is counted of pairs, besides how many weigh what: only a linking in full scores those of everybody.
OF_PAIRS = ("linked pairs", "pairs held apart despite a link", "expected false links", "expected missed links")
# A share that moved by more between two builds is worth a look.
UNUSUAL_SHARE = 0.02
# And so is a count, in parts of what it was.
UNUSUAL_CHANGE = 0.10

Row = dict[str, Any]


@dataclass
class Drift:
    """One figure now and in the build before; None where that build did not have it."""

    figure: str
    now: float
    before: float | None
    is_share: bool

    @property
    def is_unusual(self) -> bool:
        """Whether it moved by more than builds usually do."""
        if self.before is None:
            return False
        limit = UNUSUAL_SHARE if self.is_share else UNUSUAL_CHANGE * abs(self.before)
        return abs(self.now - self.before) > max(limit, 0 if self.is_share else 5)


def read_tables(connection: psycopg.Connection[Row], last_event_id: int) -> dict[str, list[Row]]:
    """The rows of each query of the report, by its name."""
    values = {"last_event_id": last_event_id}
    found = {name: _rows(connection, name, values) for name in TABLES}
    found["truth"] = list(connection.execute("select * from ops.identity_truth order by system").fetchall())
    found["truth_errors"] = list(connection.execute("select * from ops.identity_truth_errors").fetchall())
    found["scored"] = list(connection.execute("select * from ops.scored_pairs order by weight").fetchall())
    return found


def summarise(tables: dict[str, list[Row]]) -> dict[str, float]:
    """The figures that are kept of a build, by name. Those that begin with `share.` lie between 0 and 1.

    Of a build that linked incrementally none are kept of pairs: those known stem from an earlier one.
    """
    records = sum(row["records"] for row in tables["duplicates"])
    customers = sum(row["customers"] for row in tables["spread"])
    alone = sum(row["customers"] for row in tables["spread"] if row["systems"] == 1)
    is_full = not tables["linking"] or tables["linking"][0]["mode"] == "full"
    pairs = count_pairs(tables["scored"]) if is_full else {}
    figures: dict[str, float] = {"records": records, "customers": customers, **pairs}
    figures["items in the review queue"] = sum(row["items"] for row in tables["queue"])
    figures["share.customers in one system only"] = alone / customers if customers else 0
    for row in tables["duplicates"]:
        figures[f"records of {row['system']}"] = row["records"]
        figures[f"share.records of {row['system']} beyond the first of a customer"] = (
            row["surplus_records"] / row["records"]
        )
    for row in tables["completeness"]:
        figures[f"share.{row['system']} with {row['name']}"] = row["filled"]
    for row in tables["identifiers"]:
        if row["name"] == "customer id":
            figures[f"share.{row['system']} with customer id"] = row["filled"]
    return {name: round(float(value), 6) for name, value in figures.items()}


def count_pairs(scored: list[Row]) -> dict[str, float]:
    """Pairs that became one person, those that did not although their own weight says so, and what is expected to be
    wrong by the probabilities of single pairs.
    """
    joined = [row for row in scored if row["is_one_person"]]
    apart = [row for row in scored if not row["is_one_person"]]
    return {
        "linked pairs": sum(row["pairs"] for row in joined),
        "pairs held apart despite a link": sum(r["pairs"] for r in apart if r["weight"] >= CLUSTER_WEIGHT),
        **expect_errors(scored),
        **{f"weight.{weight}": sum(r["pairs"] for r in joined if r["weight"] == weight) for weight in
           sorted({row["weight"] for row in joined})},
    }  # fmt: skip


def compare(now: dict[str, float], before: dict[str, float]) -> list[Drift]:
    """Each figure beside what it was in the build before, without the bands of weights."""
    return [
        Drift(name.removeprefix("share."), value, before.get(name), name.startswith("share."))
        for name, value in now.items()
        if not name.startswith("weight.")
    ]


def stability_of_weights(now: dict[str, float], before: dict[str, float]) -> float | None:
    """The population stability index of the links' weights: 0 is no change; beyond 0.1 the scores have shifted.

    None where one of the two has none.
    """
    weights = [{name for name in figures if name.startswith("weight.")} for figures in (now, before)]
    if not all(weights):
        return None
    names = sorted(set().union(*weights))
    totals = [sum(figures.get(name, 0) + 1 for name in names) for figures in (now, before)]
    shares = [((now.get(n, 0) + 1) / totals[0], (before.get(n, 0) + 1) / totals[1]) for n in names]
    return sum((p - q) * math.log(p / q) for p, q in shares)


def read_build(connection: psycopg.Connection[Row]) -> Row | None:
    """build_id, partition_key, batch_date and last_event_id of the last good build."""
    rows = _rows(connection, "build", {})
    return rows[0] if rows else None


@dataclass
class Before:
    """The figures of earlier builds, and the partition keys of those: of the last reported build, and of the last one
    that linked in full, whose figures of pairs these are. None where there was no such build.
    """

    figures: dict[str, float]
    key: str | None
    pairs_key: str | None


def read_last_figures(connection: psycopg.Connection[Row], build_id: int) -> Before:
    """What was reported before this build."""
    rows = _rows(connection, "last_figures", {"build_id": build_id, "of_pairs": list(OF_PAIRS)})
    keys = {row["is_of_pairs"]: row["partition_key"] for row in rows}
    return Before({row["figure"]: row["value"] for row in rows}, keys.get(False), keys.get(True))


def keep_figures(connection: psycopg.Connection[Row], build_id: int, figures: dict[str, float]) -> None:
    """Replace what is kept of the build; a rerun keeps the same."""
    connection.execute("delete from ops.identity_figures where build_id = %s", [build_id])
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.identity_figures (build_id, figure, value) values (%s, %s, %s)",
            [(build_id, name, value) for name, value in figures.items()],
        )


def _rows(connection: psycopg.Connection[Row], name: str, values: Row) -> list[Row]:
    return list(connection.execute(db.read_sql(HERE / f"{name}.sql"), values or None).fetchall())
