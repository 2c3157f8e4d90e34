"""The bank: eight tables in the form of the Czech bank of 1999, whole on every day.

Its traps are those of the real files: women's months carry 50 more, years have two digits, the postings of a day stand
in no order, words are Czech, blanks come in three kinds, and cash is withdrawn under two types.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from include.sample import files, rates
from include.sample.distort import see
from include.sample.districts import COUNT, district_rows
from include.sample.draw import choose
from include.sample.part import Part
from include.sample.population import Person
from include.sample.postings import BANKS, Account, live, open_account

HISTORY_DAYS = 180
JOINT = 0.7  # of people who live with a client are clients; most of them have no account of their own
DISPONENT = 0.55
Rows = list[list[Any]]
HEADERS = {
    "account": ("account_id", "district_id", "frequency", "date"),
    "client": ("client_id", "birth_number", "district_id"),
    "disp": ("disp_id", "client_id", "account_id", "type"),
    "order": ("order_id", "account_id", "bank_to", "account_to", "amount", "k_symbol"),
    "loan": ("loan_id", "account_id", "date", "amount", "duration", "payments", "status"),
    "card": ("card_id", "disp_id", "type", "issued"),
    "district": tuple(f"A{number}" for number in range(1, 17)),
    "trans": (
        "trans_id",
        "account_id",
        "date",
        "type",
        "operation",
        "amount",
        "balance",
        "k_symbol",
        "bank",
        "account",
    ),
}
QUOTED = {"birth_number", "frequency", "type", "k_symbol", "bank_to", "account_to", "operation", "bank", "account",
          "status", "A2", "A3"}  # fmt: skip


@dataclass
class Client:
    """One client, and the account that he owns or may use."""

    number: int
    person: Person
    district: int
    account: Account
    is_owner: bool


def write(part: Part) -> None:
    """``account.asc`` and its seven companions, a snapshot of each day."""
    clients = _clients(part)
    accounts = [client.account for client in clients if client.is_owner]
    fixed = {"district": district_rows(part.rng), "loan": _loans(part, accounts), "card": _cards(part, clients)}
    orders = {account.number: _orders(account) for account in accounts}
    frequencies = {account.number: _frequency(part.rng) for account in accounts}
    for number, day in enumerate(part.company.dates):
        present = [account for account in accounts if account.first_day <= number]
        for account in present:
            _until(part, account, number, day)
        known = [client for client in clients if client.person.first_day <= number]
        tables: dict[str, Rows] = {
            "account": [[a.number, a.district, frequencies[a.number], f"{a.opened:%y%m%d}"] for a in present],
            "client": [[c.number, _birth_number(c.person), c.district] for c in known],
            "disp": [[c.number, c.number, c.account.number, "OWNER" if c.is_owner else "DISPONENT"] for c in known],
            "order": [row for account in present for row in orders[account.number]],
            "loan": [row for row in fixed["loan"] if any(a.number == row[1] for a in present)],
            "card": [row for row in fixed["card"] if any(c.number == row[1] for c in known)],
            "district": fixed["district"], "trans": _transactions(present),
        }  # fmt: skip
        for name, rows in tables.items():
            files.write(part.path(day, f"{name}.asc"), asc(name, rows))


def _clients(part: Part) -> list[Client]:
    """The people whom the bank knows; who lives with the client before is one rather, and may use his account."""
    clients: list[Client] = []
    for person in part.company.people:
        other = clients[-1] if clients and _live_together(clients[-1].person, person) else None
        draw = part.rng.random()
        if draw >= (JOINT if other else rates.KNOWN_TO["bank"]):
            continue
        is_joint = (
            other is not None and other.is_owner and other.person.first_day <= person.first_day and draw < DISPONENT
        )
        number = part.identifiers(person).client_id_bank
        district = zlib.crc32(f"{person.city}{person.postcode}".encode()) % COUNT + 1
        account = other.account if other and is_joint else _account(part, number, person, district)
        clients.append(Client(number, person, district, account, not is_joint))
        part.company.bank_clients.add(person.person_id)
        seen = see(person, part.first_day(person), part.rng, part.odd)
        seen.corrupted = 0  # of a person the tables hold the day of birth only, from his papers
        part.tell_truth("clients", str(number), seen)
    return clients


def _live_together(one: Person, other: Person) -> bool:
    return (one.street, one.postcode) == (other.street, other.postcode)


def _account(part: Part, number: int, person: Person, district: int) -> Account:
    rng, day = part.rng, part.first_day(person)
    is_old = person.first_day == 0 and rng.random() < 0.6
    age = HISTORY_DAYS + int(rng.integers(30, 2500)) if is_old else int(rng.integers(0, HISTORY_DAYS))
    opened = day - timedelta(age if person.first_day == 0 else 0)
    is_pension = day.year - person.birth_date.year > 64
    account = Account(number, district, number, person.first_day, opened, is_pension=is_pension)
    account.balance = round(float(rng.gamma(2.0, 15_000.0)), 1) if is_old else 0.0
    account.salary = float(rng.integers(60, 400) * 100) if rng.random() < 0.8 else 0.0
    for _ in range(int(rng.integers(0, 4))):
        partner = str(10_000_000 + int(rng.integers(80_000_000)))
        amount = float(rng.integers(500, 60_000)) / 10
        account.standing.append(
            (amount, choose(("SIPO", "SIPO", "POJISTNE", "LEASING", " "), rng), choose(BANKS, rng), partner)
        )
    return account


def _until(part: Part, account: Account, number: int, day: date) -> None:
    """Book what has happened since the day before; on its first day, the account's history."""
    if account.first_day < number:
        live(account, day, day, part.rng)
        return
    begin = day - timedelta(HISTORY_DAYS)
    if account.opened >= begin:
        open_account(account, part.rng)
        begin = account.opened + timedelta(1)
    live(account, begin, day, part.rng)


