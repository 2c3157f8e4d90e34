"""Training without labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from include.identity.linkage.training import (
    HOUSEHOLD,
    Field,
    Shares,
    improve,
    probability_of,
    take_pairs,
    train,
    weigh,
    weights_of,
)

pytestmark = pytest.mark.slow

LABELS = ["equal", "a slip", "different"]
U = np.array([0.01, 0.01, 0.98])


def make_field(name: str, gamma: np.ndarray, start: list[float] | None = None) -> Field:
    m = np.array(start or [0.7, 0.2, 0.1])
    return Field(name, LABELS, m.copy(), m, U, U.copy(), m if name in HOUSEHOLD else U, gamma)


def sample(matches: int, records: int, truth: list[float], seed: int = 1) -> list[Field]:
    """Fields of all pairs of so many records, of which so many are matches."""
    random, pairs = np.random.default_rng(seed), records * (records - 1) // 2
    fields = []
    for name in ("first_name", "birth", "email", "national_id"):
        gamma = np.concatenate([random.choice(3, matches, p=truth), random.choice(3, pairs - matches, p=U)])
        fields.append(make_field(name, gamma))
    return fields


def test_train__recovers_what_made_the_data() -> None:
    fields = sample(3000, 1000, [0.6, 0.3, 0.1])
    shares = train(fields, 1000)
    assert shares.person == pytest.approx(3000 / 499_500, rel=0.15)
    for field in fields:
        assert field.m == pytest.approx([0.6, 0.3, 0.1], abs=0.05)


def test_train__does_not_collapse_where_matches_are_rare() -> None:
    fields = sample(30, 1000, [0.8, 0.15, 0.05])
    shares = train(fields, 1000)
    assert 20 / 499_500 < shares.person < 45 / 499_500
    probability = probability_of(weigh(fields, shares)[0])
    assert probability[:30].mean() > 0.8
    assert probability[30:].sum() < 10


def test_train__levels_weigh_in_order() -> None:
    fields = sample(3000, 1000, [0.1, 0.8, 0.1])
    train(fields, 1000)
    for field in fields:
        ratio = field.m / field.u
        assert ratio[0] >= ratio[1] * 0.999
        assert ratio[1] >= ratio[2]


def test_weigh__what_a_household_shares_does_not_make_one_person() -> None:
    equal, unlike = np.array([0]), np.array([2])
    fields = [make_field("last_name", equal), make_field("street", equal), make_field("phone", equal),
              make_field("first_name", unlike)]  # fmt: skip
    alone, _ = weigh(fields, Shares(1e-4, 1e-9))
    crowded, _ = weigh(fields, Shares(1e-4, 1e-4))
    assert alone[0] > 0
    assert crowded[0] < -2


def test_train__a_name_that_runs_in_the_family_is_learnt_as_the_households() -> None:
    """Father and son: one name, one address, births that have nothing in common."""
    random, u = np.random.default_rng(1), np.array([0.002, 0.002, 0.996])
    people, namesakes, relatives, strangers = 600, 60, 2000, 496_840
    own = {"first_name": (0, 2), "birth": (2, 2), "last_name": (0, 0), "street": (0, 0)}
    fields = []
    for name, (of_namesakes, of_relatives) in own.items():
        alike = random.choice(3, people, p=[0.8, 0.2, 0.0])
        rest = random.choice(3, strangers, p=u)
        gamma = np.concatenate([alike, np.repeat([of_namesakes, of_relatives], [namesakes, relatives]), rest])
        fields.append(replace(make_field(name, gamma), sampled=np.bincount(gamma) / len(gamma), u=u.copy()))
    shares = train(fields, 1000)
    probability = probability_of(weigh(fields, shares)[0])
    assert probability[:people].mean() > 0.9
    assert probability[people : people + namesakes].mean() < 0.2
    assert fields[0].household[0] > 0.02


def test_improve__a_nickname_does_not_take_the_weight_of_a_slip() -> None:
    labels = ["equal", "nickname", "a slip", "different"]
    m, u = np.array([0.7, 0.1, 0.1, 0.1]), np.array([0.004, 0.002, 0.002, 0.992])
    gamma = np.repeat([0, 1, 2, 3], [700, 2, 200, 98])
    field = Field("first_name", labels, m.copy(), m, u, u.copy(), u, gamma)
    improve([field], Shares(0.002, 1e-9), 499_500, np.ones(len(gamma), dtype=bool))
    assert field.m[2] > 0.15
    assert field.m[1] < 0.02


def test_take_pairs__keeps_the_frequencies_with_their_pairs() -> None:
    field = make_field("email", np.array([0, 2, 0, -1, 0]))
    field.rare, field.chance = np.array([0, 2, 4]), np.array([-3.0, -5.0, -9.0])
    taken = take_pairs([field], np.array([1, 2, 3, 4]))[0]
    np.testing.assert_allclose(weights_of(taken), weights_of(field)[1:])
    assert taken.rare.tolist() == [1, 3]
