"""Invented people as the files of others have them, seeded: kinds of data on which linkage is known to go wrong."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from faker.providers.job.en_US import Provider as Jobs
from faker.providers.person.en_GB import Provider as British
from faker.providers.person.en_US import Provider as American

# Keys of the keyboard, shapes and sounds that are mixed up.
NEIGHBOURS = {
    "a": "sqe", "e": "wri", "i": "uoy", "o": "ipu", "u": "yia", "s": "adz", "n": "mb", "m": "n", "t": "ry", "r": "te",
    "d": "sf", "l": "k", "k": "l", "c": "vk", "b": "vn", "y": "ti",
}  # fmt: skip
FIRST = [n.lower() for n in dict.fromkeys([*British.first_names, *American.first_names])]
LAST = [n.lower() for n in dict.fromkeys([*British.last_names, *American.last_names])]
JOBS = sorted({job.split(",")[0].split("/")[0].lower() for job in Jobs.jobs})
SYLLABLES = [
    "ash", "wick", "ton", "ham", "ford", "burn", "mere", "stead", "hill", "dale", "nor", "sut",
    "wes", "eas", "mil", "hart", "lea", "brook", "col", "thor", "kirk", "hal", "stan", "rad",
]  # fmt: skip


class Maker:
    """Draws people and spoils their records."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311  # no secret
        self.numbers = np.random.default_rng(seed)
        shuffled = [self.random.sample(values, len(values)) for values in (FIRST, LAST)]
        self.first, self.last = shuffled
        self.pools = {"first": self.first, "last": self.last}
        self.towns = ["".join(self.random.sample(SYLLABLES, 2)) for _ in range(250)]
        self.streets = [
            "".join(self.random.sample(SYLLABLES, 2)) + " " + kind
            for kind in ("road", "lane", "street")
            for _ in range(300)
        ]

    def zipf(self, values: list[str], flatness: float = 10.0) -> str:
        """A value with the skew of names: the first is the commonest."""
        weights = 1 / (np.arange(len(values)) + flatness)
        return values[int(self.numbers.choice(len(values), p=weights / weights.sum()))]

    def person(self, years: tuple[int, int] = (1930, 2005)) -> dict[str, Any]:
        """One true person."""
        draw = self.random
        first, last = self.zipf(self.first), self.zipf(self.last)
        born = date(draw.randint(*years), 1, 1) + timedelta(days=draw.randrange(365))
        town = self.zipf(self.towns, 5)
        domain = draw.choice(["mail.test", "post.test", "web.test"])
        return {
            "first": first,
            "last": last,
            "middle": self.zipf(self.first),
            "born": born,
            "town": town,
            "street": draw.choice(self.streets),
            "number": str(draw.randint(1, 150)),
            "postcode": f"{abs(hash_of(town)) % 90 + 10}{draw.randint(0, 99):02d}",
            "sex": draw.choice("mf"),
            "email": f"{first}{draw.choice(['.', '', '_'])}{last}{draw.choice(['', str(draw.randint(1, 9))])}@{domain}",
            "phone": f"+4420{draw.randint(10**7, 10**8 - 1)}",
            "national_id": str(draw.randint(10**8, 10**9 - 1)),
            "job": self.zipf(JOBS, 20),
            "birth_place": self.zipf(self.towns, 5),
            "country": draw.choice(["gb", "gb", "ie"]),
        }

    def typo(self, text: str) -> str:
        """One slip of the keyboard, the eye or the ear."""
        if len(text) < 2:
            return text
        at = self.random.randrange(len(text) - 1)
        kind = self.random.randrange(5)
        if kind == 0:
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        if kind == 1:
            return text[:at] + text[at + 1 :]
        if kind == 2:
            return text[:at] + text[at] + text[at:]
        if kind == 3:
            return text[:at] + self.random.choice(NEIGHBOURS.get(text[at], "e")) + text[at + 1 :]
        for old, new in self.random.sample([("ph", "f"), ("y", "i"), ("ck", "k"), ("ie", "ei"), ("c", "k")], 5):
            if old in text:
                return text.replace(old, new, 1)
        return text[:at] + text[at + 1 :]

    def spoil_text(self, text: str, errors: float, unlike: list[str]) -> str:
        """The text with up to two slips or, seldom, another or a shorter one."""
        draw = self.random.random()
        if draw < errors * 0.15:
            return self.zipf(unlike)
        if draw < errors * 0.25:
            return text[: self.random.choice([1, 3])]
        if draw < errors:
            text = self.typo(text)
            return self.typo(text) if self.random.random() < 0.3 else text
        return text

    def spoil_date(self, born: date, errors: float) -> str:
        """The date as text with day and month changed over, a wrong part, or the first of the year."""
        draw = self.random.random()
        if draw < errors * 0.15 and born.day <= 12:
            return f"{born.year}-{born.day:02d}-{born.month:02d}"
        if draw < errors * 0.35:
            return f"{born.year}-01-01"
        if draw < errors * 0.6:
            return born.replace(
                day=min(born.day, 28), year=born.year + self.random.choice([-10, -2, -1, 1, 2, 10])
            ).isoformat()
        if draw < errors * 0.8:
            return born.replace(day=self.random.randint(1, 28)).isoformat()
        if draw < errors:
            text = born.isoformat().replace("-", "")
            at = self.random.randrange(2, 8)
            text = text[:at] + str(self.random.randint(0, 9)) + text[at + 1 :]
            return f"{text[:4]}-{text[4:6]}-{text[6:]}"
        return born.isoformat()

    def maybe(self, value: Any, missing: float) -> Any:
        """The value, or nothing."""
        return None if self.random.random() < missing else value


