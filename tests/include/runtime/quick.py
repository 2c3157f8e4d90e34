"""A program that is called like Airflow's and starts in no time, for tests of who starts and who ends its processes.

What Airflow itself does with them is tested with the real one: `test_up.py`, `tests/dags`.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from include.runtime import airflow

PROGRAM = """#!{python}
import http.server, json, os, sys, time

class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        names = {{"scheduler", "dag_processor", "triggerer"}} - {{{broken!r}, {silent!r}}}
        healthy = dict.fromkeys(names, {{"status": "healthy"}})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(healthy).encode())

    def log_message(self, *words):
        pass

what = sys.argv[1]
if what == {broken!r}:
    sys.exit(3)
if what == "api-server":
    address = ("127.0.0.1", int(os.environ["AIRFLOW__API__PORT"]))
    http.server.HTTPServer(address, Health).serve_forever()
if what != "db":
    time.sleep(600)
"""


def write_airflow(folder: Path, broken: str = "", silent: str = "") -> Path:
    """The program in that folder. The component `broken` ends as soon as it is started, `silent` never gets healthy."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "airflow"
    path.write_text(PROGRAM.format(python=sys.executable, broken=broken, silent=silent))
    path.chmod(0o755)
    return path


def break_component(name: str, run_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(airflow, "airflow_command", lambda: str(write_airflow(run_dir.parent / "bin", name)))


def processes_of(run_dir: Path) -> dict[int, str]:
    """Every process whose command or environment names the run folder, by pid."""
    found = {}
    for process in psutil.process_iter():
        try:
            text = " ".join([*process.cmdline(), *(f"{k}={v}" for k, v in process.environ().items())])
            if str(run_dir) in text and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                found[process.pid] = " ".join(process.cmdline())[:120]
        except psutil.Error:
            continue
    return found


def wait_until(look: Callable[[], bool], timeout_s: float = 240) -> None:
    deadline = time.monotonic() + timeout_s
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.1)
