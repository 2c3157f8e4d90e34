"""What stewards decide, append-only: a decision is never changed, a later row revokes it.

Decisions are numbered in the order of their commits, since each takes the table's lock for its moment: a build knows by
the last number what it has read, and of two stewards at one item the second hears what the first has decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from include import db
from include.identity.standardise import phone_country
from include.identity.stewards.corrections import Correction, Corrections, WrongValue, applied_value, check_value

PAIR_DECISIONS = ("same", "different")
LONGEST_REASON = 1000


class NotPossible(ValueError):  # noqa: N818 - reads as what happened
    """The decision does not fit what is there; the message says why, for the steward."""


class AlreadyDecided(NotPossible):
    """Somebody decided the same question meanwhile; `standing` is his decision."""

    def __init__(self, standing: dict[str, Any]) -> None:
        super().__init__(f"{standing['decided_by']} has decided this meanwhile: {standing['decision']}")
        self.standing = standing


@dataclass(frozen=True)
class Decision:
    """What a steward decides; see the columns of identity.decisions. `why` is empty where no reason was given.

    `imported_by` is None where the decision was made on the page.
    """

    decision: str
    decided_by: str
    why: str
    record_id_l: str | None = None
    record_id_r: str | None = None
    field: str | None = None
    new_value: str | None = None
    note_id: str | None = None
    seen_decision_id: int | None = None
    imported_by: str | None = None

    @property
    def subject(self) -> str:
        """The question that is decided; the same as in identity.decisions_in_force."""
        if self.decision == "correct":
            return f"value/{self.record_id_l}/{self.field}"
        if self.decision == "dismiss":
            return f"note/{self.note_id}"
        return "/".join(["pair", *sorted((str(self.record_id_l), str(self.record_id_r)))])


def decide(connection: psycopg.Connection, decision: Decision, decided_at: datetime | None = None) -> int:
    """Write a decision; returns its number. One that stands on the same question is revoked by it.

    Raises AlreadyDecided where a decision on the same question stands that the steward has not seen
    (`seen_decision_id`), NotPossible for unknown records, WrongValue for a value that the field cannot hold.
    """
    _serialise(connection)
    standing = standing_decisions(connection, decision)
    for other in standing:
        if other["decision_id"] != decision.seen_decision_id:
            raise AlreadyDecided(other)
    left, right, old, new = check_decision(connection, decision)
    for other in standing:
        reason = f"replaced: {decision.why}" if decision.why else "replaced"
        undo(connection, other["decision_id"], decision.decided_by, reason[:LONGEST_REASON])
    row = connection.execute(
        "insert into identity.decisions (record_id_l, record_id_r, decision, field, old_value, new_value, note_id,"
        " decided_by, decided_at, why, imported_by) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " returning decision_id",
        [left, right, decision.decision, decision.field, old, new, decision.note_id, decision.decided_by,
         decided_at or datetime.now(UTC), _reason(decision.why), decision.imported_by],
    ).fetchone()  # fmt: skip
    return int(row[0]) if row else 0


def undo(
    connection: psycopg.Connection, decision_id: int, decided_by: str, why: str, decided_at: datetime | None = None,
    imported_by: str | None = None,
) -> int:  # fmt: skip
    """Revoke a decision by a new row; returns the row's number. Raises NotPossible where there is nothing to undo."""
    _serialise(connection)
    found = connection.execute(
        "select d.revokes_decision_id is null, r.decided_by from identity.decisions as d"
        " left join identity.decisions as r on r.revokes_decision_id = d.decision_id where d.decision_id = %s",
        [decision_id],
    ).fetchone()
    if found is None or not found[0]:
        raise NotPossible(f"there is no decision {decision_id} to undo")
    if found[1] is not None:
        raise NotPossible(f"decision {decision_id} was undone already by {found[1]}")
    row = connection.execute(
        "insert into identity.decisions (record_id_l, record_id_r, decision, field, note_id, revokes_decision_id,"
        " decided_by, decided_at, why, imported_by)"
        " select record_id_l, record_id_r, 'undo', field, note_id, decision_id,"
        " %s, %s, %s, %s from identity.decisions where decision_id = %s returning decision_id",
        [decided_by, decided_at or datetime.now(UTC), _reason(why), imported_by, decision_id],
    ).fetchone()
    return int(row[0]) if row else 0


