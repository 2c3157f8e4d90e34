"""Links everybody by the candidate and by the model in force, and says what would differ.

Stewards' labels and the truth judge both as if no steward had decided anything; what would fall otherwise is counted
with the decisions, as a linking honours them. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import psycopg

from include.identity.group import group_people
from include.identity.in_force import Model
from include.identity.link import score_pairs
from include.identity.linkage.evaluate import score_clusters
from include.identity.people import Decision
from include.identity.population import count_population, frequencies_in, read_frame, read_nameless, read_people
from include.identity.shared_ids import weigh_shared_ids
from include.identity.stewards.labels import score_labels

Clusters = dict[str, int]


class Everybody(NamedTuple):
    """All records, as a linking reads them."""

    people: pd.DataFrame
    frame: pd.DataFrame
    nameless: pd.DataFrame
    population: int


def read_everybody(connection: psycopg.Connection) -> Everybody:
    """All records of the warehouse."""
    return Everybody(
        read_people(connection), read_frame(connection), read_nameless(connection), count_population(connection)
    )


def judge_models(
    everybody: Everybody,
    models: Mapping[str, Model],
    decisions: list[Decision],
    truth: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """By name of `models` (in_force, candidate): precision, recall and F1 on `labels` and `truth` (None without one).

    Besides: how many `labels` there are, and of the pairs that the model in force joins how many stay (`kept`) and are
    `parted`, and how many are newly `joined`, with the `records` whose person would be another one.
    """
    free, decided = {}, {}
    for name, model in models.items():
        free[name], decided[name] = _link(everybody, model, decisions)
    labels = _labels(decisions, free["in_force"])
    figures: dict[str, Any] = {
        name: {"model_version": model.version, "labels": score_labels(labels, _joined(labels, free[name])),
               "truth": _score_truth(free[name], truth) if truth else None}
        for name, model in models.items()
    }  # fmt: skip
    return figures | {"labels": len(labels), "changes": compare_clusters(decided["in_force"], decided["candidate"])}


def _link(everybody: Everybody, model: Model, decisions: list[Decision]) -> tuple[Clusters, Clusters]:
    """The clusters of all records without the decisions, and with them."""
    people, frame, nameless, population = everybody
    scored = score_pairs(frame, model.at_size(population), frequencies_in(frame))
    scored = weigh_shared_ids(frame, scored, population)
    free = group_people(people, frame, scored, nameless).clusters
    return free, group_people(people, frame, scored, nameless, decisions).clusters if decisions else free


def _labels(decisions: list[Decision], known: Clusters) -> dict[tuple[str, str], bool]:
    return {(min(a, b), max(a, b)): verdict == "same" for a, b, verdict in decisions if a in known and b in known}


def _joined(labels: dict[tuple[str, str], bool], clusters: Clusters) -> set[tuple[str, str]]:
    return {(a, b) for a, b in labels if clusters[a] == clusters[b]}


def _score_truth(clusters: Clusters, truth: Mapping[str, int]) -> dict[str, float]:
    found = pd.Series(clusters)
    person = pd.Series([truth.get(record_id) for record_id in found.index], dtype="Int64")
    scores = score_clusters(person, found.to_numpy())
    return {name: round(scores[name], 5) for name in ("precision", "recall", "f1")}


def compare_clusters(now: Clusters, then: Clusters) -> dict[str, int]:
    """Pairs of records that are `kept`, `parted` and newly `joined`; `records` whose person has other records then."""
    one = pd.factorize(pd.Series(now))[0].astype(np.int64)
    other = pd.factorize(pd.Series(then).reindex(list(now)))[0].astype(np.int64)
    both = pd.factorize(one * (other.max(initial=0) + 1) + other)[0]
    sizes = [np.bincount(codes) for codes in (one, other, both)]
    pairs = [int((size * (size - 1) // 2).sum()) for size in sizes]
    is_same = (sizes[0][one] == sizes[2][both]) & (sizes[1][other] == sizes[2][both])
    return {"kept": pairs[2], "parted": pairs[0] - pairs[2], "joined": pairs[1] - pairs[2],
            "records": int((~is_same).sum())}  # fmt: skip
