"""Keeps `customer_key` stable: which cluster takes which key, and what happened to every key. Pure functions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class KeyEvent:
    """What happened to a key or to one record of it.

    A key is minted, split (off other_key) or merged (into other_key). A record joins (its first key), moves (from
    other_key) or leaves (its source has withdrawn it). In their order they replay to the crosswalk: see `replay`.
    """

    event: str
    customer_key: int
    other_key: int | None
    record_id: str | None
    reason: str


@dataclass
class Assignment:
    """The crosswalk after a linking and the events that lead to it.

    `survivors` are keys merged now, with the key that they are merged into; `restored` keys that had been merged or
    emptied, and have people again; `resolved` those that still have none, with the key that most of their records
    have by now.
    """

    crosswalk: dict[str, int]
    events: list[KeyEvent] = field(default_factory=list)
    minted: list[int] = field(default_factory=list)
    survivors: dict[int, int] = field(default_factory=dict)
    restored: list[int] = field(default_factory=list)
    resolved: dict[int, int] = field(default_factory=dict)


def assign_keys(
    old: dict[str, int],
    clusters: dict[str, int],
    next_key: int,
    homes: dict[str, int] | None = None,
    last: dict[str, int] | None = None,
) -> Assignment:
    """Give every cluster its key.

    A cluster without old keys mints one, in the order of its smallest record id. A cluster with one keeps it; with
    several it keeps the oldest, and the others are merged into it. A key whose records fell apart stays with the
    part that holds most of its own records (then most records, then the smallest record id); the other parts are
    split off.

    `homes` names the key that a record was last given for itself, where that is not its key in `old`: its key has
    been merged since, or the record was withdrawn. A part that is split off gets the key back that its records had
    before the merge, so that undoing a merge gives both people their keys. `last` names the key that a withdrawn
    record had when it left: whoever comes back has his key again, if nobody else has it.
    """
    members: dict[int, list[str]] = defaultdict(list)
    for record_id in sorted(clusters):
        members[clusters[record_id]].append(record_id)
    homes = old | (homes or {})
    winners = _winning_clusters(old, homes, clusters)
    result = Assignment({})
    kept = _keep_keys(winners, result)
    for former in (last or {}, homes):
        taken = {*winners, *result.restored}
        retired = {record_id: key for record_id, key in former.items() if key not in taken}
        _restore_keys(old, retired, clusters, kept, members, result)
    for cluster in sorted(members, key=lambda c: members[c][0]):
        if cluster not in kept:
            kept[cluster], next_key = next_key, next_key + 1
            result.minted.append(kept[cluster])
            result.events.append(_event_of_new_key(kept[cluster], members[cluster], old))
        for record_id in members[cluster]:
            result.crosswalk[record_id] = kept[cluster]
    result.events += _record_events(old, homes, result)
    return result


def _keep_keys(winners: dict[int, int], result: Assignment) -> dict[int, int]:
    """The key of each cluster that has one: its oldest, into which the others are merged."""
    kept: dict[int, int] = {}
    for key in sorted(winners):
        cluster = winners[key]
        if cluster in kept:
            result.survivors[key] = kept[cluster]
            result.events.append(KeyEvent("merged", key, kept[cluster], None, "records of both are one person"))
        else:
            kept[cluster] = key
    return kept


def _restore_keys(
    old: dict[str, int], retired: dict[str, int], clusters: dict[str, int], kept: dict[int, int],
    members: dict[int, list[str]], result: Assignment,
) -> None:  # fmt: skip
    """Give keys without people back to the clusters of their records, where those have no key; `kept` is filled."""
    for key, cluster in sorted(_winning_clusters(retired, retired, clusters).items()):
        if cluster in kept:
            result.resolved[key] = kept[cluster]
            continue
        result.resolved.pop(key, None)
        kept[cluster] = key
        result.restored.append(key)
        origins = sorted({old[r] for r in members[cluster] if r in old})
        if origins:
            result.events.append(KeyEvent("split", key, origins[0], None, "the records had this key before a merge"))


def replay(events: Iterable[KeyEvent], crosswalk: dict[str, int] | None = None) -> dict[str, int]:
    """The crosswalk, record id -> key, to which a history of events leads."""
    current = dict(crosswalk or {})
    members: dict[int, set[str]] = defaultdict(set)
    for record_id, key in current.items():
        members[key].add(record_id)
    for event in events:
        if event.event == "merged" and event.other_key is not None:
            moved = members.pop(event.customer_key, set())
            members[event.other_key] |= moved
            current |= dict.fromkeys(moved, event.other_key)
        elif event.event in ("joined", "moved", "left") and event.record_id is not None:
            members[current.pop(event.record_id, event.customer_key)].discard(event.record_id)
            if event.event != "left":
                current[event.record_id] = event.customer_key
                members[event.customer_key].add(event.record_id)
    return current


def _winning_clusters(held: dict[str, int], homes: dict[str, int], clusters: dict[str, int]) -> dict[int, int]:
    """The cluster that each key goes with, of the keys that records hold."""
    holdings: dict[int, Counter[int]] = defaultdict(Counter)
    own: Counter[tuple[int, int]] = Counter()
    first: dict[tuple[int, int], str] = {}
    for record_id in sorted(held):
        if record_id in clusters:
            key, cluster = held[record_id], clusters[record_id]
            holdings[key][cluster] += 1
            own[key, cluster] += homes[record_id] == key
            first.setdefault((key, cluster), record_id)
    return {
        key: min(counts, key=lambda cluster: (-own[key, cluster], -counts[cluster], first[key, cluster]))
        for key, counts in holdings.items()
    }


def _event_of_new_key(key: int, records: list[str], old: dict[str, int]) -> KeyEvent:
    origins = sorted({old[r] for r in records if r in old})
    if origins:
        return KeyEvent("split", key, origins[0], None, "records of the key are not one person")
    return KeyEvent("minted", key, None, None, "new records")


def _record_events(old: dict[str, int], homes: dict[str, int], result: Assignment) -> list[KeyEvent]:
    """Records that left, joined, or changed their key otherwise than by a merge of the whole key.

    Where a record moves on together with the key that it had before a merge, it is given that key again, and the key
    is merged into the other one: the record remembers which one is its own.
    """
    events = [
        KeyEvent("left", old[record_id], None, record_id, "no released batch holds the record")
        for record_id in sorted(old.keys() - result.crosswalk.keys())
    ]
    followed: dict[int, int] = {}
    for record_id, key in sorted(result.crosswalk.items()):
        before, own = old.get(record_id), homes.get(record_id, key)
        if before is not None and result.survivors.get(before, before) == key:
            continue
        given = own if result.resolved.get(own) == key else key
        if given != key:
            followed[own] = key
        if before is None:
            events.append(KeyEvent("joined", given, None, record_id, "not linked before"))
        else:
            events.append(KeyEvent("moved", given, before, record_id, "fits this customer better"))
    return events + [
        KeyEvent("merged", own, key, None, "its records went along with those of another")
        for own, key in sorted(followed.items())
    ]
