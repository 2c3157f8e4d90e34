"""How rare a value is: by people, not by records, so that a person with ten records does not make a name common."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from include.identity.linkage.training import Array, Field, levels_of


def count_frequencies(frame: pd.DataFrame, settings: dict[str, Any], person: Array) -> dict[str, pd.DataFrame]:
    """Per column with frequencies: value and share of the people that have it; `person` is a label per row."""
    columns = {
        each["tf_adjustment_column"]
        for made in settings["comparisons"]
        for each in levels_of(made)
        if each.get("tf_adjustment_column")
    }
    tables = {}
    for column in sorted(columns):
        held = pd.DataFrame({"value": frame[column], "person": person}).dropna().drop_duplicates()
        counts = held["value"].value_counts()
        share = counts / max(held["person"].nunique(), 1)
        tables[column] = pd.DataFrame({column: counts.index, f"tf_{column}": share.to_numpy()})
    return tables


def set_chance(
    fields: list[Field], settings: dict[str, Any], frame: pd.DataFrame, left: Array, tables: dict[str, pd.DataFrame]
) -> None:
    """The frequency of the value on which each pair agrees, where its level has one; `left` are rows of the frame."""
    for field, made in zip(fields, settings["comparisons"], strict=True):
        rare, chance = [np.empty(0, dtype=int)], [np.empty(0)]
        for place, each in enumerate(levels_of(made)):
            column = each.get("tf_adjustment_column")
            if not column:
                continue
            share = frame[column].map(tables[column].set_index(column)[f"tf_{column}"]).to_numpy(dtype=float)
            at = np.flatnonzero(field.gamma == place)
            rare.append(at)
            chance.append(np.log2(share[left[at]]))
        field.rare, field.chance = np.concatenate(rare), np.concatenate(chance)
