"""A real Airflow API server with the stewards' page, on a warehouse of a few people."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import psycopg

from include import db
from include.identity.run import adopt_clusters, link_people
from include.runtime import postgres
from include.runtime.airflow import airflow_command, airflow_environment
from include.settings import Settings
from tests.include.identity.sample_people import comparable
from tests.include.identity.test_store import deliver

PASSWORDS = {"admin": "secret-admin", "olga": "secret-olga", "viewer": "secret-viewer"}
ROLES = {"admin": "admin", "olga": "op", "viewer": "viewer"}
AS_OF = date(2026, 11, 16)
HTML = "<img src=x onerror=document.title='broken'><b>Ann</b>"


@dataclass
class ReviewServer:
    """Where the page is, and the warehouse behind it."""

    url: str
    database_url: str
    process: subprocess.Popen[bytes]
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, user: str) -> str:
        if user not in self.tokens:
            body = {"username": user, "password": PASSWORDS[user]}
            self.tokens[user] = request("POST", f"{self.url}/auth/token", body)[1]["access_token"]
        return self.tokens[user]

    def ask(
        self, user: str | None, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and content of one request as the page sends it; with a cookie, as browsers do."""
        sent = {"X-Customer360-Review": "1"} | ({"Cookie": f"_token={self.token(user)}"} if user else {})
        method = "GET" if body is None else "POST"
        return request(method, f"{self.url}/customer360-review/{path}", body, sent | (headers or {}))


def request(method: str, url: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json"} | (headers or {})
    asked = urllib.request.Request(url, data, sent, method=method)  # noqa: S310 - our own server on loopback
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
            return answer.status, _content(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, _content(error.read())


def _content(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode(errors="replace")


def start_server(folder: Path) -> ReviewServer:
    """Postgres, Airflow's metadata and its API server below the folder."""
    url = postgres.start(folder)
    db.migrate(url)
    os.environ["CUSTOMER360_RUN_DIR"] = str(folder)
    settings = Settings.from_env()
    del os.environ["CUSTOMER360_RUN_DIR"]
    port = postgres.free_port()
    environment = airflow_environment(settings, port) | {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{user}:{role}" for user, role in ROLES.items()),
        "PYTHONWARNINGS": "ignore",
    }
    (folder / "airflow" / "passwords.json").write_text(json.dumps(PASSWORDS))
    with (folder / "airflow.log").open("wb") as log:
        migrate = [airflow_command(), "db", "migrate"]
        subprocess.run(migrate, env=environment, stdout=log, stderr=log, check=True, timeout=180)
        process = subprocess.Popen(
            [airflow_command(), "api-server"], env=environment, stdout=log, stderr=log, start_new_session=True
        )
    server = ReviewServer(f"http://127.0.0.1:{port}", url, process)
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline:
        assert process.poll() is None, (folder / "airflow.log").read_text()[-3000:]
        try:
            request("GET", f"{server.url}/api/v2/version")
        except OSError:
            time.sleep(0.5)
        else:
            return server
    raise AssertionError((folder / "airflow.log").read_text()[-3000:])


def stop_server(server: ReviewServer, folder: Path) -> None:
    os.killpg(server.process.pid, signal.SIGTERM)
    try:
        server.process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait()
    postgres.stop(folder)


FAMILIES = ("", "Lighterman", "Okonkwo", "Przybylski")
TOWNS = ("", "Slough", "Leeds", "Kilmarnock")


def family(number: int, first: str) -> list[dict[str, Any]]:
    """Mother and daughter of one name, a pair that the linking leaves in doubt: all is shared but the day of birth."""
    town, name = TOWNS[number], FAMILIES[number]
    shared = {
        "first_name": first, "last_name": name, "email": f"{name}@mail.example", "city": town,
        "phone": f"+44770090{number * 1357:04}", "postcode": f"{town[:2].upper()}{number} 6NJ",
        "address_line": f"{number * 7} {name} Street", "claimed_customer_id": f"C{number}",
    }  # fmt: skip
    births = (date(1980 + number, 3, 4 + number), date(1953 - number, 7 - number, 19 + number))
    return [
        comparable(f"finance/accounts/{number}", date_of_birth=births[0], **shared),
        comparable(f"usage/product_usage/{number}", date_of_birth=births[1], **shared),
    ]


def fill(url: str, rows: list[dict[str, Any]]) -> None:
    """The warehouse with these people and no decision, linked."""
    with psycopg.connect(url) as connection:
        connection.execute("truncate identity.decisions restart identity cascade")
        connection.execute("truncate identity.crosswalk, identity.key_events, identity.customer_keys cascade")
    deliver(url, rows)
    link_people(url, AS_OF)
    adopt_clusters(url, AS_OF)
