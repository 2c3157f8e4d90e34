"""Compares pairs of records: the level of every comparison, by its own conditions, in DuckDB."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from include.identity.linkage.training import Array

# So many pairs are compared at once: what is in memory stays small, and there is something to tell in between.
AT_ONCE = 500_000
Progress = Callable[[int, int], None]


class Comparer:
    """Holds a frame in a database in memory and compares pairs of its rows."""

    def __init__(self, frame: pd.DataFrame, comparisons: list[dict[str, Any]]) -> None:
        conditions = [_case(made["comparison_levels"]) for made in comparisons]
        columns = sorted({name for condition in conditions for name in re.findall(r"\b([a-z_]+)_[lr]\b", condition)})
        self.size = len(conditions)
        self.connection = duckdb.connect()
        self.connection.execute("set enable_progress_bar = false")
        self.connection.register("records", frame[columns].assign(row=np.arange(len(frame))))
        self.connection.execute("create table people as from records")
        sides = ", ".join(f"{side}.{name} as {name}_{side}" for name in columns for side in "lr")
        levels = ", ".join(f"({condition})::tinyint as level_{n}" for n, condition in enumerate(conditions))
        self.query = (
            f"select number, {levels} from (select number, {sides} from pairs"
            " inner join people as l on l.row = pairs.row_l inner join people as r on r.row = pairs.row_r)"
        )

    def levels(self, left: Array, right: Array, progress: Progress = lambda *_: None) -> list[Array]:
        """Per comparison the level of every pair: 0 the most alike, -1 where a side is unknown."""
        found = [np.empty(len(left), dtype=np.int8) for _ in range(self.size)]
        for start in range(0, len(left), AT_ONCE):
            progress(start, len(left))
            part = slice(start, start + AT_ONCE)
            pairs = pd.DataFrame({"row_l": left[part], "row_r": right[part]})
            self.connection.register("pairs", pairs.assign(number=np.arange(len(pairs))))
            result = self.connection.execute(self.query).fetchnumpy()
            for number, levels in enumerate(found):
                levels[part][np.asarray(result["number"])] = np.asarray(result[f"level_{number}"])
        return found


def _case(levels: list[dict[str, Any]]) -> str:
    """The levels as one expression, the first that holds counts."""
    known = [each["sql_condition"] for each in levels if not each.get("is_null_level")]
    unknown = [each["sql_condition"] for each in levels if each.get("is_null_level")]
    tests = [(condition, -1) for condition in unknown] + [(condition, n) for n, condition in enumerate(known[:-1])]
    return "case " + " ".join(f"when {test} then {n}" for test, n in tests) + f" else {len(known) - 1} end"


def random_pairs(size: int, most: int) -> tuple[Array, Array]:
    """(left, right) of so many pairs at random, or of all where there are not more."""
    if size * (size - 1) // 2 <= most:
        left, right = np.triu_indices(size, 1)
        return left, right
    random = np.random.default_rng(1)
    left, right = random.integers(size, size=most), random.integers(size - 1, size=most)
    return left, right + (right >= left)
