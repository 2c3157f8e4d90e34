"""Which true pairs the data allow to find: records that an identifier, or what they say of a person, tells from
everybody else's.

Not a limit of the linking, which also finds people by misspelt names: a measure of it that does not ask for what
nobody could know.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, pairwise
from typing import Any

from include.identity import standardise as std

Record = Mapping[str, Any]
SAME_AGE = 1  # an age gives the year of birth to one year


def possible_groups(records: Mapping[str, Record], person: Mapping[str, int]) -> dict[str, str]:
    """The group of each record (its smallest record id): records of one person that unique facts join, step by step.

    Two records are joined by an identifier that nobody else's record holds, or by what both say: the same given and
    family name, sex and birth (an age to one year), where either has no equal among other people's records, or none
    that is of the same postcode.
    """
    parent = {record_id: record_id for record_id in records}

    def root(record_id: str) -> str:
        while parent[record_id] != record_id:
            parent[record_id] = record_id = parent[parent[record_id]]
        return record_id

    for left, right in (*_by_identifier(records, person), *_by_details(records, person)):
        a, b = root(left), root(right)
        parent[max(a, b)] = min(a, b)
    return {record_id: root(record_id) for record_id in records}


def identifiers_of(record: Record) -> Iterator[str]:
    """All identifiers of a record, each with its kind."""
    for name in ("claimed_customer_id", "email", "phone"):
        if record[name] is not None:
            yield f"{name}:{record[name]}"
    yield from record.get("identifiers") or ()


def _by_identifier(records: Mapping[str, Record], person: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    holders: dict[str, list[str]] = defaultdict(list)
    for record_id, record in records.items():
        for identifier in identifiers_of(record):
            holders[identifier].append(record_id)
    for held in holders.values():
        if len({person[record_id] for record_id in held}) == 1:
            yield from pairwise(held)


def _by_details(records: Mapping[str, Record], person: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    names: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for record_id, record in records.items():
        words = [std.fold(record[name]) for name in ("first_name", "last_name")]
        if all(words):
            names[tuple(sorted(str(word) for word in words))].append(record_id)
    for namesakes in names.values():
        if len(namesakes) > 1:
            unique = {r for r in namesakes if _is_unique(records[r], _like(r, namesakes, records), records, person)}
            for left, right in combinations(sorted(unique), 2):
                if person[left] == person[right] and _may_be_one(records[left], records[right]):
                    yield left, right


def _like(record_id: str, namesakes: Iterable[str], records: Mapping[str, Record]) -> list[str]:
    return [other for other in namesakes if _may_be_one(records[record_id], records[other])]


def _is_unique(record: Record, like: list[str], records: Mapping[str, Record], person: Mapping[str, int]) -> bool:
    """Whether all that are like the record are one person, or all of these in its postcode."""
    if len({person[other] for other in like}) == 1:
        return True
    near = [other for other in like if record["postcode"] and records[other]["postcode"] == record["postcode"]]
    return len({person[other] for other in near}) == 1 and len(near) > 1


def _may_be_one(left: Record, right: Record) -> bool:
    if left["gender"] and right["gender"] and left["gender"] != right["gender"]:
        return False
    if left["date_of_birth"] and right["date_of_birth"]:
        return bool(left["date_of_birth"] == right["date_of_birth"])
    if left["birth_year"] and right["birth_year"]:
        return bool(abs(left["birth_year"] - right["birth_year"]) <= SAME_AGE)
    return True
