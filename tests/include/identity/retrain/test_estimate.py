"""What a model is estimated from, and that the estimate comes out whatever the model before it believed."""

from __future__ import annotations

import copy
import json
from functools import cache
from itertools import combinations
from typing import Any

import pandas as pd
import pytest

from include.identity.in_force import Model, shipped_model
from include.identity.linkage.training import levels_of
from include.identity.records import to_linkage_frame
from include.identity.retrain.estimate import estimate_model
from include.identity.retrain.judge import compare_clusters
from include.identity.store import standardise_all
from include.identity.train import train_model
from tests.include.identity.sample_people import sample_people


@cache
def people() -> tuple[pd.DataFrame, pd.Series[Any]]:
    rows, person, _ = sample_people(1500, 5)
    frame = to_linkage_frame(standardise_all(rows))
    return frame, frame["unique_id"].map(person)


def ignorant_model() -> Model:
    """The comparisons of the shipped model, to which everything is equally likely."""
    settings = copy.deepcopy(shipped_model().settings)
    for made in settings["comparisons"]:
        for level in levels_of(made):
            level["m_probability"] = level["u_probability"] = 1 / len(levels_of(made))
    return Model("ignorant", settings)


def shares(settings: dict[str, Any], name: str) -> dict[tuple[str, str], float]:
    return {
        (made["output_column_name"], level["label_for_charts"]): level[name]
        for made in settings["comparisons"]
        for level in levels_of(made)
    }


@pytest.mark.slow
def test_estimate_model__finds_what_the_truth_would_have_taught() -> None:
    frame, person = people()
    found, evidence = estimate_model(frame, person, set(), ignorant_model())
    taught = train_model(frame.assign(person_id=person.to_numpy()), max_pairs=5e5)
    m, true_m = shares(found, "m_probability"), shares(taught, "m_probability")
    for key in true_m:
        assert m[key] == pytest.approx(true_m[key], abs=0.05), key
    u = shares(found, "u_probability")
    assert u["gender", "equal"] == pytest.approx(0.5, abs=0.05)
    assert u["email", "equal"] < 1e-4, "pairs of one person are no chance"
    assert evidence.records == len(frame)
    assert evidence.certain_pairs > 1000


@pytest.mark.slow
def test_estimate_model__is_the_same_in_any_order_and_holds_no_value() -> None:
    frame, person = people()
    first, _ = estimate_model(frame, person, set(), shipped_model())
    order = frame.sample(frac=1, random_state=3).index
    again, _ = estimate_model(frame.loc[order], person.loc[order], set(), shipped_model())
    assert first == again
    text = json.dumps(first)
    assert not any(name in text for name in frame["email"].dropna())


@pytest.mark.slow
def test_estimate_model__what_stewards_have_decided_counts_nowhere() -> None:
    frame, person = (known.head(500) for known in people())
    ids = sorted(frame["unique_id"])
    person_of = dict(zip(frame["unique_id"], person, strict=True))
    pairs = [pair for pair in combinations(ids, 2) if person_of[pair[0]] == person_of[pair[1]]]
    whole, all_of_them = estimate_model(frame, person, set(), shipped_model())
    few, evidence = estimate_model(frame, person, {(b, a) for a, b in pairs[::2]}, shipped_model())
    assert few != whole
    assert evidence.random_pairs == all_of_them.random_pairs
    apart = [pair for pair in combinations(ids, 2) if person_of[pair[0]] != person_of[pair[1]]]
    fewer, evidence = estimate_model(frame, person, set(apart[::2]), shipped_model())
    assert all_of_them.random_pairs - evidence.random_pairs == len(apart[::2]), "the frame is small: all pairs count"
    assert shares(fewer, "u_probability") != shares(whole, "u_probability")
    assert shares(fewer, "m_probability") == shares(whole, "m_probability")
    with pytest.raises(ValueError, match="nothing to train on"):
        estimate_model(frame, person, set(pairs), shipped_model())


def test_compare_clusters__by_hand() -> None:
    now = {"a": 1, "b": 1, "c": 1, "d": 2, "e": 3}
    then = {"a": 7, "b": 7, "c": 8, "d": 8, "e": 9}
    assert compare_clusters(now, then) == {"kept": 1, "parted": 2, "joined": 1, "records": 4}
