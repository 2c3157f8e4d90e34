"""Tables for the terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table


def print_table(
    console: Console, title: str, headers: list[str], rows: list[list[Any]], numbers: tuple[str, ...] = ()
) -> None:
    """A table below its title, text to the left and numbers to the right.

    A column is one of numbers where a cell is a number, or where `numbers` names it since its cells are written out.
    """
    made = Table(header_style="dim")
    for place, header in enumerate(headers):
        is_number = header in numbers or any(_is_number(row[place]) for row in rows)
        made.add_column(header, justify="right" if is_number else "left")
    for row in rows:
        made.add_row(*(f"{cell:,}" if _is_number(cell) else str(cell) for cell in row))
    if title:  # by itself: one that belongs to the table is filled up with blanks
        console.print(f"[bold]{title}[/bold]", highlight=False)
    console.print(made)


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)
