"""Brings records without a name to their people: the bank's clients, users of the web site, bank cards at the till,
and requests that name nobody.

Average linkage would ask all records of a person about them, and most have nothing to say. One identifier says whose
they are, where all who hold it are one customer; where several customers hold it nobody can know.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from include.identity.births import contradict
from include.identity.model import MAX_RECORDS_OF_ONE_SYSTEM, MOST_HOLDERS_OF_AN_ID, SHARED_ID_WEIGHT
from include.identity.people import Array, Decision, birth_parts, ids_of, number_clusters, places_of
from include.identity.shared_ids import check_kinds, holders

# Asked in this order; the next one only where nobody holds the one before.
ORDER = ("user_id", "client_id", "national_id", "loyalty_number", "iban", "card", "contact")
# What says less: asked together, so that a mailbox of one customer and the telephone of another decide nothing.
CONTACT = ("email", "phone")
SIDES = ("record_id_l", "record_id_r")


@dataclass
class Attached:
    """The clusters with the records joined, the links that say why, and (record, holders, kind) of those in doubt."""

    clusters: dict[str, int]
    links: pd.DataFrame
    doubtful: list[tuple[str, list[str], str]] = field(default_factory=list)


def find_nameless(
    by_id: pd.DataFrame, frame: pd.DataFrame, clusters: Mapping[str, int], decisions: Iterable[Decision] = ()
) -> dict[str, list[str]]:
    """The identifiers of each record to be attached, as ``kind:value``: of `by_id` (record_id, identifiers, email),
    and of the linkage frame those without name and birth that the linking has left alone, or that only decisions have
    joined to others.
    """
    sizes = pd.Series(clusters).value_counts()
    decided = {clusters[a] for a, _, verdict in decisions if verdict == "same" and a in clusters}
    says_nothing = frame[["first_name", "last_name", "birth_year"]].isna().all(axis=1)
    silent = frame.loc[says_nothing, "unique_id"].astype(str).tolist()
    silent_in = Counter(clusters[r] for r in [*silent, *by_id["record_id"].astype(str)] if clusters[r] in decided)
    alone = [r for r in silent if sizes[clusters[r]] in (1, silent_in[clusters[r]])]
    contacts = frame[frame["unique_id"].isin(alone)]
    listed = pd.concat([
        by_id.rename(columns={"record_id": "unique_id"}).assign(phone=None),
        contacts[["unique_id", "identifiers", "email", "phone"]],
    ]).astype({"unique_id": str}).set_index("unique_id").sort_index()  # fmt: skip
    # A record that is linked by its id is known by that, too: two of one mailbox are two.
    own = set(by_id["record_id"].astype(str))
    check_kinds({str(i).partition(":")[0] for i in listed["identifiers"].explode().dropna()})
    found = {record_id: [f"record:{record_id}"] if record_id in own else [] for record_id in listed.index}
    for record_id, identifier in listed["identifiers"].explode().dropna().items():
        found[str(record_id)].append(str(identifier))
    for kind in CONTACT:
        for record_id, value in listed[kind].dropna().items():
            found[str(record_id)].append(f"{kind}:{value}")
    return found


def attach_records(
    nameless: Mapping[str, list[str]],
    frame: pd.DataFrame,
    people: pd.DataFrame,
    clusters: Mapping[str, int],
    decisions: Iterable[Decision] = (),
) -> Attached:
    """Join each of the nameless records to the customer who holds its identifier; see the module and find_nameless.

    `frame` is the linkage frame, whose records hold identifiers; `people` know the births of all. Records that a
    steward has joined go together; where one of them is in a customer, they stay there. One that he has parted from a
    customer is not joined to it; of two that he has parted from each other, the first is joined and the other one is
    in doubt. Of two dates of birth that exclude each other none is joined. A mailbox that two numbers of one kind name
    says nothing, nor does what more than MOST_HOLDERS_OF_AN_ID customers hold; and no customer gets more records of one
    system than one person has.
    """
    found = Attached(dict(clusters), pd.DataFrame())
    held_by, births, apart = _holders_by_value(frame, nameless, clusters), _Births(people), _Apart(decisions)
    filled = _count_filled(nameless, clusters)
    links: list[tuple[str, str, str]] = []
    for together in _without_customer(nameless, clusters):
        known = _holders_of(together, nameless, held_by)
        able = [(r, holder, kind) for r, holder, kind in known if not any(births.exclude(o, holder) for o in together)]
        parted = apart.clusters_of(together, clusters)
        homes = {clusters[holder] for _, holder, _ in able} - parted
        has_taken = homes & apart.clusters_of(together, found.clusters)
        if len(homes) == 1 and len(able) == len(known) and not has_taken:
            home, coming = homes.pop(), Counter(_system_of(r) for r in together)
            if any(filled[system, home] + n > MAX_RECORDS_OF_ONE_SYSTEM for system, n in coming.items()):
                continue
            filled.update({(system, home): n for system, n in coming.items()})
            found.clusters |= dict.fromkeys(together, home)
            for record_id in together:
                links += _links_of(record_id, [(h, k) for r, h, k in able if r == record_id and clusters[h] == home])
        elif known and parted.isdisjoint(clusters[holder] for _, holder, _ in known):
            found.doubtful.append((known[0][0], sorted({holder for _, holder, _ in known}), known[0][2]))
    return Attached(number_clusters(found.clusters.items()), _as_links(links), found.doubtful)


def _without_customer(nameless: Iterable[str], clusters: Mapping[str, int]) -> list[list[str]]:
    """The nameless records of each cluster that has no others."""
    members: dict[int, list[str]] = defaultdict(list)
    for record_id in nameless:
        members[clusters[record_id]].append(record_id)
    sizes = Counter(cluster for cluster in clusters.values() if cluster in members)
    return [together for cluster, together in members.items() if len(together) == sizes[cluster]]


def _holders_of(
    together: Iterable[str], nameless: Mapping[str, list[str]], held_by: Mapping[str, list[str]]
) -> list[tuple[str, str, str]]:
    """(record, holder, kind): of each record the first kind of ORDER that anybody holds; mailboxes and telephones
    alone count only where no number of another one does.
    """
    found = set()
    for record_id in together:
        for values in _by_kind(nameless[record_id]):
            if known := {(record_id, r, v.partition(":")[0]) for v in values for r in held_by.get(v, ())}:
                found |= known
                break
    return sorted({triple for triple in found if triple[2] not in CONTACT} or found)


def _count_filled(nameless: Iterable[str], clusters: Mapping[str, int]) -> Counter[tuple[str, int]]:
    """How many records of each cluster are of a system, for the systems of the nameless records."""
    systems = tuple({_system_of(record_id) + "/" for record_id in nameless})
    return Counter((_system_of(r), cluster) for r, cluster in clusters.items() if r.startswith(systems))


def _links_of(record_id: str, holders_of: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """One link to each of the holders, with all kinds that it shares with the record."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for holder, kind in holders_of:
        kinds[holder].append(kind)
    return [(min(record_id, r), max(record_id, r), "+".join(sorted(shared))) for r, shared in kinds.items()]


