"""When two records cannot be one person: their dates of birth exclude each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

# An age gives the year of birth to one year, and the ages that data vendors estimate are off by another.
YEARS_OF_DOUBT = 3


def contradicts(people: Sequence[dict[str, Any]]) -> np.ndarray:
    """A matrix of booleans: do the births of two of these records exclude each other?

    `people` have date_of_birth and birth_year. Two full dates exclude each other where the year differs and the day
    or the month, too: one slip does not do that, while a date of the same year may be two slips. With one full date
    at most, years that are more than YEARS_OF_DOUBT apart do. What is unknown excludes nothing.
    """
    parts = np.array([_parts(person["date_of_birth"], person["birth_year"]) for person in people], dtype=float)
    year, month, day = (np.abs(np.subtract.outer(column, column)) for column in parts.T)
    excluded: np.ndarray = np.where(np.isnan(day), year > YEARS_OF_DOUBT, (year > 0) & ((month > 0) | (day > 0)))
    return excluded


def _parts(born: date | None, year: int | None) -> tuple[float, float, float]:
    if born is not None:
        return born.year, born.month, born.day
    return (float("nan") if year is None else year), float("nan"), float("nan")
