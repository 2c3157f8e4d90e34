"""Which true pairs the data allow to find."""

from __future__ import annotations

from datetime import date
from typing import Any

from include.identity.possible import possible_groups

NOTHING: dict[str, Any] = {
    "claimed_customer_id": None, "email": None, "phone": None, "first_name": None, "last_name": None, "gender": None,
    "date_of_birth": None, "birth_year": None, "postcode": None, "identifiers": [],
}  # fmt: skip


def record(name: str, year: int | None = None, **values: Any) -> dict[str, Any]:
    first, last = name.split()
    return NOTHING | {"first_name": first, "last_name": last, "birth_year": year} | values


def joined(records: dict[str, dict[str, Any]], person: dict[str, int]) -> set[frozenset[str]]:
    groups = possible_groups(records, person)
    return {frozenset(r for r in groups if groups[r] == group) for group in groups.values()}


def test_possible_groups__names_and_an_age_that_is_a_year_off() -> None:
    records = {"a": record("Ann Lee", 1980), "b": record("Lee Ann", 1981), "c": record("Ann Lee", 1983)}
    assert joined(records, {"a": 1, "b": 1, "c": 1}) == {frozenset("ab"), frozenset("c")}


def test_possible_groups__who_has_an_equal_is_known_by_the_postcode_or_not_at_all() -> None:
    here, there = {"postcode": "AB1"}, {"postcode": "XY9"}
    records = {"a": record("Ann Lee", 1980, **here), "b": record("Ann Lee", 1980, **here),
               "c": record("Ann Lee", 1980, **there), "d": record("Ann Lee", 1980)}  # fmt: skip
    assert joined(records, {"a": 1, "b": 1, "c": 2, "d": 1}) == {frozenset("ab"), frozenset("c"), frozenset("d")}


def test_possible_groups__an_identifier_of_one_person_joins_step_by_step() -> None:
    born = {"date_of_birth": date(1980, 1, 2)}
    records = {"a": record("Ann Lee", identifiers=["card:1"]), "b": record("Bea Moor", identifiers=["card:1"], **born),
               "c": record("Bea Moor", **born), "d": NOTHING | {"email": "x@x.example"},
               "e": NOTHING | {"email": "x@x.example"}}  # fmt: skip
    people = {"a": 1, "b": 1, "c": 1, "d": 1, "e": 2}
    assert joined(records, people) == {frozenset("abc"), frozenset("d"), frozenset("e")}
