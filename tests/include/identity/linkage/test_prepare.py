"""From a file's own columns to standardised records."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from include.identity.linkage.prepare import open_source, prepare_records
from include.identity.linkage.read import InputProblem


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


@pytest.mark.parametrize("ids", [["7", "7", "8"], ["7", None, "8"]])
def test_open_source__rows_are_counted_where_ids_repeat_or_have_gaps(ids: list[str | None]) -> None:
    table = pd.DataFrame({"id": ids, "name": ["Ann Lee", "Bob Ray", "Cyd Fox"]}, dtype=object)
    source = open_source(Path("people.csv"), table, {}, None, "people:")
    assert source.ids == ["people:1", "people:2", "people:3"]
    assert source.columns == {"full_name": "name"}
    assert source.fault_of_ids
    with pytest.raises(InputProblem, match=r"people\.csv: the id column 'id' .* Leave out --map id=id, and rows"):
        open_source(Path("people.csv"), table, {"id": "id"}, None)


def test_open_source__unused_are_the_columns_that_nobody_spoke_of() -> None:
    values = {"id": "7", "name": "Ann Lee", "nick": "x", "colour": "red", "who": "1"}
    table = pd.DataFrame([values], dtype=object)
    source = open_source(Path("people.csv"), table, {"colour": "ignore"}, "who")
    assert (source.ids, source.fault_of_ids, source.unused) == (["7"], None, ["nick"])


def test_prepare_records__names_and_genders_of_other_scripts() -> None:
    table = pd.DataFrame({
        "姓名": ["李晓明", "Li Wei", None], "性别": ["男", "f", None],
        "出生日期": ["1980年2月1日", "1981-03-02", "1982"],
    }, dtype=object)  # fmt: skip
    records = prepare_records([open_source(Path("people.csv"), table, {}, None)])
    names = [(record["first_name"], record["last_name"]) for record in records]
    assert names == [("晓明", "李"), ("Li", "Wei"), (None, None)]
    assert [record["gender"] for record in records] == ["male", "female", None]
    assert [record["birth_text"] for record in records] == ["1980-02-01", "1981-03-02", "1982"]


def test_prepare_records__a_name_in_two_columns_stays_as_it_is() -> None:
    table = pd.DataFrame({"姓": ["李"], "名": ["晓明"], "全名": ["王伟"]}, dtype=object)
    record = prepare_records([open_source(Path("people.csv"), table, {}, None)])[0]
    assert (record["first_name"], record["last_name"]) == ("晓明", "李")
