"""Everything that can be configured, read from the environment.

Each setting is one environment variable that starts with ``CUSTOMER360_`` (the bank's two excepted); the defaults run
the whole product on a laptop, with every run-time file below ``.run/``. The README lists them, with the two of the
embedded server, which ``include.runtime.postgres`` reads.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parent.parent


def _env(name: str, default: str) -> str:
    return os.environ.get(f"CUSTOMER360_{name}") or default


@dataclass(frozen=True)
class Settings:
    """The configuration of one process. ``Settings.from_env()`` is the only way it is made outside tests."""

    run_dir: Path
    inbox: Path
    archive_url: str
    database_url: str
    smtp_url: str
    alert_from: str
    alert_to: tuple[str, ...]
    sample_start: date
    sample_records: int
    sample_seed: int
    sample_events: int
    bank_data: Path | None
    bank_date: date | None
    ui_url: str
    schedule_until: date | None = None
    review_queue_size: int = 500  # of doubts, and of proposals from notes
    token_key: str = field(default="", repr=False)
    link_mode: str = "auto"
    full_link_records: int = 150_000
    sources_dir: Path = field(default=PROJECT_DIR / "include" / "sources")

    @classmethod
    def from_env(cls) -> Settings:
        """Read the environment; raises ValueError with the variable's name where a value cannot be used."""
        run_dir = Path(_env("RUN_DIR", str(PROJECT_DIR / ".run"))).resolve()
        bank_data = os.environ.get("BANK_DATA")
        bank_date = os.environ.get("BANK_DATE")
        until = _env("SCHEDULE_UNTIL", "")
        return cls(
            run_dir=run_dir,
            inbox=Path(_env("INBOX", str(run_dir / "inbox"))).resolve(),
            archive_url=_env("ARCHIVE_URL", f"file://{run_dir}/archive"),
            database_url=_database_url(_env("DATABASE_URL", _embedded_url(run_dir))),
            smtp_url=_env("SMTP_URL", "smtp://127.0.0.1:1025"),
            alert_from=_env("ALERT_FROM", "customer360@retailmax.example"),
            alert_to=tuple(a.strip() for a in _env("ALERT_TO", "on-call@retailmax.example").split(",")),
            sample_start=_date("CUSTOMER360_SAMPLE_START", _env("SAMPLE_START", "2026-11-16")),
            sample_records=_int("CUSTOMER360_SAMPLE_RECORDS", _env("SAMPLE_RECORDS", "10000")),
            sample_seed=_int("CUSTOMER360_SAMPLE_SEED", _env("SAMPLE_SEED", "360")),
            sample_events=_int("CUSTOMER360_SAMPLE_EVENTS", _env("SAMPLE_EVENTS", "0")),
            bank_data=Path(bank_data).resolve() if bank_data else None,
            bank_date=_date("BANK_DATE", bank_date) if bank_date else None,
            ui_url=_env("UI_URL", "http://127.0.0.1:8080"),
            review_queue_size=_int("CUSTOMER360_REVIEW_QUEUE_SIZE", _env("REVIEW_QUEUE_SIZE", "500")),
            token_key=_env("TOKEN_KEY", ""),
            link_mode=_one_of("CUSTOMER360_LINK_MODE", _env("LINK_MODE", "auto"), ("auto", "full", "incremental")),
            full_link_records=_int("CUSTOMER360_FULL_LINK_RECORDS", _env("FULL_LINK_RECORDS", "150000")),
            schedule_until=_date("CUSTOMER360_SCHEDULE_UNTIL", until) if until else None,
        )

    @property
    def sample_dates(self) -> tuple[date, date, date]:
        """The three consecutive batch dates that the sample data covers."""
        return (self.sample_start, self.sample_start + timedelta(1), self.sample_start + timedelta(2))


def _embedded_url(run_dir: Path) -> str:
    """The warehouse of the embedded server, as `include.runtime.postgres` left its address in the run folder."""
    address = run_dir / "postgres.url"
    return address.read_text().strip() if address.exists() else "postgresql://127.0.0.1:5432/customer360"


def _database_url(value: str) -> str:
    scheme, separator, rest = value.partition("://")
    if not separator or scheme not in ("postgres", "postgresql"):
        raise ValueError("CUSTOMER360_DATABASE_URL is no address like postgresql://user:password@host:5432/database")
    return f"postgresql://{rest}"


def _date(name: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{name}={value!r} is not a date; write it as 2026-11-16") from None


def _int(name: str, value: str) -> int:
    if not value.isdigit():
        raise ValueError(f"{name}={value!r} is not a whole number")
    return int(value)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise ValueError(f"{name}={value!r} is none of {', '.join(allowed)}")
    return value
