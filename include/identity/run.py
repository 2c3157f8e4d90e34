"""The two steps of a build: link the people, then adopt what the gate has passed."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import date

from include.identity.cluster import cluster_records
from include.identity.confirmed import part_confirmed
from include.identity.link import score_pairs
from include.identity.model import CLUSTER_WEIGHT
from include.identity.records import to_linkage_frame
from include.identity.report import write_scored_pairs
from include.identity.shared_ids import weigh_shared_ids
from include.identity.stewards.corrections import correct_rows
from include.identity.stewards.decisions import read_corrections
from include.identity.stewards.queue import collect_reviews
from include.identity.store import (
    adopt_proposals,
    read_comparable,
    read_decisions,
    read_standardised,
    standardise_all,
    write_proposals,
)


@dataclass
class LinkSummary:
    """Counts and seconds of a linking."""

    records: int
    pairs: int
    links: int
    clusters: int
    seconds: dict[str, float]


@dataclass
class KeySummary:
    """What happened to the keys. `kept` are customers whose key was known before."""

    customers: int
    minted: int
    kept: int
    merged: int
    split: int
    moved: int


def link_people(url: str, as_of: date) -> LinkSummary:
    """Link the comparable records and write the proposals; identity itself is not changed.

    `as_of` is the last batch date of the build. It filters nothing: a build always links all that is released.
    """
    del as_of
    marks = [("", time.monotonic())]
    corrections = read_corrections(url)
    records = standardise_all(correct_rows(read_comparable(url), corrections), read_standardised(url))
    frame = to_linkage_frame([r for r in records if not r["links_by_id_only"]])
    marks.append(("standardise", time.monotonic()))
    scored = weigh_shared_ids(frame, score_pairs(frame))
    marks.append(("score", time.monotonic()))
    decisions = read_decisions(url)
    clusters = part_confirmed(records, scored, cluster_records(records, scored, decisions), decisions)
    marks.append(("cluster", time.monotonic()))
    reviews = collect_reviews(url, records, frame, scored, clusters, decisions)
    marks.append(("review", time.monotonic()))
    links = scored[scored["match_weight"] >= CLUSTER_WEIGHT]
    write_proposals(url, records, clusters, links, reviews, corrections)
    write_scored_pairs(url, scored, clusters)
    marks.append(("write", time.monotonic()))
    seconds = {name: round(at - before, 2) for (name, at), (_, before) in zip(marks[1:], marks, strict=False)}
    return LinkSummary(len(records), len(scored), len(links), len(set(clusters.values())), seconds)


def adopt_clusters(url: str, as_of: date) -> KeySummary:
    """Adopt the proposals in one transaction: mint, keep, merge and split keys; `as_of` dates the events."""
    result = adopt_proposals(url, as_of)
    counts = Counter(event.event for event in result.events)
    customers = len(set(result.crosswalk.values()))
    return KeySummary(
        customers, len(result.minted), customers - len(result.minted), counts["merged"], counts["split"],
        counts["moved"],
    )  # fmt: skip
