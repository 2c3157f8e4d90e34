"""Small draws that the records of many systems need."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

import numpy as np

from include.sample.distort import Seen

T = TypeVar("T")
PRODUCTS = tuple((f"P{n:03d}", f"{kind} {n}", kind) for n, kind in enumerate(
    ("Streaming", "Cloud storage", "Fitness", "News", "Games", "Cooking", "Music", "Navigation"), start=1
))  # fmt: skip
CURRENCIES = {"GB": "GBP", "US": "USD", "CZ": "CZK", "PL": "PLN"}


def choose(values: Sequence[T], rng: np.random.Generator) -> T:
    """One of the values, each as likely."""
    return values[int(rng.integers(len(values)))]


def full_name(seen: Seen, rng: np.random.Generator) -> str:
    """The name in one field, now and then with the family name first."""
    first, last = seen.first_name or "", seen.last_name or ""
    return f"{last}, {first}" if rng.random() < 0.15 else f"{first} {last}".strip()


def moment(day: date, rng: np.random.Generator) -> str:
    """A second of the day, UTC, ISO 8601."""
    seconds = int(rng.integers(86_400))
    return f"{day.isoformat()}T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}Z"


def currency(seen: Seen) -> str:
    """The currency of the person's country."""
    return CURRENCIES.get(seen.person.country[0], "EUR")


# What shops and the online shop sell: id, name, category, price in euros. The web shows it, too.
GOODS = tuple(
    (f"P{101 + number}", f"{name} {size}", category, round(4.5 + 7.25 * number, 2))
    for number, (category, name, size) in enumerate(
        (category, name, size)
        for category, names in (("Home", ("Lamp", "Chair")), ("Kitchen", ("Pan", "Kettle")), ("Sport", ("Ball", "Mat")))
        for name in names
        for size in ("S", "M", "L")
    )
)
CAMPAIGNS = ("autumn_sale", "newsletter_46", "search_brand", "social_video", "black_week")
RATES = {"EUR": 1.0, "GBP": 0.86, "USD": 1.09, "CZK": 25.1, "PLN": 4.3}


def price(good: tuple[str, str, str, float], money: str) -> float:
    """What a piece costs in a currency."""
    return round(good[3] * RATES[money], 2)
