"""From a file's own columns to standardised records."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from include.identity.linkage.prepare import open_source, prepare_records


@pytest.mark.parametrize(("as_of", "born"), [(date(2019, 6, 30), "1989"), (date(2026, 1, 1), "1996")])
def test_prepare_records__an_age_counts_back_from_the_day(as_of: date, born: str) -> None:
    table = pd.DataFrame({"name": ["Ann Lee"], "age": ["30"]}, dtype=object)
    record = prepare_records([open_source(Path("people.csv"), table, {}, None)], as_of)[0]
    assert (record["birth_text"], record["birth_year"]) == (born, int(born))


def test_prepare_records__a_year_of_two_digits_is_not_after_the_day() -> None:
    table = pd.DataFrame({"name": ["Ann Lee"], "dob": ["01/02/25"]}, dtype=object)
    sources = [open_source(Path("people.csv"), table, {}, None)]
    years = [prepare_records(sources, date(year, 6, 30))[0]["birth_year"] for year in (2024, 2026)]
    assert years == [1925, 2025]


def test_prepare_records__a_placeholder_in_any_part_of_a_name_is_nothing() -> None:
    table = pd.DataFrame(
        [["N/A", "None", "Lee"], ["Unknown", None, "Unknown"], ["Ann", "n/a", "Test"]],
        columns=["first_name", "middle_name", "last_name"],
        dtype=object,
    )
    records = prepare_records([open_source(Path("people.csv"), table, {}, None)])
    assert [[record[name] for name in table] for record in records] == [
        [None, None, "Lee"], [None, None, None], ["Ann", None, "Test"],
    ]  # fmt: skip
