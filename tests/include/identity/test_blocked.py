"""The pairs that are compared are those that Splink would compare."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest
from splink import DuckDBAPI, Linker

from include.identity.blocked import block_pairs
from include.identity.model import blocking_rules, untrained_settings
from include.identity.records import to_linkage_frame
from include.identity.store import standardise_all
from tests.include.identity.sample_people import sample_people


@pytest.mark.slow
def test_block_pairs__those_of_splink_once_each() -> None:
    rows = [row for row in standardise_all(sample_people(1500, 11)[0]) if not row["links_by_id_only"]]
    frame = to_linkage_frame(rows)
    numbered = frame.assign(unique_id=np.arange(len(frame)))
    api = DuckDBAPI()
    linker = Linker(api.register(numbered), untrained_settings(), log_level="ERROR")
    theirs = linker.inference.compute_blocked_pairs_for_predict().as_pandas_dataframe()
    with duckdb.connect() as connection:
        connection.register("numbered", numbered)
        block_pairs(connection, "numbered", "blocked", blocking_rules())
        block_pairs(connection, "numbered", "by_parts", blocking_rules(), at_once=len(frame) // 3)
        ours = connection.execute("select join_key_l, join_key_r from blocked").fetchall()
        by_parts = connection.execute("select join_key_l, join_key_r from by_parts").fetchall()
    assert len(ours) == len(set(ours)) > 1000
    assert set(ours) == set(zip(theirs["join_key_l"], theirs["join_key_r"], strict=True))
    assert sorted(by_parts) == sorted(ours)
