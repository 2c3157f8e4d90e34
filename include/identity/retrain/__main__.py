"""Versions of the linkage model: ``python -m include.identity.retrain train|judge|list|use``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from include.identity.commands import run_command, whoever_calls
from include.identity.retrain.candidates import (
    NotPossible,
    choose_model,
    judge_candidate,
    read_choices,
    read_versions,
    train_candidate,
)
from include.identity.retrain.words import tell_judgement
from include.settings import Settings


def main(arguments: list[str] | None = None) -> int:
    """Run one command; says in one sentence why it is not possible and returns 1 then."""
    given = _parser().parse_args(arguments)
    return run_command(lambda: _run(given, Settings.from_env().database_url), NotPossible)


def _run(given: argparse.Namespace, url: str) -> None:
    if given.command == "train":
        version = train_candidate(url)
        print(f"{version}\n{tell_judgement(judge_candidate(url, version, _truth(url, given.truth)))}")
    elif given.command == "judge":
        print(tell_judgement(judge_candidate(url, given.version, _truth(url, given.truth))))
    elif given.command == "use":
        before = choose_model(url, given.version, given.user or whoever_calls(), given.why)
        print(f"{given.version} takes the place of {before} from the next build on, which links everybody.")
    else:
        _print_versions(url)


def _truth(url: str, path: Path | None) -> dict[str, int] | None:
    if path is None:
        return None
    from include.identity.evaluate import read_truth

    found = read_truth(url, path).set_index("record_id")["person_id"]
    return {str(record_id): int(person) for record_id, person in found.items()}


def _print_versions(url: str) -> None:
    for row in read_versions(url):
        told = "in force" if row["is_in_force"] else f"trained on {row['trained_on']}"
        print(f"{row['model_version']}  {told}")
        if row["evidence"]:
            known: dict[str, Any] = row["evidence"]
            print("    of " + ", ".join(f"{known[name]:,} {name.replace('_', ' ')}" for name in
                                        ("records", "certain_pairs", "linked_pairs", "random_pairs")))  # fmt: skip
        if row["judgement"]:
            print("    " + tell_judgement(row["judgement"]).replace("\n", "\n    "))
    for row in read_choices(url):
        print(f"{row['chosen_at']:%Y-%m-%d %H:%M} {row['chosen_by']}: {row['model_version']}, {row['why']}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m include.identity.retrain", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    train = commands.add_parser("train", help="estimate a candidate from the warehouse and judge it")
    judge = commands.add_parser("judge", help="judge a version beside the model in force")
    judge.add_argument("version")
    for command in (train, judge):
        command.add_argument("--truth", type=Path, metavar="CSV", help="judge by the truth of a sample, too")
    commands.add_parser("list", help="all versions, how they did, and who took which into force")
    use = commands.add_parser("use", help="take a version into force from the next build on, or an earlier one again")
    use.add_argument("version")
    use.add_argument("--why", required=True, help="the reason, which is written down")
    use.add_argument("--user", metavar="NAME", help="who decides; you by default")
    return parser


if __name__ == "__main__":
    sys.exit(main())
