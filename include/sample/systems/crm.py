"""Customer accounts of the sales organisation: CSV with a few broken rows."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from include.sample import files, rates
from include.sample.distort import Seen
from include.sample.draw import moment
from include.sample.part import Claim, Part, Record


def write(part: Part) -> None:
    """``customers_<date>.csv``. The first account of a person is the id that other systems claim."""
    records: list[tuple[int, Record]] = []
    for number, seen in enumerate(part.sightings(), start=1):
        key = f"C{number:06d}"
        part.company.crm_ids.setdefault(seen.person.person_id, key)
        records.append((seen.person.first_day, _customer(key, seen, part.first_day(seen.person), part.rng)))
        part.tell_truth("customers", key, seen, Claim(key))
    _reuse_ids(part)
    names = files.columns("crm", "customers")
    for day, delivered in part.deliveries(records, _changed):
        text = files.delimited(names, delivered, breaks=part.rng)
        files.write(part.path(day, f"customers_{day:%Y%m%d}.csv"), text)


def _customer(key: str, seen: Seen, day: date, rng: np.random.Generator) -> Record:
    person = seen.person
    return {
        "customer_id": key, "first_name": seen.first_name, "last_name": seen.last_name, "email": seen.email,
        "phone": seen.phone, "date_of_birth": seen.birth_date,
        "gender": person.gender if rng.random() < 0.95 else None, "address_line": seen.street, "city": seen.city,
        "postcode": seen.postcode, "country": seen.country, "marital_status": person.marital_status,
        "occupation": person.occupation, "join_date": (day - timedelta(int(rng.integers(4000)))).isoformat(),
        "status": "active" if rng.random() < 0.93 else "closed", "updated_at": moment(day, rng),
    }  # fmt: skip


def _changed(record: Record, day: date, rng: np.random.Generator) -> Record:
    return record | {"updated_at": moment(day, rng), "status": "closed" if rng.random() < 0.3 else record["status"]}


def _reuse_ids(part: Part) -> None:
    """For some people whom the crm has forgotten: their former id, which is somebody else's by now."""
    given = list(part.company.crm_ids.values())
    for person in part.company.people:
        if person.person_id not in part.company.crm_ids and given and part.odd.random() < rates.REUSED_ID:
            part.company.reused_ids[person.person_id] = given[int(part.odd.integers(len(given)))]
