"""Groups records into people, and checks each group before it counts.

Average linkage does not chain: a group is joined by what its records say on average, not by its one best pair, so a
weak bridge between two people is cut. (Average linkage: Sokal and Michener, "A statistical method for evaluating
systematic relationships", 1958.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

from include.identity.agglomerate import Merge, agglomerate
from include.identity.births import contradict, contradicts
from include.identity.model import (
    CLUSTER_WEIGHT,
    LARGEST_COMPONENT,
    MAX_RECORDS_OF_ONE_SYSTEM,
    TOP_WEIGHT,
    UNSCORED_WEIGHT,
)
from include.identity.people import Array, Decision, Records, as_table, birth_parts, codes_of, ids_of, places_of

APART = 1e7  # a distance that no average over a group brings down
STRICTER = 3.0  # log2 odds by which the threshold rises where a group fails its check


@dataclass(frozen=True)
class ClusterRules:
    """When records are one person: the defaults are the pipeline's."""

    threshold: float = CLUSTER_WEIGHT
    unscored: float = UNSCORED_WEIGHT
    top: float = TOP_WEIGHT
    largest_component: int = LARGEST_COMPONENT
    most_of_one_system: int = MAX_RECORDS_OF_ONE_SYSTEM
    births_exclude: bool = True
    prior: float = 0.0
    exponent: float = 0.0
    most: float = np.inf


PIPELINE = ClusterRules()


@dataclass(frozen=True)
class _People:
    """What clustering looks at of the records, by their place."""

    system: Array
    births: Array


def cluster_records(
    records: Records,
    links: pd.DataFrame,
    decisions: Iterable[Decision] = (),
    rules: ClusterRules = PIPELINE,
) -> dict[str, int]:
    """The cluster of every record, numbered from 0 in the order of their smallest record id.

    `records` have record_id, system, date_of_birth, birth_year; `links` record_id_l, record_id_r, match_weight;
    `decisions` are (record, record, same or different) and outweigh everything else: `different` keeps two records
    apart whatever joins them, `same` joins their two groups, unless that would join records decided to differ.
    """
    table = as_table(records)
    place = {record_id: number for number, record_id in enumerate(ids_of(table))}
    decided = {
        (min(place[a], place[b]), max(place[a], place[b])): verdict
        for a, b, verdict in decisions
        if a in place and b in place
    }
    apart = {pair for pair, verdict in decided.items() if verdict == "different"}
    people = _People(codes_of(table, "system"), birth_parts(table))
    group = _group(people, _edges(table, links), apart, rules)
    for pair in sorted(set(decided) - apart):
        _join(group, pair, apart)
    _, first, numbers = np.unique(group, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=int)
    rank[np.argsort(first)] = np.arange(len(first))
    return {record_id: int(rank[number]) for record_id, number in zip(place, numbers, strict=True)}


def _edges(table: pd.DataFrame, links: pd.DataFrame) -> tuple[Array, Array, Array]:
    left, right = (places_of(table["record_id"], links[side]) for side in ("record_id_l", "record_id_r"))
    known = (left >= 0) & (right >= 0)
    return left[known], right[known], links["match_weight"].to_numpy(dtype=float)[known]


def _join(group: Array, pair: tuple[int, int], apart: set[tuple[int, int]]) -> None:
    """Join the groups of two records, in place, unless that joins records decided to differ."""
    left, right = group[pair[0]], group[pair[1]]
    both = np.isin(group, (left, right))
    if not any(both[a] and both[b] for a, b in apart):
        group[both] = left


def merge_tree(size: int, edges: tuple[Array, Array, Array], rules: ClusterRules, lowest: float) -> list[Merge]:
    """How records, numbered from 0, join step by step down to the weight `lowest`: see agglomerate.

    `edges` are (left, right, weight). Births, systems and decisions count for nothing.
    """
    left, right, weight = edges
    merges: list[Merge] = []
    waiting = [(np.arange(size), np.arange(len(weight)), lowest)]
    while waiting:
        records, inner, floor = waiting.pop()
        for part, links in _components(records, left, right, weight, inner, floor):
            if len(part) > rules.largest_component:
                waiting.append((part, links, floor + 1))
                continue
            if len(part) == 2:
                merges.append((int(part[0]), int(part[1]), float(weight[links].max()), 1))
                continue
            matrix = np.full((len(part), len(part)), rules.unscored)
            rows, columns = np.searchsorted(part, left[links]), np.searchsorted(part, right[links])
            matrix[rows, columns] = matrix[columns, rows] = np.clip(weight[links], -rules.top, rules.top)
            steps = agglomerate(matrix, rules.prior, rules.exponent, lowest, rules.most)
            merges += [(int(part[a]), int(part[b]), at, pairs) for a, b, at, pairs in steps]
    return merges


def cut_tree(size: int, merges: list[Merge], threshold: float) -> Array:
    """The group of each record, when records join as long as a step weighs the threshold or more."""
    groups: Array = np.arange(size)
    joined = [(a, b) for a, b, weight, _ in merges if weight >= threshold]
    if joined:
        rows, columns = np.array(joined).T
        graph = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(size, size))
        groups = connected_components(graph, directed=False)[1]
    return groups


def _distances(size: int, links: tuple[Array, Array, Array], rules: ClusterRules) -> Array:
    left, right, weight = links
    distance = np.full((size, size), rules.top - rules.unscored)
    distance[left, right] = distance[right, left] = rules.top - np.clip(weight, -rules.top, rules.top)
    np.fill_diagonal(distance, 0)
    return distance


