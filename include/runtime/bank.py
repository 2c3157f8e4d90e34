"""Delivers the files of the Czech bank into the inbox, where the environment names their folder."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from include.settings import Settings


def bank_date(settings: Settings) -> date | None:
    """The batch date of the bank's files: BANK_DATE, else the last date in its transactions; None without BANK_DATA.

    Raises ValueError where the folder holds no transactions.
    """
    if settings.bank_data is None:
        return None
    return settings.bank_date or max(_last_date(path) for path in _transaction_files(settings.bank_data))


def deliver_bank(settings: Settings, day: date) -> None:
    """Copy the files of the folder into ``inbox/bank/<day>/``; files that are there already are left alone."""
    if settings.bank_data is None:
        return
    folder = settings.inbox / "bank" / day.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(settings.bank_data.glob("*.asc")):
        if not (folder / path.name).exists():
            shutil.copyfile(path, folder / path.name)


def _transaction_files(folder: Path) -> list[Path]:
    found = sorted(folder.glob("trans*.asc"))
    if not found:
        raise ValueError(f"BANK_DATA={folder} holds no trans*.asc")
    return found


def _last_date(path: Path) -> date:
    with path.open(encoding="ascii") as stream:
        column = [name.strip('"') for name in next(stream).strip().split(";")].index("date")
        found = {line.split(";")[column] for line in stream}
    return max(_day(text) for text in found)


def _day(text: str) -> date:
    """A year of two digits is one of 1970 to 2069, as the gate and staging read it."""
    year = int(text[:2])
    return date(year + (1900 if year >= 70 else 2000), int(text[2:4]), int(text[4:6]))
