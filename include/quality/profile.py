"""What the values of a column look like: types, ranges, distributions and patterns, out of values and their counts.

What a profile tells must not tell of a person. Of a column that is personal it shows no value, but for the words that
the contract lists; ranges without the outermost twentieth on either side, rounded, and only where that twentieth is
five values; and nothing that fewer than five records share. Of a secret one it shows no range either.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from include.contracts import Column

FEW = 5  # of a personal column nothing is shown that fewer records share
TRIMMED = 0.05  # of a personal column its range leaves out this share of the values at either end
SHOWN_VALUES = 12
SHOWN_PATTERNS = 6
BINS = 12
LONG = 40  # longer than a value in a table; longer on average is prose, which has no pattern
TYPES = (
    ("boolean", re.compile(r"(?i)true|false|yes|no")),
    ("integer", re.compile(r"\s*-?\d+\s*")),
    ("decimal", re.compile(r"\s*-?\d+\.\d+\s*")),
    ("date", re.compile(r"\d{4}-\d{2}-\d{2}")),
    ("timestamp", re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*", re.DOTALL)),
    ("json", re.compile(r"\s*[\[{].*[\]}]\s*", re.DOTALL)),
)
LETTERS, DIGITS = re.compile(r"[^\W\d_]+"), re.compile(r"\d+")
BELOW_TEN = 10
LARGEST = 1e100  # beyond it nothing is a number of anything, and sums and bins would run over
UNITS = (("decades", 24 * 365), ("years", 3 * 365), ("months", 45))  # of bars, by the days that they are to cover


@dataclass(frozen=True)
class Profile:
    """One column as it was found; `bars` are its distribution, of what `bars_of` says."""

    name: str
    records: int
    filled: int = 0
    distinct: int = 0
    types: tuple[tuple[str, float], ...] = ()
    lengths: tuple[int, int] | None = None
    range: tuple[str, str] | None = None
    is_range_trimmed: bool = False
    bars_of: str = ""
    bars: tuple[tuple[str, int], ...] = ()
    hidden: int = 0
    patterns: tuple[tuple[str, int], ...] = field(default=())


def profile_column(
    column: Column, values: Iterable[str | None], records: int | None = None, lengths: Counter[int] | None = None
) -> Profile:
    """The profile of a column's values, as they are or counted; `records` where there are more than values are given,
    `lengths` of those that are filled where long ones are given shortened.
    """
    given = Counter(values)
    total = sum(given.values()) if records is None else records
    counts = Counter({value: count for value, count in given.items() if value})
    filled = sum(counts.values())
    if not filled:
        return Profile(column.name, total)
    if lengths is None:
        lengths = Counter()
        for value, count in counts.items():
            lengths[len(value)] += count
    by_type: Counter[str] = Counter()
    for value, count in counts.items():
        by_type[_type_of(value, column)] += count
    main = by_type.most_common(1)[0][0]
    bars_of, bars, limits = _distribution(column, counts, main, lengths)
    shown = tuple((label, count) for label, count in bars if not _is_personal(column) or count >= FEW)
    return Profile(
        column.name, total, filled, len(counts),
        types=tuple((name, count / filled) for name, count in by_type.most_common()),
        lengths=(min(lengths), max(lengths)),
        range=limits, is_range_trimmed=_is_personal(column), bars_of=bars_of, bars=shown,
        hidden=sum(count for _, count in bars) - sum(count for _, count in shown),
        patterns=_patterns(column, counts, main, lengths),
    )  # fmt: skip


def mask(value: str) -> str:
    """Letters as A and digits as 9, long runs of either by their sign alone: the shape of a value without the value."""
    plain_letters = value if value.isascii() else "".join(map(_letter, unicodedata.normalize("NFC", value)))
    shape = LETTERS.sub(lambda run: "A" * len(run[0]) if len(run[0]) <= 3 else "A+", plain_letters)
    shape = DIGITS.sub(lambda run: "9" * len(run[0]) if len(run[0]) <= BELOW_TEN else "9+", shape)
    return shape if len(shape) <= LONG else shape[:LONG] + " …"


def _letter(sign: str) -> str:
    """A for letters and for the signs that are written on them, as vowels are in Hindi; anything else as it is."""
    return "A" if unicodedata.category(sign)[0] in "LM" else sign


def shown_value(value: str | None, column: Column) -> str:
    """A value as a page may show it: masked where the column is not open to everybody."""
    if not value:
        return "(empty)"
    if column.sensitivity != "none":
        return mask(value)
    return value if len(value) <= LONG else value[:LONG] + " …"


def _is_personal(column: Column) -> bool:
    return column.sensitivity != "none"


def _type_of(value: str, column: Column) -> str:
    if column.format and len(value) == len(column.format.replace("HH24", "HH")) and any(c.isdigit() for c in value):
        return column.type
    return next((name for name, pattern in TYPES if pattern.fullmatch(value)), "text")


def _patterns(column: Column, counts: Counter[str], main: str, lengths: Counter[int]) -> tuple[tuple[str, int], ...]:
    """The commonest shapes of what is no number, day, list or prose."""
    is_prose = sum(length * count for length, count in lengths.items()) / lengths.total() > LONG
    if main not in ("text", "integer") or column.type in ("decimal", "json") or is_prose or column.allowed:
        return ()
    if main == "integer" and len({len(value) for value in counts}) > SHOWN_PATTERNS:
        return ()
    shapes: Counter[str] = Counter()
    for value, count in counts.items():
        shapes[mask(value)] += count
    least = FEW if _is_personal(column) else 1
    return tuple((s, n) for s, n in _common(shapes) if n >= least)[:SHOWN_PATTERNS]


def _distribution(
    column: Column, counts: Counter[str], main: str, lengths: Counter[int]
) -> tuple[str, tuple[tuple[str, int], ...], tuple[str, str] | None]:
    """(what the bars are of, the bars, the range)."""
    if main in ("date", "timestamp") and not column.format and column.type != "text":
        found = _days(column, counts)
    elif main in ("integer", "decimal") and column.type in ("integer", "decimal"):
        found = _numbers(column, counts)
    else:
        found = None
    if found and column.sensitivity != "secret":
        return found
    if column.allowed:
        known = Counter({v: n for v, n in counts.items() if v in column.allowed})
        others = sum(counts.values()) - sum(known.values())
        return "values", (*_common(known)[:SHOWN_VALUES], *([("others", others)] if others else [])), None
    if not _is_personal(column) and len(counts) <= SHOWN_VALUES and column.type != "json":
        return "values", tuple((shown_value(v, column), n) for v, n in _common(counts)), None
    return "lengths", tuple(_bins(Counter({float(n): count for n, count in lengths.items()}), whole=True)), None


def _numbers(
    column: Column, counts: Counter[str]
) -> tuple[str, tuple[tuple[str, int], ...], tuple[str, str] | None] | None:
    """Numbers in bins. Those beyond what the range shows are in the outermost bins."""
    numbers: Counter[float] = Counter()
    for value, count in counts.items():
        try:
            number = float(value)
        except ValueError:
            continue
        if abs(number) <= LARGEST:  # neither nan nor inf, which text may hold
            numbers[number] += count
    if not numbers:
        return None
    low, high = _limits(numbers, TRIMMED if _is_personal(column) else 0.0)
    if _is_personal(column):
        low, high = _rounded(low), _rounded(high)
    is_whole = all(number.is_integer() for number in numbers)
    inner = _limits(numbers, TRIMMED if _is_personal(column) else 0.01)
    held = Counter[float]()
    for number, count in numbers.items():
        held[min(max(number, inner[0]), inner[1])] += count
    limits = (plain(low), plain(high)) if _has_range(column, numbers.total()) else None
    return "numbers", tuple(_bins(held, is_whole)), limits


def _days(
    column: Column, counts: Counter[str]
) -> tuple[str, tuple[tuple[str, int], ...], tuple[str, str] | None] | None:
    """Days by day, month, year or decade, as far as they reach."""
    days: Counter[date] = Counter()
    for value, count in counts.items():
        try:
            days[date.fromisoformat(value[:10])] += count
        except ValueError:
            continue
    if not days:
        return None
    numbers = Counter({float(day.toordinal()): count for day, count in days.items()})
    low, high = (date.fromordinal(int(n)) for n in _limits(numbers, TRIMMED if _is_personal(column) else 0.0))
    inner = [date.fromordinal(int(n)) for n in _limits(numbers, TRIMMED if _is_personal(column) else 0.01)]
    span = inner[1] - inner[0]
    unit = next((name for name, most in UNITS if span > timedelta(most)), "days")
    bars: Counter[str] = Counter()
    for day, count in days.items():
        bars[_period(min(max(day, inner[0]), inner[1]), unit)] += count
    limits = (f"{low:%Y}", f"{high:%Y}") if _is_personal(column) else (low.isoformat(), high.isoformat())
    return unit, tuple(sorted(bars.items())), limits if _has_range(column, days.total()) else None


def _has_range(column: Column, filled: int) -> bool:
    """Of few personal values the outermost twentieths are fewer than FEW, so the range would be somebody's."""
    return not _is_personal(column) or TRIMMED * filled >= FEW


