"""What systems without ids have in common: ages that count from the extract, and keys as staging makes them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from include.sample import rates
from include.sample.distort import Seen
from include.sample.part import Part, Record


@dataclass
class Row:
    """One record that is delivered every day: who it is, what it says, and how old its person is said to be.

    `lag` is the number of days before the extract from which the age counts, `slip` what the record has it wrong by.
    """

    seen: Seen
    record: Record
    lag: int
    slip: int | None

    def age(self, day: date) -> int | None:
        """The age that an extract of the day states."""
        return None if self.slip is None else age_on(self.seen.person.birth_date, day - timedelta(self.lag)) + self.slip


def age_on(born: date, day: date) -> int:
    """Full years on a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def make_row(part: Part, seen: Seen, record: Record) -> Row:
    """The record of a person; the age in it may have been wrong already when it was written down."""
    born, written = seen.person.birth_date, part.first_day(seen.person)
    slip = None if seen.age is None else seen.age - age_on(born, written)
    return Row(seen, record, int(part.rng.integers(rates.AGE_LAG_DAYS)), slip)


def natural_keys(records: Iterable[Record], fields: tuple[str, ...], order: Callable[[Record], Any]) -> list[str]:
    """The source key of each record as staging makes it: a hash of its fields, and the number among its equals."""
    delivered = list(records)
    keys, counts = [""] * len(delivered), Counter[str]()
    for place in sorted(range(len(delivered)), key=lambda n: order(delivered[n])):
        told = "|".join(_text(delivered[place][name]) or "-" for name in fields)
        plain = hashlib.md5(told.encode(), usedforsecurity=False).hexdigest()
        counts[plain] += 1
        keys[place] = f"{plain}-{counts[plain]}"
    return keys


def _text(value: object) -> str:
    return "" if value is None else str(value).strip(" ")


def nulls_last(*values: Any) -> tuple[Any, ...]:
    """What orders as Postgres does: absent values after all others."""
    return tuple((value is None, value if value is not None else 0) for value in values)


def oldest_first(age: int | None) -> int | None:
    """What orders ages from the oldest on."""
    return None if age is None else -age
