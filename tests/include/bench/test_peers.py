"""What the bench says of peers."""

from __future__ import annotations

import pandas as pd
import pytest

from include.bench.peers import METHODS, score_partition
from include.identity.people import as_table
from include.identity.records import to_linkage_frame
from include.identity.store import standardise_all
from tests.include.identity.sample_people import sample_people


def test_score_partition__by_pairs() -> None:
    person = pd.Series([1, 1, 1, 2, 2], index=list("abcde"))
    found = score_partition(pd.Series([5, 5, 6, 6, 7], index=list("abcde")), person)
    assert found == {"precision": 1 / 2, "recall": 1 / 4, "f1": 2 / 6}


@pytest.mark.parametrize(("method", "least"), [("customer360", 0.98), ("splink", 0.9), ("recordlinkage", 0.5)])
def test_methods__link_the_same_records(method: str, least: float) -> None:
    rows, persons, _ = sample_people(1000, 3)
    records = standardise_all(rows)
    person = pd.Series({r["record_id"]: persons[r["record_id"]] for r in records})
    found = METHODS[method](as_table(records), to_linkage_frame(records), person)
    assert least < found["f1"] <= 1
