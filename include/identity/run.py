"""The two steps of a build: link the people, then adopt what the gate has passed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date

import pandas as pd

from include.identity.cluster import cluster_records
from include.identity.link import score_pairs, weigh_shared_ids
from include.identity.model import CLUSTER_WEIGHT
from include.identity.records import to_linkage_frame
from include.identity.store import (
    adopt_proposals,
    read_comparable,
    read_decisions,
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
    """What happened to the keys."""

    customers: int
    minted: int
    merged: int
    split: int
    moved: int


def link_people(url: str, as_of: date) -> LinkSummary:
    """Link the comparable records and write the proposals; identity itself is not changed. `as_of` is unused here
    and names the state that is linked in the caller's records."""
    del as_of
    marks = [("", time.monotonic())]
    records = standardise_all(read_comparable(url), {})
    frame = to_linkage_frame([r for r in records if not r["links_by_id_only"]]) if records else pd.DataFrame()
    marks.append(("standardise", time.monotonic()))
    scored = score_pairs(frame)
    weighed = weigh_shared_ids(frame, scored) if len(scored) else scored.assign(reason="")
    marks.append(("score", time.monotonic()))
    clusters = cluster_records([r["record_id"] for r in records], weighed, read_decisions(url))
    marks.append(("cluster", time.monotonic()))
    links = weighed[weighed.match_weight >= CLUSTER_WEIGHT]
    write_proposals(url, records, clusters, links)
    marks.append(("write", time.monotonic()))
    seconds = {name: round(at - before, 2) for (name, at), (_, before) in zip(marks[1:], marks, strict=False)}
    return LinkSummary(len(records), len(scored), len(links), len(set(clusters.values())), seconds)


def adopt_clusters(url: str, as_of: date) -> KeySummary:
    """Adopt the proposals: mint, keep, merge and split keys."""
    result = adopt_proposals(url, as_of)
    events = [event.event for event in result.events]
    counts = {name: events.count(name) for name in ("minted", "merged", "split", "moved")}
    return KeySummary(len(set(result.crosswalk.values())), **counts)
