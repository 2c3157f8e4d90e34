"""What several records say, each way, parts people; what one record says does not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from include.identity.confirmed import part_confirmed

NOTHING = {"first_name": None, "middle_name": None, "last_name": None, "date_of_birth": None,
           "claimed_customer_id": None}  # fmt: skip
LINKS = pd.DataFrame(columns=["record_id_l", "record_id_r", "match_weight"])


def records(field: str, **values: Any) -> list[dict[str, Any]]:
    return [NOTHING | {"record_id": record_id, field: value} for record_id, value in values.items()]


def is_parted(people: list[dict[str, Any]], decisions: Any = ()) -> bool:
    return len(set(part_confirmed(people, LINKS, {r["record_id"]: 0 for r in people}, decisions).values())) > 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("Clara", "Hannah", True), ("Emma", "Emil", True), ("Gary", "Harry", True), ("Margaret", "Peggy", False),
     ("Jörg", "Joerg", False), ("Svetlana", "Swetlana", False), ("Anna", "Annabel", False), ("C.", "Hannah", False)],
)  # fmt: skip
def test_part_confirmed__first_names(one: str, other: str, expected: bool) -> None:
    assert is_parted(records("first_name", a=one, b=one, x=other, y=other)) == expected


def test_part_confirmed__first_name_that_is_a_middle_or_last_name_elsewhere() -> None:
    people = records("first_name", a="Maria", b="Maria", x="Ana", y="Ana")
    assert is_parted(people)
    assert not is_parted([people[0] | {"middle_name": "Ana"}, *people[1:]])
    assert not is_parted([people[0] | {"last_name": "Ana"}, *people[1:]])


def test_part_confirmed__once_is_a_slip() -> None:
    assert not is_parted(records("first_name", a="Clara", b="Clara", c="Clara", x="Hannah"))


FIFTH, OTHER = date(1971, 3, 5), date(1971, 3, 24)


@pytest.mark.parametrize(
    ("one", "other", "times", "expected"),
    [(FIFTH, date(1996, 10, 24), 2, True), (FIFTH, OTHER, 2, False), (FIFTH, OTHER, 3, True),
     (FIFTH, date(1971, 5, 3), 3, False), (FIFTH, date(1971, 1, 1), 3, False)],
)  # fmt: skip
def test_part_confirmed__days_of_birth(one: date, other: date, times: int, expected: bool) -> None:
    values = {f"a{n}": one for n in range(times)} | {f"x{n}": other for n in range(times)}
    assert is_parted(records("date_of_birth", **values)) == expected


def test_part_confirmed__one_customer_id_is_one_person() -> None:
    people = records("first_name", a="Clara", b="Clara", x="Hannah", y="Hannah")
    assert not is_parted([r | {"claimed_customer_id": "C1"} if r["record_id"] in "ax" else r for r in people])
    assert is_parted([r | {"claimed_customer_id": f"C{r['record_id']}"} for r in people])


def test_part_confirmed__a_stewards_decision_stays() -> None:
    people = records("first_name", a="Clara", b="Clara", x="Hannah", y="Hannah")
    assert not is_parted(people, [("a", "x", "same")])
    assert is_parted(people, [("a", "x", "different")])


@pytest.mark.parametrize("pair", [("a", "b"), ("a", "c"), ("a", "n"), ("x", "y")])
def test_part_confirmed__a_decision_within_one_part_keeps_twins_apart(pair: tuple[str, str]) -> None:
    people = records("first_name", a="Clara", b="Clara", c="Clara", n=None, x="Hannah", y="Hannah")
    links = pd.DataFrame([("n", "x", 9.0), ("n", "y", 9.0)], columns=LINKS.columns)
    parted = part_confirmed(people, links, {r["record_id"]: 0 for r in people}, [(*pair, "same")])
    assert parted["a"] == parted["b"] == parted["c"] != parted["x"] == parted["y"]
    assert parted["n"] == parted["a" if "n" in pair else "x"], "with whom the steward knows it to be"


def test_part_confirmed__decisions_join_parts_over_a_record_that_says_nothing() -> None:
    people = records("first_name", a="Clara", b="Clara", m=None, n=None, x="Hannah", y="Hannah", z="Zoe", zz="Zoe")
    chain = [("a", "n", "same"), ("m", "n", "same"), ("m", "y", "same")]
    parted = part_confirmed(people, LINKS, {r["record_id"]: 0 for r in people}, chain)
    assert [sorted(r for r in parted if parted[r] == number) for number in (0, 1)] == [[*"abmnxy"], ["z", "zz"]]
    links = pd.DataFrame([("m", "x", 9.0), ("m", "y", 9.0), ("b", "n", 2.0)], columns=LINKS.columns)
    parted = part_confirmed(people, links, {r["record_id"]: 0 for r in people}, [("n", "m", "same")])
    assert parted["n"] == parted["m"] == parted["x"], "two that say nothing go together where they fit best"


def test_part_confirmed__others_go_where_they_fit_best() -> None:
    people = records("first_name", a="Clara", b="Clara", x="Hannah", y="Hannah", n=None, m="H.", alone="Zoe")
    links = pd.DataFrame(
        [("a", "n", 9.0), ("b", "n", 9.0), ("n", "x", 7.0), ("a", "m", -4.0), ("m", "x", 3.0)],
        columns=["record_id_l", "record_id_r", "match_weight"],
    )
    clusters = {r["record_id"]: 1 if r["record_id"] == "alone" else 0 for r in people}
    parted = part_confirmed(people, links, clusters)
    assert parted == {"a": 0, "alone": 1, "b": 0, "n": 0, "m": 2, "x": 2, "y": 2}, "numbered by smallest record"


def test_part_confirmed__without_records() -> None:
    assert part_confirmed([], LINKS, {}) == {}
