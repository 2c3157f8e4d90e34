"""What is queued, in which order, and that a decision or a rerun asks nothing again."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise

import pandas as pd
import pytest

from include.identity.cluster import cluster_records
from include.identity.group import Undecided
from include.identity.link import score_pairs
from include.identity.model import MODEL_FILE
from include.identity.records import to_linkage_frame
from include.identity.shared_ids import weigh_shared_ids
from include.identity.stewards.doubts import find_doubts
from include.identity.stewards.weights import weigh_comparisons
from include.identity.store import standardise_all
from tests.include.identity.sample_people import sample_people
from tests.include.identity.stewards.people import LEFT, RIGHT, ask, doubtful, link, put

QUEUE = "select * from identity.review_queue order by value desc, item_id"


def people(*record_ids: str, births: tuple[date | None, ...] = ()) -> list[dict[str, object]]:
    born = births or (None,) * len(record_ids)
    return [
        {"record_id": record_id, "system": record_id[0], "date_of_birth": day}
        for record_id, day in zip(record_ids, born, strict=True)
    ]


def pairs(*rows: tuple[str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["record_id_l", "record_id_r", "match_weight"])
    return frame.assign(reason="model", probability=0.5)


def test_find_doubts__middling_pair_of_two_customers_and_not_a_clear_one() -> None:
    scored = pairs(("a", "b", 0.0), ("a", "c", 2.0), ("a", "d", -5.0))
    found = find_doubts(people(*"abcd"), scored, {"a": 0, "b": 1, "c": 2, "d": 3})
    assert [(d.kind, d.record_id_l, d.record_id_r) for d in found] == [("pair", "a", "b"), ("pair", "a", "c")]
    assert found[0].value == 1.0, "a half is the most uncertain, and one record would move"


def test_find_doubts__best_pair_stands_for_two_customers() -> None:
    scored = pairs(("a", "c", -1.0), ("b", "c", 1.0), ("a", "b", 15.0))
    (doubt,) = find_doubts(people(*"abc"), scored, {"a": 0, "b": 0, "c": 1}, facts={"a": 5, "b": 5, "c": 2})
    assert (doubt.record_id_l, doubt.record_id_r) == ("b", "c")
    assert (doubt.side_l, doubt.side_r) == (["a", "b"], ["c"])
    assert doubt.value == pytest.approx(3 * 8 / 9, abs=1e-3), "the record and two facts of the smaller side"


def test_find_doubts__part_that_hangs_on_a_weak_link() -> None:
    scored = pairs(("a", "b", 15.0), ("b", "c", 4.0), ("c", "d", 12.0))
    (doubt,) = find_doubts(people(*"abcd"), scored, dict.fromkeys("abcd", 0))
    assert (doubt.kind, doubt.record_id_l, doubt.record_id_r) == ("cluster", "b", "c")
    assert {tuple(doubt.side_l), tuple(doubt.side_r)} == {("a", "b"), ("c", "d")}
    assert find_doubts(people(*"abcd"), scored, dict.fromkeys("abcd", 0), [("b", "c", "same")]) == []


def test_find_doubts__a_record_that_two_customers_may_be_is_asked_once_for_each() -> None:
    scored = pairs(("a", "c", 9.0), ("b", "c", 8.0), ("a", "b", 3.0))
    clusters = {"a": 0, "b": 1, "c": 2}
    undecided = [Undecided("c", ["a", "b"], 9.0, "details")]
    found = find_doubts(people(*"abc"), scored, clusters, undecided=undecided)
    assert [(d.record_id_l, d.record_id_r, "fit this record alike" in d.reason) for d in found] == [
        ("a", "c", True), ("b", "c", True), ("a", "b", False),
    ]  # fmt: skip
    found = find_doubts(people(*"abc"), scored, clusters, [("a", "c", "different")], undecided=undecided)
    assert ("a", "c") not in [(d.record_id_l, d.record_id_r) for d in found]


def test_find_doubts__of_many_customers_few_are_asked_about() -> None:
    ids = "abcdefghijkl"
    clusters = {record_id: number for number, record_id in enumerate(ids)}
    undecided, none = [Undecided("a", list(ids[1:]), None, "card")], pairs()
    found = find_doubts(people(*ids), none, clusters, undecided=undecided)
    assert [d.record_id_r for d in found] == list("bcdefghi")
    assert found[0].reason.startswith("11 customers")
    found = find_doubts(people(*ids), none, clusters, [("a", "b", "different")], undecided=undecided)
    assert [d.record_id_r for d in found] == list("cdefghij")


def test_find_doubts__two_confirmed_births_and_a_crowd() -> None:
    one, two = date(1980, 1, 1), date(1950, 5, 5)
    born = people(*"abcd", births=(one, one, two, two))
    scored = pairs(("a", "b", 15.0), ("b", "c", 15.0), ("c", "d", 15.0))
    (doubt,) = find_doubts(born, scored, dict.fromkeys("abcd", 0))
    assert "two dates of birth" in doubt.reason
    assert {tuple(doubt.side_l), tuple(doubt.side_r)} == {("a", "b"), ("c", "d")}
    crowd = [f"a{n:02}" for n in range(20)]
    linked = pairs(*((a, b, 15.0) for a, b in pairwise(crowd)))
    (doubt,) = find_doubts(people(*crowd), linked, dict.fromkeys(crowd, 0))
    assert "20 records of one system" in doubt.reason


def test_find_doubts__customers_decided_to_differ_are_not_asked_by_another_pair() -> None:
    scored = pairs(("a", "c", 1.0), ("b", "c", 1.5), ("a", "b", 15.0))
    assert find_doubts(people(*"abc"), scored, {"a": 0, "b": 0, "c": 1}, [("a", "c", "different")]) == []


@pytest.fixture(scope="module")
def sample() -> tuple[list[dict[str, object]], pd.DataFrame, pd.DataFrame, dict[str, int]]:
    records = standardise_all(sample_people(10000, 77)[0])
    frame = to_linkage_frame(records)
    scored = weigh_shared_ids(frame, score_pairs(frame))
    return records, frame, scored, cluster_records(records, scored)


@pytest.mark.slow
def test_queue__of_ten_thousand_records(sample: tuple) -> None:
    records, frame, scored, clusters = sample
    found = find_doubts(records, scored, clusters)
    bars = weigh_comparisons(frame, json.loads(MODEL_FILE.read_text()), [(d.record_id_l, d.record_id_r) for d in found])
    assert 20 < len(found) < 1000
    assert len(bars) == len(found)
    assert [d.value for d in found] == sorted((d.value for d in found), reverse=True)


@pytest.mark.slow
def test_weigh_comparisons__sums_to_the_match_weight_of_the_linking(sample: tuple) -> None:
    _, frame, _, _ = sample
    scored = score_pairs(frame)
    some = scored[scored.match_weight > -5].iloc[::7]
    asked = list(zip(some.record_id_l, some.record_id_r, strict=True))
    bars = weigh_comparisons(frame, json.loads(MODEL_FILE.read_text()), asked)
    sums = [sum(bar["weight"] for bar in pair) for pair in bars]
    assert len(sums) > 500
    assert sums == pytest.approx(list(some.match_weight), abs=0.01)


def test_queue__item_has_its_evidence_and_stays_itself_over_reruns(linked_url: str) -> None:
    (item,) = before = ask(linked_url, QUEUE)
    assert (item["kind"], item["record_id_l"], item["record_id_r"]) == ("pair", LEFT, RIGHT)
    assert item["evidence"]["left"]["record_ids"] == [LEFT]
    weights = {bar["name"]: bar["weight"] for bar in item["evidence"]["comparisons"]}
    assert weights["birth"] < 0 < weights["email"]
    assert sum(weights.values()) == pytest.approx(item["evidence"]["weight"], abs=0.01)
    link(linked_url, as_of=date(2026, 11, 17))
    assert ask(linked_url, QUEUE) == before


def test_queue__what_was_decided_between_linking_and_adoption_is_not_asked(warehouse_url: str) -> None:
    from include.identity.run import adopt_clusters, link_people
    from tests.include.identity.test_store import deliver

    deliver(warehouse_url, doubtful())
    link_people(warehouse_url, date(2026, 11, 16))
    with_none = ask(warehouse_url, "select * from identity.review_queue")
    adopt_clusters(warehouse_url, date(2026, 11, 16))
    put(warehouse_url, decision="different", record_id_l=LEFT, record_id_r=RIGHT)
    adopt_clusters(warehouse_url, date(2026, 11, 16))
    assert with_none == ask(warehouse_url, "select * from identity.review_queue") == []


@pytest.mark.slow
def test_queue__has_a_size_and_counts_the_rest(warehouse_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER360_REVIEW_QUEUE_SIZE", "5")
    link(warehouse_url, sample_people(1500, 3)[0])
    (counts,) = ask(
        warehouse_url, "select sum(found)::int as found, sum(queued)::int as queued from identity.review_counts"
    )
    assert counts["queued"] == len(ask(warehouse_url, QUEUE)) == 5
    assert counts["found"] > 5
