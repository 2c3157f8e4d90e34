"""Borrowers: one JSON array a day with everybody in it, no id; some debts are a text, others an object."""

from __future__ import annotations

from typing import Any

import numpy as np

from include.sample import files, rates
from include.sample.distort import Seen
from include.sample.draw import choose
from include.sample.part import Part, Record
from include.sample.unnumbered import Row, make_row, natural_keys, nulls_last, oldest_first

KEY = ("firstName", "lastName", "iban_end")


def write(part: Part) -> None:
    """``people_<date>.json``; from one day to the next debts shrink, and are written the other way."""
    rows = [make_row(part, seen, _borrower(part, seen, part.rng)) for seen in part.sightings()]
    delivered: list[Record] = []
    for number, day in enumerate(part.company.dates):
        known = [row for row in rows if row.seen.person.first_day <= number]
        for row in known:
            if row.seen.person.first_day < number:
                row.record["debt"] = _next_day(row.record["debt"], part.rng)
        delivered = [_delivered(row, row.age(day)) for row in known]
        files.write(part.path(day, f"people_{day:%Y%m%d}.json"), files.json_array(delivered))
    ends = [record | {"iban_end": record["iban"] and record["iban"][-4:]} for record in delivered]
    keys = natural_keys(
        ends, KEY, lambda r: nulls_last(r["credit_card_number"], oldest_first(r["age"]), r["address_postcode"])
    )
    for row, key in zip(rows, keys, strict=True):
        part.tell_truth("people", key, row.seen)


def _borrower(part: Part, seen: Seen, rng: np.random.Generator) -> Record:
    numbers = part.identifiers(seen.person)
    iban: str | None = numbers.iban
    draw = rng.random()
    if draw < rates.IBAN_MISSING:
        iban = None
    elif draw < rates.IBAN_MISSING + rates.IBAN_MISTYPED:
        iban = f"{numbers.iban[:-6]}{(int(numbers.iban[-6]) + 1) % 10}{numbers.iban[-5:]}"
    started, ends = int(rng.integers(2018, 2026)), int(rng.integers(2026, 2034))
    return {
        "firstName": seen.first_name, "lastName": seen.last_name, "age": None, "sex": seen.person.gender.title(),
        "address_main": seen.street, "address_city": seen.city, "address_postcode": seen.postcode, "iban": iban,
        "credit_card_number": choose(numbers.card_numbers, rng) if rng.random() >= rates.CARD_MISSING else None,
        "credit_card_security_code": f"{rng.integers(1000):03d}",
        "credit_card_start_date": f"{rng.integers(1, 13):02d}/{started % 100:02d}",
        "credit_card_end_date": f"{rng.integers(1, 13):02d}/{ends % 100:02d}",
        "debt": _debt(int(rng.integers(500, 60_000)), int(rng.integers(1, 11)), rng),
    }  # fmt: skip


def _debt(amount: int, years: int, rng: np.random.Generator) -> dict[str, Any] | None:
    """What is owed, and whether it is written as a text; most people owe nothing."""
    if rng.random() >= rates.DEBT:
        return None
    return {"amount": amount, "years": years, "is_text": bool(rng.random() < 0.5)}


def _next_day(debt: dict[str, Any] | None, rng: np.random.Generator) -> dict[str, Any] | None:
    if debt is None:
        return None
    paid = debt["amount"] // 50 if rng.random() < rates.CHANGED_PER_DAY else 0
    is_text = debt["is_text"] != (rng.random() < rates.DEBT_CHANGES_FORM)
    return debt | {"amount": debt["amount"] - paid, "is_text": is_text}


def _delivered(row: Row, age: int | None) -> Record:
    """The record as the extract has it: who owes nothing has no debt at all."""
    debt, record = row.record["debt"], row.record | {"age": age}
    if debt is None:
        return {name: value for name, value in record.items() if name != "debt"}
    amount = str(debt["amount"])
    return record | {"debt": amount if debt["is_text"] else {"amount": amount, "time_period_years": debt["years"]}}
