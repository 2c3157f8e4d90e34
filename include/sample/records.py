"""One function per system: a person as seen, as a record of that system. Returns (source key, record)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np

from include.sample.distort import Seen

PRODUCTS = tuple((f"P{n:03d}", f"{kind} {n}", kind) for n, kind in enumerate(
    ("Streaming", "Cloud storage", "Fitness", "News", "Games", "Cooking", "Music", "Navigation"), start=1
))  # fmt: skip
SEGMENTS = ("urban explorer", "family first", "silver surfer", "bargain hunter", "brand lover")
NOTES = ("asked about delivery", "address confirmed", "invoice sent again", "complained about waiting time",
         "wants to cancel", "thanked for quick help")  # fmt: skip

Maker = Callable[[int, Seen, str | None, date, np.random.Generator], tuple[str, dict[str, Any]]]


def _choose(values: tuple[Any, ...], rng: np.random.Generator) -> Any:
    return values[int(rng.integers(len(values)))]


def _full_name(seen: Seen, rng: np.random.Generator) -> str:
    first, last = seen.first_name or "", seen.last_name or ""
    return f"{last}, {first}" if rng.random() < 0.15 else f"{first} {last}".strip()


def _moment(day: date, rng: np.random.Generator) -> str:
    seconds = int(rng.integers(86_400))
    return f"{day.isoformat()}T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}Z"


def crm_customer(
    number: int, seen: Seen, claimed: str | None, day: date, rng: np.random.Generator
) -> tuple[str, dict[str, Any]]:
    """A customer account of the crm; the id is the one the crm gave, whatever the number."""
    del number
    person = seen.person
    return str(claimed), {
        "customer_id": claimed, "first_name": seen.first_name, "last_name": seen.last_name, "email": seen.email,
        "phone": seen.phone, "date_of_birth": seen.birth_date,
        "gender": person.gender if rng.random() < 0.95 else None, "address_line": seen.street, "city": seen.city,
        "postcode": seen.postcode, "country": seen.country, "marital_status": person.marital_status,
        "occupation": person.occupation, "join_date": (day - timedelta(int(rng.integers(4000)))).isoformat(),
        "status": "active" if rng.random() < 0.93 else "closed", "updated_at": _moment(day, rng),
    }  # fmt: skip


def finance_account(
    number: int, seen: Seen, claimed: str | None, day: date, rng: np.random.Generator
) -> tuple[str, dict[str, Any]]:
    """An account with its transactions."""
    key = f"A{number:06d}"
    currency = {"GB": "GBP", "US": "USD", "CZ": "CZK", "PL": "PLN"}.get(seen.person.country[0], "EUR")
    return key, {
        "account_id": key, "customer_id": claimed, "holder_name": _full_name(seen, rng), "holder_email": seen.email,
        "holder_phone": seen.phone, "holder_birth_date": seen.birth_date, "holder_postcode": seen.postcode,
        "account_type": _choose(("current", "savings", "credit_card", "loan"), rng), "currency": currency,
        "opened_date": (day - timedelta(int(rng.integers(3000)))).isoformat(), "status": "open",
        "credit_score": int(np.clip(rng.normal(680, 70), 300, 850)),
        "payment_methods": _choose((["credit_card"], ["credit_card", "paypal"], ["bank_transfer"]), rng),
        "card_number": f"4{int(rng.integers(10**14, 10**15))}", "card_security_code": f"{rng.integers(1000):03d}",
        "transaction_history": [_transaction(key, n, currency, day, rng) for n in range(int(rng.integers(0, 7)))],
        "updated_at": _moment(day, rng),
    }  # fmt: skip


def _transaction(account: str, number: int, currency: str, day: date, rng: np.random.Generator) -> dict[str, Any]:
    return {
        "transaction_id": f"T{account}-{number}",
        "occurred_at": _moment(day - timedelta(int(rng.integers(0, 60))), rng),
        "amount": round(float(rng.gamma(2.0, 30.0)) + 1, 2),
        "currency": currency,
        "type": _choose(("purchase", "purchase", "purchase", "refund", "deposit", "withdrawal", "fee"), rng),
        "product_id": _choose(PRODUCTS, rng)[0],
        "channel": _choose(("online", "store", "app"), rng),
        "description": _choose(("card payment", "direct debit", "order"), rng),
    }


def demographics_customer(
    number: int, seen: Seen, claimed: str | None, day: date, rng: np.random.Generator
) -> tuple[str, dict[str, Any]]:
    """The estimate of the external service."""
    key, person = f"D{number:06d}", seen.person
    return key, {
        "@ref": key, "id": claimed, "name": _full_name(seen, rng), "age": seen.age, "gender": person.gender.title(),
        "location": {"street": seen.street, "city": seen.city, "postcode": seen.postcode, "country": seen.country},
        "family_status": person.marital_status.title(), "education": person.education,
        "occupation": person.occupation, "income_bracket": person.income,
        "lifestyle_segment": _choose(SEGMENTS, rng), "purchase_propensity": round(float(rng.beta(2, 5)), 3),
        "competitor_spend": round(float(rng.gamma(2.0, 200.0)), 2), "estimated_on": day.isoformat(),
    }  # fmt: skip


def service_interaction(
    number: int, seen: Seen, claimed: str | None, day: date, rng: np.random.Generator
) -> tuple[str, dict[str, Any]]:
    """One contact with the service desk."""
    key = f"I{number:06d}"
    return key, {
        "interaction_id": key, "customer_id": claimed,
        "interaction_type": _choose(("call", "email", "chat", "visit", "complaint"), rng),
        "timestamp": _moment(day, rng), "channel": _choose(("hotline", "mailbox", "store desk"), rng),
        "contact_name": _full_name(seen, rng), "contact_email": seen.email, "contact_phone": seen.phone,
        "contact_birth_date": seen.birth_date, "contact_postcode": seen.postcode,
        "agent": f"agent{rng.integers(1, 30)}", "duration_s": int(rng.gamma(2.0, 150.0)),
        "resolution": _choose(("solved", "forwarded", "open"), rng), "notes": _choose(NOTES, rng),
    }  # fmt: skip


def usage_subscription(
    number: int, seen: Seen, claimed: str | None, day: date, rng: np.random.Generator
) -> tuple[str, dict[str, Any]]:
    """One subscription of a product."""
    key, (product, name, category) = f"S{number:06d}", _choose(PRODUCTS, rng)
    return key, {
        "subscription_id": key, "customer_id": claimed, "account_name": _full_name(seen, rng),
        "account_email": seen.email, "account_birth_date": seen.birth_date, "account_postcode": seen.postcode,
        "product_id": product, "product_name": name, "product_category": category,
        "usage_frequency": _choose(("daily", "weekly", "monthly", "rarely"), rng),
        "last_used": (day - timedelta(int(rng.integers(40)))).isoformat(), "recorded_at": _moment(day, rng),
    }  # fmt: skip


def change_record(system: str, record: dict[str, Any], day: date, rng: np.random.Generator) -> dict[str, Any]:
    """The record as it is delivered again on a later day, with what has changed since."""
    if system == "demographics":
        return record | {"purchase_propensity": round(float(rng.beta(2, 5)), 3), "estimated_on": day.isoformat()}
    changed = record | {"updated_at": _moment(day, rng)}
    if system == "crm":
        return changed | {"status": "closed" if rng.random() < 0.3 else record["status"]}
    news = _transaction(f"{record['account_id']}-{day:%m%d}", 0, record["currency"], day, rng)
    return changed | {"transaction_history": [*record["transaction_history"], news]}


MAKERS: dict[str, Maker] = {
    "crm": crm_customer,
    "finance": finance_account,
    "demographics": demographics_customer,
    "service": service_interaction,
    "usage": usage_subscription,
}