def _group(
    people: _People,
    edges: tuple[Array, Array, Array],
    apart: set[tuple[int, int]],
    rules: ClusterRules,
) -> Array:
    """A group per record, by its place: connected components, each cut by average linkage."""
    left, right, weight = edges
    group = np.arange(len(people.system))
    records, inner = _join_cliques(people, edges, apart, rules, group)
    waiting = [(records, inner, rules.threshold)]
    while waiting:
        records, inner, threshold = waiting.pop()
        for part, links in _components(records, left, right, weight, inner, threshold):
            if len(part) > rules.largest_component:
                # Too large for a matrix, and no person: only stronger links hold it together from here on.
                waiting.append((part, links, threshold + STRICTER))
                continue
            local = (np.searchsorted(part, left[links]), np.searchsorted(part, right[links]), weight[links])
            labels = _cut(_People(people.system[part], people.births[part]), local, _inside(part, apart),
                          threshold, rules)  # fmt: skip
            first: dict[int, int] = {}
            group[part] = part[[first.setdefault(label, place) for place, label in enumerate(labels.tolist())]]
    return group


def _join_cliques(
    people: _People,
    edges: tuple[Array, Array, Array],
    apart: set[tuple[int, int]],
    rules: ClusterRules,
    group: Array,
) -> tuple[Array, Array]:
    """Join, in place, the components in which every pair of records is linked and nothing speaks against any: the
    usual case, for which no tree is needed. Returns the other records, and the links among them.
    """
    left, right, weight = edges
    strong = weight >= rules.threshold
    graph = coo_matrix((np.ones(int(strong.sum())), (left[strong], right[strong])), shape=(len(group), len(group)))
    label = connected_components(graph, directed=False)[1]
    size = np.bincount(label)
    pairs = np.bincount(label[left[strong]], minlength=len(size))
    whole = (pairs == size * (size - 1) // 2) & (size <= rules.most_of_one_system)
    if rules.births_exclude:
        against = contradict(people.births[left[strong]], people.births[right[strong]])
        whole[label[left[strong][against]]] = False
    whole[[label[record] for pair in apart for record in pair]] = False
    first = np.full(len(size), -1)
    first[label[::-1]] = np.arange(len(label))[::-1]
    joined = whole[label]
    group[joined] = first[label[joined]]
    return np.flatnonzero(~joined), np.flatnonzero(~joined[left] & ~joined[right])


def _components(
    records: Array, left: Array, right: Array, weight: Array, inner: Array, threshold: float
) -> list[tuple[Array, Array]]:
    """(records, links among them) of each component of two records or more, as sorted places."""
    strong = inner[weight[inner] >= threshold]
    rows, columns = np.searchsorted(records, left[strong]), np.searchsorted(records, right[strong])
    graph = coo_matrix((np.ones(len(strong)), (rows, columns)), shape=(len(records), len(records)))
    _, label = connected_components(graph, directed=False)
    ends = label[np.searchsorted(records, left[inner])]
    is_inside = ends == label[np.searchsorted(records, right[inner])]
    links, owner = inner[is_inside], ends[is_inside]
    parts = _split(records, label, int(label.max(initial=-1)) + 1)
    held = _split(links, owner, len(parts))
    return [(part, inside) for part, inside in zip(parts, held, strict=True) if len(part) > 1]


def _split(values: Array, label: Array, size: int) -> list[Array]:
    """The values of each label from 0 to size - 1."""
    counts = np.bincount(label, minlength=size)
    return np.split(values[np.argsort(label, kind="stable")], np.cumsum(counts)[:-1]) if size else []


def _inside(part: Array, apart: set[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pairs decided to differ that lie in the part, by their place in it."""
    if not apart:
        return []
    place = {int(record): number for number, record in enumerate(part)}
    return [(place[a], place[b]) for a, b in apart if a in place and b in place]


def _cut(
    people: _People,
    links: tuple[Array, Array, Array],
    apart: Sequence[tuple[int, int]],
    threshold: float,
    rules: ClusterRules,
) -> Array:
    """A label per record of one component; where a group holds too many records of one system, it is cut finer."""
    size, top = len(people.system), rules.top
    distance = _distances(size, links, rules)
    if rules.births_exclude:
        distance[contradicts(people.births)] = APART
    for a, b in apart:
        distance[a, b] = distance[b, a] = APART
    np.fill_diagonal(distance, 0)
    if size <= rules.most_of_one_system and distance.max() <= top - threshold:
        return np.zeros(size, dtype=int)
    tree = linkage(squareform(distance, checks=False), method="average")
    while True:
        labels = _labels_below(tree, top - threshold)
        if size <= rules.most_of_one_system or threshold > top or _is_plausible(labels, people.system, rules):
            return labels
        threshold += STRICTER


def _labels_below(tree: Array, distance: float) -> Array:
    """A label per record: those that the tree joins within the distance have the same one.

    The same as scipy's fcluster, whose checks take most of the time for trees of a few records.
    """
    size = len(tree) + 1
    height, parent = [0.0] * (2 * size - 1), list(range(2 * size - 1))
    joins = zip(*tree[:, :2].astype(int).T.tolist(), tree[:, 2].tolist(), strict=True)
    for node, (left, right, at) in enumerate(joins, start=size):
        height[node] = max(at, height[left], height[right])
        if height[node] <= distance:
            parent[left] = parent[right] = node
    for node in reversed(range(2 * size - 1)):
        parent[node] = parent[parent[node]]
    return np.array(parent[:size])


def _is_plausible(labels: Array, systems: Array, rules: ClusterRules) -> bool:
    _, counts = np.unique(np.stack([labels, systems]), axis=1, return_counts=True)
    return bool(counts.max() <= rules.most_of_one_system)
