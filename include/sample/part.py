"""What the module of one system works with: the people it knows, the ids it claims, the days it delivers on."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from include.sample import rates
from include.sample.distort import Seen, see
from include.sample.identifiers import Identifiers, identifiers_of
from include.sample.population import Person

TRUTH = ("system", "entity", "source_key", "person_id", "corrupted_fields", "has_usable_id", "has_wrong_id")
Record = dict[str, Any]


@dataclass
class Company:
    """What all systems share: the people, the batch dates, the ids that the crm gave, the truth."""

    people: list[Person]
    dates: tuple[date, date, date]
    seed: int
    crm_ids: dict[int, str] = field(default_factory=dict)
    reused_ids: dict[int, str] = field(default_factory=dict)
    bank_clients: set[int] = field(default_factory=set)
    truth: list[Record] = field(default_factory=list)
    web_visits: float = rates.WEB_VISITS
    doers: dict[str, list[tuple[str, int]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    """The crm id that a record of another system holds: right, missing (None), or somebody else's."""

    customer_id: str | None
    is_wrong: bool = False


NO_CLAIM = Claim(None)


class Part:
    """The part of the company that one system sees.

    Each system draws from generators of its own, so a new system changes nothing of the others' records. `odd` decides
    hard cases only, so that they change no draw of `rng`.
    """

    def __init__(self, company: Company, system: str, folder: Path) -> None:
        self.company, self.system, self.folder = company, system, folder
        word = zlib.crc32(system.encode())
        self.rng = np.random.default_rng([company.seed, word])
        self.odd = np.random.default_rng([company.seed, word, 1])

    def rng_of(self, subject: str) -> np.random.Generator:
        """A generator for one subject alone: what a system tells more of changes nothing of what it tells anyway."""
        words = (self.system, subject)
        return np.random.default_rng([self.company.seed, *(zlib.crc32(word.encode()) for word in words)])

    def sightings(self) -> Iterator[Seen]:
        """The people that the system knows, as its records show them; of some it has a second record."""
        for person in self.company.people:
            if self.rng.random() >= rates.KNOWN_TO[self.system]:
                continue
            for _ in range(1 + int(self.rng.random() < rates.SECOND_RECORD[self.system])):
                yield see(person, self.first_day(person), self.rng, self.odd)

    def first_day(self, person: Person) -> date:
        """The batch date on which systems see the person first."""
        return self.company.dates[person.first_day]

    def identifiers(self, person: Person) -> Identifiers:
        """The numbers by which several systems know the person."""
        return identifiers_of(person, self.company.seed)

    def claim(self, person: Person) -> Claim:
        """The crm id under which the system knows the person."""
        ids, reused, draw = self.company.crm_ids, self.company.reused_ids, self.rng.random()
        if draw < rates.ID_WRONG and ids:
            others = list(ids.values())
            wrong = others[int(self.rng.integers(len(others)))]
            return Claim(wrong, wrong != ids.get(person.person_id))
        if draw < rates.ID_WRONG + rates.ID_MISSING:
            return NO_CLAIM
        if person.person_id in reused:
            return Claim(reused[person.person_id], is_wrong=True)
        return Claim(ids.get(person.person_id))

    def tell_truth(self, entity: str, source_key: str, seen: Seen, claim: Claim = NO_CLAIM) -> None:
        """Note whose record it is."""
        self.company.truth.append({
            "system": self.system, "entity": entity, "source_key": source_key, "person_id": seen.person.person_id,
            "corrupted_fields": seen.corrupted,
            "has_usable_id": int(claim.customer_id is not None and not claim.is_wrong),
            "has_wrong_id": int(claim.is_wrong),
        })  # fmt: skip

    def tell_doer(self, kind: str, key: str, person: Person) -> None:
        """Note who did something that is no record of a person: a visit, a purchase."""
        self.company.doers.setdefault(f"{self.system}_{kind}", []).append((key, person.person_id))

    def deliveries(
        self,
        records: list[tuple[int, Record]],
        change: Callable[[Record, date, np.random.Generator], Record] | None = None,
        is_snapshot: bool = False,
    ) -> Iterator[tuple[date, list[Record]]]:
        """What is delivered on each day, of records with the number of the day on which they come first.

        A snapshot holds everything that was there before; else some of the earlier records come again, changed.
        """
        for number, day in enumerate(self.company.dates):
            delivered = []
            for first, record in records:
                if first == number or (is_snapshot and first < number):
                    delivered.append(record)
                elif first < number and change is not None and self.rng.random() < rates.CHANGED_PER_DAY:
                    delivered.append(change(record, day, self.rng))
            yield day, delivered

    def path(self, day: date, name: str) -> Path:
        """Where the file `name` of a day belongs."""
        return self.folder / day.isoformat() / name
