"""When two records cannot be one person: their dates of birth exclude each other."""

from __future__ import annotations

import numpy as np

from include.identity.people import Array

# An age gives the year of birth to one year, and the ages that data vendors estimate are off by another.
YEARS_OF_DOUBT = 3


def contradicts(parts: Array) -> Array:
    """A matrix of booleans: do the births of two of these records exclude each other?

    `parts` are year, month and day of each record, NaN where unknown. Two full dates exclude each other where the year
    differs and the day or the month, too: one slip does not do that, while a date of the same year may be two slips.
    With one full date at most, years that are more than YEARS_OF_DOUBT apart do. What is unknown excludes nothing.
    """
    return _exclude(*(np.abs(np.subtract.outer(column, column)) for column in parts.T))


def contradict(left: Array, right: Array) -> Array:
    """The same for pairs: one boolean for each row of both."""
    return _exclude(*np.abs(left - right).T)


def _exclude(year: Array, month: Array, day: Array) -> Array:
    excluded: Array = np.where(np.isnan(day), year > YEARS_OF_DOUBT, (year > 0) & ((month > 0) | (day > 0)))
    return excluded
