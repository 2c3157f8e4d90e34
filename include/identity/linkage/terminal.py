"""The few lines that the command prints."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from include.identity.linkage.outputs import Result, Truth, tables_of


def print_summary(console: Console, result: Result, out: Path) -> None:
    """What was read, compared, found and written; no value of any record."""
    linkage = result.linkage
    clusters, links = tables_of(result)
    for source in result.sources:
        known = ", ".join(f"{theirs} = {ours}" for ours, theirs in source.columns.items())
        console.print(f"[bold]{source.name}[/]  {len(source.ids):,} records; {known}")
    people = clusters["cluster_id"].nunique()
    console.print(f"compared {len(linkage.pairs):,} pairs in {len(linkage.passes)} passes")
    console.print(
        f"[bold]{people:,} people[/] in {len(clusters):,} records, {len(links):,} links, "
        f"threshold {linkage.threshold:+.1f} (probability {1 / (1 + 2**-linkage.threshold):.3f}), chosen from the scores"
    )
    if result.truth:
        _print_truth(console, result.truth, linkage.threshold)
    console.print(f"written to {out}: clusters.csv, links.csv, model.json, report.html")


def _print_truth(console: Console, truth: Truth, threshold: float) -> None:
    table = Table("against the truth", "threshold", "precision", "recall", "F1", "B3 precision", "B3 recall", "B3 F1")
    for name, row in (("chosen", truth.at(threshold)), ("best in hindsight", truth.best())):
        figures = [f"{row[c]:.4f}" for c in ("precision", "recall", "f1", "b3_precision", "b3_recall", "b3_f1")]
        table.add_row(name, f"{row['threshold']:+.1f}", *figures)
    console.print(table)
    console.print(f"blocking brings {truth.blocking_recall:.2%} of the true pairs together")
