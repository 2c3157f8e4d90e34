"""The Splink settings for a frame: comparisons from what its columns hold, and values to start training from."""

from __future__ import annotations

from typing import Any

import pandas as pd

from include.identity.comparisons import LIBRARY, UNORDERED, comparison
from include.identity.linkage.blocking import Pass

# A column that nearly nobody has, or in which nearly all are equal, tells nothing.
LEAST_KNOWN_PAIRS = 1e-4
MOST_EQUAL = 0.95
# Where training starts: how alike two records of one person are.
FIRST_M = {"equal": 0.75, "same house": 0.7, "same postcode and town": 0.7}
REST_M = 0.1  # the last level, "different"
STRICT = {"gender": 0.02}  # fields that hardly ever differ within one person
# Levels that most data hardly show: training starts from what they can weigh at most (log2), given how often random
# pairs show them.
MOST_BITS = {"initial": 4.0, "age fits": 4.0, "age nearly fits": 2.5, "year unlike, one date": -1.0}
SELDOM_M = {"order changed": 0.01, "order half changed": 0.005, "day and month changed over": 0.01}
# In place of the pipeline's `address`: finer, for files in which the address is half of what is known.
COMPARED = (
    "first_name", "last_name", "middle_name", "birth", "email", "phone", "national_id", "street", "place", "region",
    "country", "gender", "birth_place", "occupation",
)  # fmt: skip


def build_settings(frame: pd.DataFrame, passes: list[Pass]) -> dict[str, Any]:
    """Untrained settings: what is compared, which pairs, default m, no u."""
    made = [made for name in COMPARED if (made := comparison(name, frame.columns)) and _is_telling(frame, made)]
    for each in made:
        _set_default_m(each)
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "comparisons": made,
        "blocking_rules_to_generate_predictions": [_rule(each.columns) for each in passes],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
    }


def _rule(columns: tuple[str, ...]) -> dict[str, str]:
    """A pass as Splink writes it."""
    return {"blocking_rule": " and ".join(f'l."{name}" = r."{name}"' for name in columns), "sql_dialect": "duckdb"}


def _is_telling(frame: pd.DataFrame, made: dict[str, Any]) -> bool:
    name = made["output_column_name"]
    column = {"birth": "birth_year", "place": "city" if "city" in frame else "postcode"}.get(name, name)
    if column not in frame:  # what is left of it, as the part of an e-mail before the @, says nothing by itself
        return False
    values = frame[column]
    known = float(values.notna().mean())
    share = float(values.value_counts(normalize=True).iloc[0]) if known else 1.0
    return known**2 > LEAST_KNOWN_PAIRS and share < MOST_EQUAL


def _set_default_m(made: dict[str, Any]) -> None:
    levels = [each for each in made["comparison_levels"] if not each.get("is_null_level")]
    last = STRICT.get(made["output_column_name"], REST_M)
    first = 1 - last if len(levels) == 2 else FIRST_M.get(levels[0]["label_for_charts"], 0.7)
    middle = [each for each in levels[1:-1] if each["label_for_charts"] not in (*SELDOM_M, *MOST_BITS)]
    for each in levels[1:-1]:
        each["m_probability"] = SELDOM_M.get(each["label_for_charts"], (1 - first - last) / max(len(middle), 1))
    levels[0]["m_probability"], levels[-1]["m_probability"] = first, last


def is_ordered(label: str) -> bool:
    """Whether a level must weigh no more than the level before it."""
    return label not in UNORDERED and label in _LABELS


_LABELS = {each["label_for_charts"] for levels in LIBRARY.values() for each in levels}