def standing_decisions(connection: psycopg.Connection, decision: Decision) -> list[dict[str, Any]]:
    """The decisions in force on the same question, and on the same note."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select * from identity.decisions_in_force where subject = %s or note_id = %s order by decision_id",
            [decision.subject, decision.note_id],
        ).fetchall()


def _serialise(connection: psycopg.Connection) -> None:
    connection.execute("lock table identity.decisions in share row exclusive mode")


def check_text(text: str) -> None:
    """Raises NotPossible for what Postgres cannot hold: NUL, half of a pair of surrogates."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise NotPossible("the text holds a character that cannot be stored")


def _reason(why: str) -> str:
    text = " ".join(why.split())
    check_text(text)
    if len(text) > LONGEST_REASON:
        raise NotPossible(f"say why in at most {LONGEST_REASON} characters")
    return text


def check_decision(
    connection: psycopg.Connection, decision: Decision
) -> tuple[str | None, str | None, str | None, str | None]:
    """(record, record, old value, new value) as they are written; raises NotPossible or WrongValue."""
    if decision.decision in PAIR_DECISIONS:
        left, right = sorted((str(decision.record_id_l), str(decision.record_id_r)))
        if left == right:
            raise NotPossible("a decision needs two records: record_id_l and record_id_r are the same")
        _read_records(connection, (left, right))
        return left, right, None, None
    if decision.decision == "correct":
        (record,) = _read_records(connection, (str(decision.record_id_l),))
        country = record["country"] or phone_country(record["phone"])
        value = check_value(str(decision.field), decision.new_value, country)
        _refuse_future(str(decision.field), value)
        return decision.record_id_l, None, applied_value(record, str(decision.field), "") or None, value
    if decision.decision == "dismiss":
        if not decision.note_id:
            raise NotPossible("a dismissal needs the note that it dismisses: note_id is empty")
        return None, None, None, None
    raise NotPossible(f"no decision {decision.decision[:20]!r}; there are same, different, correct and dismiss")


def _refuse_future(field: str, value: str) -> None:
    """Nobody is born, and no customer has joined, on a day that is still to come: it would be corrected to nothing."""
    day = None
    with suppress(ValueError):
        day = date.fromisoformat(value)
    if day and day > datetime.now(UTC).date():
        raise WrongValue(f"{field}: a day that is not still to come is expected")


def _read_records(connection: psycopg.Connection, record_ids: Sequence[str]) -> list[dict[str, Any]]:
    for record_id in record_ids:
        check_text(record_id)
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute("select * from identity.records where record_id = any(%s)", [list(record_ids)])
        rows = {row["record_id"]: row for row in found}
    if missing := [record_id for record_id in record_ids if record_id not in rows]:
        raise NotPossible(f"there is no record {', '.join(missing)}"[:200])
    return [rows[record_id] for record_id in record_ids]


def read_corrections(url: str) -> Corrections:
    """The stewards' corrections in force."""
    found: Corrections = {}
    with db.connect(url) as connection:
        for record_id, field, value, number in connection.execute(
            "select record_id_l, field, new_value, decision_id from identity.decisions_in_force"
            " where decision = 'correct' order by decision_id"
        ):
            found.setdefault(record_id, {})[field] = Correction(value, number)
    return found


def read_corrected(connection: psycopg.Connection, corrections: Corrections) -> list[dict[str, Any]]:
    """The rows of identity.records that have corrections."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "select * from identity.records where record_id = any(%s) order by record_id", [list(corrections)]
        ).fetchall()


def write_applied(connection: psycopg.Connection, records: Iterable[dict[str, Any]], corrections: Corrections) -> None:
    """Replace identity.applied_corrections by what the corrections have come to in the standardised records."""
    connection.execute("delete from identity.applied_corrections")
    rows = [
        (record["record_id"], field, value, correction.decision_id)
        for record in records
        for field, correction in corrections.get(record["record_id"], {}).items()
        if (value := applied_value(record, field, correction.value)) is not None
    ]
    with connection.cursor() as cursor:
        cursor.executemany("insert into identity.applied_corrections values (%s, %s, %s, %s)", rows)