def _by_kind(identifiers: list[str]) -> list[list[str]]:
    """The identifiers of each kind, in ORDER."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for identifier in identifiers:
        kind = identifier.partition(":")[0]
        kinds["contact" if kind in CONTACT else kind].append(identifier)
    return [kinds[kind] for kind in ORDER if kind in kinds]


def _holders_by_value(
    frame: pd.DataFrame, nameless: Mapping[str, list[str]], clusters: Mapping[str, int]
) -> dict[str, list[str]]:
    """The records with a name that hold each identifier of the nameless.

    Left out are mailboxes that several numbers of one kind claim, and what so many customers hold that it identifies
    nobody.
    """
    wanted = {identifier for identifiers in nameless.values() for identifier in identifiers} - _crowded(nameless)
    ids = frame["unique_id"].astype(str).to_numpy(dtype=object)
    held_by: dict[str, list[str]] = defaultdict(list)
    held = holders(frame)
    held = held[held["identifier"].isin(wanted)]
    for place, value in zip(held["place"], held["identifier"], strict=True):
        held_by[value].append(ids[place])
    for kind in CONTACT:
        asked = {value for name, _, value in (i.partition(":") for i in wanted) if name == kind}
        places = np.flatnonzero(frame[kind].isin(asked).to_numpy())
        for place, value in zip(places.tolist(), frame[kind].iloc[places], strict=True):
            held_by[f"{kind}:{value}"].append(ids[place])
    named = {value: [r for r in records if r not in nameless] for value, records in held_by.items()}
    return {
        value: records for value, records in named.items()
        if len({clusters[r] for r in records}) <= MOST_HOLDERS_OF_AN_ID
    }  # fmt: skip


def _system_of(record_id: str) -> str:
    return record_id.partition("/")[0]


def _crowded(nameless: Mapping[str, list[str]]) -> set[str]:
    """Mailboxes and telephones that several numbers of one kind claim: two users, not a user and a client."""
    claims = Counter(
        (record_id.rpartition("/")[0], identifier)
        for record_id, identifiers in nameless.items()
        if any(i.partition(":")[0] not in CONTACT for i in identifiers)
        for identifier in identifiers
        if identifier.partition(":")[0] in CONTACT
    )
    return {identifier for (_, identifier), count in claims.items() if count > 1}


class _Apart:
    """The records that a steward has parted a record from."""

    def __init__(self, decisions: Iterable[Decision]) -> None:
        self.parted: dict[str, set[str]] = defaultdict(set)
        for a, b, verdict in decisions:
            if verdict == "different":
                self.parted[a].add(b)
                self.parted[b].add(a)

    def clusters_of(self, record_ids: Iterable[str], clusters: Mapping[str, int]) -> set[int]:
        """The clusters of all that one of the records is parted from."""
        return {clusters[o] for r in record_ids for o in self.parted.get(r, ()) if o in clusters}


def add_links(scored: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """The scored pairs and the links of records without a name; levels of comparisons are not known of these.

    Of a pair that is in both, the heavier one stays.
    """
    if links.empty:
        return scored
    lighter, kept = _doubled(scored, links)
    if len(lighter):
        scored = scored[~np.isin(np.arange(len(scored)), lighter)]
    links = links[kept]
    kind = _kind_of(scored, links)
    both = [
        table.assign(**{
            side: pd.Categorical.from_codes(places_of(kind.categories, table[side]), dtype=kind) for side in SIDES
        })
        for table in (scored, links)
    ]  # fmt: skip
    return pd.concat(both, ignore_index=True)


def _kind_of(scored: pd.DataFrame, links: pd.DataFrame) -> pd.CategoricalDtype:
    """The record ids of both as categories; where the scored pairs have such, they come first, as they are."""
    kinds = [scored[side].dtype for side in SIDES]
    known = pd.Index([])
    if isinstance(kinds[0], pd.CategoricalDtype) and kinds[0] == kinds[1]:
        known, tables = kinds[0].categories, [links]
    else:
        tables = [scored, links]
    named = pd.Series([record_id for table in tables for side in SIDES for record_id in table[side]], dtype=object)
    more = sorted(set(named[places_of(known, named) < 0]))
    return pd.CategoricalDtype(known.append(pd.Index(more, dtype=known.dtype)))


def _doubled(scored: pd.DataFrame, links: pd.DataFrame) -> tuple[Array, Array]:
    """(the places of scored pairs that are links, too, and weigh less; which links are not among heavier pairs)."""
    known = pd.concat([links[side] for side in SIDES])
    near = np.flatnonzero(np.logical_and.reduce([places_of(known, scored[side]) >= 0 for side in SIDES]))
    weights = {(left, right): (weight, place) for left, right, weight, place in zip(
        *(scored[name].iloc[near] for name in (*SIDES, "match_weight")), near.tolist(), strict=True)}  # fmt: skip
    pairs = zip(*(links[name] for name in (*SIDES, "match_weight")), strict=True)
    found = [(weight, *weights.get((left, right), (-np.inf, -1))) for left, right, weight in pairs]
    lighter = [place for weight, other, place in found if place >= 0 and other < weight]
    return np.array(lighter, dtype=int), np.array([weight > other for weight, other, _ in found], dtype=bool)


class _Births:
    """Whether the births of two records exclude each other."""

    def __init__(self, people: pd.DataFrame) -> None:
        self.place = {record_id: place for place, record_id in enumerate(ids_of(people))}
        self.parts: Array = birth_parts(people)
        self.is_known: list[bool] = np.asarray(np.isfinite(self.parts).any(axis=1)).tolist()

    def exclude(self, left: str, right: str) -> bool:
        places = self.place[left], self.place[right]
        # Most have no birth, and to ask numpy about two rows takes longer than all the rest.
        if not (self.is_known[places[0]] and self.is_known[places[1]]):
            return False
        return bool(contradict(self.parts[[places[0]]], self.parts[[places[1]]])[0])


def _as_links(links: list[tuple[str, str, str]]) -> pd.DataFrame:
    made = pd.DataFrame(sorted(set(links)), columns=["record_id_l", "record_id_r", "kind"])
    return made.assign(
        match_weight=SHARED_ID_WEIGHT, probability=1 - 2.0**-SHARED_ID_WEIGHT, reason="shared_id:" + made["kind"]
    ).drop(columns="kind")
