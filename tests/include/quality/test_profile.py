"""What a profile tells of a column, and that it tells of nobody."""

from __future__ import annotations

import random

import pytest

from include.contracts import Column
from include.quality.profile import FEW, mask, profile_column, shown_value


def column(sensitivity: str = "none", **fields: object) -> Column:
    return Column.model_validate({"name": "it", "meaning": "a value", "sensitivity": sensitivity, **fields})


def test_profile__counts_what_is_there() -> None:
    found = profile_column(column(), ["a", "b", "a", "", None], records=10)
    assert (found.records, found.filled, found.distinct) == (10, 3, 2)
    assert found.lengths == (1, 1)
    assert found.bars == (("a", 2), ("b", 1))
    assert profile_column(column(), [None, ""]).filled == 0


@pytest.mark.parametrize(
    ("values", "types"),
    [
        (["1", " 2", "x"], [("integer", 2 / 3), ("text", 1 / 3)]),
        (["1.5", "-2.0"], [("decimal", 1.0)]),
        (["2026-11-16"], [("date", 1.0)]),
        (["2026-11-16T10:00:00Z"], [("timestamp", 1.0)]),
        (["true", "No"], [("boolean", 1.0)]),
        (['{"a": 1}', "[\n]"], [("json", 1.0)]),
    ],
)
def test_profile__finds_types(values: list[str], types: list[tuple[str, float]]) -> None:
    assert list(profile_column(column(), values).types) == types


def test_profile__numbers_have_range_and_bins() -> None:
    found = profile_column(column(type="integer"), [str(n) for n in range(1, 101)])
    assert found.range == ("1", "100")
    assert found.bars_of == "numbers"
    assert found.bars[0] == ("0 to 9", 9)
    assert found.bars[-1] == ("90 to 99", 11), "what is beyond the hundredths is in the outermost bins"
    assert sum(count for _, count in found.bars) == 100


def test_profile__one_number_far_away_does_not_hide_the_others() -> None:
    found = profile_column(column(type="decimal"), [*(f"{n}.5" for n in range(200)), "1000000.5"])
    assert found.range == ("0.5", "1,000,000.5")
    assert len([count for _, count in found.bars if count > 5]) == 10, "bins of 20"


@pytest.mark.parametrize("odd", ["nan", "inf", "-inf", "9" * 310, "9" * 308, "-" + "9" * 308, "1e999"])
@pytest.mark.parametrize("sensitivity", ["none", "personal"])
def test_profile__what_is_no_number_of_anything_is_left_out(odd: str, sensitivity: str) -> None:
    values = ["1.5"] * 60 + ["9.5"] * 60 + [odd] * 2
    found = profile_column(column(sensitivity, type="decimal"), values)
    assert found.bars_of == "numbers"
    assert sum(count for _, count in found.bars) == 120
    assert profile_column(column(sensitivity, type="decimal"), ["-" + "9" * 308, "9" * 308]).range is None


@pytest.mark.parametrize(
    ("values", "unit", "first"),
    [
        (["2026-11-16", "2026-11-18"], "days", "2026-11-16"),
        (["2026-01-16", "2026-11-18"], "months", "2026-01"),
        (["2019-01-16", "2026-11-18"], "years", "2019"),
        (["1931-01-16", "2006-11-18"], "decades", "1930s"),
    ],
)
def test_profile__days_in_fitting_periods(values: list[str], unit: str, first: str) -> None:
    found = profile_column(column(type="date"), values)
    assert (found.bars_of, found.bars[0][0]) == (unit, first)
    assert found.range == (values[0], values[1])


@pytest.mark.parametrize(
    ("value", "shape"),
    [("C001003", "A999999"), ("kerry.walker@mail.example", "A+.A+@A+.A+"), ("GBP", "AAA"),
     ("+44 20 12345678901", "+99 99 9+"), ("Hrubý", "A+"), ("2026-31-02", "9999-99-99"),
     ("हिन्दी", "A+"), ("C\u0327elik", "A+"), ("Zoe\u0308", "AAA"), ("q\u0323", "AA"), ("x²", "AA")],
)  # fmt: skip
def test_mask__keeps_the_shape_alone(value: str, shape: str) -> None:
    assert mask(value) == shape


def test_shown_value__is_masked_unless_it_is_open() -> None:
    assert shown_value("Walker", column("personal")) == "A+"
    assert shown_value("billing", column()) == "billing"
    assert shown_value("", column("secret")) == "(empty)"
    assert len(shown_value("x" * 100, column())) < 50


@pytest.mark.parametrize("sensitivity", ["personal", "secret"])
def test_profile__of_people_shows_no_value(sensitivity: str) -> None:
    draw = random.Random(1)  # noqa: S311
    names = [f"{draw.choice('ABCD')}{''.join(draw.choices('aeiouy', k=6))}" for _ in range(200)] + ["Rare7Name"]
    found = profile_column(column(sensitivity), names)
    told = repr((found.bars, found.patterns, found.range))
    assert not [name for name in names if name in told]
    assert dict(found.patterns) == {"A+": 200}, "what one record has is not shown"
    assert found.hidden + sum(count for _, count in found.bars) == len(names)


def test_profile__of_people_shows_nothing_that_few_share() -> None:
    births = [f"19{year}-05-0{day}" for year in range(50, 90) for day in (1, 2, 3)] + ["1903-02-01", "2011-01-01"]
    found = profile_column(column("personal", type="date"), births)
    assert found.range == ("1951", "1988"), "years, and without the outermost twentieths"
    assert all(count >= FEW for _, count in found.bars)
    salaries = [str(1000 + 13 * n) for n in range(100)] + ["987654"]
    paid = profile_column(column("personal", type="integer"), salaries)
    assert paid.range == ("1,100", "2,200")
    assert "987,654" not in repr(paid)
    assert profile_column(column("secret", type="integer"), salaries).range is None


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("decimal", ["52345.0"]),
        ("date", ["1941-02-03"]),
        ("integer", [str(48_000 + 130 * n) for n in range(99)]),
        ("date", [f"{1910 + n}-01-02" for n in range(99)]),
    ],
)
def test_profile__of_few_people_has_no_range(kind: str, values: list[str]) -> None:
    assert profile_column(column("personal", type=kind), values).range is None
    assert profile_column(column("personal", type=kind), values * 5).range is not None or len(values) == 1
    assert profile_column(column(type=kind), values).range is not None


def test_profile__words_that_the_contract_lists_are_open() -> None:
    given = ["female"] * 6 + ["male"] * 7 + ["fmale"] * 5
    found = profile_column(column("personal", allowed=("female", "male")), given)
    assert found.bars == (("male", 7), ("female", 6), ("others", 5))
