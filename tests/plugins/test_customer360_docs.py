"""The docs page inside Airflow: closed to strangers, plain about what is not there yet."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from include.settings import PROJECT_DIR

# In a process of its own: importing Airflow reads its configuration and writes below AIRFLOW_HOME.
LOOK = """
import json, os
from pathlib import Path
from fastapi.testclient import TestClient
from airflow import plugins_manager
loaded = [p for p in plugins_manager._get_plugins()[0] if p.name == "customer360_docs"]
(plugin,) = loaded
(served,) = plugin.fastapi_apps
views, _ = plugins_manager._get_ui_plugins()
(view,) = [v for v in views if v["url_route"] == "data-documentation"]
stranger = TestClient(served["app"]).get("/docs")
show = next(r.endpoint for r in served["app"].routes if r.path == "/docs")
before = show(None)
page = Path(os.environ["CUSTOMER360_RUN_DIR"]) / "dbt" / "prod" / "static_index.html"
page.parent.mkdir(parents=True)
page.write_text("<html>the docs of a build, Hrubý</html>", encoding="utf-8")
print("LOOK " + json.dumps({
    "stranger": [stranger.status_code, stranger.text], "before": before.body.decode(),
    "after": show(None).body.decode(), "cache": before.headers["cache-control"],
    "href": view["href"], "served_at": served["url_prefix"] + "/docs",
}))
"""


def _look(tmp_path: Path) -> dict[str, Any]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "CUSTOMER360_"))} | {
        "AIRFLOW_HOME": str(tmp_path / "airflow"), "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_DIR / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "CUSTOMER360_RUN_DIR": str(tmp_path / "run"),
        "PYTHONPATH": str(PROJECT_DIR), "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", LOOK], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("LOOK ")]
    assert lines, done.stderr[-2000:]
    seen: dict[str, Any] = json.loads(lines[0][5:])
    return seen


@pytest.mark.slow
def test_docs__page_before_and_after_the_first_build_and_for_a_stranger(tmp_path: Path) -> None:
    seen = _look(tmp_path)
    status, text = seen["stranger"]
    assert status == 401
    assert "documentation" not in text
    assert "There is no documentation yet" in seen["before"]
    assert "build_customer360" in seen["before"]
    assert seen["after"] == "<html>the docs of a build, Hrubý</html>"
    assert seen["cache"] == "no-store"
    assert f"/{seen['href']}" == seen["served_at"]
