"""The engine against a truth that it has not seen, with the committed model."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from include.identity.evaluate import evaluate_pairs
from include.identity.group import group_people
from include.identity.link import score_pairs
from include.identity.records import to_linkage_frame
from include.identity.shared_ids import weigh_shared_ids
from include.identity.store import standardise_all
from tests.include.identity.sample_people import comparable, sample_people


def test_score_pairs__fewer_than_two_records() -> None:
    frame = to_linkage_frame(standardise_all([comparable("crm/customers/1", first_name="Ann")]))
    assert weigh_shared_ids(frame, score_pairs(frame)).empty


def test_score_pairs__equal_input_gives_equal_scores() -> None:
    rows, _, _ = sample_people(1500, 11)
    frame = to_linkage_frame(standardise_all(rows))
    first, again = score_pairs(frame), score_pairs(frame.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(first, again)
    assert (first.record_id_l < first.record_id_r).all()


def test_score_pairs__of_new_records_are_those_that_all_records_have() -> None:
    rows, _, _ = sample_people(1500, 11)
    frame = to_linkage_frame(standardise_all(rows)).sample(frac=1, random_state=1)
    frame["is_new"] = (np.arange(len(frame)) % 7 == 0).astype(int)
    new = set(frame.loc[frame["is_new"] == 1, "unique_id"])
    everybody = score_pairs(frame.drop(columns="is_new"))
    expected = everybody[everybody["record_id_l"].isin(new) | everybody["record_id_r"].isin(new)]
    assert 0 < len(expected) < len(everybody)
    pd.testing.assert_frame_equal(score_pairs(frame), expected.reset_index(drop=True))


def test_score_pairs__whichever_of_two_names_is_the_shorter() -> None:
    born = {"first_name": "Kevin", "date_of_birth": date(1980, 3, 4)}
    weights = set()
    for ids in (("1", "2"), ("2", "1")):
        rows = [comparable(f"crm/customers/{number}", **born, last_name=name)
                for number, name in zip(ids, ("Cvuj", "Vuj"), strict=True)]  # fmt: skip
        pair = score_pairs(to_linkage_frame(standardise_all(rows)), with_levels=True)
        weights |= set(pair["match_weight"])
    assert len(weights) == 1


@pytest.mark.slow
def test_linkage__reaches_its_targets_on_a_seed_not_used_in_development() -> None:
    rows, person, corrupted = sample_people(10_000, 20_261_121)
    records = standardise_all(rows)
    frame = to_linkage_frame(records)
    clusters = group_people(records, frame, weigh_shared_ids(frame, score_pairs(frame))).clusters
    linked = {r["record_id"]: r | {"customer_key": clusters[r["record_id"]]} for r in records}
    figures = evaluate_pairs(linked, person, corrupted)
    assert min(figures["all"]["precision"], figures["all"]["recall"]) >= 0.995
    assert min(figures["no_shared_id"]["precision"], figures["no_shared_id"]["recall"]) >= 0.99
    assert figures["corrupted"]["f1"] >= 0.995
    for stratum in figures.values():
        assert stratum["f1"] > max(baseline["f1"] for baseline in stratum["baselines"].values())


ANN = {"first_name": "Annabel", "last_name": "Lighterman", "date_of_birth": date(1980, 3, 4), "city": "Leeds"}


@pytest.mark.parametrize(
    ("other", "is_compared"),
    [
        ({"first_name": "Bogdan", "last_name": "Wozniak"}, False),  # one birthday
        ({"first_name": "Annika", "last_name": "Wozniak"}, True),  # and an initial
        ({"first_name": "Lighterman", "last_name": "Annabel"}, True),  # and changed places
        ({"date_of_birth": date(1950, 11, 27), "city": "Hull"}, False),  # one name
        ({"date_of_birth": date(1950, 11, 27)}, True),  # and a town
        ({"date_of_birth": date(1982, 11, 27), "city": "Hull"}, True),  # and about one age
        ({"date_of_birth": date(1950, 3, 4), "city": "Hull"}, True),  # and a wrong year
        ({"date_of_birth": None, "city": "Hull"}, True),  # and nothing against it
    ],
)
def test_score_pairs__what_one_birthday_or_one_name_needs_besides(other: dict[str, Any], is_compared: bool) -> None:
    rows = [comparable("crm/customers/1", **ANN), comparable("crm/customers/2", **ANN | other)]
    frame = to_linkage_frame(standardise_all(rows))
    assert len(score_pairs(frame, with_levels=True)) == is_compared
