"""The image's commands in the environment of their containers and nothing else: no Docker engine is needed for it."""

from __future__ import annotations

import base64
import json
import os
import secrets
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from include.runtime import postgres
from include.settings import PROJECT_DIR
from tests.house.image import compose, container_command, container_environment, health_command

AIRFLOW = ("api-server", "scheduler", "dag-processor", "triggerer")
HEALTHY_WITHIN_S = 150

pytestmark = pytest.mark.slow


@dataclass
class Containers:
    """The services of the compose file as processes of this machine."""

    state: Path
    values: dict[str, str]
    moved: dict[str, str]
    ports: dict[str, int]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def environment(self, service: str) -> dict[str, str]:
        made = container_environment(service, self.values, self.state, self.moved)
        # Inside its container each service has the port to itself.
        return made | ({"AIRFLOW__API__PORT": str(self.ports["api"])} if service in AIRFLOW else {})

    def command(self, command: list[str]) -> list[str]:
        return container_command(command, self.state, self.moved | {"1025": str(self.ports["mail"])})

    def run(self, service: str, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(command), env=self.environment(service), cwd=PROJECT_DIR, capture_output=True, text=True,
            check=False, timeout=180,
        )  # fmt: skip

    def start(self, service: str) -> None:
        command = self.command(compose()["services"][service]["command"])
        with (self.state / f"{service}.log").open("wb") as log:
            self.processes[service] = subprocess.Popen(
                command, env=self.environment(service), cwd=PROJECT_DIR, stdout=log, stderr=log, start_new_session=True
            )

    def wait_healthy(self, service: str) -> None:
        deadline = time.monotonic() + HEALTHY_WITHIN_S
        while (check := self.run(service, health_command(service))).returncode:
            log = (self.state / f"{service}.log").read_text(errors="replace")[-2000:]
            assert self.processes[service].poll() is None, f"{service} ended:\n{log}"
            assert time.monotonic() < deadline, f"{service} is not healthy: {check.stderr[-500:]}\n{log}"
            time.sleep(1)

    def stop(self) -> None:
        for process in self.processes.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def containers(session_dir: Path) -> Iterator[Containers]:
    """A server like the one of the compose file: the warehouse's database is there, empty, and Airflow's is not."""
    url = postgres.start(session_dir / "image")
    base = url.rsplit("/", 1)[0]
    with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
        connection.execute("drop database airflow")
    password, address = base.removeprefix("postgresql://postgres:").split("@")
    state = session_dir / "state"
    (state / "inbox").mkdir(parents=True)
    ports = {"api": postgres.free_port(), "mail": postgres.free_port()}
    values = {
        "POSTGRES_PASSWORD": password, "AIRFLOW_SECRET_KEY": secrets.token_hex(32),
        "CUSTOMER360_TOKEN_KEY": secrets.token_hex(32),
        "AIRFLOW_FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "CUSTOMER360_ALERT_FROM": "customer360@example.com", "CUSTOMER360_ALERT_TO": "on-call@example.com",
    }  # fmt: skip
    moved = {
        "@postgres:5432": f"@{address}", "mail:1025": f"127.0.0.1:{ports['mail']}",
        "api-server:8080": f"127.0.0.1:{ports['api']}", "127.0.0.1:8080": f"127.0.0.1:{ports['api']}",
        "/inbox": str(state / "inbox"),
    }  # fmt: skip
    services = Containers(state, values, moved, ports)
    yield services
    services.stop()
    postgres.stop(session_dir / "image")


@pytest.fixture(scope="module")
def migrated(containers: Containers) -> Containers:
    done = containers.run("migrate", compose()["services"]["migrate"]["command"])
    assert done.returncode == 0, done.stderr[-2000:]
    return containers


def test_migrate__brings_an_empty_server_to_the_schema_and_runs_again(migrated: Containers) -> None:
    containers = migrated
    done = containers.run("migrate", compose()["services"]["migrate"]["command"])
    assert done.returncode == 0, done.stderr[-2000:]
    url = containers.environment("migrate")["CUSTOMER360_DATABASE_URL"]
    with psycopg.connect(url) as connection:
        found = {row[0] for row in connection.execute("select nspname from pg_namespace")}
        assert {"ops", "identity", "raw_crm", "raw_finance"} <= found
    with psycopg.connect(url.rsplit("/", 1)[0] + "/airflow") as connection:
        assert connection.execute("select count(*) from alembic_version").fetchone() == (1,)


def test_mail_catcher__is_healthy_by_its_own_check(containers: Containers) -> None:
    assert containers.run("mail", health_command("mail")).returncode != 0, "nothing listens yet"
    containers.start("mail")
    containers.wait_healthy("mail")


def test_airflow__every_component_is_healthy_by_its_own_check(migrated: Containers) -> None:
    containers = migrated
    for service in AIRFLOW:
        containers.start(service)
    for service in AIRFLOW:
        containers.wait_healthy(service)
    dags = _wait_for_dags(containers)
    assert {"build_customer360", "close_day", "land__crm", "send_alerts"} <= set(dags)
    paused = {dag_id for dag_id, is_paused in dags.items() if is_paused}
    assert paused <= {"train_linkage_model"}, "the day begins by itself, as after make up"


def _wait_for_dags(containers: Containers) -> dict[str, bool]:
    """Whether each DAG is paused, by id, once Airflow has read them; asked as the user that Airflow has made."""
    logins = containers.state / "airflow" / "simple_auth_manager_passwords.json.generated"
    base = f"http://127.0.0.1:{containers.ports['api']}"
    login = {"username": "admin", "password": json.loads(logins.read_text())["admin"]}
    dags: dict[str, bool] = {}
    deadline = time.monotonic() + HEALTHY_WITHIN_S
    # The day has begun by itself, and its landings leave little of a small machine: an answer may take its time.
    while "build_customer360" not in dags and time.monotonic() < deadline:
        with suppress(TimeoutError, urllib.error.URLError):
            token = _call(f"{base}/auth/token", body=login)["access_token"]
            dags = {d["dag_id"]: d["is_paused"] for d in _call(f"{base}/api/v2/dags", token)["dags"]}
        time.sleep(1)
    return dags


def _call(url: str, token: str = "", body: dict[str, str] | None = None) -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None, headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own server on loopback
        return json.loads(answer.read())
