"""Trains without labels: u from random pairs, m by expectation maximisation over all pairs with u held fixed.

Free EM collapses where matches are rare: it finds any two groups of pairs. Here u is measured, m starts from sensible
values and is held near them by a few pseudo pairs, and the share of matches counts over all pairs, compared or not. A
pair that no pass brought together counts as no match. (Fellegi and Sunter 1969; EM after Winkler, "Using the EM
algorithm for weight computation in the Fellegi-Sunter model of record linkage", 1988.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from include.identity.link import open_duckdb
from include.identity.linkage.settings import MOST_BITS, is_ordered

Array = np.ndarray[Any, np.dtype[Any]]
RANDOM_PAIRS = 4e5
# Pseudo pairs that hold each comparison's m near its start.
PRIOR_PAIRS = 20.0
# Of the agreements among random pairs, at least this share is held to be chance, even where matches explain them all.
LEAST_CHANCE = 0.02
LEAST_M, LEAST_U = 1e-3, 1e-7
ROUNDS, TOLERANCE = 200, 1e-4
MOST_TRAINING_PAIRS = 1_000_000
FIRST_TRUE_PAIRS_PER_RECORD = 0.1


# What people of one household share; the rest is a person's own.
HOUSEHOLD = ("last_name", "street", "place", "phone", "region", "country", "birth_place", "address_extra")


@dataclass
class Shares:
    """The shares of pairs of one person, and of two people of one household, among all pairs."""

    person: float
    household: float


@dataclass
class Field:
    """One comparison in training: per level m, u and the share among random pairs; per pair level and frequency."""

    name: str
    labels: list[str]
    m: Array
    start: Array
    sampled: Array  # share of each level among random pairs, those of one person among them
    u: Array
    gamma: Array  # per pair: -1 unknown, else the number of levels below
    chance: Array  # per pair: log2 frequency of the value that is equal; NaN where the level's u counts


def levels_of(made: dict[str, Any]) -> list[dict[str, Any]]:
    """The levels of a comparison without the null level, most alike first."""
    return [each for each in made["comparison_levels"] if not each.get("is_null_level")]


def estimate_u(frame: pd.DataFrame, settings: dict[str, Any]) -> dict[str, Any]:
    """The settings with u from random pairs."""
    from splink import Linker

    api = open_duckdb()
    linker = Linker(api.register(frame, dataset_display_name="training_records"), settings, log_level="ERROR")
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=1)
    trained: dict[str, Any] = linker.misc.save_model_to_json()
    for made in trained["comparisons"]:
        for each in levels_of(made):
            each["u_probability"] = max(each.get("u_probability", 0.0), 0.5 / RANDOM_PAIRS)
    return trained


def make_fields(settings: dict[str, Any], pairs: pd.DataFrame) -> list[Field]:
    """One Field per comparison of settings whose u is estimated; `pairs` have the levels."""
    fields = []
    for made in settings["comparisons"]:
        levels, name = levels_of(made), made["output_column_name"]
        m, u = (np.array([each[key] for each in levels], dtype=float) for key in ("m_probability", "u_probability"))
        bits = [MOST_BITS.get(each["label_for_charts"], 60.0) for each in levels]
        m = np.minimum(m, u * np.exp2(bits))
        m = m / m.sum()
        fields.append(Field(
            name, [each["label_for_charts"] for each in levels], m.copy(), m / m.sum(), u / u.sum(), u / u.sum(),
            _levels_below(pairs[f"gamma_{name}"].to_numpy(), len(levels)), np.full(len(pairs), np.nan),
        ))  # fmt: skip
    return fields


def _levels_below(gamma: Array, size: int) -> Array:
    """Splink counts levels from the least alike and has -1 for unknown; here 0 is the most alike."""
    return np.where(gamma < 0, -1, size - 1 - gamma).astype(np.int8)


def sample_of(fields: list[Field], pairs: int) -> tuple[list[Field], float]:
    """The fields of at most so many random pairs, and the share that these are of all."""
    size = len(fields[0].gamma)
    if size <= pairs:
        return fields, 1.0
    chosen = np.random.default_rng(1).choice(size, pairs, replace=False)
    return [replace(f, gamma=f.gamma[chosen], chance=f.chance[chosen]) for f in fields], pairs / size


def weights_of(field: Field) -> Array:
    """What the field says of each pair (log2)."""
    m, u = (np.append(np.log2(values), 0.0)[field.gamma] for values in (field.m, field.u))  # the last: unknown
    weight: Array = m - np.where(np.isnan(field.chance), u, field.chance)
    return weight


def weigh(fields: list[Field], shares: Shares) -> tuple[Array, Array]:
    """(match weight, weight of the household) of each pair, in log2 odds.

    The match weight sets one person against both others: two of one household, and two strangers.
    """
    size = len(fields[0].gamma)
    person, household = np.zeros(size), np.zeros(size)
    for field in fields:
        weight = weights_of(field)
        person += weight
        if field.name in HOUSEHOLD:
            household += weight
    strangers = 1 - shares.person - shares.household
    household += np.log2(shares.household / strangers)
    correction = np.logaddexp2(household, 0.0)
    return person + float(np.log2(shares.person / strangers)) - correction, household - correction


def probability_of(weight: Array | float) -> Array:
    """Log2 odds as a probability."""
    probability: Array = 1 / (1 + np.exp2(-np.clip(weight, -60, 60)))
    return probability


def train(fields: list[Field], records: int) -> Shares:
    """Fit m and u of the fields in place; the shares among all pairs of records."""
    all_pairs = records * (records - 1) / 2
    start = min(FIRST_TRUE_PAIRS_PER_RECORD * records / all_pairs, 0.2)
    shares = Shares(start, start)
    sampled, fraction = sample_of(fields, MOST_TRAINING_PAIRS)
    for _ in range(ROUNDS):
        before, shares = shares, improve(sampled, shares, all_pairs * fraction)
        if abs(np.log(shares.person / before.person)) < TOLERANCE:
            break
    for field, trained in zip(fields, sampled, strict=True):
        field.m, field.u = trained.m, trained.u
    return shares


def improve(fields: list[Field], shares: Shares, all_pairs: float, together: Array | None = None) -> Shares:
    """One round: fit m and u of the fields in place to the probabilities that they give; the new shares.

    Pairs that lie `together` in one cluster count as matches, however little they say themselves: so the errors that
    only a third record bridges are learnt, too.
    """
    weight, household = weigh(fields, shares)
    probability = probability_of(weight)
    if together is not None:
        probability = np.where(together, 1.0, probability)
    related = (1 - probability) * np.exp2(np.minimum(household, 0))
    least = 0.5 / all_pairs
    found = Shares(*(float(np.clip(p.sum() / all_pairs, least, 0.3)) for p in (probability, related)))
    for field in fields:
        _fit(field, probability, found)
    return found


def _fit(field: Field, probability: Array, shares: Shares) -> None:
    known = field.gamma >= 0
    counts = np.bincount(field.gamma[known], weights=probability[known], minlength=len(field.m))
    m = (counts + PRIOR_PAIRS * field.start) / (counts.sum() + PRIOR_PAIRS)
    m = np.maximum(m, np.minimum(LEAST_M, field.start))
    field.m = m / m.sum()
    alike = shares.person + (shares.household if field.name in HOUSEHOLD else 0)
    chance = np.maximum(field.sampled - alike * field.m, LEAST_CHANCE * field.sampled)
    field.u = np.maximum(chance, LEAST_U) / np.maximum(chance, LEAST_U).sum()
    _order(field)


def _order(field: Field) -> None:
    """Levels that are alike in falling order must weigh in falling order: neighbours that do not are pooled."""
    places = [n for n, label in enumerate(field.labels) if is_ordered(label)]
    blocks = [[place] for place in places]
    number = 0
    while number < len(blocks) - 1:
        upper, lower = blocks[number], blocks[number + 1]
        if _ratio(field, upper) >= _ratio(field, lower):
            number += 1
            continue
        blocks[number : number + 2] = [upper + lower]
        number = max(number - 1, 0)
    for block in blocks:
        if len(block) > 1:
            field.m[block] = field.u[block] * (field.m[block].sum() / field.u[block].sum())


def _ratio(field: Field, block: list[int]) -> float:
    return float(field.m[block].sum() / field.u[block].sum())


def write_back(settings: dict[str, Any], fields: list[Field], shares: Shares) -> dict[str, Any]:
    """Settings with the trained m, u and share."""
    for made, field in zip(settings["comparisons"], fields, strict=True):
        for place, each in enumerate(levels_of(made)):
            each["m_probability"], each["u_probability"] = float(field.m[place]), float(field.u[place])
    return settings | {"probability_two_random_records_match": shares.person}
