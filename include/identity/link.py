"""Scores the pairs of records with the saved model."""

from __future__ import annotations

import json
import logging
from typing import Any

import numpy as np
import pandas as pd

from include.identity.model import MIN_WEIGHT, MODEL_FILE, SHARED_ID_MIN_EVIDENCE, prior

SHARED_ID_WEIGHT = 12.0


def score_pairs(frame: pd.DataFrame, model: dict[str, Any] | None = None) -> pd.DataFrame:
    """Every compared pair: record_id_l, record_id_r, match_weight (log2 odds), probability.

    `frame` has the columns of `records.to_linkage_frame`. Pairs below MIN_WEIGHT are left out.
    """
    from splink import DuckDBAPI, Linker

    columns = ["record_id_l", "record_id_r", "match_weight", "probability"]
    if len(frame) < 2:
        return pd.DataFrame(columns=columns)
    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = model or json.loads(MODEL_FILE.read_text())
    settings = settings | {"probability_two_random_records_match": prior(len(frame))}
    api = DuckDBAPI()
    linker = Linker(api.register(frame, dataset_display_name="comparable_records"), settings)
    scored = linker.inference.predict(threshold_match_weight=MIN_WEIGHT).as_pandas_dataframe()
    scored = scored.rename(columns={
        "unique_id_l": "record_id_l", "unique_id_r": "record_id_r", "match_probability": "probability",
    })  # fmt: skip
    swapped = scored.record_id_l > scored.record_id_r
    left = scored.record_id_l.where(~swapped, scored.record_id_r)
    scored["record_id_r"] = scored.record_id_r.where(~swapped, scored.record_id_l)
    scored["record_id_l"] = left
    kept: pd.DataFrame = scored[columns]
    return kept.sort_values(["record_id_l", "record_id_r"], ignore_index=True)


def weigh_shared_ids(frame: pd.DataFrame, scored: pd.DataFrame) -> pd.DataFrame:
    """The scored pairs with a column `reason`: pairs that share a customer id count as one person,
    unless the rest of the evidence contradicts it (a reused or mistyped id); all others are the model's.
    """
    claimed = frame.set_index("unique_id").claimed_customer_id
    left, right = scored.record_id_l.map(claimed), scored.record_id_r.map(claimed)
    prior_weight = np.log2(prior(len(frame)) / (1 - prior(len(frame))))
    is_shared = left.notna() & (left == right) & (scored.match_weight - prior_weight >= SHARED_ID_MIN_EVIDENCE)
    weighed = scored.assign(reason=np.where(is_shared, "shared_id:customer_id", "model"))
    weighed.loc[is_shared, "match_weight"] = weighed.match_weight[is_shared].clip(lower=SHARED_ID_WEIGHT)
    weighed.loc[is_shared, "probability"] = weighed.probability[is_shared].clip(lower=1 - 2.0**-SHARED_ID_WEIGHT)
    return weighed
