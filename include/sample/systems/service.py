"""Contacts with the service desk: lines of fields between bars, a few of them broken."""

from __future__ import annotations

from datetime import date

import numpy as np

from include.sample import files
from include.sample.distort import Seen
from include.sample.draw import choose, full_name, moment
from include.sample.part import Claim, Part, Record

NOTES = ("asked about delivery", "address confirmed", "invoice sent again", "complained about waiting time",
         "wants to cancel", "thanked for quick help")  # fmt: skip


def write(part: Part) -> None:
    """``interactions_<date>.txt``."""
    records: list[tuple[int, Record]] = []
    for number, seen in enumerate(part.sightings(), start=1):
        key, claim = f"I{number:06d}", part.claim(seen.person)
        records.append((seen.person.first_day, _interaction(key, seen, claim, part.first_day(seen.person), part.rng)))
        part.tell_truth("interactions", key, seen, claim)
    names = files.columns("service", "interactions")
    for day, delivered in part.deliveries(records):
        text = files.delimited(names, delivered, "|", part.rng)
        files.write(part.path(day, f"interactions_{day:%Y%m%d}.txt"), text)


def _interaction(key: str, seen: Seen, claim: Claim, day: date, rng: np.random.Generator) -> Record:
    return {
        "interaction_id": key, "customer_id": claim.customer_id,
        "interaction_type": choose(("call", "email", "chat", "visit", "complaint"), rng),
        "timestamp": moment(day, rng), "channel": choose(("hotline", "mailbox", "store desk"), rng),
        "contact_name": full_name(seen, rng), "contact_email": seen.email, "contact_phone": seen.phone,
        "contact_birth_date": seen.birth_date, "contact_postcode": seen.postcode,
        "agent": f"agent{rng.integers(1, 30)}", "duration_s": int(rng.gamma(2.0, 150.0)),
        "resolution": choose(("solved", "forwarded", "open"), rng), "notes": choose(NOTES, rng),
    }  # fmt: skip
