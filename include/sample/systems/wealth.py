"""Clients of the wealth arm and what they hold: one CSV per family of products, the whole list every day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from include.sample import branch_contacts, files, rates
from include.sample import wealth_products as products
from include.sample.distort import Seen
from include.sample.draw import currency, full_name
from include.sample.part import Part, Record


@dataclass
class Client:
    """One client of the wealth arm with all holdings, by family of products."""

    first_day: int
    record: Record
    holdings: dict[str, list[Record]] = field(default_factory=dict)


def write(part: Part) -> None:
    """``clients``, ``deposits``, ``funds``, ``policies``, ``loans``, ``card_accounts`` and ``branch_contacts``, each
    ``_<date>.csv``.

    On the third day the deposits come without their rates of interest.
    """
    clients = [_client(part, number, seen) for number, seen in enumerate(part.sightings(), start=1)]
    for number, day in enumerate(part.company.dates):
        known = [client for client in clients if client.first_day <= number]
        for client in known:
            if client.first_day < number:
                _live_a_day(client, day, part.rng)
        _write_day(part, day, known, without={"interest_rate_pct"} if number == 2 else set())
    branch_contacts.write(part, [(client.record["client_number"], client.first_day) for client in clients])


def _write_day(part: Part, day: date, known: list[Client], without: set[str]) -> None:
    names = files.columns("wealth", "clients")
    path = part.path(day, f"clients_{day:%Y%m%d}.csv")
    files.write(path, files.delimited(names, [client.record for client in known]))
    for family in products.FAMILIES:
        lacking = without if family == "deposits" else set()
        names = [name for name in files.columns("wealth", family) if name not in lacking]
        held = (holding for client in known for holding in client.holdings.get(family, ()))
        files.write(part.path(day, f"{family}_{day:%Y%m%d}.csv"), files.delimited(names, held))


def _client(part: Part, number: int, seen: Seen) -> Client:
    key, claim, rng, day = f"W{number:06d}", part.claim(seen.person), part.rng, part.first_day(seen.person)
    known = part.identifiers(seen.person)
    national_id: str | None = known.national_id
    draw = rng.random()
    if draw < rates.WEALTH_ID_MISSING:
        national_id = None
    elif draw < rates.WEALTH_ID_MISSING + rates.WEALTH_ID_MISTYPED:
        national_id = f"{known.national_id[:-4]}{(int(known.national_id[-4]) + 1) % 10}{known.national_id[-3:]}"
    part.tell_truth("clients", key, seen, claim)
    client = Client(seen.person.first_day, {
        "client_number": key, "customer_id": claim.customer_id, "national_id": national_id,
        "full_name": full_name(seen, rng), "date_of_birth": seen.birth_date, "occupation": seen.person.occupation,
        "declared_income": 100 * int(rng.gamma(4.0, 95.0)), "currency": currency(seen),
        "registered_date": (day - timedelta(int(rng.integers(30, 6000)))).isoformat(),
    })  # fmt: skip
    holder = products.Holder(key, currency(seen), known.iban, known.card_numbers, day)
    for family, (share, most, open_one) in products.FAMILIES.items():
        most = min(most, len(known.card_numbers)) if family == "card_accounts" else most
        count = sum(rng.random() < share for _ in range(most))
        client.holdings[family] = [open_one(holder, place, rng) for place in range(1, count + 1)]
    return client


def _live_a_day(client: Client, day: date, rng: np.random.Generator) -> None:
    """Money moves; what was closed the day before is no longer listed."""
    for family, held in client.holdings.items():
        held[:] = [holding for holding in held if holding["status"] != "closed"]
        for place, holding in enumerate(held):
            held[place] = holding | products.MOVES[family](holding, day, rng)
            if rng.random() < rates.HOLDING_CLOSED:
                held[place] |= {"status": "closed", "last_action_date": day.isoformat()}
