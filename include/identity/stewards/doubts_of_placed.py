"""The doubts that new records bring with those who were not linked anew: whose else they may be."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import psycopg
from psycopg import sql

from include import db
from include.identity.in_force import read_model
from include.identity.population import count_frequencies, count_population, make_table, read_columns, read_frame
from include.identity.stewards.doubts import Doubt, find_doubts_between
from include.identity.stewards.facts import read_facts
from include.identity.stewards.queue import SURPLUS, copy_items, with_remainder
from include.identity.stewards.weights import weigh_comparisons
from include.settings import Settings

COLUMNS = ["record_id", "cluster_id"]


def ask_about_placed(
    connection: psycopg.Connection, near: pd.DataFrame, decisions: Iterable[tuple[str, str, str]]
) -> None:
    """Add to the proposed queue the customers that a pair of `near` says may be one, in the caller's transaction.

    `near` (record_id_l, record_id_r, match_weight, reason) are the pairs of new records that were not linked anew
    together; all clusters are proposed already. Of two customers only the best pair is asked about, old or new.
    """
    _make_ends(connection, near)
    members = read_columns(connection, db.read_sql("include/identity/stewards/clusters_of_ends.sql"), COLUMNS)
    clusters = dict(zip(members["record_id"].astype(str), members["cluster_id"].astype(int), strict=True))
    across = near[near["record_id_l"].map(clusters) != near["record_id_r"].map(clusters)]
    limit = Settings.from_env().review_queue_size
    doubts = find_doubts_between(across, clusters, decisions, read_facts(connection, list(clusters)))[:limit]
    _weigh(connection, doubts)
    connection.execute("create temp table new_reviews (like identity.proposed_reviews) on commit drop")
    copy_items(connection.cursor(), sql.Identifier("new_reviews"), doubts)
    connection.execute(db.read_sql("include/identity/stewards/add_reviews.sql"))
    connection.execute(SURPLUS.encode(), [limit])


def _make_ends(connection: psycopg.Connection, pairs: pd.DataFrame) -> None:
    ends = pd.concat([pairs["record_id_l"], pairs["record_id_r"]]).drop_duplicates()
    make_table(connection, "ends", "record_id text", pd.DataFrame({"record_id": ends}))


def _weigh(connection: psycopg.Connection, doubts: list[Doubt]) -> None:
    """Give each doubt the weights of its pair."""
    pairs = [(doubt.record_id_l, doubt.record_id_r) for doubt in doubts]
    _make_ends(connection, pd.DataFrame(pairs, columns=["record_id_l", "record_id_r"]))
    frame, frequencies = read_frame(connection, among="ends"), count_frequencies(connection, "ends")
    model, population = read_model(connection, hold=True).settings, count_population(connection)
    for doubt, bars in zip(doubts, weigh_comparisons(frame, model, pairs, frequencies, population), strict=True):
        doubt.comparisons = with_remainder(bars, doubt)
