"""`make up` and `make down` as a newcomer meets them, in a run folder of their own."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import smtplib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from include.runtime import backfill, postgres, services, up
from include.runtime.airflow import AirflowServer
from include.runtime.demo import CORE_COMPONENTS
from include.settings import PROJECT_DIR, Settings
from tests.include.runtime import ordinary
from tests.include.runtime.quick import processes_of, wait_until

pytestmark = pytest.mark.slow


def runtime(command: str, run_dir: Path, until: str = "2000-01-01") -> str:
    """What ``python -m include.runtime <command>`` prints; the test fails where the command does."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("CUSTOMER360_", "AIRFLOW", "BANK_"))}
    # Nothing is scheduled by the clock, so that what runs is what the test has started.
    settings = {"CUSTOMER360_RUN_DIR": str(run_dir), "CUSTOMER360_SCHEDULE_UNTIL": until}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "include.runtime", command], check=False, timeout=400,
        env=ours | settings | {"PYTHONPATH": str(PROJECT_DIR)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@contextmanager
def busy(port: int) -> Iterator[None]:
    """Somebody listens on the port, be it this test or another one."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            listener.bind(("127.0.0.1", port))
            listener.listen()
        yield


def ask(url: str, token: str = "", body: dict[str, str] | None = None) -> tuple[int, str]:
    """Status and text of one request."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url, json.dumps(body).encode() if body else None, headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own server on loopback
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def printed(text: str) -> dict[str, str]:
    """The addresses and logins that `make up` prints."""
    logins = dict(re.findall(r"^  login +(\w+) / (\S+)$", text, re.MULTILINE))
    return {
        "airflow": re.findall(r"^Airflow +(\S+)$", text, re.MULTILINE)[0],
        "mail": re.findall(r"^Mail +smtp://127\.0\.0\.1:(\d+), caught in", text, re.MULTILINE)[0],
        "inbox": re.findall(r"^Inbox +(\S+)$", text, re.MULTILINE)[0],
        "warehouse": re.findall(r'^Warehouse +make psql, or psql "\$\(cat (\S+)\)"$', text, re.MULTILINE)[0],
        **logins,
    }


def test_up__everything_answers_and_down_leaves_no_process(run_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = run_dir.parent.stat().st_mode
    with busy(8080), busy(1025):
        said = runtime("up", run_dir)
    shown = printed(said)
    assert not shown["airflow"].endswith(":8080"), "a busy port gives a free one"
    assert shown["mail"] != "1025"
    _check_health(shown)
    _check_login_and_docs(shown)
    _check_lists(shown, monkeypatch)
    _check_mail(run_dir, shown)
    with psycopg.connect(Path(shown["warehouse"]).read_text().strip()) as connection:
        assert connection.execute("select count(*) from ops.files").fetchone() == (0,)
    assert shown["inbox"] == str(run_dir / "inbox")
    _check_secrets_are_closed(run_dir, said)

    alive = set(processes_of(run_dir))
    assert runtime("up", run_dir) == said, "up again: the same addresses and logins"
    assert set(leaders(run_dir).values()) <= alive, "up again starts nothing anew"
    _check_new_schedule(run_dir, shown)

    scheduler = json.loads((run_dir / "pids" / "scheduler.json").read_text())["pid"]
    psutil.Process(scheduler).kill()  # what keeps it alive; the scheduler itself lives on
    stopped = runtime("down", run_dir)
    for name in ("api-server", "dag-processor", "mail-catcher", "postgres", "scheduler", "triggerer"):
        assert name in stopped
    assert processes_of(run_dir) == {}
    assert runtime("down", run_dir) == "Stopped: nothing was running\n"
    assert run_dir.parent.stat().st_mode == before


def test_up__by_make_as_an_ordinary_user(run_dir: Path) -> None:
    """Every process and every file is that user's, and all of it ends."""
    user = ordinary.make_environment(run_dir)
    said = by_make("up", run_dir)
    _check_health(printed(said))
    _check_secrets_are_closed(run_dir, said)
    assert {psutil.Process(pid).uids().real for pid in processes_of(run_dir)} == {user}
    assert by_make("up", run_dir) == said
    assert "postgres" in by_make("down", run_dir)
    assert processes_of(run_dir) == {}
    assert {path.lstat().st_uid for path in run_dir.rglob("*")} == {user}


def by_make(target: str, run_dir: Path) -> str:
    """What ``make <target>`` prints for nobody; the test fails where it does."""
    ours = ordinary.environment(run_dir.parent) | {"CUSTOMER360_RUN_DIR": str(run_dir)}
    done = subprocess.run(
        [str(shutil.which("make")), "--no-print-directory", "-C", str(PROJECT_DIR), target], check=False, timeout=400,
        env=ours | {"CUSTOMER360_SCHEDULE_UNTIL": "2000-01-01"}, capture_output=True, text=True, **ordinary.identity(),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def leaders(run_dir: Path) -> dict[str, int | None]:
    """Every service that runs, by name, with the pid of its leader."""
    names = services.running_services(run_dir)
    return {name: services.pid_of(run_dir, name) for name in names} | {"postgres": postgres.pid_of(run_dir)}


def start_demo(settings: Settings) -> dict[str, int | None]:
    up.start_stack(settings, CORE_COMPONENTS, "2026-11-18", up.DEMO)
    return leaders(settings.run_dir)


def start_up(settings: Settings, until: str = "") -> dict[str, int | None]:
    up.start_stack(settings, schedule_until=until)
    return leaders(settings.run_dir)


def changed(before: dict[str, int | None], after: dict[str, int | None]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def schedule_end(run_dir: Path) -> str:
    """What the process that reads the DAGs was told."""
    pid = services.pid_of(run_dir, "dag-processor")
    return str(psutil.Process(pid).environ()["CUSTOMER360_SCHEDULE_UNTIL"])


def test_up__takes_a_demo_over_with_the_schedule_of_its_own(quick_settings: Settings) -> None:
    """During a demo, or after one that was killed: both leave their services as they are."""
    run_dir = quick_settings.run_dir
    of_demo = start_demo(quick_settings)
    assert schedule_end(run_dir) == "2026-11-18"
    of_up = start_up(quick_settings)
    assert changed(of_demo, of_up) == {"dag-processor", "triggerer"}
    assert schedule_end(run_dir) == ""
    assert up.stop_demo(quick_settings) == [], "the demo that ends now"
    assert changed(of_up, start_demo(quick_settings)) == set(), "the next one uses what is there"
    assert schedule_end(run_dir) == ""
    assert up.stop_demo(quick_settings) == []
    assert leaders(run_dir) == of_up
    assert changed(of_up, start_up(quick_settings, "2026-12-31")) == {"dag-processor"}
    for name in ("scheduler", "dag-processor"):
        services.stop_service(run_dir, name)
        start_demo(quick_settings)
        assert schedule_end(run_dir) == "2026-12-31", "what a demo mends in the stack of `make up` goes on as it was"
        assert up.stop_demo(quick_settings) == [], "and belongs to that"
    assert set(up.stop_stack(quick_settings)) == set(of_up)
    assert list((run_dir / "pids").iterdir()) == []


def test_demo__stops_what_one_that_was_killed_has_left(quick_settings: Settings) -> None:
    """And nothing that no demo has started."""
    run_dir = quick_settings.run_dir
    start_demo(quick_settings)
    services.start_service(run_dir, "of-somebody", ["sleep", "600"], dict(os.environ))
    left = leaders(run_dir)
    up.start_stack(quick_settings, CORE_COMPONENTS, "2026-12-03", up.DEMO)
    assert changed(left, leaders(run_dir)) == {"dag-processor"}
    assert schedule_end(run_dir) == "2026-12-03"
    assert set(up.stop_demo(quick_settings)) == set(left) - {"of-somebody"}
    assert services.running_services(run_dir) == ["of-somebody"]
    assert not postgres.is_running(run_dir)


def _check_health(shown: dict[str, str]) -> None:
    status, text = ask(f"{shown['airflow']}/api/v2/monitor/health")
    health: dict[str, Any] = json.loads(text)
    assert status == 200
    for component in ("metadatabase", "scheduler", "dag_processor", "triggerer"):
        assert health[component]["status"] == "healthy", component


def _check_login_and_docs(shown: dict[str, str]) -> None:
    base = shown["airflow"]
    assert ask(f"{base}/auth/token", body={"username": "admin", "password": "guess"})[0] == 401
    for page in ("catalogue/index.html", "docs", "gates/index.html", "identity/index.html"):
        assert ask(f"{base}/customer360/{page}")[0] == 401
    tokens = {}
    for user in ("admin", "viewer"):
        status, text = ask(f"{base}/auth/token", body={"username": user, "password": shown[user]})
        assert status == 201
        tokens[user] = json.loads(text)["access_token"]
        status, page = ask(f"{base}/customer360/docs", tokens[user])
        assert (status, "There is no documentation yet" in page) == (200, True)
    views = [view for plugin in json.loads(ask(f"{base}/api/v2/plugins", tokens["admin"])[1])["plugins"]
             for view in plugin["external_views"]]  # fmt: skip
    assert [(v["name"], v["category"], v["href"]) for v in views] == [
        ("Data catalogue", "docs", "customer360/catalogue/index.html"),
        ("Data documentation", "docs", "customer360/docs"),
        ("Gate results", "docs", "customer360/gates/index.html"),
        ("Data quality", "docs", "customer360/quality/index.html"),
        ("Identity report", "docs", "customer360/identity/index.html"),
        ("Review queue", "browse", "customer360-review/page"),
    ]
    # Who may only look can change nothing: claims of the token, not of the page, decide.
    claims = json.loads(base64.urlsafe_b64decode(tokens["viewer"].split(".")[1] + "==="))
    assert claims["role"] == "viewer"


def _check_lists(shown: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists longer than a page come whole, and many questions need one token."""
    server = AirflowServer(shown["airflow"], shown["admin"])
    whole = ask(f"{server.url}/api/v2/dags?limit=100", server.token())[1]
    monkeypatch.setattr(backfill, "PAGE", 5)
    known = backfill.known_dags(server)
    assert set(known) == {dag["dag_id"] for dag in json.loads(whole)["dags"]}
    assert len(known) > 5
    assert set(backfill.known_dags(server, "land")) == {dag_id for dag_id in known if dag_id.startswith("land__")}
    assert {run["dag_id"] for run in backfill.newest_runs(server, list(known))} <= set(known)
    assert server.token() == server.token()


def _check_new_schedule(run_dir: Path, shown: dict[str, str]) -> None:
    """Another end of the schedule reaches the DAGs, and nothing else is started anew for it."""
    before, server = leaders(run_dir), AirflowServer(shown["airflow"], shown["admin"])
    runtime("up", run_dir, "2000-01-02")
    assert changed(before, leaders(run_dir)) == {"dag-processor"}
    wait_until(lambda: str(server.call("GET", "dags/land__crm/details")["end_date"]).startswith("2000-01-02"))


def _check_mail(run_dir: Path, shown: dict[str, str]) -> None:
    with smtplib.SMTP("127.0.0.1", int(shown["mail"]), timeout=10) as server:
        server.sendmail("a@retailmax.example", ["b@retailmax.example"], "Subject: hello\r\n\r\nthere")
    deadline = time.monotonic() + 10
    while not (mails := list((run_dir / "mail").glob("*.eml"))):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert b"Subject: hello" in mails[0].read_bytes()


def _check_secrets_are_closed(run_dir: Path, said: str) -> None:
    """Passwords lie in files that only their owner reads, and the database's is not printed."""
    closed = ("postgres.url", "postgres/password", "airflow/passwords.json", "airflow/secret")
    assert {name: oct((run_dir / name).stat().st_mode & 0o777) for name in closed} == dict.fromkeys(closed, "0o600")
    assert (run_dir / "postgres" / "password").read_text().strip() not in said
