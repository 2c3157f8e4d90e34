"""Estimates the model from the last linking, without a truth.

u is counted over random pairs of two customers. m is counted over pairs that are certain: of one customer, and sharing
an identifier that is given to one person and that the model does not compare, so that the pair was not chosen by what
is counted. Where two systems share no such identifier, the pairs of one customer count instead. Each two systems count
as many pairs as the linking has between them, since a system that knows only an age has other agreements than one with
full births.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from include.identity.in_force import Model
from include.identity.linkage.compare import Comparer, random_pairs
from include.identity.linkage.evaluate import true_pairs
from include.identity.linkage.training import levels_of
from include.identity.people import Array
from include.identity.shared_ids import share_number
from include.identity.train import LEAST_M

# Two systems with fewer certain pairs than this count all pairs of one customer.
LEAST_CERTAIN = 30
RANDOM_PAIRS = 1_000_000
MOST_PAIRS = 500_000
# Pseudo pairs of the model in force: what no pair has shown keeps about its weight.
PRIOR_PAIRS = 20.0
DIGITS = 8


@dataclass(frozen=True)
class Evidence:
    """What a model was estimated from: numbers of records and pairs."""

    records: int
    certain_pairs: int
    linked_pairs: int
    random_pairs: int


def estimate_model(
    frame: pd.DataFrame, customer: pd.Series[Any], labelled: set[tuple[str, str]], in_force: Model
) -> tuple[dict[str, Any], Evidence]:
    """(settings, what they stand on). `frame` is the linkage frame, `customer` the customer of each of its rows.

    Pairs that stewards have decided, `labelled`, count neither for m nor for u: the model is judged by them. What a
    decision has merged or parted besides its own pair counts as the linking's. Raises ValueError where the linking has
    joined no two records.
    """
    frame = frame.assign(customer=customer.to_numpy()).sort_values("unique_id", ignore_index=True)
    customer = frame.pop("customer")
    left, right, weight, certain = _matches(frame, customer, labelled)
    comparer = Comparer(frame, in_force.settings["comparisons"])
    of_matches = comparer.levels(left, right)
    one, other = random_pairs(len(frame), RANDOM_PAIRS)
    codes = pd.factorize(customer)[0]
    apart = (codes[one] != codes[other]) & (codes[one] >= 0) & (codes[other] >= 0)
    apart &= ~_is_among(labelled, frame["unique_id"], one, other)
    of_strangers = comparer.levels(one[apart], other[apart])
    settings = copy.deepcopy(in_force.settings)
    for made, matches, strangers in zip(settings["comparisons"], of_matches, of_strangers, strict=True):
        known = levels_of(made)
        m = _shares(known, "m_probability", matches, weight)
        u = _shares(known, "u_probability", strangers, np.ones(len(strangers)))
        for level, of_match, of_stranger in zip(known, np.maximum(m, LEAST_M) / np.maximum(m, LEAST_M).sum(), u,
                                                strict=True):  # fmt: skip
            level["m_probability"] = round(float(of_match), DIGITS)
            level["u_probability"] = max(round(float(of_stranger), DIGITS), 10.0**-DIGITS)
    return settings, Evidence(len(frame), int(certain.sum()), len(left) - int(certain.sum()), int(apart.sum()))


def _matches(
    frame: pd.DataFrame, customer: pd.Series[Any], labelled: set[tuple[str, str]]
) -> tuple[Array, Array, Array, Array]:
    """(left, right, weight, is certain) of the pairs that m is counted over."""
    left, right = true_pairs(customer)
    free = ~_is_among(labelled, frame["unique_id"], left, right)
    left, right = left[free], right[free]
    if not len(left):
        raise ValueError("no two records are linked: there is nothing to train on")
    system, names = pd.factorize(frame["unique_id"].astype(str).str.partition("/")[0])
    both = np.sort(np.stack([system[left], system[right]]), axis=0)
    stratum = both[0] * len(names) + both[1]
    size = np.bincount(stratum, minlength=len(names) ** 2)
    certain = share_number(frame, left, right)
    has_certain = np.bincount(stratum[certain], minlength=len(size)) >= LEAST_CERTAIN
    chosen = np.flatnonzero(certain | ~has_certain[stratum])
    if len(chosen) > MOST_PAIRS:
        chosen = np.sort(np.random.default_rng(1).choice(chosen, MOST_PAIRS, replace=False))
    counted = np.bincount(stratum[chosen], minlength=len(size))
    weight = (size / np.maximum(counted, 1))[stratum[chosen]]
    return left[chosen], right[chosen], weight, certain[chosen]


def _is_among(labelled: set[tuple[str, str]], ids: pd.Series[Any], left: Array, right: Array) -> Array:
    """Whether each pair of rows is one of the pairs of ids, in whatever order both are."""
    row = {record_id: number for number, record_id in enumerate(ids)}
    asked = np.array([(row[a], row[b]) for a, b in labelled if a in row and b in row], dtype=np.int64).reshape(-1, 2)
    size = len(ids)
    found: Array = np.isin(
        np.minimum(left, right) * size + np.maximum(left, right), asked.min(axis=1) * size + asked.max(axis=1)
    )
    return found


def _shares(levels: list[dict[str, Any]], name: str, found: Array, weight: Array) -> Array:
    known = found >= 0
    counts = np.bincount(found[known], weights=weight[known], minlength=len(levels))
    before = np.array([level[name] for level in levels], dtype=float)
    counts = counts + PRIOR_PAIRS * before / before.sum()
    share: Array = counts / counts.sum()
    return share
