"""The library of comparisons."""

from __future__ import annotations

import random
import time

import duckdb
import pandas as pd
import pytest

from include.identity.comparisons import LIBRARY, _slip, comparison

NAMES = ("first_name", "last_name", "aliases", "first_sound", "last_sound")


def level_of(name: str, left: dict[str, object], right: dict[str, object]) -> str:
    """The label of the first level that is true of two records, in DuckDB."""
    columns = {*left, *right}
    made = comparison(name, columns)
    assert made is not None
    values = {f"{c}_l": left.get(c) for c in columns} | {f"{c}_r": right.get(c) for c in columns}
    row = ", ".join(f"${c} as {c}" for c in values)
    for level in made["comparison_levels"]:
        condition = level["sql_condition"]
        if condition == "ELSE" or duckdb.execute(f"select {condition} from (select {row})", values).fetchone() == (
            True,
        ):
            return str(level["label_for_charts"])
    raise AssertionError


def name(first: str, last: str) -> dict[str, object]:
    return {"first_name": first, "last_name": last}


@pytest.mark.parametrize(
    ("left", "right", "label"),
    [
        (name("ann", "lee"), name("ann", "ray"), "equal"),
        (name("margaret", "lee"), name("margraet", "lee"), "a slip"),
        (name("lee", "margaret"), name("margaret", "lee"), "order changed"),
        (name("m", "lee"), name("margaret", "lee"), "initial"),
        (name("ann", "lee"), name("bob", "lee"), "different"),
    ],
)
def test_comparison__first_name(left: dict[str, object], right: dict[str, object], label: str) -> None:
    assert level_of("first_name", left, right) == label


def test_comparison__swapped_names_count_once() -> None:
    assert level_of("last_name", name("lee", "margaret"), name("margaret", "lee")) == "unknown"


@pytest.mark.parametrize(
    ("left", "right", "label"),
    [
        ("1980-02-03", "1980-02-03", "equal"),
        ("1980-02-03", "1980-03-02", "day and month changed over"),
        ("1980-02-03", "1980-02-13", "a slip"),
        ("1980-02-03", "1980-11-03", "two parts equal"),
        ("1980-02-03", "1981", "age fits"),
        ("1980-02-03", "1985", "year unlike, one date"),
        ("1980-02-03", "1955-11-27", "different"),
    ],
)
def test_comparison__birth(left: str, right: str, label: str) -> None:
    records = [{"birth_date": born, "birth_year": int(born[:4])} for born in (left, right)]
    assert level_of("birth", *records) == label


def test_comparison__levels_of_absent_columns_are_left_out() -> None:
    assert comparison("email", ["first_name"]) is None
    place = comparison("place", ["city"])
    assert place is not None
    assert [level["label_for_charts"] for level in place["comparison_levels"]] == ["unknown", "same town", "different"]


def test_library__every_comparison_begins_with_unknown_and_ends_with_different() -> None:
    for levels in LIBRARY.values():
        assert levels[0]["is_null_level"]
        assert levels[-1]["sql_condition"] == "ELSE"


def random_slips(records: int) -> pd.DataFrame:
    """Words and what one to three edits make of them; short alphabets repeat letters, which is hard for Jaro."""
    dice = random.Random(1)  # noqa: S311
    rows = []
    for _ in range(records):
        letters = "abcdefgh"[: dice.choice([2, 3, 8])]
        word = [dice.choice(letters) for _ in range(dice.randint(1, 30))]
        other = list(word)
        for _ in range(dice.randint(1, 3)):
            place = dice.randrange(len(other) + 1)
            kind = dice.choice(["insert", "replace", "swap"])
            if kind == "swap":
                other[place : place + 2] = reversed(other[place : place + 2])
            else:
                other[place : place + (kind == "replace")] = dice.choice(letters)
        rows.append(("".join(word), "".join(other)))
    return pd.DataFrame(rows, columns=["postcode_l", "postcode_r"])


@pytest.mark.parametrize("edits", [1, 2])
def test_slip__is_the_distance_itself(edits: int) -> None:
    words = random_slips(20_000)
    query = f"select {_slip('postcode', edits)}, damerau_levenshtein(postcode_l, postcode_r) from words"
    with duckdb.connect() as connection:
        rows = connection.register("words", words).execute(query).fetchall()
    assert [slip for slip, _ in rows] == [distance <= edits for _, distance in rows]
    assert 2000 < sum(slip for slip, _ in rows) < 18_000


def test_slip__of_unlike_words_takes_a_fraction_of_the_distance() -> None:
    words = {"email_l": ["annabel.lighterman@mail.example"] * 20_000,
             "email_r": [f"bogdan{n}.wozniak@post.example" for n in range(20_000)]}  # fmt: skip
    seconds = []
    with duckdb.connect() as connection:
        connection.register("words", pd.DataFrame(words)).execute("create table pairs as select * from words")
        for condition in (_slip("email", 2), "damerau_levenshtein(email_l, email_r) <= 2"):
            began = time.process_time()
            query = f"select sum(case when {condition} then 1 else 0 end) from pairs"  # as Splink asks
            assert connection.execute(query).fetchall() == [(0,)]
            seconds.append(time.process_time() - began)
    assert seconds[0] < seconds[1] / 3
