"""What a full linking finds different is told by what moved it."""

from __future__ import annotations

import pandas as pd
import psycopg

from include.identity.drift import AGREED, REGROUPED, measure_drift
from include.identity.people import Linking


def test_measure_drift__a_weak_pair_that_held_a_record_is_no_link_that_went(warehouse_url: str) -> None:
    columns = "record_id_l, record_id_r, probability, match_weight, reason, model_version"
    scored = pd.DataFrame([("a", "b", 9.0), ("a", "d", 2.5)], columns=["record_id_l", "record_id_r", "match_weight"])
    linking = Linking(pd.DataFrame(), pd.DataFrame(), scored, {"a": 0, "b": 0, "d": 1})
    with psycopg.connect(warehouse_url) as connection:
        connection.execute(
            "insert into identity.linkings select 1, '2026-11-16', 'incremental', 'x', 3, 0, 0, 3, '', ''"
        )
        connection.execute("insert into identity.proposed_clusters values ('a', 0), ('b', 0), ('d', 0)")
        connection.execute(
            f"insert into identity.proposed_links ({columns}) values ('a', 'b', 1, 9, 'model', 'v'),"
            " ('a', 'd', 0.85, 2.5, 'model', 'v')"
        )
        connection.execute("create temp table touched (record_id text)")
        connection.execute("create temp table crowded (identifier text, value text)")
        drift = measure_drift(connection, linking)
    assert {kind: pairs for kind, pairs in drift.items() if pairs} == {AGREED: 1, REGROUPED: 2}
