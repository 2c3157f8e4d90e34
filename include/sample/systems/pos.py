"""The shops: packed CSV of receipts with their lines, members of the loyalty programme, notes, the list of shops."""

from __future__ import annotations

import csv
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from include.sample import files, rates
from include.sample.distort import Seen
from include.sample.draw import CURRENCIES, GOODS, choose, full_name, moment, price
from include.sample.part import Part, Record
from include.sample.population import Person

CITIES = (
    ("GB", "London", "W1B 5TG"), ("GB", "Leeds", "LS1 4AP"), ("GB", "Bristol", "BS1 3BD"), ("US", "Boston", "02116"),
    ("US", "Chicago", "60611"), ("DE", "Köln", "50667"), ("DE", "Berlin", "10117"), ("FR", "Lyon", "69002"),
    ("CZ", "Praha 1", "110 00"), ("CZ", "Brno", "602 00"), ("PL", "Łódź", "90-001"), ("ES", "Málaga", "29005"),
)  # fmt: skip
NOTES = (
    ("advice", "Looked for a kettle; wants to be told when it is back."), ("order request", "Asks for size L."),
    ("complaint", 'Waited "far too long" at the till; upset.'), ("praise", "Thanked Eva;\nwill come again."),
    ("return", "Had no receipt; exchange offered."),
)  # fmt: skip
REASONS = ("defect", "size", "dislike", "wrong article")
TIERS = ("bronze", "bronze", "bronze", "silver", "silver", "gold", "platinum")
ENTITIES = ("stores", "members", "transactions", "transaction_lines", "staff_notes")


def _layout(entity: str, number: int) -> dict[str, str]:
    """Header and field of each column on a day: on the second receipts come in another order, on the third a column of
    the members has another name."""
    names = files.columns("pos", entity)
    if entity == "transactions" and number == 1:
        names = [*names[4:], *names[:4]]
    renamed = {"home_store": "home_store_id"} if entity == "members" and number == 2 else {}
    return {renamed.get(name, name): name for name in names}


class Tills:
    """What the tills deliver: a file a day and entity."""

    def __init__(self, part: Part, stack: ExitStack) -> None:
        self.part, self.receipts, self.notes = part, 0, 0
        self.columns = [{entity: _layout(entity, number) for entity in ENTITIES} for number in range(3)]
        self.days: list[dict[str, Any]] = []
        for day, columns in zip(part.company.dates, self.columns, strict=True):
            self.days.append({})
            for entity in ENTITIES:
                stream = stack.enter_context(files.packed(part.path(day, f"{entity}_{day:%Y%m%d}.csv.gz")))
                self.days[-1][entity] = csv.writer(stream, delimiter=";", lineterminator="\n")
                self.days[-1][entity].writerow(list(columns[entity]))

    def write(self, number: int, entity: str, record: Record) -> None:
        """One row into the file of a day; what would come after the last day never comes."""
        if number < len(self.days):
            names = self.columns[number][entity].values()
            self.days[number][entity].writerow(["" if record[name] is None else record[name] for name in names])


@dataclass
class Buyer:
    """Who buys: a member with his card, or somebody with a bank card alone."""

    person: Person
    cards: tuple[str, ...]
    store: Record
    loyalty: str | None = None
    points: int = 0
    sales: list[tuple[Record, list[Record], date]] = field(default_factory=list)


def write(part: Part) -> None:
    """``<entity>_<date>.csv.gz``: the list of shops whole, of the rest what is new or changed."""
    stores = [_store(number, *city) for number, city in enumerate(CITIES, start=1)]
    with ExitStack() as stack:
        tills, last = Tills(part, stack), None
        for number in range(len(part.company.dates)):
            for store in stores:
                tills.write(number, "stores", store)
        for seen in part.sightings():
            loyalty = part.identifiers(seen.person).loyalty_number
            if seen.person.person_id == last:
                loyalty = f"{loyalty}9"  # the card was lost, a new one was given
            last = seen.person.person_id
            part.tell_truth("members", loyalty, seen)
            _live(tills, _member(part, seen, loyalty, stores), _buyer(part, seen.person, stores, loyalty))
        for person in part.company.people:
            if part.odd.random() < rates.POS_STRANGERS:
                _buy(tills, _buyer(part, person, stores, None), person.first_day, part.first_day(person))


