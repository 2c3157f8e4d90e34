"""From scored pairs to people: the steps of grouping in their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from include.identity.attach import add_links, attach_records, find_nameless
from include.identity.cluster import cluster_records
from include.identity.confirmed import part_confirmed
from include.identity.fragments import Fragments, join_fragments, part_undecided
from include.identity.people import Decision, Records, as_table


@dataclass(frozen=True)
class Undecided:
    """A record that several customers may be: one record of each of them, and what fits (log2 odds, or identifiers)."""

    record_id: str
    others: Sequence[str]
    weight: float | None
    by: str


@dataclass(frozen=True)
class Grouped:
    """The cluster of each record, all pairs with the links of records without a name, and what nobody can decide."""

    clusters: dict[str, int]
    scored: pd.DataFrame
    undecided: list[Undecided]


def group_people(
    records: Records, frame: pd.DataFrame, scored: pd.DataFrame, by_id: pd.DataFrame | None = None,
    decisions: Sequence[Decision] = (),
) -> Grouped:  # fmt: skip
    """Average linkage, then parts of one person, then what several records say against it, then who has no name.

    `records` are all of them, `frame` those that the model compares, `by_id` the others (see attach.find_nameless);
    these are found among the records where they are whole rows of identity.records.
    """
    people = as_table(records)
    if by_id is None:
        by_id = people.loc[people["links_by_id_only"].astype(bool), ["record_id", "identifiers", "email"]]
    clusters = cluster_records(people, scored, decisions)
    fragments = Fragments(people, scored, clusters, decisions)
    clusters = part_confirmed(people, scored, join_fragments(fragments).clusters, decisions)
    fragments.regroup(clusters)
    part_undecided(fragments)
    joined = join_fragments(fragments)
    clusters = part_confirmed(people, scored, joined.clusters, decisions)
    attached = attach_records(find_nameless(by_id, frame, clusters, decisions), frame, people, clusters, decisions)
    undecided = [Undecided(record_id, others, weight, "details") for record_id, others, weight in joined.doubtful]
    undecided += [
        Undecided(record_id, _one_of_each(others, attached.clusters), None, kind)
        for record_id, others, kind in attached.doubtful
    ]
    return Grouped(attached.clusters, add_links(scored, attached.links), undecided)


def _one_of_each(record_ids: Iterable[str], clusters: dict[str, int]) -> list[str]:
    found: dict[int, str] = {}
    for record_id in record_ids:
        found.setdefault(clusters[record_id], record_id)
    return list(found.values())