def _transactions(accounts: list[Account]) -> Rows:
    """By day; within a day by number, which is not the order in which they were posted."""
    booked = [posting for account in accounts for posting in account.postings]
    return [row for _, row in sorted(booked, key=lambda posting: (posting[0], posting[1][0] % 97, posting[1][0]))]


def _birth_number(person: Person) -> str:
    born = person.birth_date
    return f"{born:%y}{born.month + (50 if person.gender == 'female' else 0):02d}{born:%d}"


def _frequency(rng: np.random.Generator) -> str:
    return str(rng.choice(["POPLATEK MESICNE", "POPLATEK TYDNE", "POPLATEK PO OBRATU"], p=[0.92, 0.06, 0.02]))


def _orders(account: Account) -> Rows:
    return [
        [account.number * 10 + place, account.number, bank, partner, f"{amount:.2f}", purpose]
        for place, (amount, purpose, bank, partner) in enumerate(account.standing)
    ]


def _loans(part: Part, accounts: list[Account]) -> Rows:
    """Of older accounts some have a loan: ended (A well, B unpaid) or running (C well, D in debt), paid by an order."""
    rows, rng, today = [], part.rng, part.company.dates[0]
    for account in accounts:
        if (today - account.opened).days < 400 or rng.random() > 0.3:
            continue
        granted = account.opened + timedelta(int(rng.integers(60, 390)))
        months, rate = int(rng.choice([12, 24, 36, 48, 60])), int(rng.integers(300, 9000))
        is_over = granted + timedelta(round(months * 30.5)) < today
        status = str(rng.choice(["A", "B"] if is_over else ["C", "D"], p=[0.88, 0.12]))
        rows.append(
            [5000 + account.number, account.number, f"{granted:%y%m%d}", months * rate, months, f"{rate:.2f}", status]
        )
        if status == "C":
            account.standing.append((float(rate), "UVER", choose(BANKS, rng), str(20_000_000 + account.number)))
    return rows


def _cards(part: Part, clients: list[Client]) -> Rows:
    rows = []
    for client in clients:
        if part.rng.random() < 0.2:
            age = part.company.dates[0].year - client.person.birth_date.year
            kind = "junior" if age < 24 else choose(("classic", "classic", "classic", "gold"), part.rng)
            day = part.first_day(client.person)
            issued = day - timedelta(int(part.rng.integers(0, (day - client.account.opened).days + 1)))
            rows.append([7000 + client.number, client.number, kind, f"{issued:%y%m%d} 00:00:00"])
            client.account.has_card = True
    return rows


def asc(name: str, rows: Rows) -> str:
    """A table as the bank writes it: semicolons, quotes around words, CRLF; an unknown value is nothing at all."""
    header = HEADERS[name]
    names = header if name == "district" else [f'"{column}"' for column in header]
    lines = [";".join(names)]
    lines += [";".join(map(_field, header, row)) for row in rows]
    return "".join(f"{line}\r\n" for line in lines)


def _field(column: str, value: Any) -> str:
    return "" if value is None else f'"{value}"' if column in QUOTED else str(value)
