"""77 invented districts with the figures that the bank's table has of real ones."""

from __future__ import annotations

from typing import Any

import numpy as np

COUNT = 77
REGIONS = (
    "Capital",
    "central Moravice",
    "east Moravice",
    "north Moravice",
    "south Moravice",
    "west Moravice",
    "Podhori",
)
FIRST = ("Horni", "Dolni", "Nove", "Stare", "Velke", "Male", "Bile", "Cerne", "Dlouhe", "Krasne", "Suche")
SECOND = ("Brody", "Mesto", "Hradiste", "Lhoty", "Hory", "Luky", "Mosty")
UNKNOWN = 69  # the district whose figures of 1995 nobody wrote down


def district_rows(rng: np.random.Generator) -> list[list[Any]]:
    """A1 to A16 of each district; of one, two figures are a question mark."""
    return [_row(code, rng) for code in range(1, COUNT + 1)]


def _row(code: int, rng: np.random.Generator) -> list[Any]:
    name = f"{FIRST[(code - 1) % len(FIRST)]} {SECOND[(code - 1) // len(FIRST)]}"
    region = REGIONS[0] if code == 1 else REGIONS[1 + code % (len(REGIONS) - 1)]
    people = 1_100_000 if code == 1 else int(rng.integers(42_000, 390_000))
    small, middle, large, cities = (int(rng.integers(low, high)) for low, high in ((0, 150), (5, 60), (0, 20), (0, 5)))
    jobless = round(float(rng.uniform(0.3, 7.5)), 2)
    crimes = int(people * rng.uniform(0.018, 0.06))
    return [
        code, name, region, people, small, middle, large, cities, int(rng.integers(1, 12)),
        f"{rng.uniform(33, 100):.1f}", int(rng.integers(8100, 12600)), "?" if code == UNKNOWN else f"{jobless:.2f}",
        f"{jobless * 1.2:.2f}", int(rng.integers(80, 170)), "?" if code == UNKNOWN else crimes, int(crimes * 1.05),
    ]  # fmt: skip
