"""Why two records fit or do not: the weight of every comparison of the saved model, in log2 odds.

The same levels and term frequencies that Splink used, computed for the few pairs that are queued; the sum of prior and
comparisons is the match weight of the linking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2
from typing import Any

import pandas as pd

from include.identity.model import prior


def weigh_comparisons(
    frame: pd.DataFrame,
    model: dict[str, Any],
    pairs: Sequence[tuple[str, str]],
    frequencies: Mapping[str, pd.DataFrame] | None = None,
    population: int | None = None,
) -> list[list[dict[str, Any]]]:
    """For each pair of unique ids the bars of its waterfall: name, level, weight; the prior is the first.

    `model` are settings of Splink; `frequencies` and `population` those of the linking, where the frame is a part of
    the population. A pair of records that the linkage frame does not hold has no bars.
    """
    import duckdb

    if not pairs:
        return []
    names = [comparison["output_column_name"] for comparison in model["comparisons"]]
    asked = pd.DataFrame([(n, a, b) for n, (a, b) in enumerate(pairs)], columns=["place", "id_l", "id_r"])
    wanted = {record_id for pair in pairs for record_id in pair}
    held = frame[frame["unique_id"].isin(wanted)]
    held = held.assign(
        **{f"tf_{c}": held[c].map(_frequencies(frame[c], c, frequencies or {})) for c in sorted(frequent(model))}
    )
    with duckdb.connect() as connection:
        connection.register("asked", asked)
        connection.register("held", held)
        rows = connection.execute(_statement(held, model)).fetchall()
    bars: list[list[dict[str, Any]]] = [[] for _ in pairs]
    start = _prior_bar(population or len(frame))
    levels = {c["output_column_name"]: c["comparison_levels"] for c in model["comparisons"]}
    for place, *values in rows:
        bars[place] = [start] + [
            _bar(name, levels[name], int(level), tf)
            for name, level, tf in zip(names, values[::2], values[1::2], strict=True)
        ]
    return bars


def _prior_bar(size: int) -> dict[str, Any]:
    chance = prior(size)
    return {"name": "prior", "level": f"two of {size:,} records", "weight": round(log2(chance / (1 - chance)), 4)}


def _frequencies(column: pd.Series[Any], name: str, known: Mapping[str, pd.DataFrame]) -> pd.Series[Any]:
    if name in known:
        return known[name].set_index(name)[f"tf_{name}"]
    return column.value_counts(normalize=True)


def frequent(model: dict[str, Any]) -> set[str]:
    """The columns of which the model weighs the frequency of the value."""
    levels = (level for comparison in model["comparisons"] for level in comparison["comparison_levels"])
    return {level["tf_adjustment_column"] for level in levels if level.get("tf_adjustment_column")}


def _statement(held: pd.DataFrame, model: dict[str, Any]) -> str:
    """One row per pair: for each comparison the number of its level, and the frequency of the value there."""
    sides = ", ".join(f'{side}."{c}" as "{c}_{side}"' for side in "lr" for c in held.columns)
    columns = []
    for comparison in model["comparisons"]:
        number, frequency = [], []
        for place, level in enumerate(comparison["comparison_levels"]):
            condition = level["sql_condition"]
            is_else = condition.strip().upper() == "ELSE"
            number.append(f"else {place}" if is_else else f"when {condition} then {place}")
            tf = level.get("tf_adjustment_column")
            value = f'greatest("tf_{tf}_l", "tf_{tf}_r")' if tf else "null"
            frequency.append(f"else {value}" if is_else else f"when {condition} then {value}")
        columns += [f"case {' '.join(number)} end", f"case {' '.join(frequency)} end::double"]
    return (
        f"with pairs as (select asked.place, {sides} from asked join held as l on l.unique_id = asked.id_l"
        f" join held as r on r.unique_id = asked.id_r) select place, {', '.join(columns)} from pairs order by place"
    )


def _bar(name: str, levels: list[dict[str, Any]], place: int, frequency: float | None) -> dict[str, Any]:
    level = levels[place]
    weight = 0.0
    if not level.get("is_null_level"):
        weight = log2(level["m_probability"] / level["u_probability"])
    if frequency:
        first = next(le for le in levels if le.get("tf_adjustment_column") and not le.get("is_null_level"))
        exact = level if level.get("disable_tf_exact_match_detection") else first
        floor = max(frequency, level.get("tf_minimum_u_value") or 0.0)
        weight += log2(exact["u_probability"] / floor) * level.get("tf_adjustment_weight", 1.0)
    return {"name": name, "level": level.get("label_for_charts") or "", "weight": round(weight, 4)}