def hash_of(text: str) -> int:
    """A number of a text that is equal in every run."""
    return sum(ord(c) * 31**n for n, c in enumerate(text))


def finish(rows: list[dict[str, Any]], maker: Maker) -> pd.DataFrame:
    """The rows shuffled, with ids that say nothing."""
    maker.random.shuffle(rows)
    return pd.DataFrame([{"id": f"r{n}"} | row for n, row in enumerate(rows)], dtype=object)


def rare(seed: int, people: int = 4000, twice: float = 0.03, errors: float = 0.3) -> pd.DataFrame:
    """Short records, and hardly anybody is there twice: first, last, dob, city."""
    make, rows = Maker(seed), []
    for number in range(people):
        p = make.person()
        for copy in range(1 + (make.random.random() < twice)):
            e = errors * copy
            rows.append(
                {
                    "truth": number,
                    "fname": make.maybe(make.spoil_text(p["first"], e, make.first), 0.03),
                    "lname": make.spoil_text(p["last"], e, make.last),
                    "dob": make.maybe(make.spoil_date(p["born"], e), 0.05),
                    "city": make.maybe(make.spoil_text(p["town"], e, make.towns), 0.05),
                }
            )
    return finish(rows, make)


def heavy(seed: int, people: int = 250, most: int = 8, errors: float = 0.4, missing: float = 0.2) -> pd.DataFrame:
    """Many errors in every record, several records of each person: first, last, dob, city, email."""
    make, rows = Maker(seed), []
    for number in range(people):
        p = make.person()
        for _ in range(make.random.randint(1, most)):
            first, last = make.spoil_text(p["first"], errors, make.first), make.spoil_text(p["last"], errors, make.last)
            if make.random.random() < 0.05:
                first, last = last, first
            rows.append(
                {
                    "truth": number,
                    "first_name": make.maybe(first, missing),
                    "surname": make.maybe(last, missing),
                    "dob": make.maybe(make.spoil_date(p["born"], errors), missing / 4),
                    "city": make.maybe(make.spoil_text(p["town"], errors, make.towns), missing),
                    "email": make.maybe(
                        make.typo(p["email"]) if make.random.random() < errors / 2 else p["email"], missing
                    ),
                }
            )
    return finish(rows, make)


def historical(seed: int, people: int = 500, most: int = 20, errors: float = 0.35) -> pd.DataFrame:
    """Persons of old, clusters of ten and more: one full name, birth place, dob, occupation, country."""
    make, rows = Maker(seed), []
    for number in range(people):
        p = make.person((1600, 1900))
        for _ in range(make.random.randint(1, most)):
            words = [make.spoil_text(p["first"], errors, make.first)]
            words += [p["middle"]] * (make.random.random() < 0.3) + [make.spoil_text(p["last"], errors, make.last)]
            if make.random.random() < 0.05:
                words.reverse()
            if make.random.random() < 0.1:
                words.insert(0, "sir")
            rows.append(
                {
                    "truth": number,
                    "full_name": " ".join(words).title(),
                    "birth_place": make.maybe(make.spoil_text(p["birth_place"], errors, make.towns), 0.3),
                    "dob": make.maybe(make.spoil_date(p["born"], errors), 0.25),
                    "occupation": make.maybe(p["job"] if make.random.random() > errors else make.zipf(JOBS), 0.4),
                    "country": make.maybe(p["country"], 0.1),
                }
            )
    return finish(rows, make)


