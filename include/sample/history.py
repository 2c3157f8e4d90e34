"""Records with a history: moments within a day, and deliveries in which a change builds on the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import numpy as np

from include.sample import rates
from include.sample.part import Part, Record

Change = Callable[[Record, date, np.random.Generator], Record]


def instant(day: date, rng: np.random.Generator) -> datetime:
    """A second of the day, UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=int(rng.integers(86_400)))


def utc(moment: datetime | None) -> str | None:
    """The moment in ISO 8601."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def changing_deliveries(
    part: Part, records: list[tuple[int, Record]], change: Change | None = None
) -> Iterator[tuple[date, list[Record]]]:
    """What is delivered on each day: new records, and some of the earlier ones as they have become since."""
    kept = list(records)
    for number, day in enumerate(part.company.dates):
        delivered = []
        for place, (first, record) in enumerate(kept):
            if first == number:
                delivered.append(record)
            elif first < number and change is not None and part.rng.random() < rates.CHANGED_PER_DAY:
                kept[place] = (first, change(record, day, part.rng))
                delivered.append(kept[place][1])
        yield day, delivered


def repeated(records: list[Record], before: list[Record], rng: np.random.Generator) -> list[Record]:
    """The records of a delivery with some of them twice, and some of the delivery before once more."""
    once_more = [record for record in before if rng.random() < rates.DELIVERED_AGAIN]
    twice = [record for record in records if rng.random() < rates.DELIVERED_AGAIN]
    return [*records, *twice, *once_more]
