"""Joining step by step: evidence of many pairs, the prior once."""

from __future__ import annotations

import numpy as np
import pytest

from include.identity.agglomerate import agglomerate

Matrix = np.ndarray


def matrix(*rows: list[float]) -> Matrix:
    return np.array(rows, dtype=float)


WEAK = matrix([0, 5, -3], [5, 0, -3], [-3, -3, 0])


def test_agglomerate__average_linkage_without_exponent() -> None:
    assert agglomerate(WEAK, -10.0, 0.0, -8.0) == [(0, 1, 5.0, 1), (0, 2, -3.0, 2)]


def test_agglomerate__two_witnesses_weigh_more_than_one() -> None:
    merges = agglomerate(WEAK, -10.0, 0.5, -8.0)
    assert merges[1][2] == pytest.approx(-10 + 2**0.5 * 7)
    assert agglomerate(WEAK, -10.0, 0.5, -8.0, most=1.1)[1][2] == pytest.approx(-10 + 1.1 * 7)


def test_agglomerate__stops_at_the_lowest_weight() -> None:
    assert agglomerate(WEAK, -10.0, 0.0, 0.0) == [(0, 1, 5.0, 1)]


def test_agglomerate__agrees_with_scipy_where_it_is_average_linkage() -> None:
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    random = np.random.default_rng(3)
    weights = random.normal(0, 5, (40, 40))
    weights = (weights + weights.T) / 2
    group = np.arange(40)
    for left, right, _, _ in agglomerate(weights, -9.0, 0.0, 0.0):
        group[group == group[right]] = group[left]
    distance = 30 - weights
    np.fill_diagonal(distance, 0)
    labels = fcluster(linkage(squareform(distance, checks=False), "average"), 30, "distance")
    assert len(set(zip(group, labels, strict=True))) == len(set(group)) == len(set(labels))