def null_ids(seed: int, people: int = 2500, errors: float = 0.15) -> pd.DataFrame:
    """Ids that would settle it are nearly always absent."""
    make, rows = Maker(seed), []
    for number in range(people):
        p = make.person()
        for _ in range(make.random.choices([1, 2, 3, 5], [5, 3, 2, 1])[0]):
            rows.append(  # noqa: PERF401
                {
                    "truth": number,
                    "given_name": make.spoil_text(p["first"], errors, make.first),
                    "surname": make.spoil_text(p["last"], errors, make.last),
                    "birthdate": make.maybe(make.spoil_date(p["born"], errors), 0.2),
                    "ssn": make.maybe(p["national_id"], 0.9),
                    "email": make.maybe(p["email"], 0.8),
                    "mobile": make.maybe(p["phone"], 0.75),
                    "town": make.maybe(make.spoil_text(p["town"], errors, make.towns), 0.1),
                    "zip": make.maybe(p["postcode"], 0.15),
                    "sex": make.maybe(p["sex"], 0.1),
                }
            )
    return finish(rows, make)


def families(seed: int, houses: int = 900, errors: float = 0.15) -> pd.DataFrame:
    """Households: parents, children (some of one name) and twins share surname, address and often the phone."""
    make, rows, number = Maker(seed), [], 0
    for _ in range(houses):
        home = make.person()
        born = home["born"]
        for member in range(make.random.randint(1, 4)):
            p = make.person() if member else dict(home)
            number += 1
            if member == 3 and make.random.random() < 0.15:
                p["born"] = born
            born = p["born"]
            shared = {key: home[key] for key in ("last", "street", "number", "town", "postcode", "phone")}
            p |= shared | {"email": p["first"] + "." + home["last"] + "@mail.test"}
            if member == 1 and make.random.random() < 0.1:
                p["first"] = home["first"]
            for _ in range(make.random.choices([1, 2, 3], [4, 4, 2])[0]):
                e = errors
                rows.append(
                    {
                        "truth": number,
                        "name": " ".join(make.spoil_text(p[n], e, make.pools[n]) for n in ("first", "last")),
                        "date of birth": make.maybe(make.spoil_date(p["born"], e), 0.15),
                        "address": make.maybe(f"{p['number']} {make.spoil_text(p['street'], e, make.streets)}", 0.1),
                        "city": p["town"],
                        "post code": make.maybe(p["postcode"], 0.1),
                        "e-mail": make.maybe(p["email"], 0.5),
                        "tel": make.maybe(p["phone"], 0.4),
                    }
                )
    return finish(rows, make)


def ages(seed: int, people: int = 3000, errors: float = 0.2) -> pd.DataFrame:
    """No date of birth, an age that is a year off now and then, and an address."""
    make, rows = Maker(seed), []
    for number in range(people):
        p = make.person()
        for _ in range(make.random.choices([1, 2], [3, 1])[0]):
            age = 2026 - p["born"].year + make.random.choice([0, 0, 0, 1, -1])
            rows.append(
                {
                    "truth": number,
                    "first": make.spoil_text(p["first"], errors, make.first),
                    "last": make.spoil_text(p["last"], errors, make.last),
                    "age": make.maybe(str(age), 0.1),
                    "sex": p["sex"].upper(),
                    "street": make.maybe(make.spoil_text(p["street"], errors, make.streets), 0.1),
                    "house number": p["number"],
                    "city": make.spoil_text(p["town"], errors, make.towns),
                }
            )
    return finish(rows, make)


KINDS = {
    "rare": rare,
    "heavy": heavy,
    "historical": historical,
    "null_ids": null_ids,
    "families": families,
    "ages": ages,
}
