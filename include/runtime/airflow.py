"""Airflow on one machine: its environment, its processes, and its REST API.

Airflow runs as an ordinary set of processes (api-server, scheduler, dag-processor, triggerer) and is spoken to over
REST, so nothing here imports it.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from include import db
from include.runtime import services
from include.runtime.postgres import AIRFLOW_DATABASE, free_port
from include.settings import PROJECT_DIR, Settings

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
QUESTION_TRIES, PAUSE_S = 6, 2.0
TOKEN_KEPT_S = 300  # one holds for a day
ANSWER_S = 30.0  # longest wait for an answer
USERS = {"admin": "admin", "viewer": "viewer"}


@dataclass(frozen=True)
class AirflowServer:
    """A running Airflow: where its API listens, and who may call it."""

    url: str
    password: str
    _kept: list[tuple[float, str]] = field(default_factory=list, init=False, repr=False, compare=False)

    def token(self) -> str:
        """A token of the admin user, kept for some minutes: a new one for every call would double the calls."""
        now = time.monotonic()
        if not self._kept or now - self._kept[0][0] > TOKEN_KEPT_S:
            answer = _request("POST", f"{self.url}/auth/token", {"username": "admin", "password": self.password})
            self._kept[:] = [(now, str(answer["access_token"]))]
        return self._kept[0][1]

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One call of the REST API below ``/api/v2``; raises urllib.error.HTTPError.

        A question is asked again where Airflow does not answer in time, or its database restarts: whoever waits for a
        run must not give up because of one answer. What changes something is asked once.
        """
        left = QUESTION_TRIES if method == "GET" or path.endswith("/list") else 1
        while True:
            try:
                return _request(method, f"{self.url}/api/v2/{path}", body, self.token())
            except OSError as error:
                left -= 1
                if not left or (isinstance(error, urllib.error.HTTPError) and error.code < 500):
                    raise
            time.sleep(PAUSE_S)


def airflow_environment(settings: Settings, port: int) -> dict[str, str]:
    """The environment that every Airflow process and command of this run folder gets."""
    home = settings.run_dir / "airflow"
    home.mkdir(parents=True, exist_ok=True)
    secret = _secret(home / "secret")
    base_url = f"http://127.0.0.1:{port}"
    metadata = db.in_database(settings.database_url, AIRFLOW_DATABASE)
    values = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT_DIR / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_DIR / "plugins"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{base_url}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{u}:{r}" for u, r in USERS.items()),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": db.sqlalchemy_url(metadata, "psycopg2"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": db.sqlalchemy_url(metadata, "asyncpg"),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": base_url,
        "AIRFLOW__API__SECRET_KEY": secret,
        "AIRFLOW__API_AUTH__JWT_SECRET": secret,
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(settings.run_dir / "logs" / "airflow"),
        "CUSTOMER360_RUN_DIR": str(settings.run_dir),
        "CUSTOMER360_INBOX": str(settings.inbox),
        "CUSTOMER360_ARCHIVE_URL": settings.archive_url,
        "CUSTOMER360_DATABASE_URL": settings.database_url,
        "CUSTOMER360_SMTP_URL": settings.smtp_url,
        "CUSTOMER360_UI_URL": base_url,
        "PYTHONPATH": f"{PROJECT_DIR}{os.pathsep}{PROJECT_DIR / 'config'}",
    }
    return os.environ | _shared_settings() | values


def _shared_settings() -> dict[str, str]:
    """What config/airflow.env sets; a variable of that name in the environment of this process goes before it."""
    lines = (PROJECT_DIR / "config" / "airflow.env").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: os.environ.get(name, value) for name, _, value in pairs}


def start_airflow(
    settings: Settings, components: tuple[str, ...], schedule_until: str = "", note: dict[str, str] | None = None
) -> AirflowServer:
    """Migrate Airflow's database and start the components; returns when the API and the scheduler are healthy.

    Components that run already are left alone; `note` is written down of the others. Raises ServiceError, naming the
    log, after two minutes.
    """
    run_dir = settings.run_dir
    port = _port(run_dir) if services.is_running(run_dir, "api-server") else free_port(8080)
    (run_dir / "airflow").mkdir(parents=True, exist_ok=True)
    (run_dir / "airflow" / "port").write_text(str(port))
    environment = airflow_environment(settings, port) | {"CUSTOMER360_SCHEDULE_UNTIL": schedule_until}
    passwords = run_dir / "airflow" / "passwords.json"
    if not passwords.exists():
        passwords.touch(mode=0o600)
        passwords.write_text(json.dumps({user: secrets.token_urlsafe(9) for user in USERS}))
    if not services.is_running(run_dir, "api-server"):
        _migrate(settings, environment)
    for component in components:
        if not services.is_running(run_dir, component):
            services.start_service(run_dir, component, [airflow_command(), component], environment, note)
    server = AirflowServer(f"http://127.0.0.1:{port}", json.loads(passwords.read_text())["admin"])
    _wait_healthy(server, run_dir, components)
    return server


def running_airflow(settings: Settings) -> AirflowServer | None:
    """The Airflow of this run folder, where it runs."""
    if not services.is_running(settings.run_dir, "api-server"):
        return None
    passwords = json.loads((settings.run_dir / "airflow" / "passwords.json").read_text())
    return AirflowServer(f"http://127.0.0.1:{_port(settings.run_dir)}", passwords["admin"])


def airflow_command() -> str:
    """The airflow program of the environment that runs this code."""
    return str(Path(sys.executable).parent / "airflow")


def _migrate(settings: Settings, environment: dict[str, str]) -> None:
    log = settings.run_dir / "logs" / "airflow-migrate.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        done = subprocess.run(
            [airflow_command(), "db", "migrate"], env=environment, stdout=output, stderr=output, check=False
        )
    if done.returncode:
        raise services.ServiceError(f"airflow db migrate failed; see {log}")


def _wait_healthy(server: AirflowServer, run_dir: Path, components: tuple[str, ...]) -> None:
    wanted = {c.replace("-", "_") for c in components} - {"api_server"}
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for component in components:
            if not services.is_running(run_dir, component):
                raise services.ServiceError(f"{component} ended; see {run_dir / 'logs' / f'{component}.log'}")
        try:
            health = _request("GET", f"{server.url}/api/v2/monitor/health")
            if all((health.get(name) or {}).get("status") == "healthy" for name in wanted):
                return
        except OSError:
            pass
        time.sleep(0.3)
    raise services.ServiceError(f"Airflow is not healthy after 120 s; see {run_dir / 'logs'}")


def _port(run_dir: Path) -> int:
    return int((run_dir / "airflow" / "port").read_text())


def _secret(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text()


def _request(method: str, url: str, body: dict[str, Any] | None = None, token: str | None = None) -> Any:
    request = urllib.request.Request(url, method=method)  # noqa: S310 - our own server on loopback
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    data = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(request, data, timeout=ANSWER_S) as answer:  # noqa: S310
        return json.loads(answer.read() or b"null")
