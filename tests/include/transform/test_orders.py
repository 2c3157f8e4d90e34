"""Landing the days in any order, with a build after each, gives the same people, facts and views."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import psycopg
import pytest
from psycopg import sql

from include import db
from include.settings import Settings
from tests.include.warehouse import DAYS, SYSTEMS, build, land, rows, tables, write_days

# The number of a key depends on the builds that minted it; the person whom it stands for does not.
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
            f"select count(*), sum(hashtextextended((to_jsonb(t) - 'customer_key')::text || {person}, 0))"
            f" from {name} as t",
        )[0]
    found["people"] = rows(
        settings,
        "select count(*), sum(hashtextextended(people, 0)) from ("
        "select string_agg(record_id, ',' order by record_id) as people from identity.crosswalk group by customer_key"
        ") as grouped",
    )[0]
    return found


@pytest.mark.slow
def test_order__of_landing_changes_nothing(settings: Settings) -> None:
    write_days(settings, 250)
    for day in DAYS:
        land(settings, day)
    assert build(settings, "one go", DAYS[-1]) == ("publish_marts", [])
    expected = content(settings)
    for order in permutations(range(3)):
        forget(settings)
        for number in order:
            land(settings, DAYS[number])
            assert build(settings, f"{order} {number}", DAYS[number]) == ("publish_marts", [])
        assert content(settings) == expected, order


def forget(settings: Settings) -> None:
    """Make the warehouse as good as new."""
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        for name in ("ops", "identity", "core", "marts", *(f"raw_{system}" for system in SYSTEMS)):
            connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(name)))
    db.migrate(settings.database_url)
