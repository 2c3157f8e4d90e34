"""Figures against the truth of the sample for the report; only `make demo` knows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from include import db
from include.identity.report.write import write_report

COLUMNS = ("system", "pairs", "possible", "precision", "recall", "share_of_possible")


def report_truth(url: str, folder: Path, by_system: dict[str, dict[str, Any]]) -> None:
    """Replace what is known by system (see evaluate.evaluate_systems), and write the report of the last build anew."""
    with db.connect(url) as connection:
        connection.execute("delete from ops.identity_truth")
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into ops.identity_truth values (%s, %s, %s, %s, %s, %s)",
                [[system, *(figures[name] for name in COLUMNS[1:])] for system, figures in by_system.items()],
            )
    write_report(url, folder)
