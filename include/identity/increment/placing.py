"""Gives new records to the one customer whom they plainly fit, without linking this customer anew.

Most of what a day brings is one more record of somebody who is there, and says nothing new about who is who. Such a
record needs no second look at the others of its customer: it fits them on average, nobody else, and nothing in it is
a reason to part them. Every doubt leaves the record to be linked anew with all whom it may belong to.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import psycopg

from include import db
from include.identity.fragments import FIT, MARGIN
from include.identity.in_force import read_model
from include.identity.increment.homes import give_no_doubt, read_members, read_query
from include.identity.increment.nameless import mark_nameless, place_nameless
from include.identity.model import CLUSTER_WEIGHT, TOP_WEIGHT, UNSCORED_WEIGHT
from include.identity.population import copy_table, make_table, read_columns, read_people
from include.identity.stewards.doubts import SURE_FROM

# What is new, has a name, is compared with others, and no steward has decided about.
NEW = """
select c.unique_id from identity.compared as c
inner join touched on c.unique_id = touched.record_id
where c.unique_id not in (select unsettled.record_id from unsettled) and coalesce(c.first_name, c.last_name) is not null
"""


def place_records(connection: psycopg.Connection, scored: pd.DataFrame) -> pd.DataFrame:
    """Make the temporary table `placed` (record_id, cluster_id): the new records that need no linking. Returns the
    links of those without a name.

    `scored` are all pairs that have a new record, as link.score_pairs. The cluster is null where no record is near; the
    record is a customer of its own then. The temporary table `touched` holds what is new, changed or gone.
    """
    connection.execute(db.read_sql("include/identity/increment/unsettled.sql"))
    mark_nameless(connection)
    pairs = _from_both_ends(scored)
    new = read_columns(connection, NEW, ["unique_id"])["unique_id"].astype(str)
    near = pairs[pairs["weight"] >= FIT]
    ends = pd.concat([near["record_id"], near["other"]]).drop_duplicates().astype(str)
    make_table(connection, "near", "record_id text", pd.DataFrame({"record_id": ends}))
    cluster_of = read_query(connection, "homes_of_near", ["record_id", "cluster_id"]).astype({"record_id": str})
    members = read_members(connection, cluster_of["cluster_id"])
    near = near.astype({"record_id": str, "other": str})
    near = near[near["record_id"].isin(new)].assign(
        cluster_id=lambda p: p["other"].map(cluster_of.set_index("record_id")["cluster_id"]).astype(float),
        is_new=lambda p: p["other"].isin(new),
    )
    homes = _only_homes(near, _weigh_inside(near, members, pairs))
    homes = homes[give_no_doubt(homes, read_people(connection, among="near"), members)]
    alone = pd.Series(np.nan, index=new[~new.isin(near["record_id"])])
    placed = pd.concat([homes, alone])
    make_table(connection, "placed", "record_id text primary key, cluster_id bigint", _as_rows(placed))
    may_be_named = read_query(connection, "nameless_of_placed", ["record_id"])["record_id"].astype(str)
    kept = _with_their_peers(placed.drop(may_be_named), near)
    gone = placed.index.difference(kept.index).tolist()
    connection.execute("delete from placed where record_id = any(%s)", [gone])
    return place_nameless(connection)


def _as_rows(placed: pd.Series[float]) -> pd.DataFrame:
    return pd.DataFrame({"record_id": placed.index, "cluster_id": placed.astype("Int64").array})


def write_placed(connection: psycopg.Connection, near: pd.DataFrame) -> int:
    """Propose the records in `placed`, and the links among `near`, in the caller's transaction.

    Returns how many records were placed.
    `near` are the pairs of new records that were not linked anew together, as find.find_relinked returns them.
    """
    placed = connection.execute(
        "insert into identity.proposed_clusters select record_id, coalesce(cluster_id, row_number() over"
        " (partition by cluster_id order by record_id) + (select coalesce(max(cluster_id), -1)"
        " from identity.proposed_clusters)) from placed"
    ).rowcount
    # No weaker pair has to be kept to tell what holds a record (see kept_links): whoever is placed with a customer has
    # one of SURE_FROM there.
    links = near[near["match_weight"] >= CLUSTER_WEIGHT]
    columns = ["record_id_l", "record_id_r", "probability", "match_weight", "reason", "model_version"]
    copy_table(
        connection, "proposed_links", links.assign(model_version=read_model(connection, hold=True).version)[columns]
    )
    connection.execute("insert into identity.unadopted select record_id from placed on conflict do nothing")
    return placed


def _from_both_ends(scored: pd.DataFrame) -> pd.DataFrame:
    """The pairs, each from both of its ends: record_id, other, weight."""
    left, right = scored["record_id_l"], scored["record_id_r"]
    return pd.DataFrame({
        "record_id": pd.concat([left, right]), "other": pd.concat([right, left]),
        "weight": np.tile(scored["match_weight"].to_numpy(dtype=float), 2),
    })  # fmt: skip


def _only_homes(near: pd.DataFrame, inside: pd.DataFrame) -> pd.Series[float]:
    """The cluster that each record fits on average, if it is near to no record that cannot be looked at here, and fits
    every other cluster that it is near to much less by its best pair, and on average not as one of it.

    `inside` has what each record weighs with each cluster, see _weigh_inside.
    """
    is_open = near["cluster_id"].isna() & ~near["is_new"]
    near = near[~near["record_id"].isin(near.loc[is_open, "record_id"])]
    fits = near.groupby(["record_id", "cluster_id"])["weight"].max().to_frame("best").join(inside)
    fits = fits.reset_index().sort_values(["record_id", "mean", "cluster_id"], ascending=[True, False, True])
    own = fits.drop_duplicates("record_id").set_index("record_id")
    others = fits[fits["record_id"].duplicated()].groupby("record_id")[["best", "mean"]].max().reindex(own.index)
    is_sure = (own["mean"] >= SURE_FROM) | (own["best"] >= SURE_FROM) & (own["rest"] >= CLUSTER_WEIGHT)
    is_plain = is_sure & ~(others["mean"] >= CLUSTER_WEIGHT) & ~(others["best"] > own["best"] - MARGIN)
    return own.loc[is_plain, "cluster_id"]


def _with_their_peers(homes: pd.Series[float], pairs: pd.DataFrame) -> pd.Series[float]:
    """Those whose near new records all go where they go."""
    peers = pairs[pairs["is_new"]]
    while True:
        own, others = (peers[end].map(homes) for end in ("record_id", "other"))
        apart = peers.loc[own.notna() & (own != others), "record_id"]
        if apart.empty:
            return homes
        homes = homes.drop(apart.unique())
        peers = peers[~peers["record_id"].isin(apart)]


def _weigh_inside(near: pd.DataFrame, members: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """What each record weighs with the members of each cluster that it is near to, as clustering counts it: the `mean`,
    and the mean of the `rest` without the best pair; by record_id and cluster_id.
    """
    compared = members[members["is_compared"] == 1]
    cluster_of = compared.set_index(compared["record_id"].astype(str))["cluster_id"]
    of_other = pairs["other"].map(cluster_of).astype(float).to_numpy()
    inside = ~np.isnan(of_other) & pairs["record_id"].isin(near["record_id"].unique()).to_numpy()
    weights = pd.DataFrame({
        "record_id": pairs["record_id"].to_numpy()[inside].astype(str), "cluster_id": of_other[inside],
        "weight": pairs["weight"].to_numpy()[inside].clip(-TOP_WEIGHT, TOP_WEIGHT),
    }).groupby(["record_id", "cluster_id"])["weight"].agg(["sum", "size", "max"])  # fmt: skip
    size = cluster_of.value_counts().reindex(weights.index.get_level_values("cluster_id")).to_numpy()
    total = weights["sum"] + (size - weights["size"]) * UNSCORED_WEIGHT
    rest = (total - weights["max"]) / np.where(size > 1, size - 1, np.nan)
    return pd.DataFrame({"mean": total / size, "rest": rest})
