"""The model file: trained, complete and without personal data."""

from __future__ import annotations

import json
from typing import Any

import pytest

from include.identity.model import COMPARISONS, MODEL_FILE, blocking_rules
from include.identity.records import to_linkage_frame
from include.identity.store import standardise_all
from include.identity.train import train_model
from tests.include.identity.sample_people import sample_people


def levels(model: dict[str, Any]) -> list[dict[str, Any]]:
    return [level for comparison in model["comparisons"] for level in comparison["comparison_levels"]]


def test_model_file__is_the_model_of_the_code() -> None:
    model = json.loads(MODEL_FILE.read_text())
    conditions = [level["sql_condition"] for comparison in COMPARISONS for level in comparison["comparison_levels"]]
    assert [level["sql_condition"] for level in levels(model)] == conditions
    assert model["blocking_rules_to_generate_predictions"] == blocking_rules()


def test_model_file__every_level_is_trained_and_no_value_is_kept() -> None:
    model = json.loads(MODEL_FILE.read_text())
    for level in levels(model):
        assert level.get("is_null_level") or (0 < level["m_probability"] < 1 and 0 < level["u_probability"] < 1)
    assert "example" not in MODEL_FILE.read_text()  # the domain of every e-mail of the sample
    assert not any("term_frequency" in key and isinstance(value, list | dict) for key, value in model.items())


@pytest.mark.slow
def test_train_model__agrees_with_the_committed_model() -> None:
    rows, person, _ = sample_people(3000, 5)
    frame = to_linkage_frame(standardise_all(rows))
    frame["person_id"] = frame.unique_id.map(person)
    trained, committed = levels(train_model(frame, max_pairs=5e5)), levels(json.loads(MODEL_FILE.read_text()))
    for new, old in zip(trained, committed, strict=True):
        if new["label_for_charts"] == "equal":
            # The committed one saw more systems, some of which know an age only.
            assert new["m_probability"] == pytest.approx(old["m_probability"], abs=0.16)
