"""Contacts of clients of the wealth arm at its branches: at the counter, or with an adviser."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from include.sample import files, rates
from include.sample.draw import choose, moment
from include.sample.part import Part, Record

HISTORY_DAYS = 90
BRANCHES = ("Old Town", "Station", "Harbour", "University", "North")
# What people come to a desk for, with what the employee notes.
REASONS = {
    "counter": {"cash": "paid in cash", "payment": "payment slip filled in", "card": "card ordered anew",
                "complaint": "complained about the queue", "other": "asked for the opening hours"},
    "adviser": {"savings": "asked for a better rate", "loan": "wants an offer for a loan",
                "insurance": "cover explained",
                "investment": "looked through the funds", "complaint": "complained about fees"},
}  # fmt: skip
OUTCOMES = ("done", "done", "done", "appointment", "open")


def write(part: Part, clients: list[tuple[str, int]]) -> None:
    """``branch_contacts_<date>.csv``: all of the last 90 days, of clients with the day on which each comes first.

    A few come without their client: nobody has asked.
    """
    rng = part.rng_of("branch contacts")
    names, told = files.columns("wealth", "branch_contacts"), list[Record]()
    for number, day in enumerate(part.company.dates):
        for client, first in clients:
            if first == number == 0:
                back = rng.integers(1, HISTORY_DAYS - len(part.company.dates), rng.poisson(rates.BRANCH_CONTACTS))
                told += [_contact(len(told) + place, client, day - timedelta(int(days)), rng)
                         for place, days in enumerate(back, start=1)]  # fmt: skip
            elif first <= number and rng.random() < rates.BRANCH_CONTACT_PER_DAY:
                told.append(_contact(len(told) + 1, client, day, rng))
        files.write(part.path(day, f"branch_contacts_{day:%Y%m%d}.csv"), files.delimited(names, told))


def _contact(number: int, client: str, day: date, rng: np.random.Generator) -> Record:
    desk = "adviser" if rng.random() < 0.3 else "counter"
    reason = choose(tuple(REASONS[desk]), rng)
    return {
        "contact_number": f"BC{number:07d}", "client_number": None if rng.random() < 0.02 else client,
        "branch": choose(BRANCHES, rng), "desk": desk, "reason": reason, "began_at": moment(day, rng),
        "duration_s": int(rng.gamma(2.0, 1200.0 if desk == "adviser" else 180.0)),
        "employee": f"clerk{rng.integers(1, 25)}", "outcome": choose(OUTCOMES, rng),
        "note": REASONS[desk][reason] if rng.random() < 0.6 else None,
    }  # fmt: skip
