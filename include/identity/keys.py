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
    """The crosswalk after a linking, the events that lead to it, and keys merged into others."""

    crosswalk: dict[str, int]
    events: list[KeyEvent] = field(default_factory=list)
    minted: list[int] = field(default_factory=list)
    survivors: dict[int, int] = field(default_factory=dict)


def assign_keys(old: dict[str, int], clusters: dict[str, int], next_key: int) -> Assignment:
    """Give every cluster its key.

    A cluster without old keys mints one, in the order of its smallest record id. A cluster with one keeps it; with
    several it keeps the oldest, and the others are merged into it. A key whose records fell apart stays with the
    part that holds most of them (on a tie the part with the smallest record id); the other parts are split off.
    """
    members: dict[int, list[str]] = defaultdict(list)
    for record_id in sorted(clusters):
        members[clusters[record_id]].append(record_id)
    winners = _winning_clusters(old, clusters)
    kept: dict[int, int] = {}
    result = Assignment({})
    for key in sorted(winners):
        cluster = winners[key]
        if cluster in kept:
            result.survivors[key] = kept[cluster]
            result.events.append(KeyEvent("merged", key, kept[cluster], None, "records of both are one person"))
        else:
            kept[cluster] = key
    for cluster in sorted(members, key=lambda c: members[c][0]):
        if cluster not in kept:
            kept[cluster], next_key = next_key, next_key + 1
            result.minted.append(kept[cluster])
            result.events.append(_event_of_new_key(kept[cluster], members[cluster], old))
        for record_id in members[cluster]:
            result.crosswalk[record_id] = kept[cluster]
    result.events += _record_events(old, result)
    return result


def replay(events: Iterable[KeyEvent], crosswalk: dict[str, int] | None = None) -> dict[str, int]:
    """The crosswalk, record id -> key, to which a history of events leads."""
    current = dict(crosswalk or {})
    for event in events:
        if event.event == "merged":
            current = {r: event.other_key if key == event.customer_key else key for r, key in current.items()}  # type: ignore[misc]
        elif event.event in ("joined", "moved") and event.record_id is not None:
            current[event.record_id] = event.customer_key
        elif event.event == "left" and event.record_id is not None:
            del current[event.record_id]
    return current


def _winning_clusters(old: dict[str, int], clusters: dict[str, int]) -> dict[int, int]:
    """The cluster that each old key goes with."""
    holdings: dict[int, Counter[int]] = defaultdict(Counter)
    first: dict[tuple[int, int], str] = {}
    for record_id in sorted(old):
        if record_id in clusters:
            key, cluster = old[record_id], clusters[record_id]
            holdings[key][cluster] += 1
            first.setdefault((key, cluster), record_id)
    return {
        key: min(counts, key=lambda cluster: (-counts[cluster], first[key, cluster]))
        for key, counts in holdings.items()
    }


def _event_of_new_key(key: int, records: list[str], old: dict[str, int]) -> KeyEvent:
    origins = sorted({old[r] for r in records if r in old})
    if origins:
        return KeyEvent("split", key, origins[0], None, "records of the key are not one person")
    return KeyEvent("minted", key, None, None, "new records")


def _record_events(old: dict[str, int], result: Assignment) -> list[KeyEvent]:
    """Records that left, joined, or changed their key otherwise than by a merge of the whole key."""
    events = [
        KeyEvent("left", old[record_id], None, record_id, "no released batch holds the record")
        for record_id in sorted(old.keys() - result.crosswalk.keys())
    ]
    for record_id, key in sorted(result.crosswalk.items()):
        before = old.get(record_id)
        if before is None:
            events.append(KeyEvent("joined", key, None, record_id, "first linked"))
        elif result.survivors.get(before, before) != key:
            events.append(KeyEvent("moved", key, before, record_id, "the record fits this customer better"))
    return events
