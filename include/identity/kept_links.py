"""Which scored pairs stay as links: those that speak for one person, and what holds a record that has none of these."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from include.identity.model import CLUSTER_WEIGHT
from include.identity.people import Array, places_of


def find_kept_links(
    scored: pd.DataFrame, clusters: Mapping[str, int], same: Iterable[tuple[str, str]] = ()
) -> pd.DataFrame:
    """The rows of `scored` from CLUSTER_WEIGHT on, and the best inner pair of every record without another inner link.

    A record may be in a cluster by less than CLUSTER_WEIGHT (see fragments, and confirmed); without its best pair
    nobody could say by what. `clusters` are those of all linked records; `same` are the pairs that stewards have
    joined, which are links of themselves.
    """
    ids, group = pd.Index(list(clusters)), np.array(list(clusters.values()), dtype=int)
    ends = [places_of(ids, scored[side]) for side in ("record_id_l", "record_id_r")]
    inside = (ends[0] >= 0) & (ends[1] >= 0) & (group[ends[0]] == group[ends[1]]) if len(ids) else ends[0] >= 0
    weight = scored["match_weight"].to_numpy(dtype=float)
    kept: Array = weight >= CLUSTER_WEIGHT
    is_held = np.zeros(len(ids), dtype=bool)
    for end in ends:
        is_held[end[inside & kept]] = True
    for a, b in same:
        if a in clusters and b in clusters and clusters[a] == clusters[b]:
            is_held[ids.get_indexer(pd.Index([a, b]))] = True
    open_pairs = np.flatnonzero(inside & ~kept)
    pairs = np.concatenate([open_pairs, open_pairs])
    record, other = (np.concatenate([ends[one][open_pairs], ends[two][open_pairs]]) for one, two in ((0, 1), (1, 0)))
    order = np.lexsort((other, -weight[pairs], record))
    order = order[~is_held[record[order]]]
    _, first = np.unique(record[order], return_index=True)
    kept[pairs[order[first]]] = True
    return scored[kept]
