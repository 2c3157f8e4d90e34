"""Makes items of the review queue from notes: the person meant, the field, the value; or why that is not clear."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import psycopg
from psycopg.rows import dict_row

from include import db
from include.identity import standardise as std
from include.identity.stewards.corrections import WrongValue, applied_value, check_value
from include.identity.stewards.facts import read_facts
from include.identity.stewards.notes import ParsedNote, parse_note

MOST_CANDIDATES = 12
Record = dict[str, Any]


@dataclass
class People:
    """Records by what a note may call them."""

    by_name: dict[tuple[str, str], list[Record]] = field(default_factory=dict)
    by_email: dict[str, list[Record]] = field(default_factory=dict)
    by_id: dict[str, list[Record]] = field(default_factory=dict)
    by_customer: dict[int, list[Record]] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Take a record in."""
        first, last = std.fold(record["first_name"]), std.fold(record["last_name"])
        for name in {(alias, last) for alias in (*std.aliases(first), first) if alias and last}:
            self.by_name.setdefault(name, []).append(record)
        self.by_email.setdefault(str(record["email"]), []).append(record)
        for name in {record["record_id"], record["claimed_customer_id"], record["source_key"]} - {None}:
            self.by_id.setdefault(name, []).append(record)
        self.by_customer.setdefault(record["customer_key"], []).append(record)

    def find(self, note: ParsedNote) -> list[Record]:
        """The records that the note means: by an id, else by an e-mail address, else by a name."""
        ids = [record for name in note.ids for record in self.by_id.get(name, [])]
        emails = [record for email in note.emails for record in self.by_email.get(email, [])]
        names = [
            record
            for first, last in note.names
            for alias in {std.fold(first), *std.aliases(std.fold(first))}
            for record in self.by_name.get((alias or "", std.fold(last) or ""), [])
        ]
        return list({record["record_id"]: record for record in ids or emails or names}.values())


@dataclass(frozen=True)
class Proposal:
    """One item made from a note."""

    note_id: str
    reason: str
    value: float
    evidence: dict[str, Any]
    record_id: str | None = None
    field: str | None = None
    new_value: str | None = None


def propose(notes: Iterable[tuple[str, str, date]], records: Iterable[Record], facts: dict[str, int]) -> list[Proposal]:
    """The items of notes (id, text, batch date), most valuable first. Pure; `records` have customer_key.

    What a note asks for and its record has already is no item.
    """
    people = People()
    for record in records:
        people.add(record)
    items = [item for note in notes for item in _of_note(*note, people, facts)]
    return sorted(items, key=lambda item: (-item.value, item.note_id))


def _of_note(note_id: str, text: str, written: date, people: People, facts: dict[str, int]) -> Iterable[Proposal]:
    note = parse_note(text, written)
    meant = people.find(note)
    customers = sorted({record["customer_key"] for record in meant})
    affected = {r["record_id"] for key in customers for r in people.by_customer[key]}
    value = float(len(affected) + sum(facts.get(record_id, 0) for record_id in affected)) or 1.0
    told: dict[str, Any] = {"text": text, "written": written.isoformat(), "customers": len(customers)}
    if note.doubt:
        candidates = [r["record_id"] for r in meant[:MOST_CANDIDATES]]
        yield Proposal(note_id, f"a note: {note.doubt}", value / 2, told | {"candidates": candidates})
    for number, (name, new, old) in enumerate(note.values):
        own_id = note_id if number == 0 else f"{note_id}/{name}"
        if not customers:
            yield Proposal(own_id, "a note, and nobody found whom it may mean", value / 2, told, None, name, new)
            continue
        best = [_best_record(people.by_customer[key], name, old) for key in customers]
        try:
            checked = check_value(name, new, best[0]["country"])
        except WrongValue as error:
            told_wrong = told | {"candidates": [r["record_id"] for r in best[:MOST_CANDIDATES]]}
            yield Proposal(own_id, f"a note with a value that cannot be: {error}", value / 2, told_wrong, None, name)
            continue
        if len(customers) > 1:
            reason = f"a note, ambiguous: {len(customers)} customers may be meant"
            shown = [r["record_id"] for r in best[:MOST_CANDIDATES]]
            yield Proposal(own_id, reason, value, told | {"candidates": shown}, None, name, checked)
        elif applied_value(best[0], name, "") != checked:
            everybody = sorted(people.by_customer[customers[0]], key=lambda r: r is not best[0])
            shown = [r["record_id"] for r in everybody[:MOST_CANDIDATES]]
            reason = f"a note proposes another {name.replace('_', ' ')}"
            yield Proposal(own_id, reason, value, told | {"candidates": shown}, shown[0], name, checked)


