"""Figures that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from include.identity.linkage.evaluate import score_clusters, true_pairs


def test_score_clusters__by_hand() -> None:
    truth = pd.Series(["a", "a", "a", "b", None], dtype=object)
    found = score_clusters(truth, np.array([1, 1, 2, 2, 2]))
    assert (found["precision"], found["recall"]) == (0.5, pytest.approx(1 / 3))
    assert found["b3_precision"] == pytest.approx((1 + 1 + 0.5 + 0.5) / 4)
    assert found["b3_recall"] == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1) / 4)


def test_score_clusters__nothing_to_find_and_nothing_found() -> None:
    assert score_clusters(pd.Series(["a", "b"]), np.array([1, 2]))["f1"] == 1.0


def test_true_pairs__rows_of_one_person() -> None:
    left, right = true_pairs(pd.Series(["a", None, "b", "a", "a"], dtype=object))
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == {(0, 3), (0, 4), (3, 4)}
