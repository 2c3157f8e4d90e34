"""Accounts of the financial-services arm with their transactions: one JSON array a day."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from include.sample import files
from include.sample.distort import Seen
from include.sample.draw import PRODUCTS, choose, currency, full_name, moment
from include.sample.part import Claim, Part, Record


def write(part: Part) -> None:
    """``accounts_<date>.json``; an account that comes again brings the transactions since the last time."""
    records: list[tuple[int, Record]] = []
    for number, seen in enumerate(part.sightings(), start=1):
        key, claim = f"A{number:06d}", part.claim(seen.person)
        account = _account(key, seen, claim, part.first_day(seen.person), part.rng)
        account["card_number"] = choose(part.identifiers(seen.person).card_numbers, part.rng)
        records.append((seen.person.first_day, account))
        part.tell_truth("accounts", key, seen, claim)
    for day, delivered in part.deliveries(records, _changed):
        files.write(part.path(day, f"accounts_{day:%Y%m%d}.json"), files.json_array(delivered))


def _account(key: str, seen: Seen, claim: Claim, day: date, rng: np.random.Generator) -> Record:
    money = currency(seen)
    return {
        "account_id": key, "customer_id": claim.customer_id, "holder_name": full_name(seen, rng),
        "holder_email": seen.email, "holder_phone": seen.phone, "holder_birth_date": seen.birth_date,
        "holder_postcode": seen.postcode, "account_type": choose(("current", "savings", "credit_card", "loan"), rng),
        "currency": money, "opened_date": (day - timedelta(int(rng.integers(3000)))).isoformat(), "status": "open",
        "credit_score": int(np.clip(rng.normal(680, 70), 300, 850)),
        "payment_methods": choose((["credit_card"], ["credit_card", "paypal"], ["bank_transfer"]), rng),
        "card_number": None, "card_security_code": f"{rng.integers(1000):03d}",
        "transaction_history": [_transaction(key, n, money, day, rng) for n in range(int(rng.integers(0, 7)))],
        "updated_at": moment(day, rng),
    }  # fmt: skip


def _transaction(account: str, name: int | str, money: str, day: date, rng: np.random.Generator) -> Record:
    return {
        "transaction_id": f"T{account}-{name}",
        "occurred_at": moment(day - timedelta(int(rng.integers(0, 60))), rng),
        "amount": round(float(rng.gamma(2.0, 30.0)) + 1, 2),
        "currency": money,
        "type": choose(("purchase", "purchase", "purchase", "refund", "deposit", "withdrawal", "top_up", "fee"), rng),
        "product_id": choose(PRODUCTS, rng)[0],
        "channel": choose(("online", "store", "app"), rng),
        "description": choose(("card payment", "direct debit", "order"), rng),
    }


def _changed(record: Record, day: date, rng: np.random.Generator) -> Record:
    news = _transaction(record["account_id"], f"{day:%m%d}-0", record["currency"], day, rng)
    return record | {
        "updated_at": moment(day, rng), "transaction_history": [*record["transaction_history"], news],
    }  # fmt: skip
