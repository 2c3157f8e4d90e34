"""Delivers the files of the Czech bank into the inbox, where the environment names their folder."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from include.settings import Settings


def bank_date(settings: Settings) -> date | None:
    """The batch date of the bank's files: BANK_DATE, else the last date in its transactions; None without BANK_DATA.

    Raises ValueError where the folder holds no transactions, or none of them a date that can be read.
    """
    if settings.bank_data is None or settings.bank_date:
        return settings.bank_date if settings.bank_data else None
    last = max(filter(None, map(_last_date, _transaction_files(settings.bank_data))), default=None)
    if last is None:
        raise ValueError(
            f"BANK_DATA={settings.bank_data}: no transaction has a date like 981231; name one by BANK_DATE"
        )
    return last


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


def _last_date(path: Path) -> date | None:
    """None where no row has a date that can be read. Such a row is no reason to stop here: the gate tells of it."""
    with path.open(encoding="ascii", errors="replace") as stream:
        header = [name.strip('"') for name in next(stream, "").strip().split(";")]
        if "date" not in header:
            raise ValueError(f"BANK_DATA: {path}, line 1: the header names no column date")
        column = header.index("date")
        found = {fields[column] for line in stream if len(fields := line.strip().split(";")) > column}
    return max(filter(None, map(_day, found)), default=None)


def _day(text: str) -> date | None:
    """A year of two digits is one of 1970 to 2069, as the gate and staging read it."""
    digits = text.strip('" ')
    if not (digits.isdecimal() and len(digits) == 6):
        return None
    year = int(digits[:2])
    try:
        return date(year + (1900 if year >= 70 else 2000), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        return None
