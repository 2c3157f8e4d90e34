"""What clients of the wealth arm hold: how a holding of each family of products is opened, and how a day changes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from include.sample.draw import choose
from include.sample.part import Record

DEPOSITS = ("sa_esaving", "sa_esaving", "sa_supersaving", "ca_dailyflow", "ca_dailyflow", "fda_5yplan", "fda_7yplan",
            "fda_10yplan")  # fmt: skip
TERMS = {"fda_5yplan": 5, "fda_7yplan": 7, "fda_10yplan": 10}
FUNDS = (("RMX-EQ-W", "Equity World", 6), ("RMX-EQ-E", "Equity Europe", 5), ("RMX-MIX", "Balanced", 4),
         ("RMX-BOND", "Government Bonds", 2), ("RMX-CASH", "Money Market", 1),
         ("RMX-EM", "Emerging Markets", 7))  # fmt: skip
AREAS = ("city centre", "suburb", "small town", "countryside", "seaside")
SEGMENTS = ("city", "compact", "family", "suv", "luxury", "commercial")
CARD_KINDS = ("platinum", "diamond", "gold", "gold", "silver", "silver", "shopping", "auto")
LIMITS = {"platinum": 12_000, "diamond": 25_000, "gold": 7_000, "silver": 3_000, "shopping": 2_000, "auto": 4_000}


@dataclass(frozen=True)
class Holder:
    """What a holding takes from its client."""

    client_number: str
    currency: str
    iban: str
    card_numbers: tuple[str, ...]
    day: date


def _common(holder: Holder, letter: str, place: int, rng: np.random.Generator) -> Record:
    """What all families have; some foreign currency among them."""
    opened = holder.day - timedelta(int(rng.integers(10, 4000)))
    acted = max(opened, holder.day - timedelta(int(rng.integers(200))))
    return {
        "holding_number": f"{holder.client_number}-{letter}{place}", "client_number": holder.client_number,
        "currency": holder.currency if rng.random() < 0.95 else choose(("EUR", "USD", "GBP"), rng),
        "opened_date": opened.isoformat(), "last_action_date": acted.isoformat(),
        "status": "open" if rng.random() < 0.97 else "dormant",
    }  # fmt: skip


def open_deposit(holder: Holder, place: int, rng: np.random.Generator) -> Record:
    """A savings or current account, or a term deposit; the current account is the one that others know by its IBAN."""
    product, common = choose(DEPOSITS, rng), _common(holder, "D", place, rng)
    years = TERMS.get(product)
    opened = date.fromisoformat(common["opened_date"])
    return common | {
        "product": product, "iban": holder.iban if product == "ca_dailyflow" else None,
        "balance": _money(rng, 2.0, 4_000.0), "inflow": 0, "outflow": 0,
        "interest_rate_pct": round(float(rng.uniform(0.1, 2.0)) + (years or 0) * 0.2, 2),
        "maturity_date": (opened + timedelta(round(365.25 * years))).isoformat() if years else None,
    }  # fmt: skip


def open_fund(holder: Holder, place: int, rng: np.random.Generator) -> Record:
    """Units of one mutual fund."""
    code, name, risk = choose(FUNDS, rng)
    units, price = round(float(rng.gamma(2.0, 60.0)) + 1, 4), float(rng.uniform(20, 200))
    value = round(units * price, 2)
    return _common(holder, "F", place, rng) | {
        "fund_code": code, "fund_name": name, "units": units, "value": value,
        "profit_and_loss": round(value * float(rng.normal(0.06, 0.15)), 2), "risk_score": risk,
    }  # fmt: skip


def open_policy(holder: Holder, place: int, rng: np.random.Generator) -> Record:
    """A life or health insurance, or one that is bought for its tax benefit."""
    kind, premium = choose(("life", "health", "tax_benefit"), rng), _money(rng, 3.0, 250.0)
    return _common(holder, "P", place, rng) | {
        "kind": kind, "premium": premium, "cover": round(premium * int(rng.integers(20, 200)), -2),
        "balance": 0 if kind == "health" else round(premium * float(rng.uniform(0, 12)), 2),
        "tax_benefit": round(premium * 0.2, 2) if kind == "tax_benefit" else 0,
    }  # fmt: skip


def open_loan(holder: Holder, place: int, rng: np.random.Generator) -> Record:
    """A mortgage with its property, an auto loan with its car, or a personal loan."""
    kind = choose(("mortgage", "auto", "personal", "personal"), rng)
    principal = _money(rng, 4.0, {"mortgage": 50_000.0, "auto": 4_500.0, "personal": 2_500.0}[kind])
    outstanding = round(principal * float(rng.uniform(0.05, 1.0)), 2)
    months = {"mortgage": 300, "auto": 60, "personal": 48}[kind]
    own = dict.fromkeys(
        ("property_kind", "location_area", "asset_value", "number_of_assets", "car_price", "car_segment")
    )
    if kind == "mortgage":
        own |= {"property_kind": choose(("home", "condo", "land", "commercial"), rng),
                "location_area": choose(AREAS, rng), "asset_value": round(principal * float(rng.uniform(1.1, 2.0)), -3),
                "number_of_assets": 1 + int(rng.random() < 0.1)}  # fmt: skip
    elif kind == "auto":
        own |= {"car_price": round(principal * float(rng.uniform(1.0, 1.6)), -2), "car_segment": choose(SEGMENTS, rng)}
    return _common(holder, "L", place, rng) | own | {
        "kind": kind, "principal": principal, "outstanding": outstanding,
        "instalment": round(principal / months * 1.2, 2), "interest_rate_pct": round(float(rng.uniform(1.5, 9.0)), 2),
    }  # fmt: skip


def open_card(holder: Holder, place: int, rng: np.random.Generator) -> Record:
    """A credit-card account with its card."""
    kind = choose(CARD_KINDS, rng)
    limit = LIMITS[kind] + 500 * int(rng.integers(0, 8))
    usage = round(limit * float(rng.beta(1.5, 4.0)), 2)
    return _common(holder, "C", place, rng) | {
        "card_number": holder.card_numbers[(place - 1) % len(holder.card_numbers)], "kind": kind, "credit_limit": limit,
        "credit_usage": usage, "credit_available": round(limit - usage, 2), "spending": _money(rng, 2.0, 250.0),
        "points": int(rng.gamma(1.5, 4_000.0)),
        "payment_behaviour": "revolver" if rng.random() < 0.4 else "transactor",
        "spending_segment": choose(("top_spender", "regular", "regular", "occasional", "inactive"), rng),
    }  # fmt: skip


def _move_deposit(holding: Record, day: date, rng: np.random.Generator) -> Record:
    if holding["product"] in TERMS or rng.random() < 0.6:
        return {"inflow": 0, "outflow": 0}
    inflow = _money(rng, 1.5, 200.0) if rng.random() < 0.5 else 0
    outflow = min(_money(rng, 1.5, 120.0), holding["balance"]) if rng.random() < 0.7 else 0
    balance = round(holding["balance"] + inflow - outflow, 2)
    acted = {"last_action_date": day.isoformat()} if inflow or outflow else {}
    return {"inflow": inflow, "outflow": outflow, "balance": balance} | acted


def _move_fund(holding: Record, _: date, rng: np.random.Generator) -> Record:
    change = round(holding["value"] * float(rng.normal(0, 0.01)), 2)
    return {
        "value": round(holding["value"] + change, 2),
        "profit_and_loss": round(holding["profit_and_loss"] + change, 2),
    }


def _move_policy(_: Record, day: date, rng: np.random.Generator) -> Record:
    return {"last_action_date": day.isoformat()} if rng.random() < 0.01 else {}


def _move_loan(holding: Record, day: date, rng: np.random.Generator) -> Record:
    if rng.random() >= 1 / 30:
        return {}
    paid = min(holding["instalment"], holding["outstanding"])
    return {"outstanding": round(holding["outstanding"] - paid, 2), "last_action_date": day.isoformat()}


def _move_card(holding: Record, day: date, rng: np.random.Generator) -> Record:
    if rng.random() < 0.5:
        return {}
    spent = min(_money(rng, 1.5, 40.0), holding["credit_available"])
    usage = round(holding["credit_usage"] + spent, 2)
    return {
        "credit_usage": usage, "credit_available": round(holding["credit_limit"] - usage, 2),
        "spending": round(holding["spending"] + spent, 2), "points": holding["points"] + int(spent),
        "last_action_date": day.isoformat(),
    }  # fmt: skip


def _money(rng: np.random.Generator, shape: float, scale: float) -> float:
    return round(float(rng.gamma(shape, scale)) + 1, 2)


Open = Callable[[Holder, int, np.random.Generator], Record]
# By family: the chance of each of so many holdings, and how one is opened.
FAMILIES: dict[str, tuple[float, int, Open]] = {
    "deposits": (0.5, 4, open_deposit),
    "funds": (0.2, 3, open_fund),
    "policies": (0.25, 3, open_policy),
    "loans": (0.22, 2, open_loan),
    "card_accounts": (0.4, 2, open_card),
}
MOVES: dict[str, Callable[[Record, date, np.random.Generator], Record]] = {
    "deposits": _move_deposit,
    "funds": _move_fund,
    "policies": _move_policy,
    "loans": _move_loan,
    "card_accounts": _move_card,
}
