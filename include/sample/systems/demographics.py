"""Estimates of the external demographics service: XML with nested elements."""

from __future__ import annotations

from datetime import date

import numpy as np

from include.sample import files
from include.sample.distort import Seen
from include.sample.draw import choose, full_name
from include.sample.part import Claim, Part, Record

SEGMENTS = ("urban explorer", "family first", "silver surfer", "bargain hunter", "brand lover")
AREAS = ("city centre", "suburban", "suburban", "small town", "rural", None)


def write(part: Part) -> None:
    """``customers_<date>.xml``; an unknown value has no element."""
    records: list[tuple[int, Record]] = []
    areas = part.rng_of("geographic segment")
    for number, seen in enumerate(part.sightings(), start=1):
        key, claim = f"D{number:06d}", part.claim(seen.person)
        customer = _customer(key, seen, claim, part.first_day(seen.person), part.rng)
        records.append((seen.person.first_day, customer | {"geographic_segment": choose(AREAS, areas)}))
        part.tell_truth("customers", key, seen, claim)
    for day, delivered in part.deliveries(records, _changed):
        text = files.xml("customers", "customer", delivered)
        files.write(part.path(day, f"customers_{day:%Y%m%d}.xml"), text)


def _customer(key: str, seen: Seen, claim: Claim, day: date, rng: np.random.Generator) -> Record:
    person = seen.person
    return {
        "@ref": key, "id": claim.customer_id, "name": full_name(seen, rng), "age": seen.age,
        "gender": person.gender.title(),
        "location": {"street": seen.street, "city": seen.city, "postcode": seen.postcode, "country": seen.country},
        "family_status": person.marital_status.title(), "education": person.education,
        "occupation": person.occupation, "income_bracket": person.income,
        "lifestyle_segment": choose(SEGMENTS, rng), "purchase_propensity": round(float(rng.beta(2, 5)), 3),
        "competitor_spend": round(float(rng.gamma(2.0, 200.0)), 2), "estimated_on": day.isoformat(),
    }  # fmt: skip


def _changed(record: Record, day: date, rng: np.random.Generator) -> Record:
    return record | {"purchase_propensity": round(float(rng.beta(2, 5)), 3), "estimated_on": day.isoformat()}
