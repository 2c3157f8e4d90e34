"""Counts of the pairs that a linking scored. They are all that stays of the pairs which it did not link."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import psycopg

from include.identity.people import Array, Decision, places_of

LOWEST, HIGHEST = -12, 30


COLUMNS = ("weight", "reason", "is_one_person", "pairs", "expected_true", "decided_pairs", "decided_same",
           "decided_expected")  # fmt: skip


def write_scored_pairs(
    connection: psycopg.Connection, scored: pd.DataFrame, clusters: dict[str, int], decisions: Iterable[Decision] = ()
) -> None:
    """Replace ops.scored_pairs by the counts of this linking, in the caller's transaction.

    `scored` has record_id_l, record_id_r, match_weight, probability and reason; `clusters` the cluster of each record;
    `decisions` are those of stewards.
    """
    rows = count_scored_pairs(scored, clusters, decisions)[list(COLUMNS)].itertuples(index=False, name=None)
    with connection.cursor() as cursor:
        cursor.execute("delete from ops.scored_pairs")
        with cursor.copy(f"copy ops.scored_pairs ({', '.join(COLUMNS)}) from stdin".encode()) as copy:
            for row in rows:
                copy.write_row(row)


def count_scored_pairs(
    scored: pd.DataFrame, clusters: dict[str, int], decisions: Iterable[Decision] = ()
) -> pd.DataFrame:
    """One row per whole match weight, reason and outcome: pairs, and how many of them are true ones by their odds; the
    same of those that a steward has decided, and how many of these he has decided to be the same.
    """
    verdict = _verdicts(scored, decisions)
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
        "is_decided": verdict >= 0, "is_same": verdict == 1,
    })  # fmt: skip
    counted["decided_probability"] = counted["probability"].where(counted["is_decided"], 0.0)
    grouped = counted.groupby(["weight", "reason", "is_one_person"], as_index=False)
    found = grouped.agg(
        pairs=("probability", "size"), expected_true=("probability", "sum"), decided_pairs=("is_decided", "sum"),
        decided_same=("is_same", "sum"), decided_expected=("decided_probability", "sum"),
    )  # fmt: skip
    return found.round({"expected_true": 6, "decided_expected": 6})


def _verdicts(scored: pd.DataFrame, decisions: Iterable[Decision]) -> Array:
    """For each pair 1 where a steward has decided that it is the same, 0 where it is not, -1 where nobody has."""
    decided = {(min(a, b), max(a, b)): verdict for a, b, verdict in decisions}
    known = pd.Index(sorted({record_id for pair in decided for record_id in pair}))
    sides = ("record_id_l", "record_id_r")
    verdicts = np.full(len(scored), -1)
    near = np.flatnonzero(np.logical_and.reduce([places_of(known, scored[side]) >= 0 for side in sides]))
    pairs = zip(near.tolist(), *(scored[side].iloc[near] for side in sides), strict=True)
    for place, left, right in pairs:
        if verdict := decided.get((left, right)):
            verdicts[place] = verdict == "same"
    return verdicts
