"""Links what is new or changed against the people that are there, and leaves everybody else as he is.

Only the records that the new ones may belong to are compared anew, with the saved model, the frequencies of values
among all records, and the prior of all of them. What follows for others (a value has become more frequent, an
identifier has too many holders) waits for the next linking in full.
"""

from __future__ import annotations

import pandas as pd
import psycopg

from include import db
from include.identity.link import score_pairs
from include.identity.model import BLOCKING, COLUMNS
from include.identity.population import (
    IDENTIFIERS,
    copy_table,
    count_frequencies,
    count_population,
    mark_crowded,
    read_frame,
)
from include.identity.shared_ids import weigh_shared_ids
from include.identity.stewards.doubts import DOUBTFUL_FROM

# Whoever a steward has decided about, also where the decision was undone since.
DECIDED = """
select record_id_l from identity.decisions where record_id_r is not null
union
select record_id_r from identity.decisions where record_id_r is not null
"""


def find_relinked(connection: psycopg.Connection) -> None:
    """Make the temporary table `relinked`: the records to be linked anew, with those that are gone.

    The temporary table `touched` holds what is new, changed or gone.
    """
    mark_crowded(connection)
    population = count_population(connection)
    _find_candidates(connection)
    frame = read_frame(connection, among="candidates", flag="touched")
    scored = score_pairs(frame, frequencies=count_frequencies(connection, "candidates"), population=population)
    scored = weigh_shared_ids(frame, scored, population)
    near = scored[scored["match_weight"] >= DOUBTFUL_FROM]
    connection.execute("create temp table relinked (record_id text primary key, step int default 0) on commit drop")
    connection.execute("create temp table reached (record_id text) on commit drop")
    reached = pd.concat([near["record_id_l"], near["record_id_r"]]).drop_duplicates()
    copy_table(connection, "reached", pd.DataFrame({"record_id": reached}), schema="pg_temp")
    connection.execute(
        "insert into relinked (record_id) select record_id from touched union select record_id from reached"
        f" union {DECIDED} on conflict do nothing"
    )
    expand, added = db.read_sql("include/identity/expand.sql"), 1
    while added:
        connection.execute("analyze relinked")
        added = connection.execute(expand).rowcount
    connection.execute("analyze relinked")


def _find_candidates(connection: psycopg.Connection) -> None:
    """Make the temporary table `candidates`: records that a rule of BLOCKING compares with a new or changed one."""
    values = {
        name: f"case when c.{name} not in (select value from crowded where identifier = '{name}') then c.{name} end"
        for name in IDENTIFIERS
    }
    connection.execute(
        "create temp table fresh on commit drop as select "
        + ", ".join(f"{values.get(name, f'c.{name}')} as {name}" for name in COLUMNS)
        + " from identity.compared as c inner join touched on c.unique_id = touched.record_id"
    )
    connection.execute("analyze fresh")
    found = " union ".join(
        f"select r.unique_id from fresh as l inner join identity.compared as r on {block.condition()}"
        for block in BLOCKING
    )
    connection.execute(f"create temp table candidates (record_id) on commit drop as {found}")
    connection.execute("analyze candidates")
