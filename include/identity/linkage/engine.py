"""Links the records of any files: from recognised columns to clusters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from include.identity.cluster import ClusterRules, cluster_at
from include.identity.linkage.blocking import Pass, choose_passes
from include.identity.linkage.frame import build_frame
from include.identity.linkage.frequencies import count_frequencies, set_chance
from include.identity.linkage.settings import build_settings
from include.identity.linkage.threshold import THRESHOLDS, choose_threshold
from include.identity.linkage.training import Array, estimate_u, make_fields, train, weigh, write_back
from include.identity.link import score_pairs

RULES = ClusterRules(unscored=-8.0, top=40.0, largest_component=2000, births_exclude=False)
Tell = Callable[[str], None]


@dataclass
class Linkage:
    """What a linking found; rows are those of the frame."""

    frame: pd.DataFrame
    passes: list[Pass]
    model: dict[str, Any]
    pairs: pd.DataFrame  # record_id_l, record_id_r, match_weight, probability, row_l, row_r
    labels: Array  # a label per threshold of THRESHOLDS and row
    threshold: float
    expected: pd.DataFrame


def link_records(records: list[dict[str, Any]], tell: Tell = lambda _: None) -> Linkage:
    """Choose, train, score and cluster."""
    frame = build_frame(records)
    passes = choose_passes(frame)
    tell("comparing pairs")
    settings = estimate_u(frame, build_settings(frame, passes))
    compared = add_rows(score_pairs(frame, settings, with_levels=True), frame)
    tell("training")
    model, frequencies = train_model(frame, settings, compared)
    tell("scoring")
    pairs = add_rows(score_pairs(frame, model, frequencies), frame)
    tell("clustering")
    edges = (pairs["row_l"].to_numpy(), pairs["row_r"].to_numpy(), pairs["match_weight"].to_numpy())
    labels = cluster_at(len(frame), edges, THRESHOLDS, RULES)
    threshold, expected = choose_threshold(pairs, labels)
    return Linkage(frame, passes, model, pairs, labels, threshold, expected)


def add_rows(pairs: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """The pairs with the rows of the frame."""
    place = pd.Series(np.arange(len(frame)), index=frame["unique_id"])
    return pairs.assign(
        row_l=place.reindex(pairs["record_id_l"]).to_numpy(), row_r=place.reindex(pairs["record_id_r"]).to_numpy()
    )


def train_model(
    frame: pd.DataFrame, settings: dict[str, Any], compared: pd.DataFrame
) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """Trained settings and the frequencies to score with: by records first, then by the people found that way."""
    fields = make_fields(settings, compared)
    left, right = compared["row_l"].to_numpy(), compared["row_r"].to_numpy()
    person = np.arange(len(frame))
    for _ in range(2):
        frequencies = count_frequencies(frame, settings, person)
        set_chance(fields, settings, frame, left, frequencies)
        share = train(fields, len(frame))
        weight = weigh(fields, share)
        strong = weight > -8
        person = cluster_at(len(frame), (left[strong], right[strong], weight[strong]), np.array([2.0]), RULES)[0]
    frequencies = count_frequencies(frame, settings, person)
    set_chance(fields, settings, frame, left, frequencies)
    return write_back(settings, fields, train(fields, len(frame))), frequencies