def _period(day: date, unit: str) -> str:
    if unit == "decades":
        return f"{day.year // 10 * 10}s"
    return day.isoformat()[: {"years": 4, "months": 7, "days": 10}[unit]]


def _bins(numbers: Counter[float], whole: bool) -> list[tuple[str, int]]:
    low, high = min(numbers), max(numbers)
    if whole and high - low < BINS:
        return [(plain(number), numbers.get(number, 0)) for number in range(int(low), int(high) + 1)]
    step = _even_step((high - low) / BINS, whole)
    low = math.floor(low / step) * step
    counts = [0] * (BINS + 1)
    for number, count in numbers.items():
        counts[min(int((number - low) / step), BINS)] += count
    while counts[-1] == 0:
        counts.pop()
    return [
        (f"{plain(low + place * step)} to {plain(low + (place + 1) * step - (1 if whole else 0))}", count)
        for place, count in enumerate(counts)
    ]


def _even_step(least: float, whole: bool) -> float:
    """One, two or five of a power of ten, so that bins begin at numbers that people can read."""
    if least <= 0:
        return 1
    power = 10 ** math.floor(math.log10(least))
    step: float = next(times * power for times in (1, 2, 5, 10) if times * power >= least * (1 - 1e-9))
    return max(step, 1) if whole else step


def _limits(numbers: Counter[float], cut: float) -> tuple[float, float]:
    """The least and greatest number without a share of the numbers at either end."""
    ordered, total = sorted(numbers.items()), sum(numbers.values())
    return _quantile(ordered, cut * total), _quantile(ordered, (1 - cut) * total)


def _quantile(ordered: list[tuple[float, int]], place: float) -> float:
    seen = 0
    for number, count in ordered:
        seen += count
        if seen >= max(place, 1):
            return number
    return ordered[-1][0]


def _rounded(number: float) -> float:
    """Two digits of a number, so that it is nobody's."""
    if abs(number) < BELOW_TEN:
        return round(number)
    return round(number, 1 - math.floor(math.log10(abs(number))))


def plain(number: float) -> str:
    """A number as people write it: no more than two decimals, thousands apart."""
    text = f"{number:,.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _common(counts: Counter[str]) -> list[tuple[str, int]]:
    """The commonest first, equals in the order of their words."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
