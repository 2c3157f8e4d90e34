"""Figures against the truth of the sample for the report; only `make demo` knows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from include import db
from include.identity.report.write import write_report

COLUMNS = ("system", "pairs", "possible", "precision", "recall", "share_of_possible")


def report_truth(url: str, folder: Path, identity: dict[str, Any]) -> None:
    """Replace what is known by system and of all pairs, and write the report of the last build anew.

    `identity` are the figures of evaluate.evaluate_warehouse.
    """
    rows = [[system, *(row[name] for name in COLUMNS[1:])] for system, row in identity["by_system"].items()]
    with db.connect(url) as connection:
        connection.execute("delete from ops.identity_truth")
        with connection.cursor() as cursor:
            cursor.executemany("insert into ops.identity_truth values (%s, %s, %s, %s, %s, %s)", rows)
        connection.execute("delete from ops.identity_truth_errors")
        connection.execute(
            "insert into ops.identity_truth_errors values (%(false_links)s, %(missed_links)s)", identity["all"]
        )
    write_report(url, folder)
