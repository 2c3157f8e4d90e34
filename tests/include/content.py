"""What a warehouse says about people, whatever numbers their keys have."""

from __future__ import annotations

from typing import Any

from include.settings import Settings
from tests.include.warehouse import rows, tables

# The number of a key depends on the builds that minted it, and so does what is made of it; the person whom it stands
# for does not.
KEYS = ["customer_key", "customer_history_key", "household_key", "member_keys", "head_customer_key"]
PERSON = "(select min(record_id) from identity.crosswalk as c where c.customer_key = t.customer_key)"


def content(settings: Settings) -> dict[str, Any]:
    """A checksum of every table, with people in the place of keys."""
    found = {}
    for name in tables(settings, ("staging", "intermediate", "core", "marts")):
        (column,) = rows(
            settings,
            "select count(*) as n from information_schema.columns where table_schema || '.' || table_name = %s"
            " and column_name = 'customer_key'",
            [name],
        )
        person = PERSON if column["n"] else "''"
        found[name] = rows(
            settings,
            f"select count(*), sum(hashtextextended((to_jsonb(t) - %s::text[])::text || {person}, 0)) from {name} as t",
            [KEYS],
        )[0]
    found["people"] = rows(
        settings,
        "select count(*), sum(hashtextextended(people, 0)) from ("
        "select string_agg(record_id, ',' order by record_id) as people from identity.crosswalk group by customer_key"
        ") as grouped",
    )[0]
    found["households"] = rows(
        settings,
        "select count(*), sum(hashtextextended(people, 0)) from ("
        f"select string_agg({PERSON}, ',' order by {PERSON}) as people from intermediate.int_households__members as t"
        " group by household_key) as grouped",
    )[0]
    return found
