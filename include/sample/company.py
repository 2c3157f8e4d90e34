"""Writes the files of the sample company into an inbox, and the truth apart from them."""

from __future__ import annotations

import csv
import importlib
import pkgutil
import tempfile
from datetime import date
from pathlib import Path

import numpy as np

from include.sample import rates, systems
from include.sample.part import TRUTH, Company, Part
from include.sample.population import make_people

# The crm gives the ids that the others claim, so it comes first.
SYSTEMS = ("crm", *sorted(module.name for module in pkgutil.iter_modules(systems.__path__) if module.name != "crm"))


def write_sample(inbox: Path, truth_dir: Path, records: int, seed: int, dates: tuple[date, date, date]) -> None:
    """Write ``inbox/<system>/<date>/*`` for three batch dates and ``truth_dir/truth.csv``.

    `records` is the number of records that describe a person, over all systems (met to a few per cent). Equal
    arguments give equal bytes. The truth has one row per record: system, entity, source_key, person_id,
    corrupted_fields, has_usable_id, has_wrong_id.
    """
    people = make_people(
        max(round(records / rates.records_per_person(SYSTEMS)), 5),
        np.random.default_rng(seed), np.random.default_rng([seed, 1]),
    )  # fmt: skip
    company = Company(people, dates, seed)
    inbox.mkdir(parents=True, exist_ok=True)
    # Beside the systems' folders first: half-written ones would be taken for data that somebody has put there.
    with tempfile.TemporaryDirectory(dir=inbox, prefix=".unfinished-") as unfinished:
        for system in SYSTEMS:
            _write_system(Part(company, system, Path(unfinished) / system))
        _write_truth(truth_dir, company)
        for system in reversed(SYSTEMS):  # whoever finds the first system finds them all
            _move(Path(unfinished) / system, inbox / system)


def _write_system(part: Part) -> None:
    for day in part.company.dates:
        (part.folder / day.isoformat()).mkdir(parents=True)
    importlib.import_module(f"{systems.__name__}.{part.system}").write(part)


def _write_truth(truth_dir: Path, company: Company) -> None:
    truth_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (truth_dir / "truth.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, TRUTH)
        writer.writeheader()
        writer.writerows(company.truth)


def _move(folder: Path, place: Path) -> None:
    """The folder to its place in one step; where one is already, its files into that."""
    if not place.exists():
        folder.rename(place)
        return
    for file in (path for path in folder.rglob("*") if path.is_file()):
        target = place / file.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        file.replace(target)
