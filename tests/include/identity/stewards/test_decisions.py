"""Decisions: append-only, one standing per question, undone by a new row, never lost between two stewards."""

from __future__ import annotations

import threading

import psycopg
import pytest

from include.identity.stewards.corrections import WrongValue
from include.identity.stewards.decisions import AlreadyDecided, Decision, NotPossible, decide, undo
from include.ops.builds import begin_build, end_build
from tests.include.identity.stewards.people import LEFT, OTHER, RIGHT, ask, doubtful, link, put


def verdicts(url: str) -> list[tuple[str, str]]:
    rows = ask(url, "select subject, decision from identity.decisions_in_force order by decision_id")
    return [(row["subject"], row["decision"]) for row in rows]


def test_decide__pair_in_either_order_is_one_question(linked_url: str) -> None:
    put(linked_url, decision="different", record_id_l=RIGHT, record_id_r=LEFT)
    with pytest.raises(AlreadyDecided, match="olga has decided this meanwhile: different"):
        put(linked_url, decision="same", record_id_l=LEFT, record_id_r=RIGHT, decided_by="otto")
    assert verdicts(linked_url) == [(f"pair/{LEFT}/{RIGHT}", "different")]


def test_decide__over_one_that_was_seen_revokes_it(linked_url: str) -> None:
    first = put(linked_url, decision="different", record_id_l=LEFT, record_id_r=RIGHT)
    put(linked_url, decision="same", record_id_l=LEFT, record_id_r=RIGHT, seen_decision_id=first)
    assert [verdict for _, verdict in verdicts(linked_url)] == ["same"]
    rows = ask(linked_url, "select decision, revokes_decision_id from identity.decisions order by decision_id")
    assert [(r["decision"], r["revokes_decision_id"]) for r in rows] == [
        ("different", None), ("undo", first), ("same", None),
    ]  # fmt: skip


def test_undo__is_a_new_row_and_happens_once(linked_url: str) -> None:
    number = put(linked_url, decision="same", record_id_l=LEFT, record_id_r=RIGHT)
    with psycopg.connect(linked_url) as connection:
        undone = undo(connection, number, "otto", "a slip")
    assert verdicts(linked_url) == []
    assert len(ask(linked_url, "select 1 from identity.decisions")) == 2
    for wrong in (number, undone, 999):
        with psycopg.connect(linked_url) as connection, pytest.raises(NotPossible):
            undo(connection, wrong, "otto", "again")
    put(linked_url, decision="different", record_id_l=LEFT, record_id_r=RIGHT)
    assert [verdict for _, verdict in verdicts(linked_url)] == ["different"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"decision": "same", "record_id_l": LEFT, "record_id_r": LEFT}, "two records"),
        ({"decision": "same", "record_id_l": LEFT, "record_id_r": "crm/customers/404"}, "no record"),
        ({"decision": "maybe", "record_id_l": LEFT, "record_id_r": RIGHT}, "no decision"),
        ({"decision": "dismiss"}, "needs the note"),
        ({"decision": "same", "record_id_l": LEFT, "record_id_r": RIGHT, "why": "x" * 1001}, "in at most 1000"),
        ({"decision": "correct", "record_id_l": LEFT, "field": "shoe", "new_value": "9"}, "no field"),
        ({"decision": "correct", "record_id_l": LEFT, "field": "email", "new_value": "nobody"}, "an e-mail address"),
        ({"decision": "correct", "record_id_l": LEFT, "field": "email", "new_value": "a" * 300}, "at most"),
        ({"decision": "correct", "record_id_l": LEFT, "field": "date_of_birth", "new_value": "today"}, "a day"),
        ({"decision": "correct", "record_id_l": LEFT, "field": "credit_score", "new_value": "9"}, "whole number"),
        ({"decision": "correct", "record_id_l": LEFT, "field": "city", "new_value": "a\x00b"}, "a place"),
    ],
)
def test_decide__refuses_what_cannot_be(given: dict[str, str], words: str, linked_url: str) -> None:
    with pytest.raises((NotPossible, WrongValue), match=words):
        put(linked_url, **given)
    assert ask(linked_url, "select 1 from identity.decisions") == []


def test_decide__two_at_once_and_one_hears_of_it(linked_url: str) -> None:
    heard: list[str] = []

    def second() -> None:
        try:
            put(linked_url, decision="same", record_id_l=LEFT, record_id_r=RIGHT, decided_by="otto")
        except AlreadyDecided as error:
            heard.append(error.standing["decided_by"])

    with psycopg.connect(linked_url) as connection:
        decide(connection, Decision("different", "olga", "seen", LEFT, RIGHT))
        other = threading.Thread(target=second)
        other.start()
        other.join(0.3)
        assert other.is_alive(), "the second waits until the first has committed"
    other.join(10)
    assert heard == ["olga"]
    assert [verdict for _, verdict in verdicts(linked_url)] == ["different"]


def test_correction__is_in_the_linked_record_and_its_undo_brings_the_old_value_back(linked_url: str) -> None:
    number = put(linked_url, decision="correct", record_id_l=LEFT, field="phone", new_value="07700 900777")
    row = ask(linked_url, "select old_value, new_value from identity.decisions")[0]
    assert row == {"old_value": "+447700900123", "new_value": "+447700900777"}
    link(linked_url)
    phone = "select phone from identity.records where record_id = %s"
    assert ask(linked_url, phone, [LEFT]) == [{"phone": "+447700900777"}]
    assert ask(linked_url, "select * from identity.applied_corrections") == [
        {"record_id": LEFT, "field": "phone", "value": "+447700900777", "decision_id": number}
    ]
    with psycopg.connect(linked_url) as connection:
        undo(connection, number, "olga", "a slip")
    link(linked_url)
    assert ask(linked_url, phone, [LEFT]) == [{"phone": "+447700900123"}]
    assert ask(linked_url, "select * from identity.applied_corrections") == []


def test_correction__of_a_name_keeps_the_other_part_of_a_full_one(warehouse_url: str) -> None:
    rows = doubtful()
    rows[0] |= {"first_name": None, "last_name": None, "full_name": "Annabel Lighterman"}
    link(warehouse_url, rows)
    put(warehouse_url, decision="correct", record_id_l=LEFT, field="last_name", new_value="Jones")
    link(warehouse_url)
    names = ask(warehouse_url, "select first_name, last_name from identity.records where record_id = %s", [LEFT])
    assert names == [{"first_name": "Annabel", "last_name": "Jones"}]


def test_begin_build__a_decision_is_new_and_so_is_its_undo(linked_url: str) -> None:
    with psycopg.connect(linked_url) as connection:
        connection.execute(
            "insert into ops.batches (system, batch_date, state) values ('crm', '2026-11-16', 'released')"
        )
        connection.execute(
            "insert into ops.files (file_id, system, entity, batch_date, name, sha256, bytes, state)"
            " values (gen_random_uuid(), 'crm', 'customers', '2026-11-16', 'a', 'a', 1, 'released')"
        )

    def is_new(run_id: str) -> bool:
        begun = begin_build(linked_url, "2026-11-16", run_id)
        if begun:
            end_build(linked_url, run_id, "built")
        return begun

    assert is_new("1")
    assert not is_new("2")
    number = put(linked_url, decision="same", record_id_l=LEFT, record_id_r=OTHER)
    assert is_new("3")
    assert not is_new("4")
    with psycopg.connect(linked_url) as connection:
        undo(connection, number, "olga", "a slip")
    assert is_new("5")
    assert not is_new("6")
