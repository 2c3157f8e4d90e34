"""Reads what the first page and that of the reconciliation show: all systems beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from include import db
from include.quality.charts import draw_bars
from include.quality.figures import Connection, Row

SETS_SHOWN = 20


@dataclass(frozen=True)
class Company:
    """Overlap and gaps of the systems, as of the newest day that was measured."""

    systems: list[str]
    pairs: dict[tuple[str, str], int]
    gaps: list[Row]
    sets: Any
    sets_found: int
    customers: int
    fields: list[str]
    filled: dict[tuple[str, str], float]


def read_company(connection: Connection) -> Company:
    """Who is known where."""
    day = "(select max(as_of_date) from ops.system_gaps)"
    gaps = connection.execute(f"select * from ops.system_gaps where as_of_date = {day} order by system").fetchall()
    pairs = connection.execute(f"select * from ops.system_overlap where as_of_date = {day}").fetchall()
    sets = connection.execute(
        f"select systems, customers from ops.system_sets where as_of_date = {day} order by customers desc, systems"
    ).fetchall()
    filled = connection.execute(db.read_sql("include/identity/report/completeness.sql")).fetchall()
    customers = sum(row["customers"] for row in sets)
    return Company(
        systems=[row["system"] for row in gaps],
        pairs={(row["system"], row["other_system"]): row["customers"] for row in pairs},
        gaps=gaps,
        sets=draw_bars(
            [(", ".join(row["systems"]), row["customers"], f"{row['customers']:,} customers, "
              f"{row['customers'] / customers:.1%}") for row in sets[:SETS_SHOWN]],
            "Customers by the systems that know them",
        ),
        sets_found=len(sets), customers=customers, fields=list(dict.fromkeys(row["name"] for row in filled)),
        filled={(row["system"], row["name"]): row["filled"] for row in filled},
    )  # fmt: skip


def read_quality(connection: Connection) -> dict[tuple[str, str], Row]:
    """By (system, dimension): the share of its newest batch, and what it was in the batch before."""
    rows = connection.execute(db.read_sql("include/quality/by_system.sql")).fetchall()
    return {(row["system"], row["dimension"]): row for row in rows}


def read_reconciliation(connection: Connection) -> list[Row]:
    """Every line of the reconciliation."""
    return connection.execute(
        "select * from ops.reconciliation order by fact, system, entity, batch_date"
    ).fetchall()  # fmt: skip
