"""Brings new records without a name to the one customer who holds what they name, without linking anybody anew.

Nobody else is moved by a user of the web site or a card at the till: it is joined last, by identifiers alone. So it is
joined here by the same rules, among those alone who hold what it names; and a record without a name that was there
stays where it is, as long as a new one of its holders changes nothing for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pandas as pd
import psycopg

from include import db
from include.identity.attach import attach_records, find_nameless
from include.identity.increment.homes import give_no_doubt, read_members
from include.identity.population import PEOPLE, read_columns, read_frame, read_nameless, read_people
from include.identity.shared_ids import holders

LINK_COLUMNS = ["record_id_l", "record_id_r", "match_weight", "probability", "reason"]
# The clusters of the holders, without those asked for, which are joined anew.
MEMBERS = """
select known.record_id, known.cluster_id from (select record_id, cluster_id from identity.proposed_clusters union all
select record_id, cluster_id from placed) as known where known.cluster_id in (select holders.cluster_id from holders)
and known.record_id not in (select asked.record_id from asked)
"""
OLD = "select record_id, cluster_id from asked where cluster_id is not null"
ALONE = """
select min(record_id) from identity.proposed_clusters where cluster_id in (select asked.cluster_id from asked)
group by cluster_id having count(*) = 1
"""
Home = int | frozenset[int] | None


def mark_nameless(connection: psycopg.Connection) -> None:
    """Make the temporary tables `nameless` and `held_by_nameless`: who they are, and their identifiers."""
    for table, columns in (("nameless", ("record_id", "email", "phone")), ("held_by_nameless", ("identifier",))):
        connection.execute(db.read_sql(f"include/identity/increment/{table}.sql"))
        for column in columns:
            # A mailbox may be longer than what another kind of index can hold.
            connection.execute(f"create index on {table} using hash ({column})".encode())
        connection.execute(f"analyze {table}".encode())


def place_nameless(connection: psycopg.Connection) -> pd.DataFrame:
    """Add to the temporary table `placed` the new records without a name that plainly are one customer's, or nobody's.

    Takes from it the records that may change whose an old one is. Returns the links, as link.score_pairs with reason.
    """
    connection.execute(db.read_sql("include/identity/increment/asked_nameless.sql"))
    by_id = read_nameless(connection, among="asked")
    if by_id.empty:
        return pd.DataFrame(columns=LINK_COLUMNS)
    connection.execute(db.read_sql("include/identity/increment/holders_of_asked.sql"))
    asked = _Asked(connection, by_id)
    homes, links = asked.find_homes()
    moved = {r for r in asked.old if r in asked.unknown or not asked.is_at(r, homes[r])}
    fresh = asked.fresh | asked.new
    lost = {r for record_id in moved for value in asked.values[record_id] for r in asked.held_by[value] & fresh}
    connection.execute("delete from placed where record_id = any(%s)", [sorted(lost)])
    _insert_plain(connection, {r: homes[r] for r in asked.new - asked.unknown - lost})
    if links.empty:
        return pd.DataFrame(columns=LINK_COLUMNS)
    return links.loc[links[["record_id_l", "record_id_r"]].isin(fresh).any(axis=1), LINK_COLUMNS]


def _insert_plain(connection: psycopg.Connection, homes: Mapping[str, Home]) -> None:
    """Those that are nobody's, and those of one customer who gives no doubt with them."""
    at_home = pd.Series({r: home for r, home in homes.items() if isinstance(home, int)}, dtype="float64")
    if len(at_home):
        members = read_members(connection, at_home.astype("int64"))
        at_home = at_home[give_no_doubt(at_home, read_people(connection, among="asked"), members)]
    rows = [*((r, int(home)) for r, home in at_home.items()), *((r, None) for r, home in homes.items() if home is None)]
    with connection.cursor() as cursor:
        cursor.executemany("insert into placed values (%s, %s)", rows)


class _Asked:
    """The records of `asked`, new and old, and those of `holders`; see attach.attach_records."""

    def __init__(self, connection: psycopg.Connection, by_id: pd.DataFrame) -> None:
        self.by_id = by_id.astype({"record_id": str})
        self.frame = read_frame(connection, among="holders")
        everybody = "select record_id from asked union select record_id from holders"
        people = f"select {', '.join(PEOPLE)} from identity.records where record_id in ({everybody})"
        self.people = read_columns(connection, people, PEOPLE)
        self.old = {str(r): int(cluster) for r, cluster in connection.execute(OLD)}
        self.alone = {str(r) for (r,) in connection.execute(ALONE)}
        self.new = set(self.by_id["record_id"]) - set(self.old)
        found = connection.execute("select record_id, cluster_id, is_fresh from holders").fetchall()
        self.fresh = {str(r) for r, _, is_fresh in found if is_fresh}
        has_no_name = self.frame[["first_name", "last_name"]].isna().all(axis=1)
        unknown = {str(r) for r, cluster, _ in found if cluster is None}
        unknown |= set(self.frame.loc[has_no_name, "unique_id"].astype(str))
        self.clusters = {str(r): int(cluster) for r, cluster in connection.execute(MEMBERS)}
        self.clusters |= {r: -1 - n for n, r in enumerate(sorted({*unknown, *self.by_id["record_id"]}))}
        self.values = find_nameless(self.by_id, self.frame, self.clusters)
        self.held_by = self._who_holds()
        self.unknown = {r for r in self.new | set(self.old) if any(self.held_by[v] & unknown for v in self.values[r])}

    def _who_holds(self) -> Mapping[str, set[str]]:
        """The records by each value that they hold; of those without a name only the new ones."""
        held: dict[str, set[str]] = defaultdict(set)
        ids = self.frame["unique_id"].astype(str).tolist()
        listed = holders(self.frame)
        for place, value in zip(listed["place"], listed["identifier"], strict=True):
            held[str(value)].add(ids[place])
        for record_id, email in zip(ids, self.frame["email"], strict=True):
            held[f"email:{email}"].add(record_id)
        for record_id in self.new:
            for value in self.values[record_id]:
                held[value].add(record_id)
        return held

    def is_at(self, record_id: str, home: Home) -> bool:
        """Whether an old record is where it belongs: with its customer, or alone where it has none."""
        return home == self.old[record_id] if isinstance(home, int) else record_id in self.alone

    def find_homes(self) -> tuple[dict[str, Home], pd.DataFrame]:
        """(whose each of those asked for is, the links that say why).

        A home is a cluster, None where nobody holds anything of the record, or all the clusters that may be it.
        """
        asked = set(self.old) | self.new
        attached = attach_records({r: self.values[r] for r in sorted(asked)}, self.frame, self.people, self.clusters)
        homes: dict[str, Home] = dict.fromkeys(asked)
        for record_id, others, _ in attached.doubtful:
            homes[record_id] = frozenset(self.clusters[other] for other in others)
        if not attached.links.empty:
            for a, b in zip(attached.links["record_id_l"], attached.links["record_id_r"], strict=True):
                homes[a if a in asked else b] = self.clusters[b if a in asked else a]
        return homes, attached.links
