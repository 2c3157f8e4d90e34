"""Earlier versions of the comparable records, standardised by the rules of the present ones: the past of a customer.

They take no part in the linking: who is who is what is known today.
"""

from __future__ import annotations

from typing import Any

from psycopg.rows import dict_row

from include import db
from include.identity.delta import CHUNK, copy_rows
from include.identity.records import standardise_record
from include.identity.standardise import VERSION
from include.identity.stewards.corrections import correct_rows
from include.identity.stewards.decisions import read_corrections

STORED = (
    "record_id", "valid_from_date", "first_name", "last_name", "email", "phone", "date_of_birth", "birth_year",
    "gender", "address_line", "city", "postcode", "country", "occupation", "content_hash",
)  # fmt: skip


def standardise_versions(url: str) -> int:
    """Bring identity.record_versions to what deliveries have said; returns how many versions were new or changed."""
    corrections = read_corrections(url)
    with db.connect(url) as connection:
        connection.execute("set local datestyle = 'ISO'")
        connection.execute("set local timezone = 'UTC'")
        connection.execute("create temp table corrected (record_id text primary key, digest text) on commit drop")
        with connection.cursor() as cursor:
            cursor.executemany("insert into corrected values (%s, %s)", [
                (record_id, repr(sorted((name, c.value) for name, c in fields.items())))
                for record_id, fields in sorted(corrections.items())
            ])  # fmt: skip
        connection.execute("select set_config('identity.rules_version', %s, true)", [VERSION])
        connection.execute(db.read_sql("include/identity/version_hashes.sql"))
        connection.execute("analyze version_hashes")
        connection.execute(db.read_sql("include/identity/gone_versions.sql"))
        changed = 0
        with connection.cursor(name="versions", row_factory=dict_row) as cursor:
            cursor.execute(db.read_sql("include/identity/new_versions.sql"))
            while rows := cursor.fetchmany(CHUNK):
                copy_rows(connection, "record_versions", STORED, map(_stored, correct_rows(rows, corrections)))
                changed += len(rows)
        connection.execute("analyze identity.record_versions")
    return changed


def _stored(row: dict[str, Any]) -> list[Any]:
    record = standardise_record(row) | {"valid_from_date": row["valid_from_date"]}
    return [record[name] for name in STORED]
