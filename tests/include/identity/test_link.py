"""The engine against a truth that it has not seen, with the committed model."""

from __future__ import annotations

import pandas as pd
import pytest

from include.identity.cluster import cluster_records
from include.identity.evaluate import evaluate_pairs
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


@pytest.mark.slow
def test_linkage__reaches_its_targets_on_a_seed_not_used_in_development() -> None:
    rows, person, corrupted = sample_people(10_000, 20_261_121)
    records = standardise_all(rows)
    frame = to_linkage_frame(records)
    clusters = cluster_records(records, weigh_shared_ids(frame, score_pairs(frame)))
    linked = {r["record_id"]: r | {"customer_key": clusters[r["record_id"]]} for r in records}
    figures = evaluate_pairs(linked, person, corrupted)
    assert min(figures["all"]["precision"], figures["all"]["recall"]) >= 0.98
    assert figures["no_shared_id"]["precision"] >= 0.95
    assert figures["no_shared_id"]["recall"] >= 0.90
    assert figures["corrupted"]["f1"] >= 0.98
    for stratum in figures.values():
        assert stratum["f1"] > max(baseline["f1"] for baseline in stratum["baselines"].values())
