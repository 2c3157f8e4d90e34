"""Notes become proposals: the person, the field, the value, or ambiguous, or nobody found."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest

from include.identity.stewards.desk import decide_item
from include.identity.stewards.proposals import Proposal, propose
from tests.include.identity.sample_people import comparable
from tests.include.identity.stewards.people import ask, doubtful, link
from tests.include.identity.test_store import ANN, BOB

DAY = date(2026, 11, 16)
FIELDS = ("first_name", "last_name", "email", "phone", "date_of_birth", "birth_year", "city", "country", "postcode")


def person(record_id: str, key: int, **values: Any) -> dict[str, Any]:
    system, _, source_key = record_id.split("/")
    given = {"record_id": record_id, "system": system, "source_key": source_key, "claimed_customer_id": None}
    return given | dict.fromkeys(FIELDS) | {"customer_key": key} | values


PEOPLE = [
    person("crm/customers/C1", 1, first_name="Ann", last_name="Smith", email="ann@old.example"),
    person("finance/accounts/A1", 1, first_name="Ann", last_name="Smith", email="ann@typo.example", city="Leeds"),
    person("crm/customers/C2", 2, first_name="Robert", last_name="Brown", claimed_customer_id="C2"),
    person("crm/customers/C3", 3, first_name="Robert", last_name="Brown", email="r.brown@x.example"),
    person("crm/customers/C4", 4, first_name="Jürgen", last_name="Müller"),
]


def one(text: str) -> Proposal:
    (item,) = propose([("n1", text, DAY)], PEOPLE, {})
    return item


def test_propose__person_field_and_value() -> None:
    item = one("e-mail of Ann Smith should be ANN@new.example")
    assert (item.record_id, item.field, item.new_value) == ("crm/customers/C1", "email", "ann@new.example")
    assert item.reason == "a note proposes another email"


def test_propose__record_that_has_the_old_value() -> None:
    item = one("Ann Smith's e-mail is ann@new.example, not ann@typo.example")
    assert item.record_id == "finance/accounts/A1"


def test_propose__two_customers_of_that_name() -> None:
    item = one("Bob Brown lives in York")
    assert item.reason == "a note, ambiguous: 2 customers may be meant"
    assert (item.record_id, item.field, item.new_value) == (None, "city", "York")
    assert item.evidence["candidates"] == ["crm/customers/C2", "crm/customers/C3"]


@pytest.mark.parametrize(
    ("text", "record_id"),
    [
        ("Robert Brown (crm/customers/C2) lives in York", "crm/customers/C2"),
        ("Robert Brown, customer C0003, lives in York", "crm/customers/C0003"),
        ("Robert Brown, r.brown@x.example, lives in York", "crm/customers/C3"),
    ],
)
def test_propose__an_id_or_address_tells_them_apart(text: str, record_id: str) -> None:
    more = person("crm/customers/C0003", 5, first_name="Robert", last_name="Brown")
    (item,) = propose([("n1", text, DAY)], [*PEOPLE, more], {})
    assert item.record_id == record_id


def test_propose__nobody_found_and_nothing_read() -> None:
    assert "nobody found" in one("Zoe Zimmer lives in York").reason
    item = one("Security code is wrong for Ann Smith, try [security code withheld]")
    assert "security code" in item.reason
    assert item.evidence["candidates"] == ["crm/customers/C1", "finance/accounts/A1"]
    assert item.new_value is None


def test_propose__name_without_its_accents() -> None:
    assert one("Jurgen Muller lives in Bonn").record_id == "crm/customers/C4"


def test_propose__impossible_value_and_what_is_so_already() -> None:
    assert "cannot be" in one("phone of Ann Smith is 11111111").reason
    assert propose([("n1", "e-mail of Ann Smith is ann@old.example", DAY)], PEOPLE, {}) == []


def test_propose__two_values_of_one_note_and_the_most_valuable_first() -> None:
    notes = [("n1", "Jürgen Müller lives in Bonn", DAY), ("n2", "Ann Smith moved to 1 High Street, York YO1 7HH", DAY)]
    items = propose(notes, PEOPLE, {"crm/customers/C1": 10})
    assert [(i.note_id, i.field) for i in items] == [
        ("n2", "address_line"),
        ("n2/postcode", "postcode"),
        ("n1", "city"),
    ]


def stage_notes(url: str, *texts: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "create table staging.stg_notes__notes (source_key text, note_text text, first_seen_date date)"
        )
        for number, text in enumerate(texts):
            connection.execute("insert into staging.stg_notes__notes values (%s, %s, %s)", [f"k{number}", text, DAY])


def items(url: str) -> list[dict[str, Any]]:
    return ask(url, "select * from identity.review_queue where kind = 'note' order by item_id")


def test_notes__accepted_one_corrects_and_leaves_the_queue(warehouse_url: str) -> None:
    stage_notes(warehouse_url, "Bogdan Wozniak's e-mail should be bogdan@new.example", "Nobody Here lives in York")
    link(warehouse_url, doubtful())
    proposal, nobody = items(warehouse_url)
    assert (proposal["item_id"], proposal["record_id_l"], proposal["field"]) == ("nk0", "crm/customers/9", "email")
    answer = {"is_accepted": True, "record_id": proposal["record_id_l"], "field": "email",
              "new_value": proposal["new_value"]}  # fmt: skip
    decide_item(warehouse_url, "nk0", answer, "olga", "rang him", None)
    decide_item(warehouse_url, nobody["item_id"], {"is_accepted": False}, "olga", "nobody", None)
    link(warehouse_url)
    assert items(warehouse_url) == []
    assert ask(warehouse_url, "select email from identity.records where record_id = 'crm/customers/9'") == [
        {"email": "bogdan@new.example"}
    ]


def test_notes__take_no_place_of_the_doubts_and_have_as_many(
    warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUSTOMER360_REVIEW_QUEUE_SIZE", "1")
    stage_notes(warehouse_url, "Bogdan Wozniak's e-mail should be bogdan@new.example", "Nobody Here lives in York")
    link(warehouse_url, doubtful())
    counts = ask(warehouse_url, "select kind, found, queued from identity.review_counts order by kind")
    assert [tuple(row.values()) for row in counts] == [("note", 2, 1), ("pair", 1, 1)]
    assert ask(warehouse_url, "select count(*) as items from identity.review_queue") == [{"items": 2}]


def test_notes__never_change_anything_by_themselves(warehouse_url: str) -> None:
    rows = [comparable("crm/customers/1", **ANN), comparable("crm/customers/2", **BOB)]
    link(warehouse_url, rows)
    before = ask(warehouse_url, "select * from identity.records order by record_id")
    stage_notes(warehouse_url, "Bogdan Wozniak lives in York")
    link(warehouse_url)
    assert ask(warehouse_url, "select * from identity.records order by record_id") == before
    assert len(items(warehouse_url)) == 1
