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

# The crm gives the ids that the others claim, so it comes first; the bank comes before the bureau, which knows its
# clients.
SYSTEMS = ("crm", *sorted(module.name for module in pkgutil.iter_modules(systems.__path__) if module.name != "crm"))


def write_sample(
    inbox: Path, truth_dir: Path, records: int, seed: int, dates: tuple[date, date, date],
    leave_out: frozenset[str] = frozenset(), web_events: int = 0,
) -> None:  # fmt: skip
    """Write ``inbox/<system>/<date>/*`` for three batch dates and ``truth_dir/truth.csv``.

    Systems to leave out have no files and no truth: somebody else's data take their place. Nobody else in the sample
    then knows people by their ids; the others' people are the same with and without them.

    `records` is the number of records that describe a person, over all systems (met to a few per cent), `web_events`
    that of the web site's events, where it is not 0 (met to a fifth). Equal arguments give equal bytes. The truth has
    one row per record: system, entity, source_key, person_id, corrupted_fields, has_usable_id, has_wrong_id. Beside it
    ``<system>_<kind>.csv`` says who did what (key, person_id): visits of the web site, purchases in shops.
    """
    people = make_people(
        max(round(records / rates.records_per_person(SYSTEMS)), 5),
        np.random.default_rng(seed), np.random.default_rng([seed, 1]),
    )  # fmt: skip
    company = Company(people, dates, seed)
    if web_events:
        company.web_visits = web_events / rates.web_events_per_visit(len(people), len(dates))
    inbox.mkdir(parents=True, exist_ok=True)
    # Beside the systems' folders first: half-written ones would be taken for data that somebody has put there.
    with tempfile.TemporaryDirectory(dir=inbox, prefix=".unfinished-") as unfinished:
        written = [system for system in SYSTEMS if system not in leave_out]
        for system in written:
            _write_system(Part(company, system, Path(unfinished) / system))
        _write_truth(truth_dir, company)
        for system in reversed(written):  # whoever finds the first system finds them all
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
    for kind, doers in company.doers.items():
        with (truth_dir / f"{kind}.csv").open("w", newline="", encoding="utf-8") as stream:
            csv.writer(stream).writerows([("key", "person_id"), *doers])


def _move(folder: Path, place: Path) -> None:
    """The folder to its place in one step; where one is already, its files into that."""
    if not place.exists():
        folder.rename(place)
        return
    for file in (path for path in folder.rglob("*") if path.is_file()):
        target = place / file.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        file.replace(target)
