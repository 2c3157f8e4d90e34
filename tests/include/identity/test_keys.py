"""Keys stay with people: properties over any sequence of linkings."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from include.identity.keys import KeyEvent, assign_keys, replay

records = st.sampled_from([f"r{n}" for n in range(8)])
linkings = st.lists(st.dictionaries(records, st.integers(0, 5), min_size=1), min_size=1, max_size=6)


def test_assign_keys__new_people_in_order_of_their_smallest_record() -> None:
    result = assign_keys({}, {"b": 0, "a": 1, "c": 0}, 1)
    assert result.crosswalk == {"a": 1, "b": 2, "c": 2}
    assert [event.event for event in result.events] == ["minted", "minted", "joined", "joined", "joined"]


def test_assign_keys__oldest_survives_a_merge() -> None:
    result = assign_keys({"a": 5, "b": 2}, {"a": 0, "b": 0}, 6)
    assert result.crosswalk == {"a": 2, "b": 2}
    assert result.survivors == {5: 2}
    assert [(e.event, e.customer_key, e.other_key) for e in result.events] == [("merged", 5, 2)]


def test_assign_keys__larger_part_of_a_split_keeps_the_key() -> None:
    result = assign_keys({"a": 1, "b": 1, "c": 1}, {"a": 0, "b": 1, "c": 1}, 2)
    assert result.crosswalk == {"a": 2, "b": 1, "c": 1}
    assert [(e.event, e.customer_key, e.other_key, e.record_id) for e in result.events] == [
        ("split", 2, 1, None),
        ("moved", 2, 1, "a"),
    ]


def test_assign_keys__a_withdrawn_record_leaves_its_key() -> None:
    result = assign_keys({"a": 1, "b": 1}, {"b": 0}, 2)
    assert result.crosswalk == {"b": 1}
    assert [(e.event, e.customer_key, e.record_id) for e in result.events] == [("left", 1, "a")]


@given(linkings)
def test_replay__the_history_of_events_leads_to_the_crosswalk(sequence: list[dict[str, int]]) -> None:
    crosswalk: dict[str, int] = {}
    history: list[KeyEvent] = []
    next_key = 1
    for clusters in sequence:
        result = assign_keys(crosswalk, clusters, next_key)
        history += result.events
        next_key = max([next_key, *(key + 1 for key in result.minted)])
        crosswalk = result.crosswalk
    assert replay(history) == crosswalk


@given(linkings, st.randoms())
def test_assign_keys__unchanged_people_keep_their_key(sequence: list[dict[str, int]], chance: Random) -> None:
    """Whatever happens to others: a group of records that stays as it is keeps its key."""
    crosswalk: dict[str, int] = {}
    next_key = 1
    for clusters in sequence:
        result = assign_keys(crosswalk, clusters, next_key)
        before, after = _groups(crosswalk), _groups(result.crosswalk)
        assert all(after[group] == before[group] for group in before.keys() & after.keys())
        next_key = max([next_key, *(key + 1 for key in result.minted)])
        crosswalk = result.crosswalk
        items = list(clusters.items())
        chance.shuffle(items)
        assert assign_keys(crosswalk, dict(items), next_key).crosswalk == crosswalk


def _groups(crosswalk: dict[str, int]) -> dict[frozenset[str], int]:
    members: dict[int, set[str]] = {}
    for record_id, key in crosswalk.items():
        members.setdefault(key, set()).add(record_id)
    return {frozenset(records): key for key, records in members.items()}


def test_assign_keys__moved_record_is_an_event() -> None:
    result = assign_keys({"a": 1, "b": 1, "c": 2, "d": 2}, {"a": 0, "b": 1, "c": 1, "d": 1}, 3)
    assert result.crosswalk == {"a": 1, "b": 2, "c": 2, "d": 2}
    assert [(e.event, e.customer_key, e.other_key) for e in result.events] == [("moved", 2, 1)]


@given(linkings)
def test_assign_keys__every_key_ever_given_resolves_and_reruns_change_nothing(
    sequence: list[dict[str, int]],
) -> None:
    crosswalk: dict[str, int] = {}
    survivor: dict[int, int] = {}
    next_key = 1
    for clusters in sequence:
        known = crosswalk | {r: k for r, k in crosswalk.items() if r in clusters}
        full = {r: -1 - k for r, k in known.items() if r not in clusters} | clusters
        result = assign_keys(crosswalk, full, next_key)
        groups = {cluster: {result.crosswalk[r] for r in full if full[r] == cluster} for cluster in set(full.values())}
        assert all(len(keys) == 1 for keys in groups.values())
        assert len({min(keys) for keys in groups.values()}) == len(groups)
        survivor |= result.survivors
        again = assign_keys(result.crosswalk, full, next_key + 100)
        assert again.crosswalk == result.crosswalk
        assert again.events == []
        next_key = max([next_key, *(key + 1 for key in result.minted)])
        crosswalk = result.crosswalk
    for key in range(1, next_key):
        seen = key
        while seen in survivor and seen not in crosswalk.values():
            seen = survivor[seen]
        assert seen in crosswalk.values()
