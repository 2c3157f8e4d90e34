"""The sample in the inbox: written where the inbox is empty, and told apart from one that other settings would make.

Beside the truth lie `inbox`, which says for which inbox it was made, and `sample.json`, which says what from.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console

from include.runtime.bank import bank_date, deliver_bank
from include.settings import PROJECT_DIR, Settings

LIBRARIES = ("faker", "numpy")


def truth_of(settings: Settings) -> Path:
    """The folder with what is true of the sample; the pipeline does not know it."""
    return settings.run_dir / "truth"


def fill_inbox(settings: Settings, console: Console) -> None:
    """Write the sample data where the inbox is empty; the pipeline itself never writes there.

    An inbox with a file that the generator did not make is somebody's, and stays as it is; a folder without a file is
    nobody's. A generator that was killed while it moved its folders is run again. A sample that was made by another
    generator, or of another size, seed or dates, is used as it is, with a warning.
    With BANK_DATA the sample is written without its bank; raises ValueError where that is in the inbox already.
    """
    from include.sample import write_sample

    day, truth, inbox = bank_date(settings), truth_of(settings), settings.inbox
    if day and _holds_sample_bank(settings):
        raise ValueError(_two_banks(settings))
    delivered = _systems_with_files(inbox)
    if not delivered or _is_unfinished(settings):
        console.print(f"Writing sample data for {settings.sample_records:,} customer records ...")
        truth.mkdir(parents=True, exist_ok=True, mode=0o700)
        (truth / "sample.json").unlink(missing_ok=True)
        (truth / "inbox").write_text(f"{inbox}\n")
        given = frozenset({"bank"}) if day else frozenset[str]()
        write_sample(
            inbox, truth, settings.sample_records, settings.sample_seed, settings.sample_dates, given,
            settings.sample_events,
        )  # fmt: skip
        (truth / "sample.json").write_text(json.dumps(_origin(settings), indent=2) + "\n")
    elif not (knows_truth(settings) and "crm" in delivered):
        console.print(_told_of_others(settings, delivered), highlight=False, soft_wrap=True)
    elif differences := _differences(settings):
        console.print(_warning(settings, differences), style="yellow", highlight=False, soft_wrap=True)
    else:
        console.print(f"The inbox {inbox} holds the sample already.", highlight=False)
    if day:
        deliver_bank(settings, day)


def knows_truth(settings: Settings) -> bool:
    """Whether the run folder has the truth of what is in the inbox; one may be left of a sample in another inbox."""
    truth = truth_of(settings)
    try:
        made_for = Path((truth / "inbox").read_text().removesuffix("\n"))
    except FileNotFoundError:  # a run folder of an earlier version
        made_for = settings.run_dir / "inbox"
    return (truth / "truth.csv").exists() and made_for == settings.inbox


def _systems_with_files(inbox: Path) -> set[str]:
    """The folders of systems in which a file of some day lies; what an interrupted generator left behind begins with a
    dot, and so do files that programs leave in every folder.
    """
    days = (day for day in inbox.glob("*/????-??-??") if not day.parent.name.startswith("."))
    return {day.parent.name for day in days if any(_is_delivery(path) for path in day.rglob("*"))}


def _is_delivery(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".")


def _told_of_others(settings: Settings, delivered: set[str]) -> str:
    """That the inbox is somebody's, and why nothing will come of it where no contract knows the systems."""
    told = f"The inbox {settings.inbox} holds data that is not the sample's; it is used as it is."
    if delivered & {path.stem for path in settings.sources_dir.glob("*.yml")}:
        return told
    return (
        f"{told} No contract is there for {', '.join(sorted(delivered))}, so that nothing of it lands: write"
        f" {settings.sources_dir}/<system>.yml, or move the files away, and the sample is written."
    )


def _is_unfinished(settings: Settings) -> bool:
    """Whether a generator was interrupted among its moves: crm is moved last, the truth is written before them and
    sample.json after them, so that a truth that has it belongs to a sample that is whole.
    """
    is_whole = (truth_of(settings) / "sample.json").exists() or "crm" in _systems_with_files(settings.inbox)
    return knows_truth(settings) and not is_whole


def _holds_sample_bank(settings: Settings) -> bool:
    """Whether the bank in the inbox is that of the sample company."""
    if not knows_truth(settings) or not (settings.inbox / "bank").exists():
        return False
    with (truth_of(settings) / "truth.csv").open(encoding="utf-8") as stream:
        return any(line.startswith("bank,") for line in stream)


def _two_banks(settings: Settings) -> str:
    return (
        f"the inbox {settings.inbox} holds the bank of the sample company, and BANK_DATA={settings.bank_data} another"
        " one, whose clients are other people under the same numbers. Either\n"
        "  make demo, without BANK_DATA                                  goes on with what is there\n"
        "  CUSTOMER360_RUN_DIR=/another/folder BANK_DATA=... make demo   keeps it, and begins anew elsewhere\n"
        f"  make clean && BANK_DATA=... make demo                         deletes {settings.run_dir}, with all of it"
    )


def _origin(settings: Settings) -> dict[str, Any]:
    """What the sample of these settings is made from."""
    return {
        "records": settings.sample_records,
        "seed": settings.sample_seed,
        "web events": settings.sample_events or "as they come",
        "first day": settings.sample_start.isoformat(),
        "bank": "of BANK_DATA" if settings.bank_data else "of the sample",
        "generator": _generator(),
    }


def _generator() -> str:
    """A word for the version of the generator: its code, and the libraries that it draws names and numbers from."""
    known = hashlib.sha256()
    for path in sorted((PROJECT_DIR / "include" / "sample").rglob("*.py")):
        known.update(path.read_bytes())
    return f"{known.hexdigest()[:12]} {' '.join(f'{name} {version(name)}' for name in LIBRARIES)}"


def _differences(settings: Settings) -> list[str]:
    """How the sample in the inbox differs from the one that would be written now, in words."""
    try:
        made = json.loads((truth_of(settings) / "sample.json").read_text())
    except (OSError, ValueError):
        return ["an earlier version of the generator, which left no note of its settings"]
    now = _origin(settings)
    return [
        "another version of the generator" if name == "generator" else f"{name} {made.get(name)}, now {now[name]}"
        for name in now
        if made.get(name) != now[name]
    ]


def _warning(settings: Settings, differences: list[str]) -> str:
    run_dir, inbox = settings.run_dir, settings.inbox
    also = "" if inbox.is_relative_to(run_dir) else f", and empty {inbox}"
    return (
        f"Warning: the inbox {inbox} holds a sample that was made otherwise: {'; '.join(differences)}.\n"
        "It is used as it is, so the figures below are those of that sample. For the other one, either\n"
        f"  make clean && make demo                         deletes {run_dir}, with all that was landed{also}\n"
        "  CUSTOMER360_RUN_DIR=/another/folder make demo   keeps it"
    )
