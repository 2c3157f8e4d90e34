"""The table that is compared: the pipeline's linkage frame and what foreign files have besides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from include.identity import standardise as std
from include.identity.records import to_linkage_frame

# A date that one record in fifty has, and twenty records at least, is a placeholder and nobody's birthday.
COMMONEST_BIRTH_SHARE, COMMONEST_BIRTH_RECORDS = 0.02, 20
FOLDED = ("middle_name", "national_id", "birth_place", "region", "address_extra", "occupation")  # beside the pipeline's
LISTS = ("aliases", "street_words")  # columns of lists of words


def build_frame(records: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """One row per record in the order given; columns without any value are left out."""
    frame = to_linkage_frame(records).drop(columns="claimed_customer_id")
    # What is left of a mailbox that identifies nobody identifies nobody, either.
    frame["email_local"] = frame["email_local"].where(frame["email"].notna(), None)
    births = [record["birth_text"] for record in records]
    frame["birth_date"] = _without_placeholders(pd.Series(births, dtype=object))
    frame.loc[frame["birth_date"].isna() & pd.notna(pd.Series(births, dtype=object)), "birth_year"] = pd.NA
    frame["street_words"] = pd.Series([_words(record["address_line"]) for record in records], dtype=object)
    for name in FOLDED:
        frame[name] = [std.fold(record[name]) for record in records]
    frame["country"] = [std.fold(record["country"] or record["country_text"]) for record in records]
    keys = _blocking_keys(frame)
    frame = pd.concat([frame, keys], axis=1)
    return frame.drop(columns=[name for name in frame if name != "unique_id" and not _has_values(frame[name])])


def _has_values(values: pd.Series[Any]) -> bool:
    if values.name in LISTS:
        return any(isinstance(value, list) and value for value in values)
    return bool(values.notna().any())


def _without_placeholders(births: pd.Series[str]) -> pd.Series[str]:
    return births.where(~births.isin(placeholder_births(births)), None)


def placeholder_births(births: pd.Series[str]) -> set[str]:
    """The full dates (of births as text) that are nobody's birthday, since too many have them."""
    full = births.where(births.str.len() == 10)
    counts = full.value_counts()
    limit = max(COMMONEST_BIRTH_RECORDS, COMMONEST_BIRTH_SHARE * int(counts.sum()))
    return set(counts.index[counts > limit])


def _words(text: str | None) -> list[str] | None:
    words = sorted({folded for word in (text or "").split() if (folded := std.fold(word))})
    return words or None


def _blocking_keys(frame: pd.DataFrame) -> pd.DataFrame:
    """Columns that only bring pairs together: parts of names and dates that survive the usual errors."""
    first, last, born = frame["first_name"], frame["last_name"], frame["birth_date"]
    full = born.where(born.str.len() == 10)
    names = [
        "".join(sorted(part for part in pair if isinstance(part, str)))
        if all(isinstance(p, str) for p in pair)
        else None
        for pair in zip(first, last, strict=True)
    ]
    return pd.DataFrame({
        "both_names": names,
        "first_start": first.str[:3], "last_start": last.str[:4], "last_end": last.str[-4:],
        "first_initial": first.str[:1], "last_initial": last.str[:1],
        "birth_day": full.str[5:], "birth_month": full.str[:7], "birth_dayofyear": full.str[:5] + full.str[8:],
        "birth_decade": born.str[:3],
        "phone_end": frame["phone"].str[-7:],
        "id_start": frame["national_id"].str[:4], "id_end": frame["national_id"].str[-4:],
    })  # fmt: skip
