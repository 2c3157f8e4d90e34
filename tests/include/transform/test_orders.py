"""Landing the days in any order, with a build after each, gives the same people, facts and views."""

from __future__ import annotations

from itertools import permutations

import psycopg
import pytest
from psycopg import sql

from include import db
from include.settings import Settings
from tests.include.content import content
from tests.include.warehouse import DAYS, SYSTEMS, build, land, write_days


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
            done = build(settings, f"{order} {number}", DAYS[number], data_tests=False)
            assert done == ("publish_marts", [])
        assert content(settings) == expected, order


def forget(settings: Settings) -> None:
    """Make the warehouse as good as new."""
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        for name in ("ops", "identity", "core", "marts", *(f"raw_{system}" for system in SYSTEMS)):
            connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(name)))
    db.migrate(settings.database_url)
