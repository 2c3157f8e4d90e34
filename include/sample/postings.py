"""The postings of one account of the sample's bank, with the balance after each, as the real tables hold them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from include.sample.draw import choose

BANKS = ("AB", "CD", "EF", "GH", "KL", "MN", "OP", "QR", "ST", "UV", "WX", "YZ")
FEE = 14.6
INTEREST = 0.0031


@dataclass
class Account:
    """One account: who may use it, what it holds, what is paid from it every month.

    `postings` are the rows of the transactions table, by day; `standing` are (amount, purpose, bank, account).
    """

    number: int
    district: int
    owner: int
    first_day: int
    opened: date
    balance: float = 0.0
    salary: float = 0.0
    is_pension: bool = False
    has_card: bool = False
    standing: list[tuple[float, str, str, str]] = field(default_factory=list)
    postings: list[tuple[date, list[Any]]] = field(default_factory=list)
    given: int = 0


def post_day(account: Account, day: date, drafts: list[tuple[Any, ...]], rng: np.random.Generator) -> None:
    """Book the postings of a day in order; they get numbers in another, as in the real files.

    A draft is (type, operation, amount, purpose, bank, account of the partner).
    """
    numbers = rng.permutation(len(drafts)) + account.given + 1
    account.given += len(drafts)
    for number, (kind, operation, amount, purpose, bank, partner) in zip(numbers, drafts, strict=True):
        account.balance += amount if kind == "PRIJEM" else -amount
        key = account.number * 10_000 + int(number)
        # Both are rounded to ten hellers, so a balance may miss the one before it by 0.10.
        row = [key, account.number, f"{day:%y%m%d}", kind, operation, f"{round(amount, 1):.2f}",
               f"{round(account.balance, 1):.2f}", purpose, bank, partner]  # fmt: skip
        account.postings.append((day, row))


def open_account(account: Account, rng: np.random.Generator) -> None:
    """The first deposit."""
    post_day(account, account.opened, [_cash_in(float(rng.integers(2, 20) * 100))], rng)


def live(account: Account, begin: date, end: date, rng: np.random.Generator) -> None:
    """What happens on an account between two days, the last one included."""
    for number in range((end - begin).days + 1):
        day = begin + timedelta(number)
        if drafts := _drafts(account, day, rng):
            post_day(account, day, drafts, rng)


def _drafts(account: Account, day: date, rng: np.random.Generator) -> list[tuple[Any, ...]]:
    drafts: list[tuple[Any, ...]] = []
    if day.day == 5 and account.salary:
        purpose = "DUCHOD" if account.is_pension else ""
        drafts.append(("PRIJEM", "PREVOD Z UCTU", account.salary, purpose, BANKS[account.number % len(BANKS)],
                       str(10_000_000 + account.number)))  # fmt: skip
    if day.day == 12:
        drafts += [("VYDAJ", "PREVOD NA UCET", amount, purpose, bank, partner)
                   for amount, purpose, bank, partner in account.standing]  # fmt: skip
    if rng.random() < 0.10:
        drafts.append(_cash_out(account, rng))
    if rng.random() < 0.02:
        drafts.append(_cash_in(float(rng.integers(1, 40) * 100)))
    if (day + timedelta(1)).day == 1:
        drafts += _month_end(account)
    return drafts


def _cash_in(amount: float) -> tuple[Any, ...]:
    return ("PRIJEM", "VKLAD", amount, "", None, None)


def _cash_out(account: Account, rng: np.random.Generator) -> tuple[Any, ...]:
    """By card, over the counter, or under the third word for a type that the real tables have."""
    amount = float(rng.integers(1, 60) * 100)
    if account.has_card and rng.random() < 0.5:
        return ("VYDAJ", "VYBER KARTOU", amount, "", None, None)
    kind = "VYBER" if rng.random() < 0.05 else "VYDAJ"
    return (kind, "VYBER", amount, choose((" ", "", None), rng), None, None)


def _month_end(account: Account) -> list[tuple[Any, ...]]:
    """Interest, of either sign, and the fee for the statement."""
    interest = round(abs(account.balance) * INTEREST, 2)
    fee = ("VYDAJ", "VYBER", FEE, "SLUZBY", None, None)
    if account.balance < 0:
        return [("VYDAJ", "VYBER", interest, "SANKC. UROK", None, None), fee]
    return [("PRIJEM", None, interest, "UROK", None, None), fee] if interest >= 0.1 else [fee]
