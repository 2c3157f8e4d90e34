"""Joins parts of one person that average linkage leaves apart, and parts what it joins at random.

A record that says little (a name and an age, a mailbox) fits the few records of its person that say the same, and
hardly the others: on average it does not belong. So the parts are looked at once more, by the best pair of each record.
What keeps this from joining relatives: both parts must fit each other best, births and given names must not exclude
each other, and no other customer may fit nearly as well. Where another one does, nothing is joined and a steward is
asked; also where a record had been given to one of the two before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from include.identity import standardise as std
from include.identity.births import contradict
from include.identity.model import MAX_RECORDS_OF_ONE_SYSTEM
from include.identity.names import names_differ
from include.identity.people import Array, Decision, birth_parts, codes_of, ids_of, number_clusters, places_of

# From which weight (log2 odds) on parts join, if no other customer fits less than MARGIN worse.
FIT = 2.0
MARGIN = 4.0
# A record stays where it is only if another customer fits it so much worse.
LIKE = 2.0
# Of the pairs of two parts that know both births, or both given names: from which share on they exclude each other.
EXCLUDED = 0.5
ROUNDS = 8

# (cluster, the clusters that it fits alike, weight)
_Doubt = tuple[int, list[int], float]


@dataclass
class Joined:
    """The clusters, and the records that two customers fit alike: (record, a record of each of them, weight)."""

    clusters: dict[str, int]
    doubtful: list[tuple[str, list[str], float]] = field(default_factory=list)


@dataclass(frozen=True)
class Across:
    """Pairs of a record and another cluster that it fits: the best of its pairs there, and the other record of it."""

    place: Array
    to: Array
    weight: Array
    other: Array

    def where(self, kept: Array) -> Across:
        """Some of them."""
        return Across(self.place[kept], self.to[kept], self.weight[kept], self.other[kept])


class Fragments:
    """The records by their place, the scored pairs that count here, and the cluster of each record so far."""

    def __init__(
        self, people: pd.DataFrame, scored: pd.DataFrame, clusters: Mapping[str, int],
        decisions: Iterable[Decision] = (),
    ) -> None:  # fmt: skip
        self.ids = ids_of(people)
        near = scored[(scored["match_weight"] >= FIT - MARGIN).to_numpy()]
        self.left, self.right = (places_of(people["record_id"], near[side]) for side in ("record_id_l", "record_id_r"))
        self.weight = near["match_weight"].to_numpy(dtype=float)
        self._both_ways = self._turn_pairs()
        self.regroup(clusters)
        self.births = birth_parts(people)
        self.is_born = ~np.isnan(self.births[:, 0])
        self.system = codes_of(people, "system")
        self.names = list(zip(*(_folded(people, name) for name in ("first_name", "last_name")), strict=True))
        place_of = {record_id: number for number, record_id in enumerate(self.ids)}
        decided = [
            (place_of[a], place_of[b], verdict) for a, b, verdict in decisions if a in clusters and b in clusters
        ]
        self.apart: dict[int, set[int]] = defaultdict(set)
        for a, b, verdict in decided:
            if verdict == "different":
                self.apart[a].add(b)
                self.apart[b].add(a)
        self.held = {place for a, b, verdict in decided if verdict == "same" for place in (a, b)}

    def regroup(self, clusters: Mapping[str, int]) -> None:
        """Take other clusters of the same records."""
        self.group = np.array([clusters[record_id] for record_id in self.ids], dtype=np.int64)

    def clusters(self) -> dict[str, int]:
        """The cluster of each record, numbered by their smallest record."""
        return number_clusters(zip(self.ids, self.group.tolist(), strict=True))

    def across(self) -> Across:
        """For each record and each other cluster that it fits: the best pair, in the order of record and cluster."""
        place, weight, other = self._both_ways
        to = self.group[other]
        fits = np.flatnonzero(self.group[place] != to)
        _, first = np.unique(place[fits] * (int(to.max(initial=0)) + 1) + to[fits], return_index=True)
        best = fits[first]
        return Across(place[best], to[best], weight[best], other[best])

    def _turn_pairs(self) -> tuple[Array, Array, Array]:
        """Each pair from the side of both records, the best first."""
        place, other = np.concatenate([self.left, self.right]), np.concatenate([self.right, self.left])
        weight = np.concatenate([self.weight, self.weight])
        order = np.lexsort((other, -weight))
        return place[order].astype(np.int64), weight[order], other[order]

    def exclude(self, one: Array, other: Array) -> bool:
        """Whether births, given names, a decision or a crowd of one system keep two groups of places apart."""
        parted = [self.apart[place] for place in one.tolist() if place in self.apart]
        if parted and not set(other.tolist()).isdisjoint(set().union(*parted)):
            return True
        if len(one) + len(other) > MAX_RECORDS_OF_ONE_SYSTEM:
            counts = np.bincount(self.system[np.concatenate([one, other])])
            if counts.max() > MAX_RECORDS_OF_ONE_SYSTEM:
                return True
        born = self.births[one][self.is_born[one]], self.births[other][self.is_born[other]]
        pairs = len(born[0]) * len(born[1])
        if pairs and contradict(born[0][:, None], born[1]).sum() / pairs >= EXCLUDED:
            return True
        named = [[self.names[place] for place in group.tolist() if self.names[place][0]] for group in (one, other)]
        pairs = len(named[0]) * len(named[1])
        return bool(pairs) and sum(names_differ(x, y) for x in named[0] for y in named[1]) / pairs >= EXCLUDED


def join_fragments(fragments: Fragments) -> Joined:
    """Join the parts of one person, in place, round by round."""
    excluded: dict[tuple[int, ...], bool] = {}
    for _ in range(ROUNDS):
        joins, doubtful = _round(fragments, excluded)
        if not joins:
            break
        following = np.arange(int(fragments.group.max()) + 1)
        for kept, gone in joins:
            following[gone] = kept
        fragments.group = following[fragments.group]
    else:
        # Those of the last round may be of clusters that it has joined.
        _, doubtful = _round(fragments, excluded)
    return Joined(fragments.clusters(), _name_doubts(fragments, doubtful))


def part_undecided(fragments: Fragments) -> None:
    """Give a cluster of its own, in place, to each record that fits another customer (nearly) as well as its own, where
    that other one and the rest of its own exclude each other: two customers, of whom either may be its person.
    """
    group, members = fragments.group, Members(fragments.group)
    own = np.full(len(group), -np.inf)
    inside = group[fragments.left] == group[fragments.right]
    for side in (fragments.left, fragments.right):
        np.maximum.at(own, side[inside], fragments.weight[inside])
    across = fragments.across()
    across = across.where(across.weight > own[across.place] - LIKE)
    following = int(group.max(initial=-1)) + 1
    parted: dict[int, int] = {}
    for place, to in zip(across.place.tolist(), across.to.tolist(), strict=True):
        mine = members[int(group[place])]
        if len(mine) > 1 and place not in parted and place not in fragments.held:
            rest = mine[mine != place]
            if fragments.exclude(rest, members[to]):
                parted[place] = following
                following += 1
    for place, number in parted.items():
        group[place] = number


def _round(fragments: Fragments, excluded: dict[tuple[int, ...], bool]) -> tuple[list[tuple[int, int]], list[_Doubt]]:
    """The clusters to join, (kept, gone), and those that fit several."""
    members = Members(fragments.group)
    fits = _fits(fragments.across(), members.sizes, fragments.group)
    rivals: dict[int, dict[int, float]] = {}
    for a, b, weight in fits:
        rivals.setdefault(a, {})[b] = rivals.setdefault(b, {})[a] = weight

    def exclude(one: int, other: int) -> bool:
        # Clusters only grow from round to round: one of the same size is the same.
        groups = (one, int(members.sizes[one]), other, int(members.sizes[other]))
        if groups not in excluded:
            excluded[groups] = fragments.exclude(members[one], members[other])
        return excluded[groups]

    joins: list[tuple[int, int]] = []
    doubtful: list[_Doubt] = []
    taken: set[int] = set()
    for small, large, weight in sorted(fits, key=lambda fit: (-fit[2], fit[:2])):
        if weight < FIT or small in taken or large in taken or max(rivals[small].values()) > weight:
            continue
        if exclude(small, large):
            continue
        others = [
            other for other, fit in rivals[small].items() if other != large and fit > weight - MARGIN
            and (rivals[large].get(other, -np.inf) < FIT or exclude(large, other))
            and not exclude(small, other)
        ]  # fmt: skip
        if others:
            doubtful.append((small, [large, *sorted(others)], weight))
        else:
            joins.append((large, small))
            taken |= {small, large}
    return joins, doubtful


def _fits(across: Across, sizes: Array, group: Array) -> list[tuple[int, int, float]]:
    """(smaller cluster, larger, weight): what the smaller one's records weigh at their best, on average."""
    small, large = group[across.place], across.to
    is_smaller = (sizes[small] < sizes[large]) | ((sizes[small] == sizes[large]) & (small < large))
    small, large, weight = small[is_smaller], large[is_smaller], across.weight[is_smaller]
    _, first, number = np.unique(small * len(sizes) + large, return_index=True, return_inverse=True)
    small, large, records = small[first], large[first], np.bincount(number)
    missing = sizes[small] - records
    # Unlike bincount, pandas sums so that the order of the records does not count.
    total = pd.Series(weight).groupby(number).sum().to_numpy()
    weight = (total + missing * (FIT - MARGIN - 1)) / (records + missing)
    return list(zip(small.tolist(), large.tolist(), weight.tolist(), strict=True))


