"""The two steps of a build: link the people, then adopt what the gate has passed."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date

import psycopg

from include import db
from include.identity.delta import apply_delta
from include.identity.drift import measure_drift, write_drift
from include.identity.group import group_people
from include.identity.in_force import Model, read_model
from include.identity.increment.find import find_relinked
from include.identity.increment.placing import write_placed
from include.identity.link import score_pairs
from include.identity.linkings import choose_mode, note_linking
from include.identity.people import Linking
from include.identity.population import (
    count_frequencies,
    count_population,
    frequencies_in,
    read_frame,
    read_nameless,
    read_people,
)
from include.identity.report import write_scored_pairs
from include.identity.shared_ids import weigh_shared_ids
from include.identity.stewards.decisions import read_corrected, read_corrections, write_applied
from include.identity.stewards.doubts_of_placed import ask_about_placed
from include.identity.stewards.queue import collect_reviews
from include.identity.store import adopt_proposals, read_decisions, write_proposals
from include.settings import Settings


@dataclass
class LinkSummary:
    """Counts and seconds of a linking. `relinked` records were given a cluster: linked anew or, in an increment, placed
    (see increment.placing). Of those linked anew the `compared` ones, which have a name, made so many scored `pairs`.
    """

    mode: str
    records: int
    changed: int
    relinked: int
    compared: int
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


def link_people(url: str, as_of: date, mode: str | None = None) -> LinkSummary:
    """Link the comparable records and write the proposals, in one transaction; identity itself is not changed.

    `as_of` is the last batch date of the build. It filters nothing: a build always links all that is released. `mode`
    overrides the setting.
    """
    marks = [("", time.monotonic())]
    settings = Settings.from_env()
    settings = replace(settings, link_mode=mode) if mode else settings
    corrections, decisions = read_corrections(url), read_decisions(url)
    with db.connect(url) as connection:
        model = read_model(connection, hold=True)
        delta = apply_delta(connection, corrections)
        marks.append(("standardise", time.monotonic()))
        mode, reason = choose_mode(connection, delta, settings)
        among = "relinked" if mode == "incremental" else None
        if among:
            near = find_relinked(connection)
            marks.append(("find", time.monotonic()))
        linking = _link(connection, model, decisions, among, marks)
        reviews = collect_reviews(url, linking, decisions, model.settings, is_part=among is not None)
        marks.append(("review", time.monotonic()))
        drift = {} if among else measure_drift(connection, linking)
        write_proposals(connection, linking, reviews, among)
        placed = write_placed(connection, near) if among else 0
        if among and len(near):
            ask_about_placed(connection, near, decisions)
        write_applied(connection, read_corrected(connection, corrections), corrections)
        if not among:
            # An increment does not score the pairs of everybody: the counts of the last full linking stay.
            write_scored_pairs(connection, linking.scored, linking.clusters, decisions)
        linking_id = note_linking(connection, as_of, mode, reason, delta, len(linking.people) + placed)
        write_drift(connection, linking_id, drift)
        links, clusters = _count_proposals(connection)
    marks.append(("write", time.monotonic()))
    seconds = {name: round(at - before, 2) for (name, at), (_, before) in zip(marks[1:], marks, strict=False)}
    anew, pairs = len(linking.people) + placed, linking.compared_pairs
    compared = len(linking.frame)
    return LinkSummary(mode, delta.records, delta.changed, anew, compared, pairs, links, clusters, seconds)


def _count_proposals(connection: psycopg.Connection) -> tuple[int, int]:
    row = connection.execute(
        "select (select count(*) from identity.proposed_links),"
        " (select count(*) from (select from identity.proposed_clusters group by cluster_id) as clusters)"
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _link(
    connection: psycopg.Connection, model: Model, decisions: list[tuple[str, str, str]], among: str | None,
    marks: list[tuple[str, float]],
) -> Linking:  # fmt: skip
    """Compare all records, or those in the temporary table `among`, with each other, and group them into people."""
    people, frame = read_people(connection, among), read_frame(connection, among)
    frequencies = count_frequencies(connection, among) if among else frequencies_in(frame)
    population = count_population(connection)
    marks.append(("read", time.monotonic()))
    scored = weigh_shared_ids(frame, score_pairs(frame, model.at_size(population), frequencies), population)
    marks.append(("score", time.monotonic()))
    grouped = group_people(people, frame, scored, read_nameless(connection, among), decisions)
    marks.append(("cluster", time.monotonic()))
    return Linking(
        people, frame, grouped.scored, grouped.clusters, frequencies, population, grouped.undecided, len(scored)
    )


def adopt_clusters(url: str, as_of: date) -> KeySummary:
    """Adopt the proposals in one transaction: mint, keep, merge and split keys; `as_of` dates the events."""
    result, customers = adopt_proposals(url, as_of)
    counts = Counter(event.event for event in result.events)
    return KeySummary(
        customers, len(result.minted), customers - len(result.minted), counts["merged"], counts["split"],
        counts["moved"],
    )  # fmt: skip
