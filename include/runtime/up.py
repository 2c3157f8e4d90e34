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


@dataclass(frozen=True)
class Stack:
    """The running services, and which of them this process has started."""

    settings: Settings
    airflow: AirflowServer
    started: tuple[str, ...]
    seconds: float


def start_stack(settings: Settings, components: tuple[str, ...] = COMPONENTS, schedule_until: str = "") -> Stack:
    """Start what does not run yet: Postgres, the warehouse's schema, the sample's shop, the mail catcher, Airflow.

    What this call has started is stopped again where it fails or is interrupted.
    """
    before = _processes(settings)
    try:
        return _start_stack(settings, components, schedule_until, before)
    except BaseException:
        stop_stack(settings, _started_since(settings, before))
        raise


def _start_stack(
    settings: Settings, components: tuple[str, ...], schedule_until: str, before: dict[str, int | None]
) -> Stack:
    began = time.monotonic()
    settings = replace(settings, database_url=_start_database(settings))
    db.migrate(settings.database_url)
    ensure_all_raw_tables(settings.sources_dir, settings.database_url)
    if settings.inbox.is_relative_to(settings.run_dir):  # one that the environment names is somebody's: it is there
        settings.inbox.mkdir(parents=True, exist_ok=True)
    offer_shop(settings)
    settings = _start_mail_catcher(settings)
    server = start_airflow(settings, components, schedule_until)
    return Stack(settings, server, _started_since(settings, before), time.monotonic() - began)


def _processes(settings: Settings) -> dict[str, int | None]:
    """The services that live, with the pids of their leaders."""
    run_dir = settings.run_dir
    found = {name: services.pid_of(run_dir, name) for name in services.remaining_services(run_dir)}
    return found | ({"postgres": pid} if (pid := postgres.pid_of(run_dir)) else {})


def _started_since(settings: Settings, before: dict[str, int | None]) -> tuple[str, ...]:
    return tuple(sorted(name for name, pid in _processes(settings).items() if before.get(name) != pid))


def _start_database(settings: Settings) -> str:
    """The warehouse's URL: of the server that the environment names, else of the embedded one."""
    if os.environ.get("CUSTOMER360_DATABASE_URL"):
        postgres.create_databases(settings.database_url)
        return settings.database_url
    url = postgres.start(settings.run_dir)
    if url != settings.database_url and services.remaining_services(settings.run_dir):
        stop_stack(settings)  # the server has another address now: what still runs speaks to the old one
        url = postgres.start(settings.run_dir)
    return url


def stop_stack(settings: Settings, names: tuple[str, ...] | None = None) -> list[str]:
    """Stop the named services, or every one; the database last. Returns what was stopped."""
    running = services.remaining_services(settings.run_dir)
    stopped = [name for name in running if names is None or name in names]
    services.stop_services(settings.run_dir, stopped)
    if (names is None or "postgres" in names) and postgres.is_running(settings.run_dir):
        postgres.stop(settings.run_dir)
        stopped.append("postgres")
    return stopped


def migrate_all(settings: Settings) -> None:
    """Bring a server that others run to the present schema: Airflow's database and the warehouse.

    For a deployment whose services somebody else starts (docker-compose.yaml). Raises ServiceError where Airflow's own
    migration, which says why, fails.
    """
    postgres.create_databases(settings.database_url)
    if subprocess.run([airflow_command(), "db", "migrate"], check=False).returncode:
        raise services.ServiceError("airflow db migrate failed; its output is above")
    db.migrate(settings.database_url)
    ensure_all_raw_tables(settings.sources_dir, settings.database_url)


def _start_mail_catcher(settings: Settings) -> Settings:
    """The local mail server, unless the environment names a real one."""
    if os.environ.get("CUSTOMER360_SMTP_URL"):
        return settings
    run_dir = settings.run_dir
    port_file = run_dir / "mail.port"
    if not services.is_running(run_dir, "mail-catcher"):
        port = postgres.free_port(1025)
        port_file.write_text(str(port))
        command = [sys.executable, "-m", "include.runtime.mail_catcher", str(port), str(run_dir / "mail")]
        services.start_service(run_dir, "mail-catcher", command, os.environ | {"PYTHONPATH": str(PROJECT_DIR)})
    return replace(settings, smtp_url=f"smtp://127.0.0.1:{port_file.read_text()}")
