"""Finds what a steward should look at: pairs and clusters in doubt, the most valuable first. Pure functions.

The value of an item is its uncertainty, from 0 to 1, times what would change its customer: the records and facts of
the smaller side.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from include.identity.group import Undecided
from include.identity.model import CLUSTER_WEIGHT, MAX_RECORDS_OF_ONE_SYSTEM
from include.identity.people import Array, Records, as_table, codes_of, places_of, twice_held

# Two customers whose best pair weighs at least this (log2 odds; a chance of one in five) may be one person.
DOUBTFUL_FROM = -2.0
# A part of a customer that no link of this weight (99.2 %) holds may be somebody else.
SURE_FROM = 7.0
# Half of what the gate allows is odd enough to be looked at.
MANY_RECORDS_OF_ONE_SYSTEM = MAX_RECORDS_OF_ONE_SYSTEM // 2
MEMBERS_SHOWN = 40
# Of the customers that one record may be, so many are asked about.
MOST_ASKED = 8


@dataclass
class Doubt:
    """One item of the queue: the pair of records that stands for it, and the records of both sides."""

    kind: str
    record_id_l: str
    record_id_r: str
    weight: float | None
    uncertainty: float
    reason: str
    side_l: list[str]
    side_r: list[str]
    value: float = 0.0
    link: str | None = None
    comparisons: list[dict[str, Any]] = field(default_factory=list)

    @property
    def item_id(self) -> str:
        """The same for the same pair in every run."""
        text = f"{self.record_id_l}|{self.record_id_r}"
        return "p" + hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[:15]


@dataclass
class _Linked:
    """Records by their place in the order of ids, with cluster and links as arrays."""

    ids: list[str]
    cluster: Array
    left: Array
    right: Array
    weight: Array
    reason: Array
    members: list[Array]
    place: dict[str, int]
    _sides: dict[int, list[str]] = field(default_factory=dict)

    def pair_of(self, record_id_a: str, record_id_b: str) -> tuple[int, int]:
        """The clusters of two records, in order."""
        a, b = (int(self.cluster[self.place[record_id]]) for record_id in (record_id_a, record_id_b))
        return min(a, b), max(a, b)

    def side_of(self, cluster: int) -> list[str]:
        """The records of a cluster; one list for all who ask."""
        if cluster not in self._sides:
            self._sides[cluster] = _side(self, self.places_of[cluster])
        return self._sides[cluster]

    @cached_property
    def places_of(self) -> dict[int, Array]:
        """The records of each cluster by their places."""
        return {int(self.cluster[places[0]]): places for places in self.members}


def find_doubts(
    records: Records,
    scored: pd.DataFrame,
    clusters: Mapping[str, int],
    decisions: Iterable[tuple[str, str, str]] = (),
    facts: Mapping[str, int] | None = None,
    undecided: Iterable[Undecided] = (),
) -> list[Doubt]:
    """Every doubt, most valuable first; what a steward has decided is not asked again."""
    if not len(records):
        return []
    linked = _as_arrays(clusters, scored)
    decided = {(min(a, b), max(a, b)): verdict for a, b, verdict in decisions if a in clusters and b in clusters}
    open_ones = list(_between_customers(linked, undecided, decided))
    asked_of = {linked.pair_of(doubt.record_id_l, doubt.record_id_r) for doubt in open_ones}
    found = [
        *open_ones,
        *(
            d
            for d in _customers_in_doubt(linked, decided)
            if linked.pair_of(d.record_id_l, d.record_id_r) not in asked_of
        ),
        *_parts_in_doubt(linked, decided),
        *_implausible(linked, records),
    ]
    asked: dict[tuple[str, str], Doubt] = {}
    for doubt in found:
        pair = (doubt.record_id_l, doubt.record_id_r)
        if pair not in decided:
            doubt.value = _value(doubt, facts or {})
            asked.setdefault(pair, doubt)
    return sorted(asked.values(), key=lambda d: (-d.value, d.record_id_l, d.record_id_r))


def find_doubts_between(
    scored: pd.DataFrame, clusters: Mapping[str, int], decisions: Iterable[tuple[str, str, str]] = (),
    facts: Mapping[str, int] | None = None,
) -> list[Doubt]:  # fmt: skip
    """The pairs of customers that may be one, by the pairs of records `scored` alone; most valuable first."""
    if scored.empty:
        return []
    decided = {(min(a, b), max(a, b)): verdict for a, b, verdict in decisions if a in clusters and b in clusters}
    found = list(_customers_in_doubt(_as_arrays(clusters, scored), decided))
    for doubt in found:
        doubt.value = _value(doubt, facts or {})
    return sorted(found, key=lambda d: (-d.value, d.record_id_l, d.record_id_r))


def _value(doubt: Doubt, facts: Mapping[str, int]) -> float:
    affected = min(
        len(side) + sum(facts.get(record_id, 0) for record_id in side) for side in (doubt.side_l, doubt.side_r)
    )
    return round(doubt.uncertainty * affected, 4)


def _uncertainty(weight: float) -> float:
    """1 where both answers are equally likely, 0 where one is certain."""
    chance = 1 / (1 + 2.0**-weight)
    return float(4 * chance * (1 - chance))


def _by(link: str) -> str:
    """What made a link, in words: the identifiers that both records have, or their details as the model weighs them."""
    if not link.startswith("shared_id:"):
        return "by their details"
    names = [
        name.replace("_", " ").replace("email", "e-mail address") for name in link.removeprefix("shared_id:").split("+")
    ]
    return f"by the same {' and '.join(names)}"


def _as_arrays(clusters: Mapping[str, int], scored: pd.DataFrame) -> _Linked:
    ids = sorted(clusters)
    index = pd.Index(ids)
    cluster = np.array([clusters[record_id] for record_id in ids])
    order = np.argsort(cluster, kind="stable")
    members = np.split(order, np.flatnonzero(np.diff(cluster[order])) + 1)
    kept = scored[(scored["match_weight"] >= DOUBTFUL_FROM).to_numpy()]
    return _Linked(
        ids, cluster, places_of(index, kept["record_id_l"]), places_of(index, kept["record_id_r"]),
        kept["match_weight"].to_numpy(dtype=float),
        kept["reason"].to_numpy(dtype=object), members, {record_id: n for n, record_id in enumerate(ids)},
    )  # fmt: skip


def _side(linked: _Linked, places: Array) -> list[str]:
    return [linked.ids[place] for place in places]


def _between_customers(
    linked: _Linked, undecided: Iterable[Undecided], decided: Mapping[tuple[str, str], str]
) -> Iterable[Doubt]:
    """Records that several customers may be: a question for each of the first ones, unless it was decided to differ."""
    apart = {linked.pair_of(*pair) for pair, verdict in decided.items() if verdict == "different"}
    for item in undecided:
        may_be = [sorted((item.record_id, other)) for other in item.others]
        may_be = [pair for pair in may_be if linked.pair_of(pair[0], pair[1]) not in apart]
        for left, right in may_be[:MOST_ASKED]:
            one, other = (int(linked.cluster[linked.place[record_id]]) for record_id in (left, right))
            if one == other:
                continue
            words = "its details" if item.by == "details" else f"the same {item.by.replace('_', ' ')}"
            yield Doubt(
                "pair", left, right, item.weight, 1.0,
                f"{len(item.others)} customers fit this record alike by {words}: it was given to none of them",
                linked.side_of(one), linked.side_of(other),
                link=None if item.by == "details" else f"shared_id:{item.by}",
            )  # fmt: skip


def _customers_in_doubt(linked: _Linked, decided: Mapping[tuple[str, str], str]) -> Iterable[Doubt]:
    """Two customers that may be one: the best pair between them, unless any pair between them was decided to differ."""
    a, b = linked.cluster[linked.left], linked.cluster[linked.right]
    low, high = np.minimum(a, b), np.maximum(a, b)
    order = np.lexsort((linked.right, linked.left, -linked.weight, high, low))
    order = order[low[order] != high[order]]
    _, first = np.unique(low[order] * (len(linked.ids) + 1) + high[order], return_index=True)
    apart = {linked.pair_of(*pair) for pair, verdict in decided.items() if verdict == "different"}
    best = order[first]
    columns = (a[best], b[best], linked.left[best], linked.right[best], linked.weight[best], linked.reason[best])
    for one, other, left, right, weight, reason in zip(*(column.tolist() for column in columns), strict=True):
        if (min(one, other), max(one, other)) in apart:
            continue
        is_contradicted = weight >= CLUSTER_WEIGHT
        yield Doubt(
            "pair", linked.ids[left], linked.ids[right], weight, 1.0 if is_contradicted else _uncertainty(weight),
            f"these two records fit each other {_by(reason)}, but the other records of the two customers do not"
            if is_contradicted else "may be one person: the evidence is not enough",
            linked.side_of(one), linked.side_of(other), link=reason,
        )  # fmt: skip


def _parts_in_doubt(linked: _Linked, decided: Mapping[tuple[str, str], str]) -> Iterable[Doubt]:
    """Customers with a part that no sure link holds; the part that hangs on the weakest best link is asked about."""
    same = [(linked.place[a], linked.place[b]) for (a, b), verdict in decided.items() if verdict == "same"]
    inside = linked.cluster[linked.left] == linked.cluster[linked.right]
    sure = inside & (linked.weight >= SURE_FROM)
    rows = np.concatenate([linked.left[sure], np.array([a for a, _ in same], dtype=int)])
    columns = np.concatenate([linked.right[sure], np.array([b for _, b in same], dtype=int)])
    size = len(linked.ids)
    _, part = connected_components(coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(size, size)), False)
    loose = np.flatnonzero(inside & (part[linked.left] != part[linked.right]))
    holders: dict[int, dict[int, int]] = {}
    for number in sorted(loose, key=lambda n: (-linked.weight[n], linked.left[n], linked.right[n])):
        best = holders.setdefault(int(linked.cluster[linked.left[number]]), {})
        for end in (linked.left[number], linked.right[number]):
            best.setdefault(int(part[end]), int(number))
    for cluster, best in sorted(holders.items()):
        weakest, holder = min(best.items(), key=lambda item: (linked.weight[item[1]], item[0]))
        left, right = int(linked.left[holder]), int(linked.right[holder])
        weight, everybody = float(linked.weight[holder]), linked.places_of[cluster]
        hanging = everybody[part[everybody] == weakest]
        rest = everybody[part[everybody] != weakest]
        sides = (hanging, rest) if part[left] == weakest else (rest, hanging)
        yield Doubt(
            "cluster" if len(everybody) > 2 else "pair", linked.ids[left], linked.ids[right], weight,
            _uncertainty(weight),
            f"one customer, yet {len(hanging)} of its {len(everybody)} records fit the rest only weakly"
            if len(everybody) > 2 else "one customer, whose two records fit each other only weakly",
            _side(linked, sides[0]), _side(linked, sides[1]), link=str(linked.reason[holder]),
        )  # fmt: skip


def _implausible(linked: _Linked, records: Records) -> Iterable[Doubt]:
    """Customers that no person looks like: two dates of birth that two records each confirm, or a crowd."""
    table = as_table(records)
    born, system = codes_of(table, "date_of_birth"), codes_of(table, "system")
    pairs, counts = np.unique(np.stack([linked.cluster, system]), axis=1, return_counts=True)
    crowded = set(pairs[0][counts >= MANY_RECORDS_OF_ONE_SYSTEM].tolist())
    suspects = crowded | set(twice_held(linked.cluster, born).tolist())
    days: Array = table["date_of_birth"].to_numpy(dtype=object) if suspects else born
    for cluster in sorted(suspects):
        places = linked.places_of[cluster]
        if len(places) < 4:
            continue
        births: dict[Any, list[str]] = {}
        systems: dict[int, list[str]] = {}
        for place in places:
            if born[place] >= 0:
                births.setdefault(days[place], []).append(linked.ids[place])
            systems.setdefault(int(system[place]), []).append(linked.ids[place])
        confirmed = [held for _, held in sorted(births.items()) if len(held) > 1]
        crowd = max(systems.values(), key=len)
        if len(confirmed) > 1:
            reason, (left, right) = "one customer with two dates of birth, each in several records", confirmed[:2]
        else:
            reason, left, right = f"one customer with {len(crowd)} records of one system", crowd[:1], crowd[-1:]
        a, b = sorted((left[0], right[0]))
        own = left if a == left[0] else right
        rest = [record_id for record_id in _side(linked, places) if record_id not in own]
        yield Doubt("cluster", a, b, None, 1.0, reason, own, rest)
