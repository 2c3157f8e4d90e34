"""The credit bureau: balances as CSV, reports with payment histories as XML.

A person has a file with a number; lenders name him by national id or by the client number of our bank. The balances of
the two days before come once more, corrected. The delivery of the second day lacks the column `currency`, also of what
came with it on the first; the third brings all of them whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from include.sample import files, rates
from include.sample.distort import Seen
from include.sample.draw import choose, currency, full_name
from include.sample.history import changing_deliveries, instant, utc
from include.sample.part import Part, Record

LENDERS = ("RetailMax Bank", "First Savings", "Northern Credit", "Harbour Bank")
KINDS = ("current", "savings", "credit card", "loan", "mortgage")
MONTHS = 12


@dataclass
class Account:
    """One account at a lender, with the ids under which the lender reports its holder."""

    first_day: int
    ids: Record
    lender: str
    kind: str
    balance: float
    limit: float | None
    currency: str


def write(part: Part) -> None:
    """``credit_reports_<date>.xml`` and ``balances_<date>.csv``."""
    reports: list[tuple[int, Record]] = []
    accounts: list[Account] = []
    for number, seen in enumerate(part.sightings(), start=1):
        key, ids = f"F{number:06d}", _ids(part, seen)
        reports.append((seen.person.first_day, _report(key, seen, ids, part.first_day(seen.person), part.rng)))
        accounts += [_account(f"{key}-{n}", key, seen, ids, part.rng) for n in range(int(part.rng.integers(1, 4)))]
        part.tell_truth("credit_reports", key, seen)
    for day, delivered in changing_deliveries(part, reports, _report_changed):
        text = files.xml("credit_reports", "report", delivered)
        files.write(part.path(day, f"credit_reports_{day:%Y%m%d}.xml"), text)
    _write_balances(part, accounts)


def _write_balances(part: Part, accounts: list[Account]) -> None:
    names = files.columns("bureau", "balances")
    before: list[Record] = []
    for number, day in enumerate(part.company.dates):
        today = [_balance(account, day, part.rng) for account in accounts if account.first_day <= number]
        again = [_corrected(row, day, part.rng) for row in before]
        columns = [name for name in names if number != 1 or name != "currency"]
        files.write(part.path(day, f"balances_{day:%Y%m%d}.csv"), files.delimited(columns, [*today, *again]))
        before = [*again, *today]


def _ids(part: Part, seen: Seen) -> Record:
    """National id and client number of the bank, as far as the bureau has them; one of the two it always has."""
    known, rng = part.identifiers(seen.person), part.rng
    national: str | None = known.national_id
    draw = rng.random()
    is_client = seen.person.person_id in part.company.bank_clients and rng.random() < 0.8
    if draw < rates.NATIONAL_ID_WRONG:
        place = int(rng.integers(2, len(known.national_id) - 1))
        national = known.national_id[:place] + str(rng.integers(10)) + known.national_id[place + 1 :]
    elif draw < rates.NATIONAL_ID_WRONG + rates.NATIONAL_ID_MISSING and is_client:
        national = None
    return {"national_id": national, "client_id": known.client_id_bank if is_client else None}


def _report(key: str, seen: Seen, ids: Record, day: date, rng: np.random.Generator) -> Record:
    limit = float(rng.integers(5, 200) * 100)
    money = currency(seen)
    return {
        "@file": key, "@reported_at": utc(instant(day, rng)),
        "subject": ids | {"name": full_name(seen, rng), "birth_date": seen.birth_date, "postcode": seen.postcode},
        "score": int(np.clip(rng.normal(660, 80), 300, 850)), "open_credit_lines": int(rng.integers(0, 7)),
        "utilisation": _utilisation(limit, money, rng), "defaults": int(rng.choice(4, p=[0.88, 0.08, 0.03, 0.01])),
        "enquiries": int(rng.integers(0, 6)),
        "oldest_line_date": (day - timedelta(int(rng.integers(200, 7000)))).isoformat(),
        "payment_history": [("month", _month(key, day, back, money, rng)) for back in range(1, MONTHS + 1)],
    }  # fmt: skip


def _utilisation(limit: float, money: str, rng: np.random.Generator) -> Record:
    used = round(limit * float(rng.beta(2, 4)), 2)
    return {"@currency": money, "limit": limit, "used": used, "pct": round(100 * used / limit, 1)}


def _month(key: str, day: date, back: int, money: str, rng: np.random.Generator) -> Record:
    number = day.year * 12 + day.month - 1 - back
    month = f"{number // 12}-{number % 12 + 1:02d}"
    status = str(rng.choice(["paid", "late", "missed", "nothing due"], p=[0.8, 0.08, 0.02, 0.1]))
    return {
        "@entry": f"{key}-{month}", "@month": month, "@status": status,
        "days_late": int(rng.integers(1, 60)) if status == "late" else None,
        "amount_due": None if status == "nothing due" else {
            "@currency": money, "#text": round(float(rng.gamma(3.0, 60.0)), 2)
        },
    }  # fmt: skip


def _report_changed(report: Record, day: date, rng: np.random.Generator) -> Record:
    used = report["utilisation"]
    return report | {
        "@reported_at": utc(instant(day, rng)), "enquiries": report["enquiries"] + 1,
        "score": int(np.clip(report["score"] + rng.normal(0, 10), 300, 850)),
        "utilisation": _utilisation(used["limit"], used["@currency"], rng),
    }  # fmt: skip


def _account(reference: str, key: str, seen: Seen, ids: Record, rng: np.random.Generator) -> Account:
    """A lender names the holder by one id, mostly with the file."""
    by_client = ids["client_id"] is not None and (ids["national_id"] is None or rng.random() < 0.5)
    kind = choose(KINDS, rng)
    is_debt = kind in ("credit card", "loan", "mortgage")
    told = {
        "account_ref": reference, "file_number": key if rng.random() < 0.85 else None,
        "client_id": ids["client_id"] if by_client else None, "national_id": None if by_client else ids["national_id"],
    }  # fmt: skip
    balance = float(rng.gamma(2.0, 1500.0)) * (-1 if is_debt else 1)
    limit = float(rng.integers(10, 100) * 100) if kind == "credit card" else None
    return Account(seen.person.first_day, told, choose(LENDERS, rng), kind, balance, limit, currency(seen))


def _balance(account: Account, day: date, rng: np.random.Generator) -> Record:
    account.balance += float(rng.normal(0, 40))
    return account.ids | {
        "lender": account.lender, "account_type": account.kind, "balance_date": day.isoformat(),
        "balance": round(account.balance, 2), "credit_limit": account.limit, "currency": account.currency,
        "reported_at": utc(instant(day, rng)),
    }  # fmt: skip


def _corrected(row: Record, day: date, rng: np.random.Generator) -> Record:
    changed = round(row["balance"] + 10, 2) if rng.random() < 0.03 else row["balance"]
    return row | {"balance": changed, "reported_at": utc(instant(day, rng))}
