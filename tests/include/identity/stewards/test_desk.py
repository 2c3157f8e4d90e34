"""What the stewards' page hands on is checked before Postgres sees it."""

from __future__ import annotations

import psycopg
import pytest

from include.identity.stewards.corrections import WrongValue
from include.identity.stewards.decisions import NotPossible
from include.identity.stewards.desk import decide_item, read_item
from tests.include.identity.stewards.people import OTHER

NOTE = (
    "insert into identity.review_queue (item_id, kind, note_id, value, reason, evidence)"
    " values ('note/1', 'note', 'n', 1, 'r', '{}')"
)


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_desk__text_that_cannot_be_stored_is_refused_in_words(text: str, warehouse_url: str) -> None:
    assert read_item(warehouse_url, text) is None
    with pytest.raises(NotPossible, match="cannot be stored"):
        decide_item(warehouse_url, text, {"is_accepted": True}, "ann", "I know", None)
    for name in ("record_id", "field", "new_value"):
        with pytest.raises(NotPossible, match="cannot be stored"):
            decide_item(warehouse_url, "an item", {"is_accepted": True, name: text}, "ann", "I know", None)


@pytest.mark.parametrize("field", ["date_of_birth", "join_date"])
def test_desk__correction_to_a_day_that_is_to_come_is_refused(field: str, linked_url: str) -> None:
    with psycopg.connect(linked_url) as connection:
        connection.execute(NOTE)
    answer = {"is_accepted": True, "record_id": OTHER, "field": field, "new_value": " 9999-12-31"}
    with pytest.raises(WrongValue, match="not still to come"):
        decide_item(linked_url, "note/1", answer, "ann", "I know", None)
