"""Keys in a real warehouse over any sequence of builds: what is written there holds the same as in memory."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from include.identity.keys import KeyEvent, replay
from include.identity.store import adopt_proposals

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 16)
RECORDS = [f"crm/customers/{n}" for n in range(7)]
# A build sees some of the records (late ones are missing, withdrawn ones go), in some groups; it links everybody or is
# an increment.
clusters_of_records = st.dictionaries(st.sampled_from(RECORDS), st.integers(0, 4), min_size=1)
builds = st.lists(st.tuples(clusters_of_records, st.booleans()), min_size=2, max_size=6)
EMPTY = ("crosswalk", "key_events", "links", "review_queue", "proposed_links", "proposed_clusters", "linkings",
         "unadopted")  # fmt: skip


def start_afresh(url: str) -> None:
    with psycopg.connect(url) as connection:
        for name in EMPTY:
            connection.execute(f"delete from identity.{name}")
        connection.execute("update identity.customer_keys set survivor_key = null")
        connection.execute("delete from identity.customer_keys")


def adopt(url: str, clusters: dict[str, int], day: date, is_incremental: bool = False) -> dict[str, int]:
    """Propose these clusters, in the order in which they come, and adopt them; the crosswalk.

    An increment has linked those records anew whose cluster, by its number, is not the one that was proposed before.
    """
    with psycopg.connect(url) as connection:
        before = dict(connection.execute("select record_id, cluster_id from identity.proposed_clusters").fetchall())
        connection.execute("truncate identity.proposed_clusters, identity.proposed_links")
        connection.execute(
            "insert into identity.linkings select count(*) + 1, %s, %s, '', 0, 0, 0, 0, '', '' from identity.linkings",
            [day, "incremental" if is_incremental and before else "full"],
        )
        with connection.cursor() as cursor:
            cursor.executemany("insert into identity.proposed_clusters values (%s, %s)", list(clusters.items()))
            cursor.executemany(
                "insert into identity.proposed_links values (%s, %s, 0.9, 3.2, 'model', '')", links_in(clusters)
            )
            if is_incremental and before:
                changed = sorted(r for r in before | clusters if before.get(r) != clusters.get(r))
                cursor.executemany("insert into identity.unadopted values (%s)", [[record] for record in changed])
    adopt_proposals(url, day)
    with psycopg.connect(url) as connection:
        return dict(connection.execute("select record_id, customer_key from identity.crosswalk").fetchall())


def links_in(clusters: dict[str, int]) -> list[tuple[str, str]]:
    """Each record of a cluster with its next one."""
    return [
        pair
        for number in sorted(set(clusters.values()))
        for pair in pairwise(sorted(record for record in clusters if clusters[record] == number))
    ]


def content(url: str) -> dict[str, list[Any]]:
    with psycopg.connect(url) as connection:
        return {
            name: connection.execute(f"select * from identity.{name} order by 1, 2").fetchall()
            for name in ("crosswalk", "customer_keys", "key_events", "links")
        }


@given(builds)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_adopt_proposals__any_sequence_of_builds(
    warehouse_url: str, sequence: list[tuple[dict[str, int], bool]]
) -> None:
    start_afresh(warehouse_url)
    for number, (clusters, is_incremental) in enumerate(sequence):
        crosswalk = adopt(warehouse_url, clusters, DAY + timedelta(number), is_incremental)
        before = content(warehouse_url)
        history = [KeyEvent(event, key, other, record, reason) for _, event, key, other, record, _, reason
                   in before["key_events"]]  # fmt: skip
        assert replay(history) == crosswalk
        survivor = {key: to for key, to, _ in before["customer_keys"]}
        assert {(left, right) for left, right, *_ in before["links"]} == set(links_in(clusters))
        assert set(crosswalk.values()) <= {key for key, to in survivor.items() if to is None}
        assert all(survivor[to] is None for to in survivor.values() if to is not None), "resolved in one step"
        adopt(warehouse_url, clusters, DAY + timedelta(90), is_incremental)
        assert content(warehouse_url) == before, "a rerun writes nothing"


@given(builds, st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_adopt_proposals__equal_history_of_builds_gives_equal_keys(
    warehouse_url: str, sequence: list[tuple[dict[str, int], bool]], chance: Any
) -> None:
    contents = []
    for is_shuffled in (False, True):
        start_afresh(warehouse_url)
        for number, (clusters, is_incremental) in enumerate(sequence):
            rows = [(record, 9 - cluster if is_shuffled else cluster) for record, cluster in clusters.items()]
            chance.shuffle(rows)
            adopt(warehouse_url, dict(rows), DAY + timedelta(number), is_incremental)
        contents.append(content(warehouse_url))
    assert contents[0] == contents[1]


@given(builds)
@example([({RECORDS[0]: 0, RECORDS[1]: 0}, False), ({RECORDS[1]: 0}, True), ({RECORDS[0]: 1, RECORDS[1]: 0}, True)])
@example([({RECORDS[0]: 0, RECORDS[1]: 1}, False), ({RECORDS[0]: 1, RECORDS[1]: 1}, True)])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_adopt_proposals__increments_give_the_keys_that_linking_everybody_gives(
    warehouse_url: str, sequence: list[tuple[dict[str, int], bool]]
) -> None:
    contents = []
    for is_full in (False, True):
        start_afresh(warehouse_url)
        for number, (clusters, is_incremental) in enumerate(sequence):
            adopt(warehouse_url, clusters, DAY + timedelta(number), is_incremental and not is_full)
        contents.append(content(warehouse_url))
    assert contents[0] == contents[1]


def test_adopt_proposals__undoing_a_merge_gives_both_their_keys(warehouse_url: str) -> None:
    one, other = RECORDS[6], RECORDS[0]
    first = adopt(warehouse_url, {one: 0}, DAY)
    apart = adopt(warehouse_url, {one: 0, other: 1}, DAY)
    assert (first, apart) == ({one: 1}, {one: 1, other: 2})
    assert adopt(warehouse_url, {one: 0, other: 0}, DAY) == {one: 1, other: 1}
    assert content(warehouse_url)["customer_keys"] == [(1, None, DAY), (2, 1, DAY)]
    assert adopt(warehouse_url, {one: 0, other: 1}, DAY) == apart
    assert content(warehouse_url)["customer_keys"] == [(1, None, DAY), (2, None, DAY)]
    assert [row[1] for row in content(warehouse_url)["key_events"]] == [
        "minted", "joined", "minted", "joined", "merged", "split", "moved",
    ]  # fmt: skip


def test_adopt_proposals__a_record_that_was_withdrawn_and_returns_has_its_key(warehouse_url: str) -> None:
    whole = {RECORDS[0]: 0, RECORDS[1]: 1}
    before = adopt(warehouse_url, whole, DAY)
    adopt(warehouse_url, {RECORDS[0]: 0}, DAY)
    assert adopt(warehouse_url, whole, DAY) == before


def test_adopt_proposals__a_merged_key_resolves_to_where_an_increment_takes_its_records(warehouse_url: str) -> None:
    ann, bob, *eva = RECORDS[:4]
    for people in ([ann], [ann, bob]):
        adopt(warehouse_url, {record: number for number, record in enumerate(people)}, DAY)
    apart = adopt(warehouse_url, {ann: 0, bob: 1} | dict.fromkeys(eva, 2), DAY)
    assert apart == {ann: 1, bob: 2} | dict.fromkeys(eva, 3)
    adopt(warehouse_url, {ann: 0, bob: 1} | dict.fromkeys(eva, 0), DAY, is_incremental=True)
    assert content(warehouse_url)["customer_keys"] == [(1, None, DAY), (2, None, DAY), (3, 1, DAY)]
    moved = adopt(warehouse_url, {ann: 0, bob: 1} | dict.fromkeys(eva, 1), DAY, is_incremental=True)
    assert moved == {ann: 1, bob: 2} | dict.fromkeys(eva, 2)
    assert content(warehouse_url)["customer_keys"] == [(1, None, DAY), (2, None, DAY), (3, 2, DAY)]
    assert adopt(warehouse_url, {ann: 0, bob: 1} | dict.fromkeys(eva, 2), DAY, is_incremental=True) == apart


def test_adopt_proposals__the_key_of_who_returns_as_somebody_else_resolves_to_him(warehouse_url: str) -> None:
    ann, eva = RECORDS[:2]
    adopt(warehouse_url, {ann: 0}, DAY)
    assert adopt(warehouse_url, {ann: 0, eva: 1}, DAY) == {ann: 1, eva: 2}
    adopt(warehouse_url, {ann: 0}, DAY, is_incremental=True)
    assert content(warehouse_url)["customer_keys"] == [(1, None, DAY), (2, None, DAY)]
    assert adopt(warehouse_url, {ann: 0, eva: 0}, DAY, is_incremental=True) == {ann: 1, eva: 1}
    assert content(warehouse_url)["customer_keys"] == [(1, None, DAY), (2, 1, DAY)]


def test_adopt_proposals__a_key_is_that_of_its_records_and_not_of_one_that_returns_elsewhere(
    warehouse_url: str,
) -> None:
    ann, *eva = RECORDS[:3]
    adopt(warehouse_url, {ann: 0}, DAY)
    adopt(warehouse_url, {ann: 0} | dict.fromkeys(eva, 1), DAY)
    adopt(warehouse_url, {ann: 0, eva[0]: 1}, DAY, is_incremental=True)
    assert adopt(warehouse_url, {ann: 0, eva[0]: 0}, DAY, is_incremental=True) == {ann: 1, eva[0]: 1}
    now = adopt(warehouse_url, {ann: 0, eva[0]: 1, eva[1]: 0}, DAY, is_incremental=True)
    assert now == {ann: 1, eva[0]: 2, eva[1]: 1}
    assert content(warehouse_url)["customer_keys"] == [(1, None, DAY), (2, None, DAY)]
