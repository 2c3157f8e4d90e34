"""Dates of birth as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from include.identity.birth_dates import as_date, is_month_first, parse_birth


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("19800203", "1980-02-03"), ("1980-02-03", "1980-02-03"), ("1980-02-03T00:00:00", "1980-02-03"),
        ("3.2.1980", "1980-02-03"), ("03/02/1980", "1980-02-03"), ("3 Feb 1980", "1980-02-03"),
        ("February 3, 1980", "1980-02-03"), ("3. März 1980", "1980-03-03"), ("1980", "1980"), ("1980-02", "1980-02"),
        ("1980-00-00", "1980"), ("03/02/80", "1980-02-03"), ("19800231", "1980-02-31"), ("1630-08-01", "1630-08-01"),
        ("1980年2月3日", "1980-02-03"), ("1980年2月", "1980-02"), ("1980년 2월 3일", "1980-02-03"),
        ("1980. 2. 3.", "1980-02-03"), ("1980. 02. 03", "1980-02-03"), ("yesterday", None),
        ("", None), (None, None), ("12345678901", None),
    ],
)  # fmt: skip
def test_parse_birth(text: str | None, iso: str | None) -> None:
    assert parse_birth(text, last_year=2026) == iso


def test_parse_birth__american_order() -> None:
    assert is_month_first(["02/13/1980", "03/04/1981"])
    assert not is_month_first(["13/02/1980", "03/04/1981"])
    assert parse_birth("02/13/1980", month_first=True) == "1980-02-13"


def test_as_date__day_that_no_calendar_has() -> None:
    assert as_date("1980-02-31") is None
    assert as_date("1980") is None
    assert as_date("1980-02-03") == date(1980, 2, 3)
