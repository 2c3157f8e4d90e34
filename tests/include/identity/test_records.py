"""From a comparable record to what is stored and what is compared."""

from __future__ import annotations

from datetime import date

import pytest

from include.identity.model import COLUMNS, MOST_HOLDERS_OF_AN_ID
from include.identity.records import standardise_record, to_linkage_frame
from tests.include.identity.sample_people import comparable


def test_standardise_record__placeholders_say_nothing() -> None:
    raw = {"email": "test@test.com", "phone": "0000000000", "date_of_birth": date(1900, 1, 1)}
    record = standardise_record(comparable("crm/customers/1", **raw))
    assert [record[name] for name in (*raw, "birth_year")] == [None] * 4


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"first_name": "N/A", "last_name": "N/A", "full_name": "Ann Marie Lee"}, ("Ann", "Marie", "Lee")),
        ({"first_name": "N/A", "last_name": "Lee", "full_name": "Ann Lee"}, (None, None, "Lee")),
        ({"first_name": "Test", "middle_name": "n/a", "last_name": "Test"}, (None, None, None)),
        ({"full_name": "Unknown Customer"}, (None, None, None)),
        ({"full_name": "Unknown Lee"}, (None, None, "Lee")),
    ],
)
def test_standardise_record__a_placeholder_is_no_name(
    raw: dict[str, str], expected: tuple[str | None, str | None, str | None]
) -> None:
    record = standardise_record(comparable("crm/customers/1", **raw))
    assert (record["first_name"], record["middle_name"], record["last_name"]) == expected
    assert (record["full_name"] is None) == (raw.get("full_name") in (None, "Unknown Customer"))


def test_standardise_record__nobody_is_born_after_the_delivery() -> None:
    row = comparable("crm/customers/1", date_of_birth=date(2031, 1, 1))
    assert standardise_record(row)["date_of_birth"] is None


def test_standardise_record__birth_year_of_an_age_is_kept() -> None:
    assert standardise_record(comparable("demographics/customers/1", birth_year=1990))["birth_year"] == 1990


def test_to_linkage_frame__names_of_several_words_meet() -> None:
    rows = [
        comparable("crm/customers/1", first_name="Ana María", last_name="García López"),
        comparable("finance/accounts/1", full_name="García López, Ana María"),
        comparable("usage/product_usage/1", full_name="Ana María García López"),
    ]
    frame = to_linkage_frame([standardise_record(row) for row in rows])
    assert frame[["first_name", "last_name"]].drop_duplicates().to_numpy().tolist() == [["ana", "lopez"]]


def test_to_linkage_frame__an_id_with_too_many_holders_identifies_nobody() -> None:
    rows = [
        comparable(f"service/contacts/{n}", email="desk@shop.example", phone=f"+4477009{n % 60:05d}")
        for n in range(MOST_HOLDERS_OF_AN_ID + 1)
    ]
    frame = to_linkage_frame([standardise_record(row) for row in rows])
    assert frame.email.isna().all()
    assert frame.phone.notna().all()


def test_to_linkage_frame__no_records() -> None:
    assert list(to_linkage_frame([]).columns) == list(COLUMNS)
