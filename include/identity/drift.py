"""What a full linking finds different from the incremental ones before it: pairs of records, by what moved them."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pandas as pd
import psycopg

from include.identity.model import CLUSTER_WEIGHT
from include.identity.people import Linking
from include.identity.population import IDENTIFIERS, read_columns

# Pairs of one person before and now, and those that are it in one of the two only, by the first kind that fits.
AGREED = "agreed"
CHANGED = "a record has changed since"
CROWDED = "an identifier has too many holders by now"
LINKED = "a link has come or gone: its values have become more or less frequent"
WEIGHED = "the same links weigh otherwise: their values have become more or less frequent"
REGROUPED = "grouped otherwise by the same links"
KINDS = (AGREED, CHANGED, CROWDED, LINKED, WEIGHED, REGROUPED)


def measure_drift(connection: psycopg.Connection, linking: Linking) -> dict[str, int]:
    """Pairs by kind, of the records that were there before; nothing where the last linking was a full one.

    To be called before the proposals of the last linking are replaced, in the transaction of the linking.
    """
    last = connection.execute("select mode from identity.linkings order by linking_id desc limit 1").fetchone()
    if last is None or last[0] != "incremental":
        return {}
    both = read_columns(connection, "select record_id, cluster_id from identity.proposed_clusters",
                        ["record_id", "cluster_id"])  # fmt: skip
    both["now"] = both["record_id"].map(pd.Series(linking.clusters))
    both = both.dropna().astype({"cluster_id": "int64", "now": "int64"})
    pairs = both.value_counts(["cluster_id", "now"])
    found = Counter({AGREED: int((pairs * (pairs - 1) // 2).sum())})
    differing = _differing(both)
    facts = _Facts(connection, linking, both["record_id"][both["cluster_id"].isin(differing["cluster_id"])].tolist())
    for column, other in (("cluster_id", "now"), ("now", "cluster_id")):
        for _, members in differing.groupby(column):
            for (a, x), (b, y) in combinations(zip(members["record_id"], members[other], strict=True), 2):
                if x != y:
                    found[facts.kind(str(a), str(b), set(members["record_id"]))] += 1
    return {kind: found[kind] for kind in KINDS}


def _differing(both: pd.DataFrame) -> pd.DataFrame:
    """The records of the clusters that are not the same before and now."""
    pairs = both[["cluster_id", "now"]].drop_duplicates()
    split = pairs["cluster_id"][pairs["cluster_id"].duplicated()]
    joined = pairs["now"][pairs["now"].duplicated()]
    return both[both["cluster_id"].isin(split) | both["now"].isin(joined)].sort_values("record_id")


class _Facts:
    """What moved a pair: looked up for the records whose people differ."""

    def __init__(self, connection: psycopg.Connection, linking: Linking, records: list[str]) -> None:
        self.changed = _ids(connection, "select record_id from touched where record_id = any(%s)", records)
        holders = " or ".join(
            f"{name} in (select value from crowded where identifier = '{name}')" for name in IDENTIFIERS
        )
        self.crowded = _ids(
            connection,
            f"select unique_id from identity.compared where unique_id = any(%s) and ({holders})",
            records,
        )
        self.before = {
            (str(a), str(b)): float(weight)
            for a, b, weight in connection.execute(
                "select record_id_l, record_id_r, match_weight from identity.proposed_links"
                " where (record_id_l = any(%(ids)s) or record_id_r = any(%(ids)s)) and match_weight >= %(least)s",
                {"ids": records, "least": CLUSTER_WEIGHT},
            )
        }
        scored = linking.scored[linking.scored["match_weight"] >= CLUSTER_WEIGHT]
        near = scored[scored["record_id_l"].isin(records) | scored["record_id_r"].isin(records)]
        self.now = dict(zip(zip(near["record_id_l"], near["record_id_r"], strict=True), near["match_weight"],
                            strict=True))  # fmt: skip

    def kind(self, a: str, b: str, members: set[str]) -> str:
        """The first kind that fits the pair, a pair of the people `members`."""
        if {a, b} & self.changed:
            return CHANGED
        if members & self.crowded:
            return CROWDED
        before, now = (
            {pair: w for pair, w in links.items() if members & set(pair)} for links in (self.before, self.now)
        )
        if before.keys() != now.keys():
            return LINKED
        is_same = np.allclose([before[pair] for pair in before], [now[pair] for pair in before])
        return REGROUPED if is_same else WEIGHED


def _ids(connection: psycopg.Connection, query: str, records: list[str]) -> set[str]:
    return {str(row[0]) for row in connection.execute(query.encode(), [records])}


def write_drift(connection: psycopg.Connection, linking_id: int, drift: dict[str, int]) -> None:
    """Keep what a full linking has found."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into identity.drift values (%s, %s, %s)", [(linking_id, *item) for item in drift.items()]
        )
