"""Trains without labels: u from random pairs, m by expectation maximisation over all pairs with u held fixed.

Free EM collapses where matches are rare: it finds any two groups of pairs. Here u is measured, m starts from sensible
values and is held near them by a few pseudo pairs, and the share of matches counts over all pairs, compared or not. A
pair that no pass brought together counts as no match. (Fellegi and Sunter 1969; EM after Winkler, "Using the EM
algorithm for weight computation in the Fellegi-Sunter model of record linkage", 1988.)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Any

import numpy as np

from include.identity.linkage.settings import MOST_BITS, is_ordered

Array = np.ndarray[Any, np.dtype[Any]]
RANDOM_PAIRS = 400_000
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


# What relatives have in common more often than strangers: a name that runs in the family, twins, a family mailbox. The
# share is where training starts.
RELATIVES = {"first_name": 0.02, "birth": 0.01, "email": 0.02}


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
    household: Array  # share of each level among pairs of two people of one household
    gamma: Array  # per pair: -1 unknown, else the level, 0 the most alike
    # The pairs that are equal in a value whose frequency counts in place of the level's u, and its log2.
    rare: Array = dataclass_field(default_factory=lambda: np.empty(0, dtype=int))
    chance: Array = dataclass_field(default_factory=lambda: np.empty(0))


def levels_of(made: dict[str, Any]) -> list[dict[str, Any]]:
    """The levels of a comparison without the null level, most alike first."""
    return [each for each in made["comparison_levels"] if not each.get("is_null_level")]


def set_u(settings: dict[str, Any], levels: list[Array]) -> None:
    """Put u, as often as random pairs show each level, into the settings; `levels` are those of random pairs."""
    for made, found in zip(settings["comparisons"], levels, strict=True):
        counts = np.bincount(found[found >= 0], minlength=len(levels_of(made)))
        for each, share in zip(levels_of(made), counts / max(counts.sum(), 1), strict=True):
            each["u_probability"] = max(float(share), 0.5 / RANDOM_PAIRS)


def make_fields(settings: dict[str, Any], levels: list[Array]) -> list[Field]:
    """One Field per comparison of settings whose u is estimated; `levels` are those of the pairs."""
    fields = []
    for made, gamma in zip(settings["comparisons"], levels, strict=True):
        known = levels_of(made)
        m, u = (np.array([each[key] for each in known], dtype=float) for key in ("m_probability", "u_probability"))
        bits = [MOST_BITS.get(each["label_for_charts"], 60.0) for each in known]
        m = np.minimum(m, u * np.exp2(bits))
        m, labels = m / m.sum(), [each["label_for_charts"] for each in known]
        name, u = made["output_column_name"], u / u.sum()
        fields.append(Field(name, labels, m.copy(), m, u, u.copy(), _of_household(name, m, u), gamma))
    return fields


def _of_household(name: str, m: Array, u: Array) -> Array:
    """How alike two people of one household are: like one person in what they share, else nearly like strangers."""
    if name in HOUSEHOLD:
        return m
    alike = (np.arange(len(u)) == 0) * RELATIVES.get(name, 0.0)
    share: Array = alike + (1 - alike.sum()) * u
    return share


def take_pairs(fields: list[Field], chosen: Array) -> list[Field]:
    """The fields of the chosen pairs, which are numbers of pairs in rising order."""
    taken = []
    for field in fields:
        place = np.searchsorted(chosen, field.rare)
        is_in = chosen[np.minimum(place, len(chosen) - 1)] == field.rare if len(chosen) else np.zeros(0, dtype=bool)
        rare, chance = place[is_in], field.chance[is_in]
        taken.append(replace(field, gamma=field.gamma[chosen], rare=rare, chance=chance))
    return taken


def weights_of(field: Field, of_household: bool = False) -> Array:
    """What the field says of each pair (log2): for one person or, `of_household`, for two of one household."""
    m = np.log2(field.household if of_household else field.m)
    weight: Array = np.append(m - np.log2(field.u), 0.0)[field.gamma]  # the last: unknown
    weight[field.rare] = m[field.gamma[field.rare]] - field.chance
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
        elif field.name in RELATIVES:
            household += weights_of(field, of_household=True)
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
    size, fraction = len(fields[0].gamma), 1.0
    sampled = [replace(field) for field in fields]
    if size > MOST_TRAINING_PAIRS:
        chosen = np.random.default_rng(1).choice(size, MOST_TRAINING_PAIRS, replace=False)
        sampled, fraction = take_pairs(fields, np.sort(chosen)), MOST_TRAINING_PAIRS / size
    for field in sampled:
        field.gamma = field.gamma.astype(np.intp)  # the type of an index: no conversion in every round
    for _ in range(ROUNDS):
        before, shares = shares, improve(sampled, shares, all_pairs * fraction)
        if abs(np.log(shares.person / before.person)) < TOLERANCE:
            break
    for field, trained in zip(fields, sampled, strict=True):
        field.m, field.u, field.household = trained.m, trained.u, trained.household
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
        _fit(field, probability, related, found)
    return found


def _fit(field: Field, probability: Array, related: Array, shares: Shares) -> None:
    counts = np.bincount(field.gamma + 1, weights=probability, minlength=len(field.m) + 1)[1:]
    m = (counts + PRIOR_PAIRS * field.start) / (counts.sum() + PRIOR_PAIRS)
    m = np.maximum(m, np.minimum(LEAST_M, field.start))
    field.m = m / m.sum()
    alike = shares.person + (shares.household if field.name in HOUSEHOLD else 0)
    chance = np.maximum(field.sampled - alike * field.m, LEAST_CHANCE * field.sampled)
    field.u = np.maximum(chance, LEAST_U) / np.maximum(chance, LEAST_U).sum()
    _order(field, counts)
    field.household = _of_household(field.name, field.m, field.u)
    if field.name in RELATIVES:
        counts = np.bincount(field.gamma + 1, weights=related, minlength=len(field.m) + 1)[1:]
        field.household = (counts + PRIOR_PAIRS * field.household) / (counts.sum() + PRIOR_PAIRS)


def _order(field: Field, counts: Array) -> None:
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
            seen = counts[block] + RANDOM_PAIRS * field.u[block]
            field.m[block] = field.m[block].sum() * seen / seen.sum()
            field.u[block] = field.u[block].sum() * seen / seen.sum()


def _ratio(field: Field, block: list[int]) -> float:
    return float(field.m[block].sum() / field.u[block].sum())


def write_back(settings: dict[str, Any], fields: list[Field], shares: Shares) -> dict[str, Any]:
    """Settings with the trained m, u and share."""
    for made, field in zip(settings["comparisons"], fields, strict=True):
        for place, each in enumerate(levels_of(made)):
            each["m_probability"], each["u_probability"] = float(field.m[place]), float(field.u[place])
    return settings | {"probability_two_random_records_match": shares.person}
