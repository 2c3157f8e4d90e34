"""How a linking is done, in full or incrementally, and the record of how each was done."""

from __future__ import annotations

from datetime import date

import psycopg

from include import db
from include.identity.delta import Delta
from include.identity.in_force import read_model
from include.identity.standardise import VERSION
from include.settings import Settings

MOST_CHANGED = 0.1  # of all records; where more have changed, linking all of them costs little more


def choose_mode(connection: psycopg.Connection, delta: Delta, settings: Settings) -> tuple[str, str]:
    """(full or incremental, why). Incremental needs a linking in full with the same model and rules before it."""
    if connection.execute("update identity.relink_requests set is_linked = true").rowcount:
        return "full", "asked for"
    if settings.link_mode == "full":
        return "full", "by setting"
    if settings.link_mode == "auto" and delta.records <= settings.full_link_records:
        return "full", f"at most {settings.full_link_records} records"
    last = connection.execute(
        "select model_version, rules_version from identity.linkings order by linking_id desc limit 1"
    ).fetchone()
    if last is None:
        return "full", "nothing was linked before"
    if last != (read_model(connection, hold=True).version, VERSION):
        return "full", "the model or the rules have changed"
    if delta.changed + delta.removed > MOST_CHANGED * delta.records:
        return "full", f"more than {MOST_CHANGED:.0%} of the records have changed"
    return "incremental", "by setting" if settings.link_mode == "incremental" else "few records have changed"


def note_linking(
    connection: psycopg.Connection, as_of: date, mode: str, reason: str, delta: Delta, relinked: int
) -> int:
    """Write how a linking was done; returns its number."""
    model = read_model(connection, hold=True).version
    row = connection.execute(
        "insert into identity.linkings select coalesce(max(linking_id), 0) + 1, %s, %s, %s, %s, %s, %s, %s, %s, %s"
        " from identity.linkings returning linking_id",
        [as_of, mode, reason, delta.records, delta.changed, delta.removed, relinked, model, VERSION],
    ).fetchone()
    return int(row[0]) if row else 0


def request_relink(url: str, day: date) -> bool:
    """Make the next linking a full one, where people are provisional (is_provisional.sql); False where they are not.

    The request stands until a build that has heard of it is published.
    """
    with db.connect(url) as connection:
        versions = {"model": read_model(connection, hold=False).version, "rules": VERSION}
        row = connection.execute(db.read_sql("include/identity/is_provisional.sql"), versions).fetchone()
        if not (row and row[0]):
            return False
        connection.execute("insert into identity.relink_requests (requested_for) values (%s)"
                           " on conflict (requested_for) do update set is_linked = false", [day])  # fmt: skip
        return True
