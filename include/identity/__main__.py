"""``python -m include.identity link people.csv [more.csv ...] --out DIR``: links any files of people."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

try:
    from include.identity.linkage.headers import OURS
    from include.identity.linkage.read import InputProblem
except ModuleNotFoundError as missing:
    sys.exit(
        f"error: {missing.name} is not installed for this Python. `make demo` once makes the environment; then run"
        " .run/venv/bin/python -m include.identity"
    )

REASONS = """\
links.csv has every compared pair whose records are one person: id_l, id_r, probability, reason, in_doubt.
  reason       shared_id:<which>  the records share these identifiers: national_id, email, phone, joined by +
               model              names, birth, address and the rest alone
  probability  what the pair says by itself; others of the same person may say more
  in_doubt     True where the person is among the doubtful clusters of the report: someone should look
The links of the pipeline have the same reasons, with customer_id, client_id, user_id, loyalty_number, card and iban
among the identifiers.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 2 where the input cannot be used."""
    options = _parser().parse_args(arguments)
    from include.identity.linkage.command import link_files

    try:
        mapped = _mapped(options.map)
        link_files(options.files, options.out, mapped, options.truth, options.threshold, options.as_of)
    except InputProblem as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m include.identity", description="Finds the records of one person.")
    link = parser.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "link", help="link files of people", description="Links and de-duplicates files of people, without labels.",
        epilog=REASONS, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    link.add_argument("files", nargs="+", type=Path, metavar="people.csv", help="CSV or Parquet files")
    link.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the results")
    link.add_argument(
        "--map", action="extend", nargs="+", default=[], metavar="THEIRS=OURS",
        help="what a column means, where it is not recognised; ours: " + ", ".join(OURS) + ", or ignore",
    )  # fmt: skip
    link.add_argument("--truth", metavar="COLUMN", help="column that names the person: the result is measured by it")
    link.add_argument(
        "--threshold",
        type=_probability,
        metavar="P",
        help="probability from which records are joined (default: chosen)",
    )
    link.add_argument(
        "--as-of",
        type=_day,
        metavar="DATE",
        help="day from which ages count back and that no birth follows, as 2026-12-31 (default: today)",
    )
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day is written as 2026-12-31") from None


def _probability(text: str) -> float:
    with suppress(ValueError):
        if 0 < (value := float(text)) < 1:
            return value
    raise argparse.ArgumentTypeError("a probability is a number between 0 and 1, as 0.9")


def _mapped(pairs: Sequence[str]) -> dict[str, str]:
    mapped: dict[str, str] = {}
    for theirs, ours in map(_split, pairs):
        if mapped.setdefault(theirs, ours) != ours:
            raise InputProblem(f"--map: {theirs!r} is named as {mapped[theirs]} and as {ours}; it can be one of them.")
    return mapped


def _split(pair: str) -> tuple[str, str]:
    theirs, sign, ours = pair.rpartition("=")
    if not sign or ours not in (*OURS, "ignore"):
        raise InputProblem(f"--map {pair}: write THEIRS=OURS, where OURS is one of {', '.join(OURS)} or ignore.")
    return theirs, ours


if __name__ == "__main__":
    sys.exit(main())