def _best_record(records: list[Record], name: str, old: str | None) -> Record:
    """The record to correct: one that has the old value, else one that has any, those of crm first."""

    def order(record: Record) -> tuple[bool, bool, bool, str]:
        has = applied_value(record, name, "")
        is_old = bool(old) and bool(has) and std.fold(has) == std.fold(old)
        return (not is_old, not has, record["system"] != "crm", str(record["record_id"]))

    return min(records, key=order)


def write_proposals_of_notes(connection: psycopg.Connection, most: int) -> None:
    """Put the items of all released notes among the proposals for the queue, in the caller's transaction."""
    connection.execute("delete from identity.proposed_reviews where kind = 'note'")
    connection.execute("delete from identity.proposed_review_counts where kind = 'note'")
    known = connection.execute("select to_regclass('staging.stg_notes__notes')").fetchone()
    if not (known and known[0]):
        return
    notes = connection.execute(
        "select source_key, note_text, first_seen_date from staging.stg_notes__notes order by source_key"
    ).fetchall()
    people = _read_people(connection, notes)
    facts = read_facts(connection, [record["record_id"] for record in people])
    items = _undecided(connection, propose(notes, people, facts))
    if not items:
        return
    connection.execute("insert into identity.proposed_review_counts values ('note', %s)", [len(items)])
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into identity.proposed_reviews (item_id, kind, record_id_l, note_id, field, new_value, value,"
            " reason, evidence) values (%s, 'note', %s, %s, %s, %s, %s, %s, %s)",
            [("n" + i.note_id.replace("/", "-"), i.record_id, i.note_id, i.field, i.new_value, i.value, i.reason,
              json.dumps(i.evidence)) for i in items[:most]],
        )  # fmt: skip


def _undecided(connection: psycopg.Connection, items: list[Proposal]) -> list[Proposal]:
    decided = {
        note_id
        for (note_id,) in connection.execute(
            "select note_id from identity.decisions_in_force where note_id is not null"
        )
    }
    return [item for item in items if item.note_id not in decided]


def _read_people(connection: psycopg.Connection, notes: list[Any]) -> list[Record]:
    """The records that the notes may mean, and all others of their customers."""
    parsed = [parse_note(text, written) for _, text, written in notes]
    names = [name for note in parsed for name in note.names]
    # A short form in the note finds the long one in the record, and the other way round.
    wanted = sorted({(alias, std.fold(last) or "") for first, last in names for alias in std.aliases(std.fold(first))})
    words = {word.lower() for name in names for word in name} | {alias for alias, _ in wanted}
    values = {
        "firsts": [first for first, _ in wanted],
        "lasts": [last for _, last in wanted],
        "words": sorted(words),
        "emails": sorted({email for note in parsed for email in note.emails}),
        "ids": sorted({name for note in parsed for name in note.ids}),
    }
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(db.read_sql("include/identity/stewards/note_people.sql"), values).fetchall()
        people = People()
        for record in found:
            people.add(record)
        keys = sorted({record["customer_key"] for note in parsed for record in people.find(note)})
        return cursor.execute(
            "select r.*, c.customer_key from identity.records as r join identity.crosswalk as c using (record_id)"
            " where c.customer_key = any(%s) order by r.record_id",
            [keys],
        ).fetchall()
