"""The queue and the decisions as CSV, out and in.

An import is all or nothing, and may be repeated: a decision that stands already is left alone. A line that says who
decided and when, as those of an export do, keeps both, and may lack a reason, since the page asks for none. Any other
line, also one that says only one of the two, counts as decided now by whoever imports it, and has to say why. Who
imported is written beside who decided.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from include import db
from include.identity.stewards import desk
from include.identity.stewards.corrections import WrongValue
from include.identity.stewards.decisions import (
    AlreadyDecided,
    Decision,
    NotPossible,
    check_decision,
    check_text,
    decide,
    standing_decisions,
    undo,
)

EXPORTS = {
    "queue": ("item_id", "kind", "value", "probability", "reason", "record_id_l", "name_l", "record_id_r", "name_r",
              "note_id", "field", "new_value", "decision", "why"),
    "decisions": ("decision_id", "decision", "record_id_l", "record_id_r", "field", "new_value", "note_id",
                  "decided_by", "decided_at", "imported_by", "why", "undone_by", "undone_at"),
}  # fmt: skip
READ = ("decision", "record_id_l", "record_id_r", "field", "new_value", "note_id", "why", "decided_by", "decided_at",
        "undone_by", "undone_at")  # fmt: skip
LONGEST_NAME = 250
FORMULA = ("=", "+", "-", "@", "\t", "\r")
MOST_ERRORS = 20
NEW_LINE = b"\n"


class WrongFile(NotPossible):
    """Nothing was imported; the message names the lines and what is wrong with each."""


def export_csv(url: str, table: str) -> str:
    """The queue or the decisions. A value that a spreadsheet would calculate begins with an apostrophe."""
    rows = desk.read_queue(url) if table == "queue" else desk.read_decisions(url, most=1_000_000_000)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(EXPORTS[table])
    for row in rows:
        writer.writerow([_guard(row[name]) for name in EXPORTS[table]])
    return text.getvalue()


def _guard(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _unguard(value: str | None) -> str | None:
    text = (value or "").strip()
    return (text[1:] if text[:1] == "'" and text[1:2] in FORMULA else text) or None


def import_csv(url: str, content: bytes, importer: str) -> dict[str, int]:
    """Take every line with a decision (same, different, correct, dismiss); lines without one are left.

    A line that an export marks as undone revokes the decision, where it stands and was not made after that. Such lines
    are taken first, in the order of their undoing, wherever they are in the file, so that a decision that was undone
    and made again comes in by one import. Returns how many lines were `taken`, stood `already`, and were `left`.
    Raises WrongFile.
    """
    counts = {"taken": 0, "already": 0, "left": 0}
    errors: list[tuple[int, str]] = []
    with db.connect(url) as connection, connection.transaction():
        for line, row in sorted(_lines(content), key=_turn):
            try:
                with connection.transaction():
                    counts[_take(connection, row, importer)] += 1
            except AlreadyDecided as error:
                errors.append((line, f"{error}; undo it first"))
            except (NotPossible, WrongValue) as error:
                errors.append((line, str(error)))
        if errors:
            more = f"\nand {len(errors) - MOST_ERRORS} more" if len(errors) > MOST_ERRORS else ""
            told = (f"line {line}: {error}" for line, error in sorted(errors)[:MOST_ERRORS])
            raise WrongFile("nothing was imported:\n" + "\n".join(told) + more)
    return counts


def _lines(content: bytes) -> Iterator[tuple[int, dict[str, str | None]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongFile(f"line {content[: error.start].count(NEW_LINE) + 1}: the file is no UTF-8 text") from None
    if "\x00" in text:
        raise WrongFile(f"line {text.count(chr(10), 0, text.index(chr(0))) + 1}: the file holds a NUL character")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if missing := [name for name in ("decision", "why") if name not in header]:
            raise WrongFile(f"line 1: no column {', '.join(missing)}; there should be {', '.join(READ)}")
        start = reader.line_num + 1
        for fields in reader:
            if len(fields) not in (0, len(header)):
                raise WrongFile(f"line {start}: {len(fields)} fields, the header has {len(header)}")
            if fields:
                yield start, {name: _unguard(value) for name, value in zip(header, fields, strict=True)}
            start = reader.line_num + 1
    except csv.Error as error:
        raise WrongFile(f"line {reader.line_num}: {error}") from None


def _turn(numbered: tuple[int, dict[str, str | None]]) -> tuple[datetime, int]:
    """The order in which lines are taken: what was undone, by its time, then the others.

    A time that cannot be read is told when its line is taken.
    """
    line, row = numbered
    try:
        undone_at = _moment(row, "undone_at")
    except NotPossible:
        undone_at = None
    return undone_at or datetime.max.replace(tzinfo=UTC), line


def _take(connection: Any, row: dict[str, str | None], importer: str) -> str:
    if not row["decision"]:
        return "left"
    decided_by, decided_at = _name(row, "decided_by"), _moment(row, "decided_at")
    if not (decided_by and decided_at):
        decided_by, decided_at = importer, None
    undone_by, undone_at = _name(row, "undone_by"), _moment(row, "undone_at")
    if (undone_by is None) != (undone_at is None):
        raise NotPossible("undone_by, undone_at: one is there without the other; fill in both or none")
    wanted = Decision(
        row["decision"].lower(), decided_by, row["why"] or "", row.get("record_id_l"), row.get("record_id_r"),
        row.get("field"), row.get("new_value"), row.get("note_id"),
        imported_by=importer,
    )  # fmt: skip
    standing = next(iter(standing_decisions(connection, wanted)), None)
    if standing is None and undone_by:
        return "already"
    stands = (standing["decision"], standing["new_value"]) if standing else None
    is_same = stands == (wanted.decision, wanted.new_value)
    if not is_same:  # asked second: what stands is left alone though its record has gone, and this would refuse it
        is_same = stands == (wanted.decision, check_decision(connection, wanted)[3])
    if undone_by:
        if standing is None or not is_same or (undone_at and standing["decided_at"] > undone_at):
            return "already"
        undo(connection, standing["decision_id"], undone_by, "imported", undone_at, importer)
        return "taken"
    if is_same:
        return "already"
    if standing is None and not row["why"] and decided_at is None:
        raise NotPossible("say why")
    decide(connection, wanted, decided_at)
    return "taken"


def _name(row: dict[str, str | None], column: str) -> str | None:
    """A user's name as a line has it; raises NotPossible for what is none."""
    name = " ".join((row.get(column) or "").split())
    check_text(name)
    if len(name) > LONGEST_NAME:
        raise NotPossible(f"{column}: a name of at most {LONGEST_NAME} characters is expected")
    return name or None


def _moment(row: dict[str, str | None], column: str) -> datetime | None:
    """A moment as a line has it, in UTC; raises NotPossible where it is none, has no time zone or is still to come."""
    if not (text := row.get(column)):
        return None
    try:
        moment = datetime.fromisoformat(text)
        utc = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise NotPossible(f"{column}: a time is expected, as in 2026-11-16 09:30:00+00:00") from None
    if moment.tzinfo is None:
        raise NotPossible(f"{column}: a time with its zone is expected, as in 2026-11-16 09:30:00+00:00")
    if utc > datetime.now(UTC):
        raise NotPossible(f"{column}: a time that is not still to come is expected")
    return utc
