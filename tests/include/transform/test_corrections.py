"""A steward's correction in the next build: in what is linked and in the golden record, and gone after its undo."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from include import db
from include.identity.stewards.decisions import Decision, decide, undo
from include.ops.builds import begin_build
from include.settings import Settings
from tests.include.warehouse import build, checksums, land, rows

DAY = date(2026, 11, 16)
NOTE = "John Smith lives in London"
FILES = {
    "crm/customers.csv": "customer_id,first_name,last_name,email,phone,date_of_birth,postcode\n"
    "C001,John,Smith,john.smith@mail.example,+447700900123,1980-03-04,SL3 6NJ\n",
    "finance/accounts.json": '[{"account_id": "A1001", "holder_name": "Jon Smyth", "holder_birth_date": "1990-11-12",'
    ' "holder_email": "jo@web.example", "holder_postcode": "SL3 6NJ", "credit_score": 720}]',
    "notes/notes.txt": f'"{NOTE}"\n"The weather is nice"\n',
    "demographics/customers.xml": "<customers><customer><id>C001</id><age>46</age><name>John Smith</name>"
    "<location><city>Londn</city><country>UK</country></location></customer></customers>",
}


def golden(settings: Settings) -> list[dict[str, Any]]:
    return rows(
        settings,
        "select customer_key, email, city, credit_score, data_source from marts.customer_360 order by customer_key",
    )


def correct(settings: Settings, record_id: str, field: str, value: str, note_id: str | None = None) -> int:
    with db.connect(settings.database_url) as connection:
        return decide(connection, Decision("correct", "olga", "a letter", record_id, None, field, value, note_id))


def customers_of_notes(settings: Settings) -> dict[str, int | None]:
    found = rows(
        settings,
        "select interaction_text, customer_key from core.fact_interactions where interaction_type = 'note'",
    )
    return {row["interaction_text"]: row["customer_key"] for row in found}


@pytest.mark.slow
def test_correction__takes_effect_in_the_next_build_and_its_undo_in_the_one_after(settings: Settings) -> None:
    for name, text in FILES.items():
        path = settings.inbox / name.replace("/", f"/{DAY}/")
        path.parent.mkdir(parents=True)
        path.write_text(text)
    land(settings, DAY)
    assert build(settings, "first", data_tests=False) == ("publish_marts", [])
    before, raw = golden(settings), checksums(settings, ("raw_crm", "raw_finance", "raw_demographics"))
    assert [row["data_source"] for row in before] == ["crm,demographics", "finance"]
    assert before[0]["city"] == "Londn"
    assert not begin_build(settings.database_url, DAY.isoformat(), "idle"), "nothing is new"

    assert customers_of_notes(settings) == {NOTE: None, "The weather is nice": None}
    (note,) = rows(settings, "select source_key from staging.stg_notes__notes where note_text = %s", [NOTE])
    numbers = [
        correct(settings, "demographics/customers/id:C001", "city", "London", note["source_key"]),
        correct(settings, "finance/accounts/A1001", "email", "JOHN.SMITH@mail.example"),
        correct(settings, "finance/accounts/A1001", "last_name", "Smith"),
        correct(settings, "finance/accounts/A1001", "date_of_birth", "1980-03-04"),
        correct(settings, "crm/customers/C001", "credit_score", "650"),
    ]
    assert golden(settings) == before, "only a build changes the golden record"
    assert build(settings, "corrected") == ("publish_marts", [])
    assert golden(settings) == [
        {"customer_key": 1, "email": "john.smith@mail.example", "city": "London", "credit_score": 650,
         "data_source": "crm,demographics,finance"}
    ]  # fmt: skip
    assert customers_of_notes(settings) == {NOTE: 1, "The weather is nice": None}
    contacts = rows(settings, "select interaction_count, last_interaction_at from marts.customer_360")
    assert contacts == [{"interaction_count": 0, "last_interaction_at": None}], "a note is no contact"
    lineage = rows(
        settings, "select record_id, rule, value from marts.customer_attribute_lineage where attribute = 'city'"
    )
    assert lineage == [
        {"record_id": "demographics/customers/id:C001", "rule": f"steward decision {numbers[0]}", "value": "London"}
    ]
    assert checksums(settings, ("raw_crm", "raw_finance", "raw_demographics")) == raw
    assert not begin_build(settings.database_url, DAY.isoformat(), "idle again"), "the decisions are read"

    with db.connect(settings.database_url) as connection:
        for number in numbers:
            undo(connection, number, "olga", "it was somebody else's letter")
    assert build(settings, "undone", data_tests=False) == ("publish_marts", [])
    assert golden(settings) == [before[0], before[1] | {"customer_key": golden(settings)[1]["customer_key"]}]
    assert customers_of_notes(settings) == {NOTE: None, "The weather is nice": None}