def _store(number: int, country: str, city: str, postcode: str) -> Record:
    return {
        "store_id": f"ST{number:02d}", "store_name": f"RetailMax {city}",
        "store_format": ("flagship", "city", "outlet")[number % 3], "street": f"{number} Market Street", "city": city,
        "postcode": postcode, "country": country, "currency": CURRENCIES.get(country, "EUR"),
        "opened_date": date(2001 + number, 3, 1).isoformat(),
    }  # fmt: skip


def _buyer(part: Part, person: Person, stores: list[Record], loyalty: str | None) -> Buyer:
    """Mostly in a shop of the person's country; on journeys in any."""
    near = [store for store in stores if store["country"] == person.country[0]] or stores
    return Buyer(person, part.identifiers(person).card_numbers, choose(near, part.rng), loyalty)


def _member(part: Part, seen: Seen, loyalty: str, stores: list[Record]) -> Record:
    rng, day = part.rng, part.first_day(seen.person)
    joined = day - timedelta(int(rng.integers(2500)) if seen.person.first_day == 0 else 0)
    near = [store for store in stores if store["country"] == seen.person.country[0]] or stores
    return {
        "loyalty_number": loyalty, "full_name": full_name(seen, rng), "email": seen.email, "phone": seen.phone,
        "birth_date": seen.birth_date, "postcode": seen.postcode, "card_points": int(rng.gamma(1.5, 400)),
        "tier": choose(TIERS, rng), "joined_date": joined.isoformat(), "home_store": choose(near, rng)["store_id"],
        "status": "active" if rng.random() < 0.96 else "left", "updated_at": moment(day, rng),
    }  # fmt: skip


def _live(tills: Tills, member: Record, buyer: Buyer) -> None:
    """A member from his first day on: purchases of the months before, then of each day, with the new points."""
    part, first = tills.part, buyer.person.first_day
    tills.write(first, "members", member)
    for _ in range(int(part.rng.poisson(rates.POS_RECEIPTS))):
        _buy(tills, buyer, first, part.company.dates[first] - timedelta(int(part.rng.integers(1, 90))))
    for number in range(first + 1, len(part.company.dates)):
        day, points = part.company.dates[number], buyer.points
        if part.rng.random() < rates.POS_RECEIPTS_PER_DAY:
            _buy(tills, buyer, number, day)
        if buyer.sales and part.rng.random() < rates.POS_RETURNED:
            is_first = part.rng.random() < rates.POS_RETURN_FIRST
            if is_first:  # bought at a till that is offline, brought back the same day at another one
                _buy(tills, buyer, number, day, delay=1)
            _bring_back(tills, buyer, number, day, -1 if is_first else int(part.rng.integers(len(buyer.sales))))
        if buyer.points > points:
            changed = member["card_points"] + buyer.points - points
            member |= {"card_points": changed, "updated_at": moment(day, part.rng)}
            tills.write(number, "members", member)


