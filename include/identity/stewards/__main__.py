"""The stewards' work on a command line: ``python -m include.identity.stewards export|import|evaluate``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from include.identity.commands import run_command, whoever_calls
from include.identity.stewards.csv_files import EXPORTS, export_csv, import_csv
from include.identity.stewards.decisions import NotPossible
from include.settings import Settings


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Where it is not possible, prints why, of a file for each wrong line, and returns 1."""
    given = _parser().parse_args(arguments)
    return run_command(lambda: _run(given, Settings.from_env().database_url), NotPossible)


def _run(given: argparse.Namespace, url: str) -> None:
    if given.command == "export":
        _export(url, given.table, given.file)
    elif given.command == "import":
        counts = import_csv(url, given.file.read_bytes(), given.user or whoever_calls())
        print(f"{counts['taken']} taken, {counts['already']} there already, {counts['left']} without a decision")
        print("They take effect in the next build.")
    else:
        _print_evaluation(url)


def _export(url: str, table: str, file: Path | None) -> None:
    text = export_csv(url, table)
    if file:
        file.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


def _print_evaluation(url: str) -> None:
    from include.identity.stewards.labels import evaluate_labels

    figures = evaluate_labels(url)
    print(f"{figures['labels']} labelled pairs: {figures['same']} same, {figures['different']} different")
    for name in ("clusters", "pairs"):
        shown = (f"{key} {'-' if value is None else f'{value:.4f}'}" for key, value in figures[name].items())
        print(f"{name:<9} {'  '.join(shown)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m include.identity.stewards", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    export = commands.add_parser("export", help="write the queue or the decisions as CSV")
    export.add_argument("table", choices=sorted(EXPORTS))
    export.add_argument("file", type=Path, nargs="?", help="standard output where it is not given")
    take = commands.add_parser("import", help="take decisions from CSV; all lines or none")
    take.add_argument("file", type=Path)
    take.add_argument("--user", help="who has decided; you by default")
    commands.add_parser("evaluate", help="precision and recall of the model on the stewards' labels")
    return parser


if __name__ == "__main__":
    sys.exit(main())
