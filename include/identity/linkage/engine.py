"""Links the records of any files: from recognised columns to clusters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from include.identity.agglomerate import Merge
from include.identity.cluster import ClusterRules, cut_tree, merge_tree
from include.identity.linkage.blocking import Pass, choose_passes
from include.identity.linkage.frame import build_frame
from include.identity.linkage.frequencies import count_frequencies, set_chance
from include.identity.linkage.settings import build_settings
from include.identity.linkage.threshold import THRESHOLDS, choose_threshold
from include.identity.linkage.training import Array, Field, Shares, estimate_u, make_fields, improve, train, weigh, write_back
from include.identity.link import score_pairs

# The evidence of many pairs of records counts up to this many times that of one, where people have many records.
EXPONENT = 0.5
# The widest groups in which all pairs are compared: from this weight on, or as much higher as the pairs per record ask.
LOOSEST, PAIRS_OF_GROUPS = -8.0, 100
ENOUGH_PARTNERS = 4.0
UNSCORED_EVIDENCE = 4.0
SELF_ROUNDS = 4
RULES = ClusterRules(top=40.0, exponent=EXPONENT, largest_component=2000, births_exclude=False)
Tell = Callable[[str], None]


@dataclass
class Linkage:
    """What a linking found; rows are those of the frame."""

    frame: pd.DataFrame
    passes: list[Pass]
    model: dict[str, Any]
    pairs: pd.DataFrame  # record_id_l, record_id_r, match_weight, probability, row_l, row_r
    merges: list[Merge]
    threshold: float
    expected: pd.DataFrame

    def labels(self, threshold: float | None = None) -> Array:
        """The group of each record at a threshold, by default the chosen one."""
        return cut_tree(len(self.frame), self.merges, self.threshold if threshold is None else threshold)


def link_records(records: list[dict[str, Any]], tell: Tell = lambda _: None) -> Linkage:
    """Choose, train, score and cluster."""
    frame = build_frame(records)
    passes = choose_passes(frame)
    tell("comparing pairs")
    settings = estimate_u(frame, build_settings(frame, passes))
    compared = add_rows(score_pairs(frame, settings, with_levels=True), frame)
    tell("training")
    fields, model, frequencies, shares = train_model(frame, settings, compared)
    tell("closing")
    weight, _ = weigh(fields, shares)
    rules = rules_for(shares, len(frame))
    frame["group"] = loose_groups(len(frame), compared, weight, rules)
    model["blocking_rules_to_generate_predictions"] += [{"blocking_rule": 'l."group" = r."group"', "sql_dialect": "duckdb"}]
    tell("scoring")
    pairs = add_rows(score_pairs(frame, model, frequencies, with_levels=True), frame)
    rescore = make_fields(model, pairs)
    set_chance(rescore, model, frame, pairs["row_l"].to_numpy(), frequencies)
    left, right = pairs["row_l"].to_numpy(), pairs["row_r"].to_numpy()
    weight, _ = weigh(rescore, shares)
    n = len(frame)
    for _ in range(SELF_ROUNDS):
        rules = rules_for(shares, n)
        person = cut_tree(n, merge_tree(n, (left, right, weight), rules, 0.0), 0.0)
        is_crowd = np.bincount(person, minlength=n)[person] > 2
        shares = improve(rescore, shares, n * (n - 1) / 2, (person[left] == person[right]) & is_crowd[left])
        weight, _ = weigh(rescore, shares)
    model = write_back(model, rescore, shares)
    rules = rules_for(shares, n)
    pairs = pairs.assign(splink_weight=pairs["match_weight"], match_weight=weight, probability=1 / (1 + np.exp2(-np.clip(weight, -60, 60))))
    tell("clustering")
    merges = merge_tree(len(frame), edges_of(pairs, -8.0), rules, float(THRESHOLDS[0]))
    threshold, expected = choose_threshold(merges, 0.0)
    return Linkage(frame, passes, model, pairs, merges, threshold, expected)


def rules_for(shares: Shares, records: int) -> ClusterRules:
    """How records join, given how many others of the same person a record has on average."""
    prior, partners = float(np.log2(shares.person)), shares.person * (records - 1)
    return replace(RULES, prior=prior, unscored=prior - UNSCORED_EVIDENCE, most=1 + min(partners / ENOUGH_PARTNERS, 1.0))


def edges_of(pairs: pd.DataFrame, lowest: float) -> tuple[Array, Array, Array]:
    del lowest
    return pairs["row_l"].to_numpy(), pairs["row_r"].to_numpy(), pairs["match_weight"].to_numpy()


def loose_groups(size: int, compared: pd.DataFrame, weight: Array, rules: ClusterRules) -> Array:
    """Groups as wide as the budget of pairs bears: all pairs inside are compared, which closes the gaps of blocking."""
    edges = (compared["row_l"].to_numpy(), compared["row_r"].to_numpy(), weight)
    merges = merge_tree(size, edges, replace(rules, unscored=rules.prior), LOOSEST)
    for threshold in np.arange(LOOSEST, 0.0):
        groups = cut_tree(size, merges, float(threshold))
        counts = np.bincount(groups).astype(float)
        if (counts * (counts - 1) / 2).sum() <= PAIRS_OF_GROUPS * size:
            return groups
    return np.arange(size)


def add_rows(pairs: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """The pairs with the rows of the frame."""
    place = pd.Series(np.arange(len(frame)), index=frame["unique_id"])
    return pairs.assign(
        row_l=place.reindex(pairs["record_id_l"]).to_numpy(), row_r=place.reindex(pairs["record_id_r"]).to_numpy()
    )


def train_model(
    frame: pd.DataFrame, settings: dict[str, Any], compared: pd.DataFrame
) -> tuple[list[Field], dict[str, Any], dict[str, pd.DataFrame], Shares]:
    """Trained settings and the frequencies to score with: by records first, then by the people found that way."""
    fields = make_fields(settings, compared)
    left, right = compared["row_l"].to_numpy(), compared["row_r"].to_numpy()
    person = np.arange(len(frame))
    for _ in range(2):
        frequencies = count_frequencies(frame, settings, person)
        set_chance(fields, settings, frame, left, frequencies)
        shares = train(fields, len(frame))
        weight, _ = weigh(fields, shares)
        rules = rules_for(shares, len(frame))
        person = cut_tree(len(frame), merge_tree(len(frame), (left, right, weight), rules, 0.0), 0.0)
    frequencies = count_frequencies(frame, settings, person)
    set_chance(fields, settings, frame, left, frequencies)
    shares = train(fields, len(frame))
    return fields, write_back(settings, fields, shares), frequencies, shares
