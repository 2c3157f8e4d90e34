"""The customers whom new records are given to, and what in a record is a reason not to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import psycopg

from include import db
from include.identity.births import contradict
from include.identity.confirmed import CONFIRMED_FIELDS, codes_of_field
from include.identity.people import birth_parts, twice_held
from include.identity.population import PEOPLE, make_table, read_columns
from include.identity.stewards.doubts import MANY_RECORDS_OF_ONE_SYSTEM


def read_members(connection: psycopg.Connection, clusters: pd.Series[int]) -> pd.DataFrame:
    """The records of the clusters: PEOPLE, cluster_id and is_compared."""
    make_table(connection, "homes", "cluster_id bigint", pd.DataFrame({"cluster_id": clusters.drop_duplicates()}))
    members = read_query(connection, "members_of_homes", [*PEOPLE, "cluster_id", "is_compared"])
    return members.astype({"cluster_id": "int64"})


def give_no_doubt(homes: pd.Series[float], fresh: pd.DataFrame, members: pd.DataFrame) -> pd.Series[bool]:
    """For each record, whether nothing in it is a reason to part its customer or to have him looked at.

    `homes` are the clusters by record, `fresh` has these records among others, as PEOPLE, and `members` those of the
    clusters, as read_members.
    """
    fresh = fresh[fresh["record_id"].isin(homes.index)].assign(cluster_id=lambda f: f["record_id"].map(homes))
    fresh = fresh.astype({"cluster_id": "int64"})
    members = members[members["cluster_id"].isin(homes)]
    table = pd.concat([members, fresh], ignore_index=True)
    group = table["cluster_id"].to_numpy()
    doubtful = {cluster for name in CONFIRMED_FIELDS for cluster in twice_held(group, codes_of_field(table, name))}
    systems = table.value_counts(["cluster_id", "system"])
    doubtful |= set(systems[systems >= MANY_RECORDS_OF_ONE_SYSTEM].index.get_level_values("cluster_id"))
    is_odd = homes.isin(doubtful) | homes.index.isin(_born_otherwise(fresh, members))
    return ~is_odd


def _born_otherwise(fresh: pd.DataFrame, members: pd.DataFrame) -> set[str]:
    """The new records whose birth excludes that of a member."""
    places = [table[["cluster_id"]].assign(place=np.arange(len(table))) for table in (fresh, members)]
    both = places[0].merge(places[1], on="cluster_id")
    births = birth_parts(fresh)[both["place_x"]], birth_parts(members)[both["place_y"]]
    return set(fresh["record_id"].to_numpy(dtype=object)[both["place_x"][contradict(*births)]])


def read_query(connection: psycopg.Connection, name: str, columns: list[str]) -> pd.DataFrame:
    """What the SQL file of that name in this folder finds."""
    return read_columns(connection, db.read_sql(f"include/identity/increment/{name}.sql"), columns)
