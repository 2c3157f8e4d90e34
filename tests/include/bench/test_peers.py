"""What the bench says of peers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import psycopg
import pytest

from include.bench.peers import METHODS, first_people, measure_peers, score_partition
from include.identity.people import as_table
from include.identity.records import to_linkage_frame
from include.identity.run import link_people
from include.identity.store import standardise_all
from tests.include.identity.sample_people import comparable, sample_people
from tests.include.identity.test_store import deliver


def test_score_partition__by_pairs() -> None:
    person = pd.Series([1, 1, 1, 2, 2], index=list("abcde"))
    found = score_partition(pd.Series([5, 5, 6, 6, 7], index=list("abcde")), person)
    assert found == {"precision": 1 / 2, "recall": 1 / 4, "f1": 2 / 6}


def test_first_people__are_whole_and_no_more_than_asked_for() -> None:
    person = pd.Series([3, 1, 2, 1, 3, 2, 3], index=list("abcdefg"))
    assert first_people(person, most=6).to_dict() == {"b": 1, "c": 2, "d": 1, "f": 2}
    assert len(first_people(person, most=7)) == 7


@pytest.mark.parametrize(("method", "least"), [("customer360", 0.98), ("splink", 0.9), ("recordlinkage", 0.5)])
def test_methods__link_the_same_records(method: str, least: float) -> None:
    rows, persons, _ = sample_people(1000, 3)
    records = standardise_all(rows)
    person = pd.Series({r["record_id"]: persons[r["record_id"]] for r in records})
    found = METHODS[method](as_table(records), to_linkage_frame(records), person)
    assert least < found["f1"] <= 1


@pytest.mark.slow
def test_dedupe__learns_from_the_answers_of_the_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("include.bench.peers.LABELS", 30)
    rows, persons, _ = sample_people(200, 3)
    records = standardise_all(rows)
    person = pd.Series({r["record_id"]: persons[r["record_id"]] for r in records})
    assert 0.5 < METHODS["dedupe"](as_table(records), to_linkage_frame(records), person)["f1"] <= 1


@pytest.mark.slow
def test_measure_peers__on_a_warehouse_with_records_without_a_name(warehouse_url: str, tmp_path: Path) -> None:
    rows, persons, _ = sample_people(600, 3)
    nameless = comparable("web/users/1", email=rows[0]["email"], links_by_id_only=True)
    deliver(warehouse_url, [*rows, nameless])
    link_people(warehouse_url, date(2026, 11, 16), "full")
    truth = tmp_path / "truth.csv"
    lines = [f"{r['system']},{r['entity']},{r['source_key']},{persons.get(r['record_id'], 0)},0"
             for r in [*rows, nameless]]  # fmt: skip
    truth.write_text("\n".join(["system,entity,source_key,person_id,corrupted_fields", *lines]))
    with psycopg.connect(warehouse_url) as connection:
        connection.execute(
            "create table intermediate.int_people__source_records as"
            " select system, entity, source_key, record_id from intermediate.int_people__comparable"
        )
    # dedupe takes minutes to learn its blocking, however few the records are.
    methods = [method for method in METHODS if method != "dedupe"]
    figures = measure_peers(warehouse_url, truth, methods)
    assert list(figures) == methods
    assert {f["records"] for f in figures.values()} == {len(rows)}
    assert figures["customer360"]["f1"] > 0.95
    assert min(f["f1"] for f in figures.values()) > 0.4
