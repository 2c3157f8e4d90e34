"""Keys stay with people: properties over any sequence of linkings."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from include.identity.keys import Assignment, KeyEvent, assign_keys, replay

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


@dataclass
class Identity:
    """What the warehouse keeps between builds, in memory: the crosswalk, who follows whom, and the history."""

    crosswalk: dict[str, int] = field(default_factory=dict)
    survivor: dict[int, int | None] = field(default_factory=dict)
    history: list[KeyEvent] = field(default_factory=list)

    def build(self, clusters: dict[str, int]) -> Assignment:
        given = {str(e.record_id): e.customer_key for e in self.history if e.event in ("joined", "moved")}
        homes = {record: key for record, key in given.items() if self.crosswalk.get(record) != key}
        left = {str(e.record_id): e.customer_key for e in self.history if e.event == "left"}
        last = {record: key for record, key in left.items() if record not in self.crosswalk}
        result = assign_keys(self.crosswalk, clusters, len(self.survivor) + 1, homes, last)
        assert not set(result.minted) & set(self.survivor), "a key is never given to somebody else"
        self.survivor |= dict.fromkeys(result.minted)
        for key, survivor in (result.survivors | result.resolved).items():
            self.survivor |= {k: survivor for k, s in self.survivor.items() if key in (k, s)}
        self.survivor |= dict.fromkeys(result.restored) | result.resolved
        self.crosswalk, self.history = result.crosswalk, self.history + result.events
        return result


def _people(clusters: dict[str, int]) -> set[frozenset[str]]:
    return set(_groups(clusters))


@given(linkings)
def test_identity__every_key_ever_given_resolves_in_one_step(sequence: list[dict[str, int]]) -> None:
    identity = Identity()
    for clusters in sequence:
        identity.build(clusters)
        alive = set(identity.crosswalk.values())
        for key, survivor in identity.survivor.items():
            assert survivor is None or key not in alive, "a key with people stands for itself"
            assert survivor is None or identity.survivor[survivor] is None, "one step"
        assert _people(identity.crosswalk) == _people(clusters)


@given(linkings)
def test_identity__unchanged_people_keep_their_key(sequence: list[dict[str, int]]) -> None:
    identity = Identity()
    for clusters in sequence:
        before = _groups(identity.crosswalk)
        identity.build(clusters)
        after = _groups(identity.crosswalk)
        assert all(after[group] == before[group] for group in before.keys() & after.keys())


@given(linkings)
def test_identity__history_replays_to_the_crosswalk_after_each_build(sequence: list[dict[str, int]]) -> None:
    identity = Identity()
    for clusters in sequence:
        identity.build(clusters)
        assert replay(identity.history) == identity.crosswalk


@given(linkings)
def test_identity__a_rerun_says_nothing_new(sequence: list[dict[str, int]]) -> None:
    identity = Identity()
    for clusters in sequence:
        identity.build(clusters)
        before = identity.crosswalk, dict(identity.survivor)
        assert identity.build(clusters).events == []
        assert (identity.crosswalk, identity.survivor) == before


@given(linkings, st.randoms())
def test_identity__equal_history_of_builds_gives_equal_keys(sequence: list[dict[str, int]], chance: Random) -> None:
    """Whatever the order of rows within a build, and whatever the numbers of its clusters."""
    one, other = Identity(), Identity()
    for clusters in sequence:
        one.build(clusters)
        rows = [(record, 100 - cluster) for record, cluster in clusters.items()]
        chance.shuffle(rows)
        other.build(dict(rows))
    assert one == other


@given(linkings, st.lists(st.integers(0, 7), min_size=8, max_size=8))
def test_identity__undoing_a_merge_gives_everybody_their_key_again(
    growth: list[dict[str, int]], merged: list[int]
) -> None:
    """People arrive in any number of batches; some are merged wrongly, in one build or two, and parted again."""
    identity, clusters = Identity(), dict[str, int]()
    for batch in growth:
        clusters = {record: 10 * n for n, record in enumerate(sorted(batch))} | clusters
        identity.build(clusters)
    before, number = identity.crosswalk, {key: n for n, key in enumerate(sorted(set(identity.crosswalk.values())))}
    for width in (4, 2):
        identity.build({record: merged[number[key]] // width for record, key in before.items()})
    identity.build(clusters)
    assert identity.crosswalk == before
    assert all(survivor is None for survivor in identity.survivor.values())
    assert replay(identity.history) == before


@given(linkings, records)
def test_identity__who_comes_back_alone_has_his_old_key(sequence: list[dict[str, int]], absent: str) -> None:
    """A batch is held for a build, and released again."""
    identity = Identity()
    for clusters in sequence:
        identity.build(clusters)
    before = identity.crosswalk
    without = {record: cluster for record, cluster in before.items() if record != absent}
    identity.build(without)
    identity.build(before)
    assert identity.crosswalk == before


def test_assign_keys__the_older_part_keeps_the_key_when_a_merge_is_undone() -> None:
    merged = assign_keys({"z": 1, "b": 2, "c": 2}, {"z": 0, "b": 0, "c": 0}, 3)
    assert merged.crosswalk == {"b": 1, "c": 1, "z": 1}
    parted = assign_keys(merged.crosswalk, {"z": 0, "b": 1, "c": 1}, 3, {"b": 2, "c": 2})
    assert parted.crosswalk == {"b": 2, "c": 2, "z": 1}
    assert (parted.minted, parted.restored) == ([], [2])
    assert [(e.event, e.customer_key, e.other_key, e.record_id) for e in parted.events] == [
        ("split", 2, 1, None), ("moved", 2, 1, "b"), ("moved", 2, 1, "c"),
    ]  # fmt: skip


def test_assign_keys__a_merged_key_follows_its_records() -> None:
    homes = {"c": 3, "d": 3}
    result = assign_keys({"a": 1, "b": 2, "c": 1, "d": 1}, {"a": 0, "b": 1, "c": 1, "d": 1}, 4, homes)
    assert result.crosswalk == {"a": 1, "b": 2, "c": 2, "d": 2}
    assert result.resolved == {3: 2}
