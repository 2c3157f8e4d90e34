"""The project's own generic tests of data: what each of them finds in a table with one fault."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest
from jinja2 import Environment

from include.settings import PROJECT_DIR

MACROS = PROJECT_DIR / "dbt_project" / "macros"
TESTS = (MACROS / "generic_tests.sql").read_text()
VERSION = "(id, version_number, valid_from_date, valid_to_date, is_current)"
FIRST, SECOND = "('a', 1, 1, 3, false)", "('a', 2, 3, null, true)"
# By the test: its arguments, the columns of a table, sound rows, and faulty ones, each with how many the test finds.
CASES: dict[str, tuple[dict[str, Any], str, str, dict[str, int]]] = {
    "primary_key": (
        {"column_name": "id"}, "(id)", "('a'), ('b')",
        {"('a'), ('b'), ('a'), ('a')": 1, "('a'), (null)": 1, "(null), ('a'), ('a'), (null)": 2},
    ),
    "unique_combination": (
        {"columns": ["id", "day"]}, "(id, day)", "('a', 1), ('a', 2), ('b', 1)", {"('a', 1), ('a', 2), ('a', 1)": 1},
    ),
    "expression_is_true": (
        {"expression": "day > 0"}, "(day)", "(1), (2)", {"(1), (0), (-1)": 2, "(1), (null)": 1},
    ),
    "days_without_gap": (
        {"column_name": "day"}, "(day)", "(date '2026-11-16'), (date '2026-11-17')",
        {"(date '2026-11-16'), (date '2026-11-18')": 1},
    ),
    "versions_follow_each_other": (
        {"key": "id"}, VERSION, f"{FIRST}, {SECOND}, ('b', 1, 2, null, true)",
        {f"('a', 1, 1, 2, false), {SECOND}": 1, f"{FIRST}, ('a', 2, 3, null, false)": 1,
         f"('a', 1, 1, 3, true), {SECOND}": 1},
    ),
    "current_version_is_the_row_of": (
        {"to": "present", "key": "id", "columns": ["score"]}, "(id, score, is_current)",
        "('a', 4, false), ('a', 5, true), ('b', 6, true)",
        {"('a', 5, true)": 1, "('a', 5, true), ('b', 6, false)": 1, "('a', 5, true), ('b', 7, true)": 1},
    ),
}  # fmt: skip
FAULTS = [(name, rows) for name, (_, _, _, faults) in CASES.items() for rows in faults]


def find(name: str, rows: str, url: str) -> int:
    """How many rows a test of a table with these rows brings."""
    arguments, columns, _, _ = CASES[name]
    text = (MACROS / "survivorship.sql").read_text() + re.sub(r"{%(-?) *test ", r"{%\1 macro ", TESTS)
    module = Environment().from_string(text.replace("endtest", "endmacro")).module  # noqa: S701 - SQL
    with psycopg.connect(url) as connection:
        connection.execute("create temp table present as select * from (values ('a', 5), ('b', 6)) as t (id, score)")
        connection.execute(f"create temp table tested as select * from (values {rows}) as t {columns}")
        return len(connection.execute(getattr(module, name)(model="tested", **arguments)).fetchall())


def test_data_tests__have_a_case_each() -> None:
    assert set(re.findall(r"{%-? *test (\w+)", TESTS)) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_data_test__finds_nothing_in_sound_rows(name: str, warehouse_url: str) -> None:
    assert find(name, CASES[name][2], warehouse_url) == 0


@pytest.mark.parametrize(("name", "rows"), FAULTS)
def test_data_test__finds_the_fault(name: str, rows: str, warehouse_url: str) -> None:
    assert find(name, rows, warehouse_url) == CASES[name][3][rows]
