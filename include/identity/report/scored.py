"""Counts of the pairs that a linking scored. They are all that stays of the pairs which it did not link."""

from __future__ import annotations

import numpy as np
import pandas as pd
import psycopg

from include.identity.people import places_of

LOWEST, HIGHEST = -12, 30


def write_scored_pairs(connection: psycopg.Connection, scored: pd.DataFrame, clusters: dict[str, int]) -> None:
    """Replace ops.scored_pairs by the counts of this linking, in the caller's transaction.

    `scored` has record_id_l, record_id_r, match_weight, probability and reason; `clusters` the cluster of each record.
    """
    rows = count_scored_pairs(scored, clusters).itertuples(index=False, name=None)
    with connection.cursor() as cursor:
        cursor.execute("delete from ops.scored_pairs")
        with cursor.copy(
            "copy ops.scored_pairs (weight, reason, is_one_person, pairs, expected_true) from stdin"
        ) as copy:
            for row in rows:
                copy.write_row(row)


def count_scored_pairs(scored: pd.DataFrame, clusters: dict[str, int]) -> pd.DataFrame:
    """One row per whole match weight, reason and outcome: pairs, and how many of them are true ones by their odds."""
    ids, group = pd.Index(list(clusters)), np.array(list(clusters.values()), dtype=int)
    left, right = (places_of(ids, scored[side]) for side in ("record_id_l", "record_id_r"))
    known = np.flatnonzero((left >= 0) & (right >= 0))
    is_one_person = np.zeros(len(scored), dtype=bool)
    is_one_person[known] = group[left[known]] == group[right[known]]
    codes, reasons = pd.factorize(scored["reason"])
    counted = pd.DataFrame({
        "weight": np.floor(scored["match_weight"].to_numpy(dtype=float)).clip(LOWEST, HIGHEST).astype(int),
        "reason": np.array([reason.partition(":")[0] for reason in reasons], dtype=object)[codes],
        "is_one_person": is_one_person,
        "probability": scored["probability"].to_numpy(dtype=float),
    })  # fmt: skip
    grouped = counted.groupby(["weight", "reason", "is_one_person"], as_index=False)
    found = grouped.agg(pairs=("probability", "size"), expected_true=("probability", "sum"))
    return found.round({"expected_true": 6})
