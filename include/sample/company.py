"""Writes the files of the sample company into an inbox, and the truth apart from them."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from include.sample import rates
from include.sample.distort import Seen, see
from include.sample.population import Person, make_people
from include.sample.records import MAKERS, change_record
from include.sample.writers import WRITERS

SYSTEMS = ("crm", "finance", "demographics", "service", "usage")
TRUTH = ("system", "entity", "source_key", "person_id", "corrupted_fields", "has_usable_id", "has_wrong_id")
ENTITIES = {"crm": "customers", "finance": "accounts", "demographics": "customers", "service": "interactions",
            "usage": "product_usage"}  # fmt: skip
DELIVERED_AGAIN = ("crm", "finance", "demographics")


@dataclass
class Company:
    """Every record that the systems hold, by system, with the number of the day on which it is delivered first."""

    records: dict[str, list[tuple[int, dict[str, Any]]]] = field(default_factory=lambda: {s: [] for s in SYSTEMS})
    truth: list[dict[str, Any]] = field(default_factory=list)
    reused_ids: dict[int, str] = field(default_factory=dict)


def write_sample(inbox: Path, truth_dir: Path, records: int, seed: int, dates: tuple[date, date, date]) -> None:
    """Write ``inbox/<system>/<date>/*`` for three batch dates and ``truth_dir/truth.csv``.

    `records` is the number of records that describe a person, over all systems (met to a few per cent). Equal
    arguments give equal bytes. The truth has one row per record: system, entity, source_key, person_id,
    corrupted_fields, has_usable_id, has_wrong_id.
    """
    rng, odd = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    people = make_people(max(round(records / rates.RECORDS_PER_PERSON), 5), rng, odd)
    company = _make_records(people, dates, rng, odd)
    _write_truth(truth_dir, company)
    inbox.mkdir(parents=True, exist_ok=True)
    # Beside the systems' folders first: half-written ones would be taken for data that somebody has put there.
    with tempfile.TemporaryDirectory(dir=inbox, prefix=".unfinished-") as unfinished:
        for system in SYSTEMS:
            for number, day in enumerate(dates):
                folder = Path(unfinished) / system / day.isoformat()
                folder.mkdir(parents=True)
                WRITERS[system](folder, day, _delivered(system, company, number, day, rng), rng)
        for system in reversed(SYSTEMS):  # whoever finds the first system finds them all
            _move(Path(unfinished) / system, inbox / system)


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


def _make_records(
    people: list[Person], dates: tuple[date, date, date], rng: np.random.Generator, odd: np.random.Generator
) -> Company:
    company = Company()
    ids: dict[int, str] = {}
    for system in SYSTEMS:
        if system == SYSTEMS[1]:
            company.reused_ids = _reuse_ids(people, ids, odd)
        for person in people:
            if rng.random() >= rates.KNOWN_TO[system]:
                continue
            for _ in range(1 + int(rng.random() < rates.SECOND_RECORD[system])):
                seen = see(person, dates[person.first_day], rng, odd)
                _add_record(company, system, seen, ids, dates, rng)
    return company


def _add_record(
    company: Company, system: str, seen: Seen, ids: dict[int, str], dates: tuple[date, date, date],
    rng: np.random.Generator,
) -> None:  # fmt: skip
    number = len(company.records[system]) + 1
    person_id, day = seen.person.person_id, seen.person.first_day
    is_crm = system == "crm"
    claimed, is_wrong = (f"C{number:06d}", False) if is_crm else _claimed_id(person_id, ids, company.reused_ids, rng)
    if is_crm and claimed:
        ids.setdefault(person_id, claimed)
    key, record = MAKERS[system](number, seen, claimed, dates[day], rng)
    company.records[system].append((day, record))
    company.truth.append({
        "system": system, "entity": ENTITIES[system], "source_key": key, "person_id": person_id,
        "corrupted_fields": seen.corrupted, "has_usable_id": int(claimed is not None and not is_wrong),
        "has_wrong_id": int(is_wrong),
    })  # fmt: skip


def _reuse_ids(people: list[Person], ids: dict[int, str], odd: np.random.Generator) -> dict[int, str]:
    """For some people whom the crm has forgotten: their former id, which is somebody else's by now."""
    given = list(ids.values())
    forgotten = [person.person_id for person in people if person.person_id not in ids]
    return {
        person_id: given[int(odd.integers(len(given)))]
        for person_id in forgotten
        if given and odd.random() < rates.REUSED_ID
    }


def _claimed_id(
    person_id: int, ids: dict[int, str], reused: dict[int, str], rng: np.random.Generator
) -> tuple[str | None, bool]:
    """The crm id that another system holds for the person: right, missing, or somebody else's."""
    draw = rng.random()
    if draw < rates.ID_WRONG and ids:
        others = list(ids.values())
        wrong = others[int(rng.integers(len(others)))]
        return wrong, wrong != ids.get(person_id)
    if draw < rates.ID_WRONG + rates.ID_MISSING:
        return None, False
    return (reused[person_id], True) if person_id in reused else (ids.get(person_id), False)


def _delivered(
    system: str, company: Company, number: int, day: date, rng: np.random.Generator
) -> Iterable[dict[str, Any]]:
    """What a system delivers on a day: its new records, changed ones again, and `usage` its full list."""
    for first_day, record in company.records[system]:
        if first_day == number or (system == "usage" and first_day < number):
            yield record
        elif first_day < number and system in DELIVERED_AGAIN and rng.random() < rates.CHANGED_PER_DAY:
            yield change_record(system, record, day, rng)
