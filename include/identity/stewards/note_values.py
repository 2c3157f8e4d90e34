"""The values that a note may hold, by field, and which of them is the new one."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# What stands before a value that is wrong or old, and before the one that is right.
OLD_CUE = re.compile(
    r"(?:\bnot|\bfrom|\binstead of|\brather than|\bwas\b(?! born)|\bwrong(?:ly)?\b(?!\s*[:,])|\bold"
    r"|\bformerly|\bpreviously|\bno longer"
    r"|\b(?:entered|recorded|noted|listed|saved|stored|spelt|spelled|typed|written) as"
    r"|\bin place of|\breplac\w+|\bisn.?t|\bsays|\bshows|\bwe have)\W*(?:\w+\W+){0,2}$",
    re.IGNORECASE,
)
NEW_CUE = re.compile(
    r"(?:\bto(?: be)?|\bshould(?: actually| really)?(?: be| read| say)|\bis(?: now| actually| really)?|\bnow|\btry"
    r"|\buse"
    r"|\bcorrect\w*|\bnew|\bactual(?:ly)?|\breally|\bbut|\binto|\bwith|\bbecomes?|\bmeans?|\bit.s|:|=|->|→)"
    r"\W*(?:(?:is|as|the|an?|be|one|her|his|their|at|on)\W+){0,2}$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Value:
    """A value in a note, in the form that its field takes, and where it stands."""

    text: str
    start: int
    end: int


def find_emails(text: str) -> list[Value]:
    return [
        _value(found, found[0].rstrip(".").lower()) for found in re.finditer(r"[\w.+\-']+@[\w\-]+(?:\.[\w\-]+)+", text)
    ]


def find_phones(text: str) -> list[Value]:
    """Numbers of 7 to 15 digits; a date or a masked number is none."""
    found = (m for m in re.finditer(r"(?<![\w@.])(?:\+|\(?0)?[\d][\d ()/.\-]{5,20}\d(?![\w@])", text))
    return [_value(m, m[0]) for m in found if 7 <= len(re.sub(r"\D", "", m[0])) <= 15 and not find_days(m[0])]


def find_postcodes(text: str) -> list[Value]:
    """British, Canadian and Dutch forms, or four to six digits."""
    forms = (
        r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b|\b\d{4} ?[A-Z]{2}\b"
        r"|\b[A-Z]{0,2}-?\d{2,3}[ \-]?\d{2,3}\b"
    )
    return [_value(m, m[0].upper()) for m in re.finditer(forms, text, re.IGNORECASE)]


def find_days(text: str) -> list[Value]:
    """Days as 1980-12-31, 31/12/1980 (the day first), 31 December 1980 or December 31, 1980."""
    months = "|".join(MONTHS)
    forms: list[tuple[str, Callable[[re.Match[str]], tuple[str, str, str]]]] = [
        (r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b", lambda m: (m[1], m[2], m[3])),
        (r"\b(\d{1,2})[./-](\d{1,2})[./-](\d{4})\b", lambda m: (m[3], m[2], m[1])),
        (rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({months})[a-z]*\.?,? (\d{{4}})\b", lambda m: (m[3], m[2], m[1])),
        (rf"\b({months})[a-z]*\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})\b", lambda m: (m[3], m[1], m[2])),
    ]
    found = []
    for form, parts in forms:
        for match in re.finditer(form, text, re.IGNORECASE):
            year, month, day = parts(match)
            number = MONTHS.index(month[:3].lower()) + 1 if month[:1].isalpha() else int(month)
            with suppress(ValueError):
                found.append(_value(match, date(int(year), number, int(day)).isoformat()))
    return sorted(found, key=lambda value: value.start)


def find_numbers(least: int, most: int) -> Callable[[str], list[Value]]:
    """Whole numbers in a range."""
    return lambda text: [
        _value(m, m[0])
        for m in re.finditer(r"(?<![\d.,\w])\d{1,4}(?![\d%\w]|[.,]\d)", text)
        if least <= int(m[0]) <= most
    ]


def find_words(pattern: str) -> Callable[[str], list[Value]]:
    """Words of a list."""
    return lambda text: [_value(m, m[0].lower()) for m in re.finditer(rf"\b(?:{pattern})\b", text, re.IGNORECASE)]


def _value(match: re.Match[str], text: str) -> Value:
    return Value(text.strip(), match.start(), match.end())


def choose_new(text: str, values: list[Value]) -> tuple[str | None, str | None]:
    """(the new value, the old one) of those that a note holds; the new one is None where that is not clear.

    A word before each says which it is ("from", "not"; "to", "should be"); of two without one the last is new.
    """
    marked = [(value, _cue(text, value, values)) for value in values]
    new = [value for value, cue in marked if cue == "new"]
    plain = [value for value, cue in marked if cue == ""]
    old = [value for value, cue in marked if cue == "old"]
    chosen = new or plain
    distinct = list(dict.fromkeys(value.text for value in chosen))
    if not distinct or len(distinct) > (1 if new else 2) or (new and len(plain) > 1):
        return None, None
    before = [value.text for value in [*old, *plain] if value.text != distinct[-1]]
    return distinct[-1], before[0] if before else None


def _cue(text: str, value: Value, values: list[Value]) -> str:
    start = max((other.end for other in values if other.end <= value.start), default=0)
    before = text[start : value.start]
    if OLD_CUE.search(before):
        return "old"
    return "new" if NEW_CUE.search(before) else ""
