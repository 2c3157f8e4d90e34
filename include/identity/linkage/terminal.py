"""The few lines that the command prints."""

from __future__ import annotations

from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from include.identity.linkage.outputs import Result, Truth
from include.identity.linkage.threshold import clerical_band
from include.identity.linkage.training import probability_of

MEASURES = {"precision": "P", "recall": "R", "f1": "F1", "b3_precision": "B³ P", "b3_recall": "B³ R", "b3_f1": "B³ F1"}
LEAST_SECONDS = 0.05
SHOWN = (-4.0, -2.0, 0.0, 2.0, 4.0, 8.0)


def print_summary(console: Console, result: Result, out: Path, seconds: dict[str, float]) -> None:
    """What was read, compared, found and written, and the seconds it took; no value of any record."""
    linkage = result.linkage
    clusters, links = result.tables
    for source in result.sources:
        known = ", ".join(f"{theirs} = {ours}" for ours, theirs in source.columns.items())
        _say(console, f"{source.name}: {len(source.ids):,} records; {known}")
        if source.guessed_encoding:
            _say(console, f"read as {source.guessed_encoding}, by a guess: where letters are wrong, save it as UTF-8")
        if source.fault_of_ids:
            _say(console, f"{source.fault_of_ids}: rows are counted instead (--map their_name=id names another)")
        if source.unused:
            _say(console, f"not used: {', '.join(' '.join(column.split()) for column in source.unused)}")
    if any("age" in source.columns for source in result.sources):
        _say(console, f"ages count back from {result.as_of} (--as-of)")
    _say(console, f"{linkage.compared:,} pairs compared in {len(linkage.passes)} passes")
    probability = float(probability_of(linkage.threshold))
    _say(console, f"threshold {linkage.threshold:+.1f} (probability {probability:.3f})")
    if result.truth:
        _print_truth(console, result.truth, linkage.threshold)
    lower, upper = clerical_band(linkage.expected, linkage.threshold)
    near = int(linkage.pairs["match_weight"].between(lower, upper).sum())
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in links["reason"].value_counts().items())
    _say(console, f"records:  {len(clusters):,}")
    _say(console, f"people:   {clusters['cluster_id'].nunique():,}")
    _say(console, f"links:    {len(links):,}" + (f" ({reasons})" if reasons else ""))
    _say(console, f"doubtful: {len(result.doubts):,} people with {int(links['in_doubt'].sum()):,} links; {near:,} pairs"
         f" weigh {lower:+.1f} to {upper:+.1f}")  # fmt: skip
    steps = ", ".join(f"{name} {value:.1f}" for name, value in seconds.items() if value >= LEAST_SECONDS)
    _say(console, f"seconds:  {sum(seconds.values()):.1f} ({steps})")
    _say(console, f"report:   {out / 'report.html'}; beside it clusters.csv, links.csv, model.json")


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)


def _print_truth(console: Console, truth: Truth, threshold: float) -> None:
    table = Table("threshold", *MEASURES.values(), box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    rows = [(truth.at(value), "") for value in SHOWN if value != threshold]
    for row, name in [*rows, (truth.at(threshold), "chosen"), (truth.best(), "best in hindsight")]:
        figures = [f"{row[measure]:.4f}" for measure in MEASURES]
        table.add_row(f"{row['threshold']:+.1f}", *figures, name, style="bold" if name else "dim")
    console.print(table)
    _say(console, f"blocking alone brings {truth.blocking_recall:.2%} of the true pairs together")
