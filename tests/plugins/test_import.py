"""An import of decisions beside the rest of Airflow's API; in a process of its own, without the server."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from include.settings import PROJECT_DIR

_CHILD = """
import asyncio, os, tempfile
os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp()
import psycopg
from fastapi import HTTPException
from starlette.requests import Request
from plugins.customer360_review import LARGEST_IMPORT, import_decisions

def request(*pieces):
    waiting = list(pieces)
    async def receive():
        assert waiting, "asked for more than it takes"
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting) or len(pieces) > 2}
    return Request({"type": "http", "method": "POST", "headers": []}, receive)

async def main():
    with psycopg.connect(os.environ["CUSTOMER360_DATABASE_URL"]) as build:
        build.execute("lock table identity.decisions in access exclusive mode")
        lines = (b"decision,record_id_l,record_id_r,why\\nsame,", b"crm/customers/1,crm/customers/2,seen\\n")
        importing = asyncio.create_task(import_decisions(request(*lines), "olga"))
        done, _ = await asyncio.wait({importing}, timeout=1)
        print("WAITS" if not done else "DONE", flush=True)
    try:
        print("SAID", await importing)
    except Exception as error:
        print("SAID", type(error).__name__, error)
    try:
        await import_decisions(request(b"x" * LARGEST_IMPORT, b"x", b"never read"), "olga")
    except HTTPException as error:
        print("SAID", error.status_code)

asyncio.run(main())
"""


@pytest.mark.slow
def test_import__leaves_the_event_loop_to_others(warehouse_url: str) -> None:
    """While a build holds the table the import waits, and everything else goes on; what is too large is not read."""
    url = f"{warehouse_url}{'&' if '?' in warehouse_url else '?'}options=-c%20lock_timeout%3D9s"
    environment = os.environ | {"PYTHONPATH": str(PROJECT_DIR), "CUSTOMER360_DATABASE_URL": url}
    command = [sys.executable, "-W", "ignore", "-c", _CHILD]
    done = subprocess.run(
        command, env=environment, cwd=PROJECT_DIR, capture_output=True, text=True, check=False, timeout=120
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith(("WAITS", "DONE", "SAID"))]
    assert lines[:1] == ["WAITS"], done.stderr[-2000:]
    assert lines[1].startswith("SAID WrongFile nothing was imported:")
    assert lines[2:] == ["SAID 413"]