def _name_doubts(fragments: Fragments, doubtful: Iterable[_Doubt]) -> list[tuple[str, list[str], float]]:
    """Of each doubt the record that fits the clusters best, and a record of each of them."""
    across = fragments.across()
    fits = pd.DataFrame({"small": fragments.group[across.place], **vars(across)})
    told = list(doubtful)
    asked = pd.DataFrame(
        [
            (doubt, small, to, rank)
            for doubt, (small, clusters, _) in enumerate(told)
            for rank, to in enumerate(clusters)
        ],
        columns=["doubt", "small", "to", "rank"],
    )
    found = asked.merge(fits[fits["small"].isin(asked["small"])], on=["small", "to"])
    found = found.sort_values(["doubt", "weight", "place"], ascending=[True, False, True])
    found = found[found["place"] == found.groupby("doubt")["place"].transform("first")].sort_values(["doubt", "rank"])
    named: list[tuple[str, list[str], float]] = [("", [], weight) for _, _, weight in told]
    for doubt, place, other in found[["doubt", "place", "other"]].itertuples(index=False):
        others = named[doubt][1]
        others.append(fragments.ids[other])
        named[doubt] = (fragments.ids[place], others, named[doubt][2])
    return named


class Members:
    """The places of each cluster."""

    def __init__(self, group: Array) -> None:
        self.sizes: Array = np.bincount(group)
        self._order, self._ends = np.argsort(group, kind="stable"), np.cumsum(self.sizes)

    def __getitem__(self, cluster: int) -> Array:
        end = self._ends[cluster]
        found: Array = self._order[end - self.sizes[cluster] : end]
        return found


def _folded(people: pd.DataFrame, name: str) -> list[Any]:
    """The values of a column of names as they are compared; None where there is none."""
    codes, values = pd.factorize(people[name])
    forms = [std.fold(str(value)) for value in values]
    return [forms[code] if code >= 0 else None for code in codes.tolist()]
