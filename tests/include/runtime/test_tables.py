"""Tables as a person sees them."""

from __future__ import annotations

import io

from rich.console import Console

from include.runtime.tables import print_table


def printed(*arguments: object, **named: object) -> list[str]:
    output = io.StringIO()
    print_table(Console(file=output, width=80), *arguments, **named)
    return output.getvalue().splitlines()


def test_print_table__text_is_left_and_numbers_are_right() -> None:
    rows = [["crm", "a", 1234, "0.5"], ["demographics", "bcd", 5, "1"]]
    lines = printed("Landed", ["system", "why", "rows", "share"], rows, numbers=("share",))
    assert [line.strip("│") for line in lines if line.startswith("│")] == [
        " crm          │ a   │ 1,234 │   0.5 ",
        " demographics │ bcd │     5 │     1 ",
    ]


def test_print_table__a_column_with_gaps_is_still_one_of_numbers() -> None:
    lines = printed("", ["system", "rows"], [["crm", 1234], ["(build)", ""]])
    assert [line for line in lines if line.startswith("│")] == ["│ crm     │ 1,234 │", "│ (build) │       │"]


def test_print_table__no_line_ends_with_blanks() -> None:
    lines = printed("Landed", ["a long header"], [["x"]])
    assert lines[0] == "Landed"
    assert [line for line in lines if line != line.rstrip()] == []


def test_print_table__yes_and_no_are_text() -> None:
    assert [line for line in printed("", ["is_active"], [[True]]) if line.startswith("│")] == ["│ True      │"]
