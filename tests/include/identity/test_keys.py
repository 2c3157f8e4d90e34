"""Keys stay with people: properties over any sequence of linkings."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from include.identity.keys import assign_keys

records = st.sampled_from([f"r{n}" for n in range(8)])
linkings = st.lists(st.dictionaries(records, st.integers(0, 5), min_size=1), min_size=1, max_size=6)


def test_assign_keys__new_people_in_order_of_their_smallest_record() -> None:
    result = assign_keys({}, {"b": 0, "a": 1, "c": 0}, 1)
    assert result.crosswalk == {"a": 1, "b": 2, "c": 2}
    assert [event.event for event in result.events] == ["minted", "minted"]


def test_assign_keys__oldest_survives_a_merge() -> None:
    result = assign_keys({"a": 5, "b": 2}, {"a": 0, "b": 0}, 6)
    assert result.crosswalk == {"a": 2, "b": 2}
    assert result.survivors == {5: 2}
    assert [(e.event, e.customer_key, e.other_key) for e in result.events] == [("merged", 5, 2)]


def test_assign_keys__larger_part_of_a_split_keeps_the_key() -> None:
    result = assign_keys({"a": 1, "b": 1, "c": 1}, {"a": 0, "b": 1, "c": 1}, 2)
    assert result.crosswalk == {"a": 2, "b": 1, "c": 1}
    assert [(e.event, e.customer_key, e.other_key) for e in result.events] == [("split", 2, 1)]


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
