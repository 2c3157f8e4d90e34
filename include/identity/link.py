"""Scores the pairs of records with the saved model."""

from __future__ import annotations

import json
import logging
from typing import Any

import pandas as pd

from include.identity.model import MIN_WEIGHT, MODEL_FILE, prior

COLUMNS = ["record_id_l", "record_id_r", "match_weight", "probability"]


def score_pairs(frame: pd.DataFrame, model: dict[str, Any] | None = None) -> pd.DataFrame:
    """Every compared pair: record_id_l < record_id_r, match_weight (log2 odds), probability.

    `frame` is the linkage frame; term frequencies are computed from it. Pairs below MIN_WEIGHT are left out.
    """
    from splink import DuckDBAPI, Linker

    if len(frame) < 2:
        return pd.DataFrame(columns=COLUMNS).astype({"match_weight": float, "probability": float})
    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = model or json.loads(MODEL_FILE.read_text())
    settings = settings | {"probability_two_random_records_match": prior(len(frame))}
    api = DuckDBAPI()
    linker = Linker(api.register(frame, dataset_display_name="comparable_records"), settings)
    scored = linker.inference.predict(threshold_match_weight=MIN_WEIGHT).as_pandas_dataframe()
    left, right = scored["unique_id_l"], scored["unique_id_r"]
    in_order = left < right
    pairs = pd.DataFrame({
        "record_id_l": left.where(in_order, right), "record_id_r": right.where(in_order, left),
        "match_weight": scored["match_weight"], "probability": scored["match_probability"],
    })  # fmt: skip
    return pairs.sort_values(["record_id_l", "record_id_r"], ignore_index=True)
