"""Reads dates of birth as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

MONTHS = {name: number for number, names in enumerate((
    "jan janv januar january enero gennaio stycznia", "feb fevr feber februar february febrero febbraio lutego",
    "mar mars marz maerz march marzo marca", "apr avr april avril abril aprile kwietnia", "may mai mayo maggio maja",
    "jun juin juni june junio giugno czerwca", "jul juil juillet juli july julio luglio lipca",
    "aug aout august agosto sierpnia", "sep sept september septembre septiembre settembre wrzesnia",
    "oct okt oktober october octobre octubre ottobre pazdziernika", "nov november novembre noviembre listopada",
    "dec dez dezember december decembre diciembre dicembre grudnia"), start=1) for name in names.split()}  # fmt: skip
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})[-/. ](\d{1,2})(?:[-/. ](\d{1,2})(?:[T ].*)?)?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/. ]+(\d{1,2})[-/. ]+(\d{4}|\d{2})")
# As written in Chinese, Japanese and Korean: 1980年2月1日, 1980년 2월 1일, 1980. 2. 1.
_EASTERN = re.compile(r"(\d{4})(?: ?[年년] ?|\. )(\d{1,2})(?: ?[月월]|\.)(?: ?(\d{1,2}) ?(?:[日일号號]|\.)?)?")
_YEAR = re.compile(r"(\d{4})(?:\.0)?")
_WORDS = re.compile(r"[^\W\d_]+|\d+")
FIRST_YEAR, LAST_YEAR = 1000, 2100


@lru_cache(1 << 18)
def parse_birth(text: str | None, month_first: bool = False, last_year: int = LAST_YEAR) -> str | None:
    """`1980-02-31`, `1980-02` or `1980`: what of the date is there, as ISO text; None where it is no date.

    A day that no calendar has stays, since a mistyped date is still like the right one. Two-digit years are read as
    the latest that is not after `last_year`.
    """
    value = (text or "").strip()
    if found := _COMPACT.fullmatch(value) or _YEAR_FIRST.fullmatch(value) or _EASTERN.fullmatch(value):
        return _iso(found[1], found[2], found[3])
    if found := _YEAR_LAST.fullmatch(value.split("T")[0]):
        first, second, year = found.groups()
        day, month = (second, first) if month_first else (first, second)
        return _iso(year, month, day, last_year)
    if found := _YEAR.fullmatch(value):
        return _iso(found[1], None, None)
    return _with_month_name(value, last_year)


def _with_month_name(value: str, last_year: int) -> str | None:
    from anyascii import anyascii

    words = _WORDS.findall(anyascii(value).lower())
    months = [MONTHS[word] for word in words if word in MONTHS]
    numbers = [word for word in words if word.isdigit()]
    if len(months) != 1 or not 1 <= len(numbers) <= 2 or len(words) > 5:
        return None
    if len(numbers[0]) == 4:
        numbers.reverse()
    return _iso(numbers[-1], str(months[0]), numbers[0] if len(numbers) == 2 else None, last_year)


def _iso(year: str, month: str | None, day: str | None, last_year: int = LAST_YEAR) -> str | None:
    number = int(year)
    if len(year) <= 2:
        number += last_year // 100 * 100
        number -= 100 if number > last_year else 0
    if not FIRST_YEAR <= number <= LAST_YEAR:
        return None
    if month is None or int(month) == 0:
        return f"{number:04d}"
    if day is None or int(day) == 0:
        return f"{number:04d}-{int(month):02d}"
    return f"{number:04d}-{int(month):02d}-{int(day):02d}"


def is_month_first(values: Iterable[str]) -> bool:
    """Whether dates with slashes are written the American way: their second number goes beyond 12, not the first."""
    found = [match for value in values if (match := _YEAR_LAST.fullmatch(value))]
    first, second = (sum(int(match[part]) > 12 for match in found) for part in (1, 2))
    return second > first


def as_date(iso: str | None) -> date | None:
    """The day, where the text names one that exists."""
    try:
        return date.fromisoformat(iso) if iso and len(iso) == 10 else None
    except ValueError:
        return None