def _receipt(tills: Tills, buyer: Buyer, day: date, kind: str, amount: float) -> Record:
    rng = tills.part.rng
    tills.receipts += 1
    key = f"R{tills.receipts:08d}"
    tills.part.tell_doer("transactions", key, buyer.person)
    shown = buyer.loyalty if rng.random() >= rates.POS_WITHOUT_LOYALTY else None
    if shown and rng.random() < rates.POS_MISTYPED:
        shown = shown[:-1] + str(rng.integers(10))
    method = choose(("card", "card", "card", "cash", "mobile", "voucher"), rng) if buyer.loyalty else "card"
    points = int(amount) if shown and kind == "sale" else 0
    buyer.points += points
    return {
        "transaction_id": key, "type": kind, "store_id": buyer.store["store_id"], "till": f"T{rng.integers(1, 6)}",
        "employee": f"staff{rng.integers(1, 60)}", "occurred_at": moment(day, rng), "loyalty_number": shown,
        "currency": buyer.store["currency"], "amount": f"{amount:.2f}", "payment_method": method,
        "card_number": choose(buyer.cards, rng) if method in ("card", "mobile") else None,
        "original_transaction_id": None, "return_reason": None, "points_earned": points,
        "points_redeemed": 100 if shown and kind == "sale" and rng.random() < 0.05 else 0,
    }  # fmt: skip


def _line(key: str, number: int, good: tuple[str, str, str, float], money: str, quantity: int) -> Record:
    return {
        "transaction_id": key, "line_number": number, "product_id": good[0], "product_name": good[1],
        "product_category": good[2], "quantity": quantity, "unit_price": price(good, money), "discount": "0.00",
    }  # fmt: skip


def _buy(tills: Tills, buyer: Buyer, number: int, day: date, delay: int = 0) -> None:
    """A sale; perhaps with a note of the staff."""
    rng, money = tills.part.rng, buyer.store["currency"]
    chosen = [(choose(GOODS, rng), int(rng.integers(1, 4))) for _ in range(int(rng.integers(1, 5)))]
    receipt = _receipt(tills, buyer, day, "sale", sum(price(good, money) * pieces for good, pieces in chosen))
    lines = [_line(receipt["transaction_id"], n, good, money, m) for n, (good, m) in enumerate(chosen, start=1)]
    _deliver(tills, number, receipt, lines, delay)
    buyer.sales.append((receipt, lines, day))
    if rng.random() < rates.POS_NOTE:
        tills.notes += 1
        topic, text = choose(NOTES, rng)
        tills.write(number, "staff_notes", {
            "note_id": f"SN{tills.notes:06d}", "store_id": receipt["store_id"], "employee": receipt["employee"],
            "occurred_at": receipt["occurred_at"], "loyalty_number": receipt["loyalty_number"],
            "transaction_id": receipt["transaction_id"], "topic": topic, "note": text,
        })  # fmt: skip


def _bring_back(tills: Tills, buyer: Buyer, number: int, day: date, place: int) -> None:
    """The first line of an earlier sale comes back, for money or for something of the same price."""
    rng = tills.part.rng
    sale, lines, _ = buyer.sales.pop(place)
    given, money = lines[0], sale["currency"]
    is_exchange = bool(rng.random() < 0.3)
    back = given | {"line_number": 1, "quantity": -given["quantity"]}
    amount = 0.0 if is_exchange else -given["unit_price"] * given["quantity"]
    receipt = _receipt(tills, buyer, day, "exchange" if is_exchange else "return", amount)
    reason = choose(REASONS, rng)
    receipt |= {"currency": money, "original_transaction_id": sale["transaction_id"], "return_reason": reason}
    receipt["store_id"] = sale["store_id"]
    key = {"transaction_id": receipt["transaction_id"]}
    _deliver(tills, number, receipt, [back | key, *([given | key | {"line_number": 2}] if is_exchange else [])])


def _deliver(tills: Tills, number: int, receipt: Record, lines: list[Record], delay: int = 0) -> None:
    """Into the files of the day, or of the next one, where the till was offline; now and then of both."""
    rng = tills.part.odd
    delay = delay or int(rng.random() < rates.POS_LATE and number + 1 < len(tills.days))
    for day in (number + delay, *([number + delay + 1] if rng.random() < rates.POS_TWICE else [])):
        tills.write(day, "transactions", receipt)
        for line in lines:
            tills.write(day, "transaction_lines", line)
