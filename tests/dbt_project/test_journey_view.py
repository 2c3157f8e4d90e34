"""The journeys are those that the delivered records tell, touchpoint by touchpoint and column by column."""

from __future__ import annotations

import pytest

from tests.dbt_project.company import Company
from tests.dbt_project.journeys import journeys

pytestmark = pytest.mark.slow  # the build that all of them share


def test_journey_view__is_what_the_records_tell(company: Company) -> None:
    expected = company.remembered(journeys)
    found = {row["touchpoint_key"]: row for row in company.rows("select * from marts.journey_view")}
    assert set(found) == set(expected)
    assert {column for row in expected.values() for column in row} == set(company.columns("journey_view"))
    wrong = [
        f"{row['system']} {row['touchpoint_type']}.{column}: {row[column]!r} instead of {expected[key][column]!r}"
        for key, row in found.items() for column in row if row[column] != expected[key][column]
    ]  # fmt: skip
    assert wrong[:20] == []


def test_journey_view__has_every_kind_of_touchpoint(company: Company) -> None:
    """So that the test above looks at each of them, at conversions, and at campaigns that are credited."""
    rows = list(company.remembered(journeys).values())
    assert {row["touchpoint_type"] for row in rows} == {
        "web_visit", "purchase", "return", "email_open", "email_click", "email_unsubscribe", "service_contact",
        "complaint", "survey", "social", "store_talk", "branch_contact", "review", "lead", "product_opened",
    }  # fmt: skip
    assert any(row["attributed_campaign_name"] for row in rows)
    assert any(row["is_conversion"] and not row["attributed_campaign_key"] for row in rows)
    assert any(not row["is_path_converted"] for row in rows)
