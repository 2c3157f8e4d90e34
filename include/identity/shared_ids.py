"""What a shared identifier says of two records.

A customer id, a national id, a client, user or loyalty number is given to one person: proof, unless the rest
contradicts it. A mailbox, a telephone, a bank card or an account is evidence, since families share them; with the same
day of birth and the same given name it is proof, too: relatives differ in the one, twins in the other. The weight of
mailbox and telephone is the model's; card and account, of which one person has several, have a weight of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from include.identity.births import contradict
from include.identity.model import (
    MOST_HOLDERS_OF_AN_ID,
    SHARED_ACCOUNT_WEIGHT,
    SHARED_ID_MIN_EVIDENCE,
    SHARED_ID_WEIGHT,
    prior,
)
from include.identity.names import names_differ
from include.identity.people import Array

IDENTIFIERS = ("claimed_customer_id", "email", "phone")
# Kinds of the list `identifiers`, of which a record may hold several.
PROOFS = ("national_id", "client_id", "user_id", "loyalty_number")
SHARED = ("card", "iban")


def weigh_shared_ids(frame: pd.DataFrame, scored: pd.DataFrame, population: int | None = None) -> pd.DataFrame:
    """The scored pairs with `reason` (``shared_id:email+phone`` or ``model``), those that an identifier proves lifted.

    `frame` is the linkage frame, of a population of so many records where it is a part of it. A customer id counts as
    SHARED_ID_WEIGHT, unless name, birth, address and the other fields speak against it: then it is mistyped or used
    again, and the pair keeps the weight of the model. A number of another kind counts the same, unless there are two
    full dates of birth that exclude each other, or two given names. So does anything shared, with the same date of
    birth and given name.
    """
    index, chance = pd.Index(frame["unique_id"]), prior(population or len(frame))
    left, right = (index.get_indexer(scored[side]) for side in ("record_id_l", "record_id_r"))
    shared = {name: _is_equal(frame[name], left, right) for name in IDENTIFIERS}
    shared |= _shared_kinds(frame, left, right)
    weight = scored["match_weight"].to_numpy(dtype=float, copy=True)
    evidence = weight - float(np.log2(chance / (1 - chance)))
    has_id = shared["claimed_customer_id"] & (evidence >= SHARED_ID_MIN_EVIDENCE)
    has_number = np.logical_or.reduce([shared[kind] for kind in PROOFS])
    has_number[has_number] = ~_is_contradicted(frame, left[has_number], right[has_number])
    weight += SHARED_ACCOUNT_WEIGHT * np.logical_or.reduce([shared[kind] for kind in SHARED])
    is_near = np.logical_or.reduce([shared[name] for name in ("email", "phone", *SHARED)])
    is_proof = has_id | has_number | is_near & _is_same_person_by_birth(frame, left, right)
    weight = np.where(is_proof, np.maximum(weight, SHARED_ID_WEIGHT), weight)
    named = {**shared, "claimed_customer_id": has_id} | {kind: shared[kind] & has_number for kind in PROOFS}
    return scored.assign(
        match_weight=weight,
        probability=np.where(weight == scored["match_weight"], scored["probability"], 1 / (1 + np.exp2(-weight))),
        reason=_name_reasons(named),
    )


def share_number(frame: pd.DataFrame, left: Array, right: Array) -> Array:
    """Which pairs of rows of a linkage frame share a customer id or another number that is given to one person."""
    kinds = _shared_kinds(frame, left, right)
    numbers = [_is_equal(frame["claimed_customer_id"], left, right), *(kinds[kind] for kind in PROOFS)]
    result: Array = np.logical_or.reduce(numbers)
    return result


def holders(frame: pd.DataFrame) -> pd.DataFrame:
    """The lists of identifiers one a row: the place of the record in the frame, kind, identifier.

    Raises ValueError where a kind is none of PROOFS and SHARED.
    """
    lists = frame["identifiers"] if "identifiers" in frame else pd.Series(dtype=object)
    held = pd.DataFrame({"place": np.arange(len(lists)), "identifier": lists.to_numpy(dtype=object)})
    held = held[held["identifier"].notna()].explode("identifier").dropna(ignore_index=True)
    held = held.assign(kind=held["identifier"].str.partition(":")[0] if len(held) else held["identifier"])
    check_kinds(held["kind"].unique())
    return held


def check_kinds(kinds: Iterable[str]) -> None:
    """Raise ValueError where one is not known: its identifiers would say nothing, without a word."""
    if unknown := set(kinds) - {*PROOFS, *SHARED}:
        # What has no kind may be the identifier itself, which no message shows.
        names = sorted({kind if re.fullmatch("[a-z_]{1,30}", kind) else "(none)" for kind in unknown})
        raise ValueError(f"kinds of identifiers that shared_ids.py does not know: {', '.join(names)}")


def _shared_kinds(frame: pd.DataFrame, left: Array, right: Array) -> dict[str, Array]:
    """For each kind, which pairs share an identifier."""
    held = holders(frame)
    counts = held.groupby("identifier")["place"].transform("size") if len(held) else held["place"]
    held = held[(counts > 1) & (counts <= MOST_HOLDERS_OF_AN_ID)]
    size = len(frame)
    asked = np.minimum(left, right).astype(np.int64) * size + np.maximum(left, right)
    found = {}
    for kind in (*PROOFS, *SHARED):
        of_kind = held[held["kind"] == kind][["place", "identifier"]]
        both = of_kind.merge(of_kind, on="identifier")
        both = both[both["place_x"] < both["place_y"]]
        keys = both["place_x"].to_numpy(dtype=np.int64) * size + both["place_y"].to_numpy(dtype=np.int64)
        found[kind] = np.isin(asked, keys)
    return found


def _is_contradicted(frame: pd.DataFrame, left: Array, right: Array) -> Array:
    """Two full dates of birth that exclude each other, or two given names."""
    dates = frame["birth_date"].to_numpy(dtype=object)
    parts = _birth_parts(dates[np.concatenate([left, right])])
    names = [(frame[name].to_numpy(dtype=object)) for name in ("first_name", "last_name")]
    differ = [
        names_differ((names[0][a], names[1][a]), (names[0][b], names[1][b])) for a, b in zip(left, right, strict=True)
    ]
    result: Array = contradict(parts[: len(left)], parts[len(left) :]) | np.array(differ, dtype=bool)
    return result


def _birth_parts(dates: Iterable[Any]) -> Array:
    """Year, month and day as three columns; NaN where the date is missing or not full."""
    rows = [date.split("-") if isinstance(date, str) and len(date) == 10 else (np.nan,) * 3 for date in dates]
    return np.array(rows or np.empty((0, 3)), dtype=float)


def _is_same_person_by_birth(frame: pd.DataFrame, left: Array, right: Array) -> Array:
    """The same full date of birth and given name, also where a record has given and family name the other way round."""
    codes, _ = pd.factorize(pd.concat([frame["first_name"], frame["last_name"]], ignore_index=True))
    first, last = codes[: len(frame)], codes[len(frame) :]
    pairs = ((first[left], first[right]), (first[left], last[right]), (last[left], first[right]))
    is_named = np.logical_or.reduce([(a == b) & (a >= 0) for a, b in pairs])
    result: Array = is_named & _is_equal(frame["birth_date"], left, right)
    return result


def _is_equal(values: pd.Series[Any], left: Array, right: Array) -> Array:
    codes, _ = pd.factorize(values)  # a missing value has code -1
    result: Array = (codes[left] == codes[right]) & (codes[left] >= 0)
    return result


def _name_reasons(shared: dict[str, Array]) -> Array:
    number = np.zeros(len(next(iter(shared.values()))), dtype=int)
    for bit, is_shared in enumerate(shared.values()):
        number |= is_shared.astype(int) << bit
    labels = [
        "shared_id:" + "+".join(name.removeprefix("claimed_") for bit, name in enumerate(shared) if mask >> bit & 1)
        for mask in range(1 << len(shared))
    ]
    labels[0] = "model"
    return np.array(labels, dtype=object)[number]
