"""Brings the services of the run folder up and down."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass, replace

from include import db
from include.landing import ensure_all_raw_tables
from include.runtime import postgres, services
from include.runtime.airflow import COMPONENTS, AirflowServer, airflow_command, start_airflow
from include.runtime.shop import offer_shop
from include.settings import PROJECT_DIR, Settings

UP, DEMO = "up", "demo"  # who starts services
SCHEDULED_BY = "dag-processor"  # the DAGs that it reads end on the day that it was told


@dataclass(frozen=True)
class Stack:
    """The running services, and how long it took to start what was missing."""

    settings: Settings
    airflow: AirflowServer
    seconds: float


def start_stack(
    settings: Settings, components: tuple[str, ...] = COMPONENTS, schedule_until: str = "", owner: str = UP
) -> Stack:
    """Start what does not run yet: Postgres, the warehouse's schema, the sample's shop, the mail catcher, Airflow.

    `owner` is UP or DEMO. UP takes over what runs: no end of a demo stops it any more. A schedule with another end is
    started anew, but where UP has a stack, DEMO leaves it its schedule. What this call has started is stopped again
    where it fails or is interrupted.
    """
    before, began = _processes(settings), time.monotonic()
    if owner == DEMO and (theirs := _note_of_up(settings)) is not None:
        # What a demo has to start anew in the stack of `make up` belongs to that, too, and goes on by its schedule.
        owner, schedule_until, components = UP, theirs.get("schedule_until", ""), COMPONENTS
    note = {"owner": owner, "schedule_until": schedule_until}
    try:
        settings = replace(settings, database_url=_start_database(settings, note))
        _prepare(settings)
        settings = _start_mail_catcher(settings, note)
        _end_other_schedule(settings, schedule_until)
        server = start_airflow(settings, components, schedule_until, note)
        if owner == UP:
            for name in _processes(settings):
                services.write_note(settings.run_dir, name, note)
    except BaseException:
        with services.interrupts_wait():  # who presses Ctrl-C twice means the same as who presses it once
            stop_stack(settings, tuple(name for name, pid in _processes(settings).items() if before.get(name) != pid))
        raise
    return Stack(settings, server, time.monotonic() - began)


def _note_of_up(settings: Settings) -> dict[str, str] | None:
    """What is noted of the stack that `make up` has started; none where there is no such stack."""
    notes = [services.note_of(settings.run_dir, name) for name in (SCHEDULED_BY, *_processes(settings))]
    return next((note for note in notes if note.get("owner") == UP), None) if _processes(settings) else None


def stop_demo(settings: Settings) -> list[str]:
    """Stop what demos have started, this one or one that was killed, and `make up` has not taken over."""
    notes = {name: services.note_of(settings.run_dir, name) for name in _processes(settings)}
    return stop_stack(settings, tuple(name for name, note in notes.items() if note.get("owner") == DEMO))


def _prepare(settings: Settings) -> None:
    """The warehouse's schema, the inbox and the shop."""
    db.migrate(settings.database_url)
    ensure_all_raw_tables(settings.sources_dir, settings.database_url)
    if settings.inbox.is_relative_to(settings.run_dir):  # one that the environment names is somebody's: it is there
        settings.inbox.mkdir(parents=True, exist_ok=True)
    offer_shop(settings)


def _end_other_schedule(settings: Settings, schedule_until: str) -> None:
    """Stop the component whose DAGs end on another day, so that it is started with this one."""
    note = services.note_of(settings.run_dir, SCHEDULED_BY)
    if note.get("schedule_until") != schedule_until:
        services.stop_service(settings.run_dir, SCHEDULED_BY)


def _processes(settings: Settings) -> dict[str, int | None]:
    """The services that live, with the pids of their leaders."""
    run_dir = settings.run_dir
    found = {name: services.pid_of(run_dir, name) for name in services.remaining_services(run_dir)}
    return found | ({"postgres": pid} if (pid := postgres.pid_of(run_dir)) else {})


def _start_database(settings: Settings, note: dict[str, str]) -> str:
    """The warehouse's URL: of the server that the environment names, else of the embedded one."""
    if os.environ.get("CUSTOMER360_DATABASE_URL"):
        postgres.create_databases(settings.database_url)
        return settings.database_url
    address = settings.run_dir / "postgres.url"  # as it is now: the settings are older than the wait for the lock
    known = address.read_text().strip() if address.exists() else ""
    if not postgres.is_running(settings.run_dir):
        services.write_note(settings.run_dir, "postgres", note)
    url = postgres.start(settings.run_dir)
    if url != known and services.remaining_services(settings.run_dir):
        stop_stack(settings)  # the server has another address now: what still runs speaks to the old one
        services.write_note(settings.run_dir, "postgres", note)
        url = postgres.start(settings.run_dir)
    return url


def stop_stack(settings: Settings, names: tuple[str, ...] | None = None) -> list[str]:
    """Stop the named services, or every one; the database last. Returns what was stopped. Ctrl-C waits for the end."""
    with services.interrupts_wait():
        running = services.remaining_services(settings.run_dir)
        stopped = [name for name in running if names is None or name in names]
        services.stop_services(settings.run_dir, stopped)
        if (names is None or "postgres" in names) and postgres.is_running(settings.run_dir):
            postgres.stop(settings.run_dir)
            services.remove_note(settings.run_dir, "postgres")
            stopped.append("postgres")
    return stopped


def migrate_all(settings: Settings, wait_s: float) -> None:
    """Bring a server that others run to the present schema: Airflow's database and the warehouse.

    For a deployment whose services somebody else starts (docker-compose.yaml): a server that does not answer yet is
    waited for. Raises ServiceError where Airflow's own migration, which says why, fails.
    """
    postgres.create_databases(settings.database_url, wait_s)
    if subprocess.run([airflow_command(), "db", "migrate"], check=False).returncode:
        raise services.ServiceError("airflow db migrate failed; its output is above")
    db.migrate(settings.database_url)
    ensure_all_raw_tables(settings.sources_dir, settings.database_url)


def _start_mail_catcher(settings: Settings, note: dict[str, str]) -> Settings:
    """The local mail server, unless the environment names a real one."""
    if os.environ.get("CUSTOMER360_SMTP_URL"):
        return settings
    run_dir = settings.run_dir
    port_file = run_dir / "mail.port"
    if not services.is_running(run_dir, "mail-catcher"):
        port = postgres.free_port(1025)
        port_file.write_text(str(port))
        command = [sys.executable, "-m", "include.runtime.mail_catcher", str(port), str(run_dir / "mail")]
        services.start_service(run_dir, "mail-catcher", command, os.environ | {"PYTHONPATH": str(PROJECT_DIR)}, note)
    return replace(settings, smtp_url=f"smtp://127.0.0.1:{port_file.read_text()}")
