"""Dates of birth exclude each other, or do not."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from include.identity.births import contradicts
from include.identity.people import birth_parts

BORN = {"date_of_birth": date(1980, 3, 4), "birth_year": 1980}


@pytest.mark.parametrize(
    ("born", "year", "expected"),
    [
        (date(1980, 3, 4), 1980, False),
        (date(1980, 4, 3), 1980, False),
        (date(1980, 11, 28), 1980, False),
        (date(1908, 3, 4), 1908, False),
        (date(1981, 3, 5), 1981, True),
        (date(2007, 9, 4), 2007, True),
        (None, 1982, False),
        (None, 1990, True),
        (None, None, False),
    ],
)
def test_contradicts__one_slip_does_not(born: date | None, year: int | None, expected: bool) -> None:
    matrix = contradicts(birth_parts(pd.DataFrame([BORN, {"date_of_birth": born, "birth_year": year}])))
    assert matrix[0, 1] == matrix[1, 0] == expected
    assert not matrix.diagonal().any()
