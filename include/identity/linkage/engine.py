"""Links the records of any files: from standardised records to people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from include.identity.agglomerate import Merge
from include.identity.cluster import cut_tree, merge_tree
from include.identity.link import score_pairs
from include.identity.linkage.blocking import Pass, choose_passes
from include.identity.linkage.frame import build_frame
from include.identity.linkage.frequencies import count_frequencies, set_chance
from include.identity.linkage.grouping import group_records, loose_groups, rules_for
from include.identity.linkage.settings import build_settings
from include.identity.linkage.threshold import THRESHOLDS, choose_threshold
from include.identity.linkage.training import (
    Array,
    Field,
    Shares,
    estimate_u,
    improve,
    make_fields,
    probability_of,
    train,
    weigh,
    write_back,
)

# Rounds in which the model learns from the groups that it made itself.
ROUNDS_WITH_GROUPS = 4
# Pairs below say nothing and are not kept (log2 odds).
LEAST_WEIGHT = -12.0
Tell = Callable[[str], None]


@dataclass
class Linkage:
    """What a linking found; rows are those of the frame, fields have the levels of the pairs."""

    frame: pd.DataFrame
    passes: list[Pass]
    model: dict[str, Any]
    fields: list[Field]
    shares: Shares
    pairs: pd.DataFrame  # record_id_l, record_id_r, row_l, row_r, match_weight, probability, household
    merges: list[Merge]
    threshold: float
    expected: pd.DataFrame

    def labels(self, threshold: float | None = None) -> Array:
        """The group of each record at a threshold, by default the chosen one."""
        return cut_tree(len(self.frame), self.merges, self.threshold if threshold is None else threshold)


def link_records(records: list[dict[str, Any]], tell: Tell = lambda _: None) -> Linkage:
    """Choose what to compare, train, score and group the records."""
    frame = build_frame(records)
    passes = choose_passes(frame)
    settings = build_settings(frame, passes)
    if not (passes and settings["comparisons"]):
        return _no_links(frame)
    tell("counting chance agreements among random pairs")
    settings = estimate_u(frame, settings)
    tell("comparing pairs")
    compared = _compare(frame, settings)
    tell(f"training on {len(compared):,} pairs")
    fields, frequencies, shares = _train_alone(frame, settings, compared)
    rules = rules_for(shares, len(frame))
    frame["group"] = loose_groups(len(frame), _edges(compared, weigh(fields, shares)[0]), rules)
    settings = write_back(settings, fields, shares)
    settings["blocking_rules_to_generate_predictions"] += [
        {"blocking_rule": 'l."group" = r."group"', "sql_dialect": "duckdb"}
    ]
    tell("scoring pairs")
    pairs = _compare(frame, settings, frequencies)
    fields = make_fields(settings, pairs)
    set_chance(fields, settings, frame, pairs["row_l"].to_numpy(), frequencies)
    tell("joining records")
    shares = _train_with_groups(len(frame), pairs, fields, shares)
    weight, household = weigh(fields, shares)
    pairs = pairs.assign(match_weight=weight, probability=probability_of(weight), household=household)
    merges = merge_tree(len(frame), _edges(pairs, weight), rules_for(shares, len(frame)), float(THRESHOLDS[0]))
    threshold, expected = choose_threshold(merges)
    model = write_back(settings, fields, shares)
    return Linkage(frame, passes, model, fields, shares, pairs, merges, threshold, expected)


def _no_links(frame: pd.DataFrame) -> Linkage:
    """No two records have anything in common by which they could be compared."""
    names = ["record_id_l", "record_id_r", "row_l", "row_r", "match_weight", "probability", "household"]
    pairs = pd.DataFrame({name: np.empty(0, dtype=int if name.startswith("row") else float) for name in names})
    threshold, expected = choose_threshold([])
    return Linkage(frame, [], {"comparisons": []}, [], Shares(0.0, 0.0), pairs, [], threshold, expected)


def _compare(
    frame: pd.DataFrame, settings: dict[str, Any], frequencies: dict[str, pd.DataFrame] | None = None
) -> pd.DataFrame:
    """The compared pairs with their levels and the rows of the frame."""
    pairs = score_pairs(frame, settings, frequencies, with_levels=True)
    place = pd.Series(np.arange(len(frame)), index=frame["unique_id"])
    return pairs.assign(
        row_l=place.reindex(pairs["record_id_l"]).to_numpy(), row_r=place.reindex(pairs["record_id_r"]).to_numpy()
    )


def _edges(pairs: pd.DataFrame, weight: Array) -> tuple[Array, Array, Array]:
    return pairs["row_l"].to_numpy(), pairs["row_r"].to_numpy(), weight


def _train_alone(
    frame: pd.DataFrame, settings: dict[str, Any], compared: pd.DataFrame
) -> tuple[list[Field], dict[str, pd.DataFrame], Shares]:
    """Fit to the pairs; values are rare by records at first, then by the people that were found."""
    size, fields = len(frame), make_fields(settings, compared)
    person: Array = np.arange(size)
    for is_last in (False, False, True):
        frequencies = count_frequencies(frame, settings, person)
        set_chance(fields, settings, frame, compared["row_l"].to_numpy(), frequencies)
        shares = train(fields, size)
        if not is_last:
            person = group_records(size, _edges(compared, weigh(fields, shares)[0]), rules_for(shares, size))
    return fields, frequencies, shares


def _train_with_groups(size: int, pairs: pd.DataFrame, fields: list[Field], shares: Shares) -> Shares:
    """Fit to the groups, too: in groups of three and more, pairs that say little by themselves are held together,
    unless one household explains them as well.
    """
    left, right = pairs["row_l"].to_numpy(), pairs["row_r"].to_numpy()
    for _ in range(ROUNDS_WITH_GROUPS):
        weight, household = weigh(fields, shares)
        person = group_records(size, _edges(pairs, weight), rules_for(shares, size))
        is_crowd = np.bincount(person, minlength=size)[person] > 2
        together = (person[left] == person[right]) & is_crowd[left] & (household < -1)
        shares = improve(fields, shares, size * (size - 1) / 2, together)
    return shares
