"""What the Makefile calls: ``python -m include.runtime demo|up|down|backfill|psql|migrate``."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from datetime import date
from types import FrameType

from include.settings import Settings

# Airflow makes the runs of a backfill while it answers, one by one: a mistyped year would keep it busy for hours.
MOST_DAYS = 366


def main() -> int:
    """Run one command; prints an error as one sentence and returns 1 where the environment does not allow it."""
    arguments = _read_arguments()
    _heed_requests_to_end()
    import urllib.error

    import psycopg

    from include.contracts import ContractError
    from include.runtime.days import BackfillError
    from include.runtime.postgres import PostgresError
    from include.runtime.services import ServiceError

    try:
        return _run_or_interrupt(arguments)
    except urllib.error.URLError as error:
        print(
            f"error: asking Airflow failed: {error}; see the logs in the run folder, or start it anew: make down, then"
            " make up",
            file=sys.stderr,
        )
    except (BackfillError, ContractError, PostgresError, ServiceError, TimeoutError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
    except PermissionError as error:
        print(
            f"error: this user may not use {error.filename}. Set CUSTOMER360_RUN_DIR to a folder of your own, "
            "or run as the user that made it.",
            file=sys.stderr,
        )
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        print(f"error: the database does not answer: {reason}", file=sys.stderr)
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        print(f"error: the database refuses: {reason}. Its user must own the warehouse", file=sys.stderr)
    return 1


def _heed_requests_to_end() -> None:
    """Python would end at once; the end of a terminal is to end what was started in it, too."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, _: FrameType | None) -> None:
    """End as by that signal, and not before what was started is stopped."""
    sys.exit(128 + number)


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m include.runtime")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("demo", "up", "down"):
        commands.add_parser(name)
    migrate = commands.add_parser("migrate")
    migrate.add_argument("--wait", type=float, default=30, metavar="SECONDS", help="for a database that starts, too")
    backfill = commands.add_parser("backfill")
    backfill.add_argument("--from", dest="first", default="", metavar="DATE")
    backfill.add_argument("--to", dest="last", default="", metavar="DATE")
    backfill.add_argument("--system", default="", metavar="SYSTEM[,SYSTEM ...]", help="all, where none is named")
    commands.add_parser("psql").add_argument("--sql", default="", help="one statement; without it, a prompt")
    return parser.parse_args()


def _run_or_interrupt(arguments: argparse.Namespace) -> int:
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        print(f"\nInterrupted: make {arguments.command}", file=sys.stderr)
        return 130


def _run(arguments: argparse.Namespace) -> int:
    settings = Settings.from_env()
    if arguments.command == "demo":
        from include.runtime.demo import run_demo

        return run_demo()
    if arguments.command == "up":
        return _up(settings)
    if arguments.command == "migrate":
        from include.runtime.up import migrate_all

        migrate_all(settings, arguments.wait)
        return 0
    if arguments.command == "down":
        from include.runtime.services import run_lock
        from include.runtime.up import stop_stack

        with run_lock(settings.run_dir, "make down"):
            stopped = stop_stack(settings)
        print("Stopped:", ", ".join(stopped) or "nothing was running")
        return 0
    if arguments.command == "psql":
        return _psql(settings, arguments.sql)
    return _backfill(settings, arguments)


def _up(settings: Settings) -> int:
    from include.runtime.services import run_lock
    from include.runtime.up import start_stack

    with run_lock(settings.run_dir, "make up"):
        stack = start_stack(settings, schedule_until=os.environ.get("CUSTOMER360_SCHEDULE_UNTIL", ""))
    passwords = json.loads((settings.run_dir / "airflow" / "passwords.json").read_text())
    print(f"Airflow      {stack.airflow.url}")
    for user, password in passwords.items():
        print(f"  login      {user} / {password}")
    if os.environ.get("CUSTOMER360_DATABASE_URL"):
        print("Warehouse    the server that CUSTOMER360_DATABASE_URL names")
    else:
        print(f'Warehouse    make psql, or psql "$(cat {settings.run_dir / "postgres.url"})"')
    if os.environ.get("CUSTOMER360_SMTP_URL"):
        print("Mail         the server that CUSTOMER360_SMTP_URL names")
    else:
        print(f"Mail         {stack.settings.smtp_url}, caught in {settings.run_dir / 'mail'}")
    print(f"Inbox        {settings.inbox}")
    print("Today is landed now; for each system that has delivered nothing a warning is mailed.")
    print("Stop it with: make down")
    return 0


def _psql(settings: Settings, statement: str) -> int:
    from include.runtime import postgres

    if not os.environ.get("CUSTOMER360_DATABASE_URL") and postgres.running_port(settings.run_dir) is None:
        print("error: the warehouse does not run; start it with: make up", file=sys.stderr)
        return 1
    return postgres.run_psql(settings.database_url, statement)


def _backfill(settings: Settings, arguments: argparse.Namespace) -> int:
    from rich.console import Console

    from include.runtime.airflow import running_airflow
    from include.runtime.days import land_days
    from include.runtime.services import is_running

    try:
        first, last = _range(arguments.first, arguments.last)
    except ValueError as error:
        print(f"error: {error}; for example: make backfill FROM=2026-11-16 TO=2026-11-18", file=sys.stderr)
        return 2
    server = running_airflow(settings)
    if server is None or not is_running(settings.run_dir, "scheduler"):
        print("error: Airflow does not run; start it with: make up", file=sys.stderr)
        return 1
    systems = [name.strip() for name in arguments.system.split(",") if name.strip()]
    console = Console(width=None if sys.stdout.isatty() else 150)
    try:
        return land_days(settings, server, systems, first, last, console)
    except KeyboardInterrupt:
        print(f"\nNot waited for any longer; the runs go on: {server.url}", file=sys.stderr)
        return 130


def _range(first: str, last: str) -> tuple[date, date]:
    if missing := [name for name, day in (("FROM", first), ("TO", last)) if not day]:
        raise ValueError(f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing")
    days = []
    for name, day in (("FROM", first), ("TO", last)):
        try:
            days.append(date.fromisoformat(day))
        except ValueError:
            raise ValueError(f"{name}={day!r} is not a date") from None
    if days[0] > days[1]:
        raise ValueError(f"the first day, {first}, comes after the last, {last}")
    if (asked := (days[1] - days[0]).days + 1) > MOST_DAYS:
        raise ValueError(f"{first} to {last} are {asked:,} days, and at most {MOST_DAYS} are landed at a time")
    return days[0], days[1]


if __name__ == "__main__":
    sys.exit(main())
