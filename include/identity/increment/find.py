"""Finds whom the new and changed records may belong to, and so who has to be linked anew.

Only the records that a rule of BLOCKING brings together with them are compared with them, with the model in force, and
the frequencies of values and the prior of the whole population. A new record that plainly fits one customer is given to
him (see placing); where anything is in doubt, all who may be concerned are linked anew. What follows for others (a
value has become more frequent, an identifier has too many holders) waits for the next linking in full.
"""

from __future__ import annotations

import pandas as pd
import psycopg

from include import db
from include.identity.fragments import FIT, MARGIN
from include.identity.in_force import read_model
from include.identity.increment.placing import place_records
from include.identity.increment.planning import prefer_lookups
from include.identity.link import score_pairs
from include.identity.model import BLOCKING, COLUMNS
from include.identity.population import (
    UNCROWDED,
    count_frequencies,
    count_population,
    make_table,
    mark_crowded,
    read_columns,
    read_frame,
)
from include.identity.shared_ids import weigh_shared_ids
from include.identity.stewards.doubts import DOUBTFUL_FROM

# So many candidates are scored at a time, so that memory does not grow with the number of records.
CANDIDATES_AT_A_TIME = 500_000
SIDES = ("record_id_l", "record_id_r")


def find_relinked(connection: psycopg.Connection) -> pd.DataFrame:
    """Make the temporary tables `placed`, of new records that need no linking, and `relinked`: the records to be linked
    anew, with those that are gone. Both are made out of the temporary table `touched`: what is new, changed or gone.

    Returns the pairs with a new record that may be one person and are not linked anew, since one of the two at least is
    not in `relinked`; as link.score_pairs.
    """
    prefer_lookups(connection)
    mark_crowded(connection)
    scored = _score_candidates(connection)
    links = place_records(connection, scored)
    near = scored[scored["match_weight"] >= DOUBTFUL_FROM].astype({"record_id_l": str, "record_id_r": str})
    placed = set(read_columns(connection, "select record_id from placed", ["record_id"])["record_id"])
    touched = set(read_columns(connection, "select record_id from touched", ["record_id"])["record_id"])
    is_open = ~(near["record_id_l"].isin(placed) | near["record_id_r"].isin(placed)) & _decides(near, touched)
    reached = pd.concat([near.loc[is_open, "record_id_l"], near.loc[is_open, "record_id_r"]]).drop_duplicates()
    connection.execute("create temp table relinked (record_id text primary key, step int default 0) on commit drop")
    make_table(connection, "reached", "record_id text", pd.DataFrame({"record_id": reached}))
    connection.execute(
        "insert into relinked (record_id) select record_id from touched union select record_id from unsettled union"
        " select record_id from reached except select record_id from placed"
    )
    _expand(connection)
    relinked = set(read_columns(connection, "select record_id from relinked", ["record_id"])["record_id"])
    known = pd.concat([near, links]) if len(links) else near
    return known[~(known["record_id_l"].isin(relinked) & known["record_id_r"].isin(relinked))]


def _decides(near: pd.DataFrame, touched: set[str]) -> pd.Series[bool]:
    """Whether a pair may decide whose a record is: it fits, or is a rival of one that does (see fragments)."""
    best = pd.concat([near.set_index(side)["match_weight"] for side in SIDES]).groupby(level=0).max()
    decides = near["match_weight"] >= FIT
    for side in SIDES:
        of_side = best.reindex(near[side]).to_numpy(dtype=float)
        decides |= near[side].isin(touched) & (of_side >= FIT) & (near["match_weight"] > of_side - MARGIN)
    return decides


def _score_candidates(connection: psycopg.Connection) -> pd.DataFrame:
    """Every pair with a new or changed record, as link.score_pairs, weighed with what identifiers say."""
    model, population, parts = read_model(connection, hold=True), count_population(connection), []
    # A frequency weighs where both records have the value, so that those of the new and changed ones are enough.
    frequencies = count_frequencies(connection, "touched")
    for number in range(_find_candidates(connection)):
        connection.execute("create temp table part on commit drop as select touched.record_id from touched union"
                           " select candidates.record_id from candidates where number = %s", [number])  # fmt: skip
        frame = read_frame(connection, among="part", flag="touched")
        pairs = score_pairs(frame, model.at_size(population), frequencies)
        pairs = weigh_shared_ids(frame, pairs, population)
        parts.append(pairs.astype({"record_id_l": str, "record_id_r": str}))
        connection.execute("drop table part")
    scored = pd.concat(parts).drop_duplicates(["record_id_l", "record_id_r"])
    return scored.astype({"record_id_l": "category", "record_id_r": "category"})


def _expand(connection: psycopg.Connection) -> None:
    """Add to `relinked`, step by step, whoever hangs together with its records."""
    expand, added = db.read_sql("include/identity/increment/expand.sql"), 1
    take_back = db.read_sql("include/identity/increment/no_longer_placed.sql")
    while added:
        connection.execute("analyze relinked")
        added = connection.execute(expand).rowcount or connection.execute(take_back).rowcount
    connection.execute("analyze relinked")


def _find_candidates(connection: psycopg.Connection) -> int:
    """Make the temporary table `candidates` (record_id, number): records that a rule of BLOCKING compares with a new or
    changed one, and the number of the part in which each is scored, from 0. Returns how many parts there are.
    """
    # Postgres reads no temporary table on several cores. This one is dropped below, in the same transaction.
    connection.execute(
        "create unlogged table identity.fresh as select "
        + ", ".join(f"{UNCROWDED.get(name, f'c.{name}')} as {name}" for name in COLUMNS)
        + " from identity.compared as c inner join touched on c.unique_id = touched.record_id"
    )
    connection.execute("analyze identity.fresh")
    found = " union ".join(
        f"select r.unique_id from identity.fresh as l inner join identity.compared as r on {block.condition()}"
        for block in BLOCKING
    )
    connection.execute(
        "create temp table candidates on commit drop as"
        f" select unique_id as record_id, (row_number() over () - 1) / {CANDIDATES_AT_A_TIME} as number"
        f" from ({found}) as found"
    )
    connection.execute("drop table identity.fresh")
    connection.execute("analyze candidates")
    row = connection.execute("select coalesce(max(number) + 1, 1) from candidates").fetchone()
    return int(row[0]) if row else 1
