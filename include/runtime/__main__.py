"""What the Makefile calls: ``python -m include.runtime demo|up|down|backfill|migrate``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import date

from include.settings import Settings


def main() -> int:
    """Run one command; prints an error as one sentence and returns 1 where the environment does not allow it."""
    parser = argparse.ArgumentParser(prog="python -m include.runtime")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("demo", "up", "down", "migrate"):
        commands.add_parser(name)
    backfill = commands.add_parser("backfill")
    backfill.add_argument("--from", dest="first", type=_day, required=True, metavar="DATE")
    backfill.add_argument("--to", dest="last", type=_day, required=True, metavar="DATE")
    arguments = parser.parse_args()
    if arguments.command == "backfill" and arguments.first > arguments.last:
        parser.error(f"the first day, {arguments.first}, comes after the last, {arguments.last}")
    import urllib.error

    import psycopg

    from include.contracts import ContractError
    from include.runtime.postgres import PostgresError
    from include.runtime.services import ServiceError

    try:
        return _run(arguments)
    except urllib.error.URLError as error:
        print(f"error: Airflow answers with {error}; see the logs in the run folder, or: make down", file=sys.stderr)
    except (ContractError, PostgresError, ServiceError, TimeoutError, ValueError) as error:
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


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a date; for example: make backfill FROM=2026-11-16 TO=2026-11-18"
        ) from None


def _run(arguments: argparse.Namespace) -> int:
    settings = Settings.from_env()
    if arguments.command == "demo":
        from include.runtime.demo import run_demo

        return run_demo()
    if arguments.command == "up":
        return _up(settings)
    if arguments.command == "migrate":
        from include.runtime.up import migrate_all

        migrate_all(settings)
        return 0
    if arguments.command == "down":
        from include.runtime.services import run_lock
        from include.runtime.up import stop_stack

        with run_lock(settings.run_dir, "make down"):
            stopped = stop_stack(settings)
        print("Stopped:", ", ".join(stopped) or "nothing was running")
        return 0
    return _backfill(settings, arguments.first, arguments.last)


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
        print(f'Warehouse    psql "$(cat {settings.run_dir / "postgres.url"})"')
    if os.environ.get("CUSTOMER360_SMTP_URL"):
        print("Mail         the server that CUSTOMER360_SMTP_URL names")
    else:
        print(f"Mail         {stack.settings.smtp_url}, caught in {settings.run_dir / 'mail'}")
    print(f"Inbox        {settings.inbox}")
    print("Today is landed now; for each system without files in the inbox a warning is mailed.")
    print("Stop it with: make down")
    return 0


def _backfill(settings: Settings, first: date, last: date) -> int:
    from include.contracts import read_sources
    from include.runtime.airflow import airflow_environment, running_airflow
    from include.runtime.backfill import create_backfills

    server = running_airflow(settings)
    if server is None:
        print("error: Airflow does not run; start it with: make up", file=sys.stderr)
        return 1
    environment = airflow_environment(settings, int(server.url.rsplit(":", 1)[1]))
    systems = read_sources(settings.sources_dir).active
    failed = create_backfills(environment, systems, first, last)
    for line in failed:
        print(f"error: {line}", file=sys.stderr)
    print(f"Backfills of {len(systems) - len(failed)} systems from {first} to {last}: {server.url}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
