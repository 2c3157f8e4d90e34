"""Every column of the household view is recomputed from its members' own views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.dbt_project.company import AS_OF, Company, Row, total

pytestmark = pytest.mark.slow  # the build that all of them share

SAME_STREET = ("full_address", "city", "postcode", "country")
# Held elsewhere: who is a member in people.py, why in the claims of test_views.py.
HELD_ELSEWHERE = {"household_key", "member_keys", "shares_name", "shares_account"}


def known(members: list[Row], column: str) -> list[Any]:
    return [member[column] for member in members if member[column] is not None]


def summed(column: str) -> Callable[[list[Row]], Any]:
    return lambda members: total(known(members, column))


def first(column: str) -> Callable[[list[Row]], Any]:
    """Of the oldest member who has one."""
    return lambda members: next(iter(known(members, column)), None)


def words(column: str, by: str) -> Callable[[list[Row]], Any]:
    return lambda members: {word for text in known(members, column) for word in text.split(by)}


# By column, from the members: the oldest first, of equals and of those without an age the smaller key.
RULES: dict[str, Callable[[list[Row]], Any]] = {
    "member_count": len,
    "head_customer_key": lambda members: members[0]["customer_key"],
    "family_names": lambda members: set(known(members, "last_name")),
    "youngest_age": lambda members: min(known(members, "age"), default=None),
    "oldest_age": lambda members: max(known(members, "age"), default=None),
    "minor_count": lambda members: sum(age < 18 for age in known(members, "age")),
    "dependants": lambda members: max(known(members, "dependants"), default=None),
    "earner_count": lambda members: len(known(members, "yearly_income_eur")),
    "income_bracket": first("income_bracket"),
    "products": words("account_types", ","),
    "product_family_count": lambda members: len(words("account_types", ",")(members)),
    "is_active": lambda members: any(known(members, "is_active")),
    "as_of_date": lambda _: AS_OF,
    **{name: summed(name) for name in (
        "net_wealth_eur", "deposits_eur", "funds_eur", "loans_outstanding_eur", "debt_eur", "subscription_count",
        "vehicle_count", "spend_12_months_eur", "complaint_count",
    )},
    **{name: lambda members, name=name: members[0][name] for name in SAME_STREET},
}  # fmt: skip
SETS = {"family_names": ", ", "products": ","}


def members_of(company: Company, household: Row) -> list[Row]:
    golden, single = company.view("customer_360"), company.view("customer_single_view")
    places = {row["customer_key"]: row for row in company.once(
        "select customer_key, full_address, city, postcode, country from core.dim_customer"
        " left join core.dim_location using (location_key)"
    )}  # fmt: skip
    found = [single[key] | golden[key] | places[key] for key in household["member_keys"]]
    return sorted(found, key=lambda member: (-1 if member["age"] is None else member["age"]) * -1)


def test_household_view__is_what_its_members_are(company: Company) -> None:
    households = company.once("select * from marts.household_view order by household_key")
    assert max(household["member_count"] for household in households) > 1
    wrong = []
    for household in households:
        members = members_of(company, household)
        for column, rule in RULES.items():
            said, wanted = household[column], rule(members)
            if column in SETS:
                said = set(said.split(SETS[column])) if said else set()
            if said != wanted:
                wrong.append(f"{column} of {household['household_key']}: {said!r} instead of {wanted!r}")
    assert not wrong


def test_household_view__income_is_that_of_all_or_no_less_than_what_is_known(company: Company) -> None:
    for household in company.once("select * from marts.household_view order by household_key"):
        members = members_of(company, household)
        own, others = total(known(members, "yearly_income_eur")), known(members, "income_eur")
        if household["earner_count"] == len(members):
            assert abs(household["income_eur"] - own) < 1
        elif others:
            assert household["income_eur"] >= max([*others, own or 0]) - 1
        else:
            assert household["income_eur"] is None


def test_household_view__has_no_column_without_a_test(company: Company) -> None:
    assert {*company.columns("household_view")} == {*RULES, *HELD_ELSEWHERE, "income_eur"}
