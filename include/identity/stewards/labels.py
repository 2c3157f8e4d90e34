"""The stewards' decisions as labels: how well the model's clusters and weights agree with what people have said."""

from __future__ import annotations

from typing import Any

from include import db
from include.identity.group import group_people
from include.identity.in_force import read_model
from include.identity.link import score_pairs
from include.identity.model import CLUSTER_WEIGHT
from include.identity.records import to_linkage_frame
from include.identity.shared_ids import weigh_shared_ids
from include.identity.store import read_decisions, read_standardised


def evaluate_labels(url: str) -> dict[str, Any]:
    """Precision, recall and F1 of the model in force on the labelled pairs, as if no steward had decided anything.

    `clusters`: are the two records one cluster; `pairs`: does their own weight reach the threshold. A figure
    is None where no pair could be counted. Queued pairs are the hard ones, so this is a floor, no average.
    """
    records = read_standardised(url)
    decided = {(min(a, b), max(a, b)): verdict for a, b, verdict in read_decisions(url)}
    labels = {pair: verdict == "same" for pair, verdict in decided.items() if set(pair) <= records.keys()}
    everybody = [records[record_id] for record_id in sorted(records)]
    frame = to_linkage_frame([r for r in everybody if not r["links_by_id_only"]])
    with db.connect(url) as connection:
        model = read_model(connection, hold=False)
    scored = weigh_shared_ids(frame, score_pairs(frame, model.at_size(len(frame))))
    clusters = group_people(everybody, frame, scored).clusters
    linked = scored[scored["match_weight"] >= CLUSTER_WEIGHT]
    links = set(zip(linked["record_id_l"], linked["record_id_r"], strict=True))
    return {
        "labels": len(labels), "same": sum(labels.values()), "different": len(labels) - sum(labels.values()),
        "clusters": score_labels(labels, {pair for pair in labels if clusters[pair[0]] == clusters[pair[1]]}),
        "pairs": score_labels(labels, {pair for pair in labels if pair in links}),
    }  # fmt: skip


def score_labels(labels: dict[tuple[str, str], bool], found: set[tuple[str, str]]) -> dict[str, float | None]:
    """precision, recall and f1 of the pairs found, among those labelled as the same or not; None where none counts."""
    true = {pair for pair, is_same in labels.items() if is_same}
    right = len(true & found)
    return {
        "precision": round(right / len(found), 4) if found else None,
        "recall": round(right / len(true), 4) if true else None,
        "f1": round(2 * right / (len(found) + len(true)), 4) if found or true else None,
    }
