"""What the raw gate lets pass as a type, staging can read, and what staging reads, the gate has let pass."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest
from jinja2 import Environment

from include.gates.raw_rules import raw_rules
from include.settings import PROJECT_DIR
from tests.include.landing.delivery import DAY, things

MACROS = (PROJECT_DIR / "dbt_project" / "macros" / "casts.sql").read_text()
# By the cast of staging: the column as a contract declares it.
COLUMNS: dict[str, dict[str, str]] = {
    "to_integer": {"type": "integer"},
    "to_number": {"type": "decimal"},
    "to_date": {"type": "date"},
    "to_timestamp": {"type": "timestamp"},
    "to_json": {"type": "json"},
    "to_bank_date": {"type": "date", "format": "YYMMDD"},
    "to_boolean": {"type": "boolean"},
}
VALUES: dict[str, dict[str, Any]] = {
    "to_integer": {
        "12": 12, " 12 ": 12, "\t-7\n": -7, "3000000000": 3000000000, "9223372036854775808": None, "1.0": None,
        "1e3": None, "": None, " ": None, "+5": None, "1_000": None, "0x1F": None, "12 13": None, "007": 7,
    },
    "to_number": {
        "1.50": 1.5, " -0.5 ": -0.5, "12": 12, "1.5.2": None, ".5": None, "5.": None, "1e3": None, "NaN": None,
        "1,5": None, "infinity": None, "": None, "- 1": None,
    },
    "to_date": {
        "2026-11-16": "2026-11-16", "2026-11-16 ": "2026-11-16", " 2026-11-16": None, "2026-02-30": None,
        "2026-11-16T10:00:00Z": "2026-11-16", "2026-11-16 23:30:00-05": "2026-11-16", "2026-11-16 25:00": None,
        "2026-11-16 or so": None, "2026-11-16 BC": None, "today": None, "16.11.2026": None, "9999-12-31": "9999-12-31",
        "20261-11-16": None, "": None, "2026-1-1": None, "0001-01-01": "0001-01-02",
        "0001-01-01 00:00:00+15": "0001-01-02",
    },
    "to_timestamp": {
        "2026-11-16T10:00:00Z": "2026-11-16 10:00:00+00", "2026-11-16 10:00": "2026-11-16 10:00:00+00",
        "2026-11-16T10:00:00.250+01:00": "2026-11-16 09:00:00.25+00", "2026-11-16 10:00 PM": "2026-11-16 22:00:00+00",
        "2026-11-16 10:00 Europe/Prague": "2026-11-16 09:00:00+00", "2026-11-16 10:00 EST": "2026-11-16 15:00:00+00",
        "2026-11-16": None, "2026-11-16T25:00:00": None, "2026-11-16 10:00 BC": None, "now": None, "": None,
        "2026-11-16 10:00:00 ": "2026-11-16 10:00:00+00", " 2026-11-16 10:00": None, "2026-11-16 10:00 or so": None,
        "9999-12-31T23:59:59-12:00": "9999-12-31 00:00:00+00", "0001-01-01 00:00:00+15": "0001-01-02 00:00:00+00",
    },
    "to_json": {'{"a": [1]}': {"a": [1]}, "[]": [], "{": None, "": None, "a": None, " 1 ": 1},
    "to_bank_date": {
        "930704": "1993-07-04", "931332": None, "970229": None, "93070": None, "9307041": None, "930704x": None,
        " 930704": None, "": None, "261116": "2026-11-16", "000229": "2000-02-29", "010229": None,
        "691231": "2069-12-31", "700101": "1970-01-01",
    },
    "to_boolean": {
        "True": True, "false": False, "1": True, "0": False, "YES": True, "no": False, "y": None, "2": None,
        " true": None, "true\n": None, "": None,
    },
}  # fmt: skip


def cast(macro: str, text: str) -> str:
    template = Environment(autoescape=False).from_string(MACROS + "{{ " + macro + "('" + text + "') }}")  # noqa: S701 - SQL
    return template.render().strip()


@pytest.mark.parametrize("macro", COLUMNS)
def test_cast__reads_what_the_gate_lets_pass_and_nothing_else(macro: str, warehouse_url: str) -> None:
    given = VALUES[macro]
    declared = things("csv", {"id": {}, "value": COLUMNS[macro]})
    (rule,) = [r for r in raw_rules(declared, DAY) if r.column == "value" and r.expectation.endswith(".type")]
    batch = "(select value, row_number() over () as _row, null as _file_id from unnest(%s::text[]) as value) as batch"
    with psycopg.connect(warehouse_url) as connection:
        connection.execute("set timezone to 'Pacific/Auckland'")  # no cast may depend on it
        texts = list(given)
        statement = rule.query.format(batch=batch)
        refused = {texts[row[1] - 1] for row in connection.execute(statement, [texts])}
        found = dict(
            connection.execute(f"select value, {cast(macro, 'value')} from unnest(%s::text[]) as value", [texts])
        )
        expected = {text: _typed(connection, macro, value) for text, value in given.items()}
    assert found == expected
    passed = {text for text in texts if text and text not in refused}
    assert passed == {text for text, value in found.items() if value is not None}


def _typed(connection: psycopg.Connection, macro: str, value: Any) -> Any:
    kind = {"to_date": "date", "to_bank_date": "date", "to_timestamp": "timestamptz"}.get(macro)
    if value is None or kind is None:
        return value
    return connection.execute(f"select '{value}'::{kind}").fetchone()[0]


def test_cast__first_day_is_a_time_that_python_can_read_in_every_zone(warehouse_url: str) -> None:
    """As demographics makes its `recorded_at` of a day."""
    with psycopg.connect(warehouse_url) as connection:
        for zone in ("America/Los_Angeles", "Etc/GMT+12", "Pacific/Kiritimati"):
            connection.execute(f"set timezone to '{zone}'")
            for day in ("0001-01-01", "9999-12-31"):
                made = f"({cast('to_date', 'v')})::timestamp at time zone 'UTC'"
                assert connection.execute(f"select {made} from unnest(%s::text[]) as v", [[day]]).fetchone()


@pytest.mark.parametrize("macro", COLUMNS)
def test_cast__makes_nothing_of_what_is_absent(macro: str, warehouse_url: str) -> None:
    with psycopg.connect(warehouse_url) as connection:
        found = connection.execute(f"select {cast(macro, 'v')} from unnest(array[null]::text[]) as v").fetchall()
    assert found == [(None,)]


def test_cast__has_a_test_for_each_macro() -> None:
    assert set(COLUMNS) == set(re.findall(r"macro (to_\w+)\(", MACROS))


def test_cast__bank_date_may_carry_a_time(warehouse_url: str) -> None:
    with psycopg.connect(warehouse_url) as connection:
        texts = ["930704 00:00:00", "930704 10:00", "930704 99:00:00"]
        found = connection.execute(f"select {cast('to_bank_date', 'v')}::text from unnest(%s::text[]) as v", [texts])
        assert [row[0] for row in found] == ["1993-07-04", None, None]


def test_cast__bank_date_takes_the_hundred_years_that_begin_with_the_first(warehouse_url: str) -> None:
    macro = "{{ to_bank_date('v', 1911) }}"
    cast_from_1911 = Environment(autoescape=False).from_string(MACROS + macro).render().strip()  # noqa: S701 - SQL
    with psycopg.connect(warehouse_url) as connection:
        texts = ["110101", "991231", "000229", "101231"]
        found = connection.execute(f"select ({cast_from_1911})::text from unnest(%s::text[]) as v", [texts])
        assert [row[0] for row in found] == ["1911-01-01", "1999-12-31", "2000-02-29", "2010-12-31"]
