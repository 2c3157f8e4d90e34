"""Groups records into people by average linkage, which does not chain: a cluster is joined by what its records
say on average, not by its one best pair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from include.identity.model import CLUSTER_WEIGHT, UNSCORED_WEIGHT

DECIDED_WEIGHT = 10_000.0


def cluster_records(
    record_ids: list[str], links: pd.DataFrame, decisions: Iterable[tuple[str, str, str]] = ()
) -> dict[str, int]:
    """The cluster of every record. Clusters are numbered in the order of their smallest record id.

    `links` has record_id_l, record_id_r, match_weight; `decisions` are (record, record, same or different) and
    outweigh everything else.
    """
    ordered = sorted(record_ids)
    place = {record_id: number for number, record_id in enumerate(ordered)}
    known = links[links.record_id_l.isin(place) & links.record_id_r.isin(place)]
    weights = dict(
        zip(
            zip(known.record_id_l.map(place), known.record_id_r.map(place), strict=True),
            known.match_weight,
            strict=True,
        )
    )
    for left, right, decision in decisions:
        if left in place and right in place:
            pair = (min(place[left], place[right]), max(place[left], place[right]))
            weights[pair] = DECIDED_WEIGHT if decision == "same" else -DECIDED_WEIGHT
    groups = _average_linkage(len(ordered), weights)
    numbers: dict[int, int] = {}
    return {
        record_id: numbers.setdefault(group, len(numbers)) for record_id, group in zip(ordered, groups, strict=True)
    }


def _average_linkage(size: int, weights: dict[tuple[int, int], float]) -> list[int]:
    """A group per record: components of the pairs above the threshold, each cut by average linkage."""
    strong = [pair for pair, weight in weights.items() if weight >= CLUSTER_WEIGHT]
    if not strong:
        return list(range(size))
    left, right = np.array(strong).T
    graph = coo_matrix((np.ones(len(strong)), (left, right)), shape=(size, size))
    _, component = connected_components(graph, directed=False)
    members: dict[int, list[int]] = defaultdict(list)
    for record, number in enumerate(component):
        members[int(number)].append(record)
    groups, following = [0] * size, 0
    for records in members.values():
        parts = _cut(records, weights) if len(records) > 1 else [1]
        for record, part in zip(records, parts, strict=True):
            groups[record] = following + part
        following += max(parts)
    return groups


def _cut(records: list[int], weights: dict[tuple[int, int], float]) -> list[int]:
    """Parts, numbered from 1, of one component. The distance of a pair is its weight, negated and capped."""
    top = 20.0
    distances = [
        top - _capped(weights.get((a, b), UNSCORED_WEIGHT), top)
        for position, a in enumerate(records)
        for b in records[position + 1 :]
    ]
    tree = linkage(np.array(distances), method="average")
    return [int(part) for part in fcluster(tree, top - CLUSTER_WEIGHT, criterion="distance")]


def _capped(weight: float, top: float) -> float:
    """Weights beyond the cap add no certainty; a steward's decision is not capped."""
    return weight if abs(weight) >= DECIDED_WEIGHT else max(min(weight, top), -top)
