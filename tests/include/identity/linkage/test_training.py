"""Training without labels."""

from __future__ import annotations

import numpy as np
import pytest

from include.identity.linkage.training import Field, Shares, probability_of, train, weigh

LABELS = ["equal", "a slip", "different"]
U = np.array([0.01, 0.01, 0.98])


def make_field(name: str, gamma: np.ndarray, start: list[float] | None = None) -> Field:
    m = np.array(start or [0.7, 0.2, 0.1])
    return Field(name, LABELS, m.copy(), m, U, U.copy(), gamma, np.full(len(gamma), np.nan))


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
