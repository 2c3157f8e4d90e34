"""Recognises what the columns of a file mean: by their names in many languages, else by what they hold."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from include.identity import standardise as std
from include.identity.birth_dates import parse_birth
from include.identity.linkage.headers import meaning_of
from include.identity.linkage.read import InputProblem

SAMPLE = 2000
# The share of values that must look like it before an unnamed column counts as something.
MOST = 0.8
# Without one of these nobody can be told from anybody.
IDENTIFYING = ("full_name", "first_name", "last_name", "date_of_birth", "email", "phone", "national_id")
PHONE = re.compile(r"\+[\d ()/.-]{8,20}")
OTHER_DATES = re.compile(r"creat|updat|modif|regist|join|start|end|since|order|visit|load|death|died|expir|valid")


def recognise_columns(
    table: pd.DataFrame, file: str, mapped: dict[str, str] | None = None, ignored: Sequence[str] = ()
) -> dict[str, str]:
    """Our name -> their column. `mapped` (theirs -> ours) comes first, then the header, then the values."""
    skipped = {*ignored, *(column for column, ours in (mapped or {}).items() if ours == "ignore")}
    theirs = [column for column in table.columns if column not in skipped]
    found = _by_map({column: ours for column, ours in (mapped or {}).items() if column in theirs}, file)
    if not found and _is_without_header(table):
        raise InputProblem(
            f"{file}: the first row looks like a record, and would be lost as the header; write the names of the"
            " columns above it, or say with --map what they mean where it is the header."
        )
    for column in theirs:
        ours = meaning_of(str(column))
        if ours and ours not in found and column not in found.values() and _fits(ours, table[column]):
            found[ours] = column
    _settle_names(table, found)
    for column in theirs:
        if column not in found.values() and (kind := _kind_of_values(str(column), table[column])) and kind not in found:
            found[kind] = column
    if not any(ours in found for ours in IDENTIFYING):
        raise InputProblem(
            f"{file}: no column with a name, date of birth, e-mail, phone or national id was recognised; "
            "name one with --map their_name=our_name."
        )
    return found


def _is_without_header(table: pd.DataFrame) -> bool:
    """Whether what should be the header names nothing, and has a value as records have them in one of its fields."""
    header = [str(column) for column in table.columns]
    if any(meaning_of(column) for column in header):
        return False
    return any(
        _is_full_date(text) or std.standardise_email(text) is not None or bool(PHONE.fullmatch(text))
        or (not text.isdigit() and (table[column] == text).any())
        for column, text in zip(table.columns, header, strict=True)
    )  # fmt: skip


def _by_map(mapped: dict[str, str], file: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for column, ours in mapped.items():
        if ours in found:
            raise InputProblem(
                f"{file}: --map names both {found[ours]!r} and {column!r} as {ours}; only one column of a file can be."
            )
        found[ours] = column
    return found


def _fits(ours: str, values: pd.Series[str]) -> bool:
    """A header that promises what the values do not hold is not believed."""
    sample = _sample(values)
    if sample.empty:
        return False
    if ours == "email":
        return _share(sample, lambda v: "@" in v) > 1 - MOST
    if ours in ("age", "birth_year", "birth_month", "birth_day"):
        return _share(sample, lambda v: v.split(".")[0].isdigit()) > 1 - MOST
    if ours == "date_of_birth":
        return _share(sample, lambda v: parse_birth(v) is not None) > 1 - MOST
    return True


def _settle_names(table: pd.DataFrame, found: dict[str, str]) -> None:
    """A header such as `name`, `nom` or `nombre` means the part of the name that no other column holds."""
    whole, first, last = (found.get(ours) for ours in ("full_name", "first_name", "last_name"))
    if whole and last and not first and _is_one_word(table, found):
        found["first_name"] = found.pop("full_name")
    elif whole and first and not last and _words(table[whole]) < 1.5:
        found["last_name"] = found.pop("full_name")
    elif first and not last and not whole and _words(table[first]) > 1.5:
        found["full_name"] = found.pop("first_name")


def _words(values: pd.Series[str]) -> float:
    sample = _sample(values)
    return sum(len(value.split()) for value in sample) / max(len(sample), 1)


def _is_one_word(table: pd.DataFrame, found: dict[str, str]) -> bool:
    """Whether the column `name` beside a surname holds first names: it does not repeat the surname."""
    both = table[[found["full_name"], found["last_name"]]].dropna().head(SAMPLE)
    return not len(both) or sum(str(b).lower() in str(a).lower() for a, b in both.to_numpy()) < len(both) * (1 - MOST)


def _kind_of_values(header: str, values: pd.Series[str]) -> str | None:
    """What a column with an unknown header holds, where its values leave no doubt."""
    sample = _sample(values)
    if sample.empty:
        return None
    if _share(sample, lambda v: std.standardise_email(v) is not None) > MOST:
        return "email"
    if (
        not OTHER_DATES.search(header.lower())
        and _share(sample, _is_full_date) > MOST
        and _spread_of_years(sample) > 30
    ):
        return "date_of_birth"
    if _share(sample, lambda v: bool(PHONE.fullmatch(v))) > MOST:
        return "phone"
    if 2 <= sample.nunique() <= 4 and _share(sample, lambda v: std.standardise_gender(v) is not None) > MOST:
        return "gender"
    if (
        sample.nunique() > 20
        and _share(sample, lambda v: " " in v) < 1 - MOST
        and _share(sample, std.is_first_name) > 0.5
    ):
        return "first_name"
    if sample.nunique() > 20 and _share(sample, _is_full_name) > 0.5:
        return "full_name"
    return None


def _sample(values: pd.Series[str]) -> pd.Series[str]:
    known = values.dropna()
    return known if len(known) <= SAMPLE else known.sample(SAMPLE, random_state=1)


def _share(values: pd.Series[str], test) -> float:  # type: ignore[no-untyped-def]
    return sum(bool(test(value)) for value in values) / len(values)


def _is_full_date(value: str) -> bool:
    born = parse_birth(value)
    return born is not None and len(born) == 10 and any(c in value for c in "-/.")


def _spread_of_years(values: pd.Series[str]) -> int:
    years = sorted(int(born[:4]) for value in values if (born := parse_birth(value)))
    return years[-len(years) // 20 - 1] - years[len(years) // 20] if years else 0


def _is_full_name(value: str) -> bool:
    words = value.replace(",", " ").split()
    return 2 <= len(words) <= 5 and any(std.is_first_name(word) for word in words)
