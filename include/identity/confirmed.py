"""Parts people whom everything joins but one thing: twins by their first names, namesakes by their day of birth.

What one record says against all others is a slip. What several records say, each way, is two people: no sum of
shared addresses, telephones and family names makes one of them, however high the model counts it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from include.identity import standardise as std
from include.identity.model import UNSCORED_WEIGHT
from include.identity.names import is_alike
from include.identity.people import Array, Records, as_dicts, as_table, codes_of, ids_of, places_of, twice_held

# So many records that say the same are no slip.
CONFIRMED = 2
CONFIRMED_FIELDS = ("first_name", "date_of_birth")

Group = Sequence[dict[str, Any]]
Weights = dict[tuple[str, str], float]


def part_confirmed(
    records: Records, links: pd.DataFrame, clusters: dict[str, int], decisions: Iterable[tuple[str, str, str]] = ()
) -> dict[str, int]:
    """The clusters, with those parted in which two first names or two days of birth are each confirmed.

    Parts that share a customer id stay together (one person under two names), and so do those that a steward has
    joined by deciding that a record of one and a record of the other are the same; of two records of one part that
    says nothing. Clusters are numbered by their smallest record.
    """
    same: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for a, b, verdict in decisions:
        if verdict == "same" and a in clusters and b in clusters:
            same[clusters[a]].append((a, b))
    table = as_table(records)
    ids = ids_of(table)
    group = np.array([clusters[record_id] for record_id in ids], dtype=int)
    for name, read, differ in zip(
        CONFIRMED_FIELDS, (_first_name, _birth), (_names_differ, _births_differ), strict=True
    ):
        suspects = set(twice_held(group, codes_of_field(table, name)).tolist())
        places = np.flatnonzero(np.isin(group, sorted(suspects)))
        members: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for place, record in zip(places, as_dicts(table.iloc[places]), strict=True):
            members[int(group[place])].append(record | {"place": place})
        weights = _weights_of(links, table["record_id"].iloc[places])
        following = int(group.max(initial=-1)) + 1
        for cluster in sorted(members):
            place_of = {r["record_id"]: r["place"] for r in members[cluster]}
            peers = _peers(members[cluster], same[clusters[members[cluster][0]["record_id"]]])
            for part in _parts(members[cluster], read, differ, weights, peers)[1:]:
                group[[place_of[record_id] for record_id in part]] = following
                following += 1
    order: dict[int, int] = {}
    return {record_id: order.setdefault(number, len(order))
            for record_id, number in zip(ids, group.tolist(), strict=True)}  # fmt: skip


def codes_of_field(table: pd.DataFrame, name: str) -> Array:
    """A number for each value of one of CONFIRMED_FIELDS, first names in the form in which they are compared."""
    codes = codes_of(table, name)
    if name != "first_name" or name not in table:
        return codes
    values = pd.factorize(table[name])[1]
    folded = [std.fold(value) for value in values]
    forms = pd.factorize(np.array([f if f and len(f) > 1 else None for f in folded] or [None], dtype=object))[0]
    result: Array = np.where(codes < 0, -1, forms[codes])
    return result


def _first_name(record: dict[str, Any]) -> str | None:
    name = std.fold(record["first_name"])
    return name if name and len(name) > 1 else None


def _birth(record: dict[str, Any]) -> date | None:
    born: date | None = record["date_of_birth"]
    return born


def _weights_of(links: pd.DataFrame, wanted: pd.Series[Any]) -> Weights:
    is_near = [places_of(wanted, links[side]) >= 0 for side in ("record_id_l", "record_id_r")]
    near = links[is_near[0] & is_near[1]]
    return {
        (left, right): float(weight)
        for left, right, weight in zip(near["record_id_l"], near["record_id_r"], near["match_weight"], strict=True)
    }


def _parts(
    people: Group,
    read: Callable[[dict[str, Any]], Any],
    differ: Callable[[Group, Group], bool],
    weights: Weights,
    peers: Mapping[str, int],
) -> list[list[str]]:
    """The record ids of each part; the first is the whole where nothing parts it. Records of one number in `peers` are
    in one part.
    """
    holders: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for record in people:
        if (value := read(record)) is not None:
            holders[value].append(record)
    cores: list[list[dict[str, Any]]] = []
    for value in sorted(value for value, rows in holders.items() if len(rows) >= CONFIRMED):
        like = [core for core in cores if not differ(core, holders[value]) or _share_customer_id(core, holders[value])
                or _share_peers(core, holders[value], peers)]  # fmt: skip
        cores = [core for core in cores if core not in like] + [[r for core in like for r in core] + holders[value]]
    if len(cores) < 2:
        return [[r["record_id"] for r in people]]
    parts = [[r["record_id"] for r in core] for core in cores]
    part_of = {peers[record_id]: part for part in parts for record_id in part}
    placed = {record_id for part in parts for record_id in part}
    others: dict[int, list[str]] = defaultdict(list)
    for record in people:
        if record["record_id"] not in placed:
            others[peers[record["record_id"]]].append(record["record_id"])
    for number, together in others.items():
        part = part_of[number] if number in part_of else parts[_nearest(together, cores, weights)]
        part += together
    return parts


def _nearest(together: Sequence[str], cores: Sequence[Group], weights: Weights) -> int:
    """The place of the core that the records fit best on average."""
    fits = [
        np.mean([weights.get((min(record_id, r["record_id"]), max(record_id, r["record_id"])), UNSCORED_WEIGHT)
                 for record_id in together for r in core])
        for core in cores
    ]  # fmt: skip
    return int(np.argmax(fits))


def _peers(people: Group, same: Sequence[tuple[str, str]]) -> dict[str, int]:
    """A number for each of the records; those that a steward has joined, step by step, have the same one."""
    number = {r["record_id"]: place for place, r in enumerate(people)}
    for a, b in same:
        if a in number and b in number and number[a] != number[b]:
            kept, gone = number[a], number[b]
            number = {record_id: kept if n == gone else n for record_id, n in number.items()}
    return number


def _share_peers(left: Group, right: Group, peers: Mapping[str, int]) -> bool:
    numbers = [{peers[r["record_id"]] for r in rows} for rows in (left, right)]
    return bool(numbers[0] & numbers[1])


def _share_customer_id(left: Group, right: Group) -> bool:
    ids = [{r["claimed_customer_id"] for r in rows} - {None} for rows in (left, right)]
    return bool(ids[0] & ids[1])


def _names_differ(left: Group, right: Group) -> bool:
    """No first or middle name of one is like a first, middle or last name of the other."""
    return not any(
        is_alike(a, b)
        for one, other in ((left, right), (right, left))
        for a in _names(one, ("first_name",))
        for b in _names(other, ("first_name", "middle_name", "last_name"))
    )


def _names(rows: Group, fields: tuple[str, ...]) -> set[str]:
    return {word for r in rows for field in fields for word in [std.fold(r[field])] if word}


def _births_differ(left: Group, right: Group) -> bool:
    """Two days that no change of day and month explains, and neither is the first of January, a usual default.

    Days that differ in one part only may be the same slip made twice: they take one confirmation more.
    """
    days = [{r["date_of_birth"] for r in rows if r["date_of_birth"]} for rows in (left, right)]
    is_sure = min(len(left), len(right)) > CONFIRMED
    return not any(_may_be_one(a, b, is_sure) for a in days[0] for b in days[1])


def _may_be_one(one: date, other: date, is_sure: bool) -> bool:
    differing = (one.year != other.year) + (one.month != other.month) + (one.day != other.day)
    is_changed_over = (one.year, one.month, one.day) == (other.year, other.day, other.month)
    is_default = (1, 1) in ((one.month, one.day), (other.month, other.day))
    return is_changed_over or is_default or (differing == 1 and not is_sure)
