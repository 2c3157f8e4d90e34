"""The pages inside Airflow: closed to strangers, plain about what is not there yet, and nothing beside their folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from include.settings import PROJECT_DIR

# In a process of its own: importing Airflow reads its configuration and writes below AIRFLOW_HOME.
LOOK = """
import json, os
from pathlib import Path
from fastapi.testclient import TestClient
from airflow import plugins_manager
from airflow.api_fastapi.core_api.security import get_user
(plugin,) = [p for p in plugins_manager._get_plugins()[0] if p.name == "customer360_docs"]
(served,) = plugin.fastapi_apps
views, _ = plugins_manager._get_ui_plugins()
app, run = served["app"], Path(os.environ["CUSTOMER360_RUN_DIR"])
PAGES = json.loads(os.environ["PAGES"])

def ask(client, path):
    answer = client.get(path)
    return [answer.status_code, answer.text, dict(answer.headers)]

stranger = {path: ask(TestClient(app), path) for path in PAGES}
app.dependency_overrides[get_user] = lambda: None
reader = TestClient(app)
before = {path: ask(reader, path) for path in PAGES}
for name in ("dbt/prod/static_index.html", "data_docs/index.html", "data_docs/validations/gate_raw__crm/run 1+x/page.html",
             "identity_report/index.html", "identity_report/2026-11-16.html"):
    (run / name).parent.mkdir(parents=True, exist_ok=True)
    (run / name).write_text(f"<html>{name}, Hrubý</html>", encoding="utf-8")
(run / "secret.html").write_text("secret")
(run / "data_docs" / "secret.txt").write_text("secret")
(run / "data_docs-secret").mkdir()
(run / "data_docs-secret" / "page.html").write_text("secret")
(run / "data_docs" / "link.html").symlink_to(run / "secret.html")
after = {path: ask(reader, path) for path in PAGES}
shown = [[v["name"], f"/{v['href']}", v["category"], v["url_route"]] for v in views if v["href"].startswith("customer360/")]
print("LOOK " + json.dumps({"stranger": stranger, "before": before, "after": after, "views": shown,
                            "prefix": served["url_prefix"]}))
"""  # noqa: E501
DEEP = "/gates/validations/gate_raw__crm/run%201%2Bx/page.html"
FIRST = {"/docs": "dbt/prod/static_index.html", "/gates/index.html": "data_docs/index.html",
         "/identity/index.html": "identity_report/index.html"}  # fmt: skip
INNER = {DEEP: "data_docs/validations/gate_raw__crm/run 1+x/page.html",
         "/identity/2026-11-16.html": "identity_report/2026-11-16.html"}  # fmt: skip
OUTSIDE = (
    "/gates/%2e%2e/secret.html", "/gates/..%2fsecret.html", "/gates/..%2Fdata_docs-secret/page.html",
    "/gates/%2Fetc%2Fpasswd", "/gates/link.html", "/gates/secret.txt", "/gates/nothing.html",
    "/identity/..%2fsecret.html", "/identity/%2e%2e%2fdata_docs%2findex.html", "/gates/validations",
)  # fmt: skip


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("plugins")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "CUSTOMER360_"))} | {
        "AIRFLOW_HOME": str(folder / "airflow"), "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_DIR / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "CUSTOMER360_RUN_DIR": str(folder / "run"),
        "PYTHONPATH": str(PROJECT_DIR), "PYTHONWARNINGS": "ignore", "PAGES": json.dumps([*FIRST, *INNER, *OUTSIDE]),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", LOOK], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("LOOK ")]
    assert lines, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(lines[0][5:])
    return found


@pytest.mark.slow
@pytest.mark.parametrize("path", [*FIRST, *INNER, *OUTSIDE])
def test_page__is_closed_to_strangers(path: str, seen: dict[str, Any]) -> None:
    status, text, _ = seen["stranger"][path]
    assert status == 401
    assert "build_customer360" not in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "what"),
    [("/docs", "documentation"), ("/gates/index.html", "gate result"), ("/identity/index.html", "identity report")],
)
def test_page__before_the_first_build(path: str, what: str, seen: dict[str, Any]) -> None:
    status, text, headers = seen["before"][path]
    assert status == 200
    assert f"There is no {what} yet" in text
    assert "build_customer360" in text
    assert headers["cache-control"] == "no-store"


@pytest.mark.slow
@pytest.mark.parametrize(("path", "name"), [*FIRST.items(), *INNER.items()])
def test_page__of_a_build(path: str, name: str, seen: dict[str, Any]) -> None:
    status, text, headers = seen["after"][path]
    assert (status, text) == (200, f"<html>{name}, Hrubý</html>")
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"].startswith("default-src 'none'"), "nothing is loaded from elsewhere"
    assert ("script-src" in headers["content-security-policy"]) == (path == "/docs")


@pytest.mark.slow
@pytest.mark.parametrize("path", OUTSIDE)
def test_page__nothing_beside_the_folder_of_a_site(path: str, seen: dict[str, Any]) -> None:
    status, text, _ = seen["after"][path]
    assert status == 404
    assert "secret" not in text


@pytest.mark.slow
def test_menu__leads_to_the_first_page_of_each_site(seen: dict[str, Any]) -> None:
    assert seen["views"] == [
        ["Data documentation", seen["prefix"] + "/docs", "docs", "data-documentation"],
        ["Gate results", seen["prefix"] + "/gates/index.html", "docs", "gate-results"],
        ["Identity report", seen["prefix"] + "/identity/index.html", "docs", "identity-report"],
    ]
