"""What the stewards' page asks for and does: the queue, one item with its records, a decision on it."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import dict_row

from include import db
from include.identity.stewards.corrections import FIELDS
from include.identity.stewards.decisions import Decision, NotPossible, check_text, decide

SQL = "include/identity/stewards"
SHOWN = ("record_id", "system", "customer_key", "first_name", "middle_name", "last_name", "full_name",
         "date_of_birth", "birth_year", "gender", "email", "phone", "address_line", "city", "postcode", "country",
         "occupation", "claimed_customer_id")  # fmt: skip
DECISIONS_SHOWN = 200


def read_state(url: str) -> dict[str, Any]:
    """The last build, whether one runs, how many decisions wait for the next, how many items were found and queued."""
    (state,) = _rows(url, "state.sql", {})
    return state


def read_queue(url: str) -> list[dict[str, Any]]:
    """Every item of the queue without its evidence, most valuable first, with the decision on it where there is one."""
    return _rows(url, "queue_items.sql", {})


def read_decisions(url: str, most: int = DECISIONS_SHOWN) -> list[dict[str, Any]]:
    """The latest decisions, those that were undone among them."""
    return _rows(url, "past_decisions.sql", {"most": most})


def read_item(url: str, item_id: str) -> dict[str, Any] | None:
    """One item with its evidence, and its records by side; None where the queue does not hold it."""
    try:
        check_text(item_id)
    except NotPossible:
        return None
    with psycopg.connect(url, row_factory=dict_row) as connection:
        item = connection.execute("select * from identity.review_queue where item_id = %s", [item_id]).fetchone()
    if item is None:
        return None
    (listed,) = [row for row in read_queue(url) if row["item_id"] == item_id] or [{}]
    evidence = item["evidence"]
    wanted = {record_id for side in ("left", "right") for record_id in evidence.get(side, {}).get("record_ids", [])}
    wanted |= set(evidence.get("candidates", []))
    wanted |= {record_id for record_id in (item["record_id_l"], item["record_id_r"]) if record_id}
    records = {row["record_id"]: _shown(row) for row in _rows(url, "item_records.sql", {"record_ids": list(wanted)})}
    return item | listed | {"records": records, "fields": list(FIELDS)}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in (*SHOWN, "corrections")}


def decide_item(
    url: str, item_id: str, answer: dict[str, Any], decided_by: str, why: str, seen_decision_id: int | None
) -> int:
    """Accept or reject an item. A pair or cluster: the same person or not; a note: its correction, or dismissed.

    `answer` has `is_accepted`, and for an accepted note record_id, field and new_value. Raises what `decide` raises.
    """
    for text in (item_id, answer.get("record_id"), answer.get("field"), answer.get("new_value")):
        check_text(text or "")
    with db.connect(url) as connection:
        item = connection.execute(
            "select record_id_l, record_id_r, note_id from identity.review_queue where item_id = %s", [item_id]
        ).fetchone()
        if item is None:
            raise NotPossible("the queue no longer holds this item: a build has settled it meanwhile")
        left, right, note_id = item
        if note_id is None:
            verdict = "same" if answer["is_accepted"] else "different"
            decision = Decision(verdict, decided_by, why, left, right, seen_decision_id=seen_decision_id)
        elif not answer["is_accepted"]:
            decision = Decision("dismiss", decided_by, why, note_id=note_id, seen_decision_id=seen_decision_id)
        else:
            decision = Decision(
                "correct", decided_by, why, answer.get("record_id") or left, None, answer.get("field"),
                answer.get("new_value"), note_id, seen_decision_id,
            )  # fmt: skip
        return decide(connection, decision)


def _rows(url: str, name: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute(db.read_sql(f"{SQL}/{name}"), values).fetchall()
