"""Precision, recall and F1 of the linkage against the truth, in strata, beside two baselines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
from psycopg.rows import dict_row

from include.identity.possible import identifiers_of, possible_groups

Pairs = set[tuple[str, str]]


def evaluate_warehouse(url: str, truth_csv: Path) -> dict[str, Any]:
    """Figures of the pairs of `every_record`; in three strata of the records that have a name; and those `by_system`.

    The strata are `all` pairs, those with `no_shared_id` and the `corrupted` ones. A record without a name (a client of
    the bank, a user of the web site, a card at the till) can be linked by its identifiers alone, so it counts in
    `every_record` and by system (see evaluate_systems) and is in no stratum. Each but `by_system` has pairs (the true
    ones), precision, recall, f1, false_links, missed_links and baselines (ids_only, exact_name_dob) with precision,
    recall and f1. Pairs share an id where customer id, e-mail, phone or another identifier are equal; a pair is
    corrupted where its two records have two corrupted fields or more.
    """
    truth = read_truth(url, truth_csv).set_index("record_id")
    with psycopg.connect(url, row_factory=dict_row) as connection:
        records = connection.execute(
            "select records.*, customer_key from identity.records inner join identity.crosswalk using (record_id)"
        ).fetchall()
    known = {r["record_id"]: r for r in records if r["record_id"] in truth.index}
    named = {record_id: r for record_id, r in known.items() if not r["links_by_id_only"]}
    person = _by_record(truth.person_id)
    return {
        "every_record": _compare(_pairs({r: person[r] for r in known}), _methods(known)),
        **evaluate_pairs(named, person, _by_record(truth.corrupted_fields)),
        "by_system": evaluate_systems(known, person),
    }


def read_truth(url: str, truth_csv: Path) -> pd.DataFrame:
    """The truth by record: record_id, person_id, corrupted_fields; source rows of one record are one row."""
    truth = pd.read_csv(truth_csv, dtype={"source_key": str})
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "select system, entity, source_key, record_id from intermediate.int_people__source_records"
        ).fetchall()
    keys = pd.DataFrame(rows, columns=["system", "entity", "source_key", "record_id"])
    joined = keys.merge(truth, on=["system", "entity", "source_key"])
    return joined.groupby("record_id", as_index=False).agg(
        person_id=("person_id", "first"), corrupted_fields=("corrupted_fields", "max")
    )


def evaluate_pairs(
    records: dict[str, dict[str, Any]], person: dict[str, int], corrupted: dict[str, int]
) -> dict[str, Any]:
    """The three strata of standardised records with their `customer_key`; see evaluate_warehouse."""
    true, methods = _pairs({r: person[r] for r in records}), _methods(records)
    strata: dict[str, Callable[[tuple[str, str]], bool]] = {
        "all": lambda _: True,
        "no_shared_id": lambda pair: not _shares_id(records[pair[0]], records[pair[1]]),
        "corrupted": lambda pair: corrupted[pair[0]] + corrupted[pair[1]] >= 2,
    }
    return {
        name: _compare(set(filter(belongs, true)), {m: set(filter(belongs, found)) for m, found in methods.items()})
        for name, belongs in strata.items()
    }


def evaluate_systems(records: dict[str, dict[str, Any]], person: dict[str, int]) -> dict[str, Any]:
    """For each system the pairs with one of its records or two: how many are true, precision, recall, f1; how many of
    the true ones are possible (see include/identity/possible.py), and the share of these that was found.

    Pairs with a record that has no name (the bank's clients, users of the web site) count for its own system only.
    """
    true = _by_system(_pairs({r: person[r] for r in records}), records)
    found = _by_system(_pairs({r: v["customer_key"] for r, v in records.items()}), records)
    possible = _by_system(_pairs(possible_groups(records, person)), records)
    figures: dict[str, Any] = {}
    for system in sorted({record["system"] for record in records.values()}):
        expected, ours, allowed = (pairs[system] for pairs in (true, found, possible))
        share = len(ours & allowed) / len(allowed) if allowed else 1.0
        figures[system] = {
            "pairs": len(expected), "possible": len(allowed), **_score(expected, ours),
            "share_of_possible": round(share, 4),
        }  # fmt: skip
    return figures


def _by_system(pairs: Pairs, records: dict[str, dict[str, Any]]) -> dict[str, Pairs]:
    found: dict[str, Pairs] = defaultdict(set)
    for pair in pairs:
        sides = [records[record_id] for record_id in pair]
        nameless = [side for side in sides if side["links_by_id_only"]]
        for side in nameless or sides:
            found[side["system"]].add(pair)
    return found


def _by_record(column: pd.Series[int]) -> dict[str, int]:
    return {str(record_id): int(value) for record_id, value in column.items()}


def _pairs(groups: dict[str, Any]) -> Pairs:
    members: dict[Any, list[str]] = defaultdict(list)
    for record_id, group in groups.items():
        if group is not None:
            members[group].append(record_id)
    return {pair for ids in members.values() for pair in combinations(sorted(ids), 2)}


def _methods(records: dict[str, dict[str, Any]]) -> dict[str, Pairs]:
    return {
        "customer360": _pairs({r: v["customer_key"] for r, v in records.items()}),
        "ids_only": _pairs({r: v["claimed_customer_id"] for r, v in records.items()}),
        "exact_name_dob": _pairs({r: _name_and_birth(v) for r, v in records.items()}),
    }


def _compare(expected: Pairs, methods: dict[str, Pairs]) -> dict[str, Any]:
    scores = {method: _score(expected, found) for method, found in methods.items()}
    ours, found = scores.pop("customer360"), methods["customer360"]
    return {
        "pairs": len(expected), **ours, "false_links": len(found - expected), "missed_links": len(expected - found),
        "baselines": scores,
    }  # fmt: skip


def _score(expected: Pairs, found: Pairs) -> dict[str, float]:
    right = len(expected & found)
    precision = right / len(found) if found else 1.0
    recall = right / len(expected) if expected else 1.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def _shares_id(left: dict[str, Any], right: dict[str, Any]) -> bool:
    return not set(identifiers_of(left)).isdisjoint(identifiers_of(right))


def _name_and_birth(record: dict[str, Any]) -> tuple[str, str, Any] | None:
    parts = (record["first_name"], record["last_name"], record["date_of_birth"])
    return (parts[0].lower(), parts[1].lower(), parts[2]) if all(parts) else None
