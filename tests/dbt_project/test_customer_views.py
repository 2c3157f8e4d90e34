"""What the views of customers say is what the delivered records say, column by column, customer by customer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from include.settings import PROJECT_DIR
from tests.dbt_project import contacts, debts, finances, journeys, people, purchases, visits
from tests.dbt_project.company import Company, Expected, differences

pytestmark = pytest.mark.slow  # the build that all of them share

VIEWS = ("customer_360", "customer_single_view")
GROUPS: tuple[Callable[[Company], Expected], ...] = (
    *people.GROUPS, *purchases.GROUPS, *contacts.GROUPS, *visits.GROUPS, *finances.GROUPS, *debts.GROUPS,
    *journeys.GROUPS,
)  # fmt: skip
# Columns of the second view that stand for another one of the first, or of what is recomputed.
NAMES = {
    "customer_360": {},
    "customer_single_view": {
        "marital_status": "family_status", "total_balance_eur": "deposits_eur",
        "account_count": "deposit_account_count",
    },
}  # fmt: skip
# What the sample may know of nobody: spending elsewhere than online and in shops, and debts with a term.
RARE = {"spend_other_12_months_eur", "debt_years"}
# Columns that a test of another file holds, by the test and a word of it.
HELD = {("customer_360", "is_active"): ("tests/include/transform/test_inactive.py", "is_active")}


def name(group: Callable[[Company], Expected]) -> str:
    return f"{group.__module__.rsplit('.', 1)[-1]}.{group.__name__}"


@pytest.mark.parametrize("group", GROUPS, ids=name)
@pytest.mark.parametrize("view", VIEWS)
def test_view__says_what_the_records_say(view: str, group: Callable[[Company], Expected], company: Company) -> None:
    expected = company.remembered(group)
    known = set(company.view(view))
    assert known == set(company.crosswalk.values())
    for column, values in expected.values.items():
        assert column in RARE or any(values.get(customer) not in (None, 0) for customer in known), (
            f"nobody has any {column}"
        )
    assert differences(company, view, expected, NAMES[view])[:20] == []


@pytest.mark.parametrize("view", VIEWS)
def test_view__has_no_column_without_a_test(view: str, company: Company) -> None:
    """A new column fails here until it is recomputed, or named with the test that holds it."""
    recomputed = {column for group in GROUPS for column in company.remembered(group).values}
    columns = company.columns(view)
    untested = {column for column in columns if NAMES[view].get(column, column) not in recomputed}
    held = {column for held_in, column in HELD if held_in == view}
    assert untested == held
    for (_, column), (path, word) in HELD.items():
        assert word in (PROJECT_DIR / path).read_text(), f"{path} says nothing of {column}"
