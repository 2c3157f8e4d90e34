"""Subscriptions and how they are used: packed CSV, the whole list every day."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from include.sample import files
from include.sample.distort import Seen
from include.sample.draw import PRODUCTS, choose, full_name, moment
from include.sample.part import Claim, Part, Record


def write(part: Part) -> None:
    """``product_usage_<date>.csv.gz``."""
    records: list[tuple[int, Record]] = []
    for number, seen in enumerate(part.sightings(), start=1):
        key, claim = f"S{number:06d}", part.claim(seen.person)
        records.append((seen.person.first_day, _subscription(key, seen, claim, part.first_day(seen.person), part.rng)))
        part.tell_truth("product_usage", key, seen, claim)
    names = files.columns("usage", "product_usage")
    for day, delivered in part.deliveries(records, is_snapshot=True):
        files.write(part.path(day, f"product_usage_{day:%Y%m%d}.csv.gz"), files.delimited(names, delivered))


def _subscription(key: str, seen: Seen, claim: Claim, day: date, rng: np.random.Generator) -> Record:
    product, name, category = choose(PRODUCTS, rng)
    return {
        "subscription_id": key, "customer_id": claim.customer_id, "account_name": full_name(seen, rng),
        "account_email": seen.email, "account_birth_date": seen.birth_date, "account_postcode": seen.postcode,
        "product_id": product, "product_name": name, "product_category": category,
        "usage_frequency": choose(("daily", "weekly", "monthly", "rarely"), rng),
        "last_used": (day - timedelta(int(rng.integers(40)))).isoformat(), "recorded_at": moment(day, rng),
    }  # fmt: skip
