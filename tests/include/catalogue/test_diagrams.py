"""The drawing of the published tables stays readable where a table has a hundred columns."""

from __future__ import annotations

import re

from include.catalogue.diagrams import MOST_COLUMNS, draw_model
from include.catalogue.tables import Column, Table


def test_draw_model__shows_keys_and_references_of_a_wide_table_and_counts_the_rest() -> None:
    columns = {f"c{n}": Column(f"c{n}", "text", "") for n in range(100)}
    columns |= {"last": Column("last", "text", "", refers_to="core.dim_a")}
    tables = {
        "core.dim_a": Table("core", "dim_a", "One row per a.", {"a_key": Column("a_key", "text", "")}, key=("a_key",)),
        "marts.wide": Table("marts", "wide", "One row per w.", columns, key=("c60",)),
    }
    drawn = draw_model(tables)
    shown = re.findall(r"(?:◆ |→ )?(\w+)<tspan", drawn)
    assert {"a_key", "c0", "c60", "last"} < set(shown)
    assert len(shown) == MOST_COLUMNS + 1
    assert f"... and {101 - MOST_COLUMNS} more" in drawn
    assert drawn.count("<path data-from") == 1
