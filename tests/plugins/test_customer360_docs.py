"""The pages inside Airflow: closed to strangers, plain about what is not there yet, and nothing beside their folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from include import db
from include.gates.checkpoint import Finding
from include.gates.outcome import write_findings
from include.gates.rules import Rule
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
for name in ("dbt/prod/static_index.html", "data_docs/data_docs.html", "data_docs/index.html", "data_docs/validations/gate_raw__crm/run 1+x/page.html",
             "identity_report/index.html", "identity_report/2026-11-16-build-3.html", "profiles/index.html", "profiles/crm.html", "catalogue/index.html", "catalogue/model.html"):
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
DAY = date(2026, 11, 16)
DEEP = "/gates/validations/gate_raw__crm/run%201%2Bx/page.html"
FIRST = {"/docs": "dbt/prod/static_index.html", "/gates/data_docs.html": "data_docs/data_docs.html",
         "/identity/index.html": "identity_report/index.html",
         "/catalogue/index.html": "catalogue/index.html", "/quality/index.html": "profiles/index.html"}  # fmt: skip
INNER = {DEEP: "data_docs/validations/gate_raw__crm/run 1+x/page.html",
         "/identity/2026-11-16-build-3.html": "identity_report/2026-11-16-build-3.html",
         "/catalogue/model.html": "catalogue/model.html", "/quality/crm.html": "profiles/crm.html"}  # fmt: skip
OUTSIDE = (
    "/gates/%2e%2e/secret.html", "/gates/..%2fsecret.html", "/gates/..%2Fdata_docs-secret/page.html",
    "/gates/%2Fetc%2Fpasswd", "/gates/link.html", "/gates/secret.txt", "/gates/nothing.html",
    "/identity/..%2fsecret.html", "/identity/%2e%2e%2fdata_docs%2findex.html", "/gates/validations",
    "/catalogue/..%2fsecret.html",
    "/gates/run?gate=gate_raw__crm&run_id=nobody&day=2026-11-16", "/gates/run?gate=a&run_id=b&day=yesterday",
)  # fmt: skip


LIVE = {
    "/gates/index.html": ["gate_raw__crm", "gate_marts"], "/gates/": ["gate_raw__crm", "gate_marts"],
    "/gates/index.html?gate=gate_marts": ["gate_marts"], "/gates/index.html?only=broken&gate=": ["gate_raw__crm"],
    "/gates/index.html?day=2026-11-17": ["gate_raw__crm"], "/gates/index.html?day=2026-13-99": ["gate_raw__crm"],
    "/gates/run?gate=gate_raw__crm&run_id=run+2026-11-16&day=2026-11-16": ["customers.status.allowed"],
}  # fmt: skip


@pytest.fixture(scope="module")
def gates_url(postgres_url: str) -> str:
    """A warehouse in which two days were judged, and one of them in vain."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("create database gates_page template customer360_template")
    url = db.in_database(postgres_url, "gates_page")
    rule = Rule("allowed", "consistency", "critical", "", "customers", "customers", "status", 0.02, "one of: a, b")
    for day, broken in ((DAY, 31), (DAY + timedelta(1), 0)):
        examples = [{"file": "<b>.csv", "line": "3"}] if broken else []
        write_findings(url, "gate_raw__crm", f"run {day}", [Finding(rule, 1000, broken, examples)], "crm", day)
    write_findings(url, "gate_marts", "a build", [Finding(rule, 10, 0, [])], None, DAY)
    return url


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, gates_url: str) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("plugins")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "CUSTOMER360_"))} | {
        "AIRFLOW_HOME": str(folder / "airflow"), "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT_DIR / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "CUSTOMER360_RUN_DIR": str(folder / "run"),
        "PYTHONPATH": str(PROJECT_DIR), "PYTHONWARNINGS": "ignore",
        "PAGES": json.dumps([*FIRST, *INNER, *LIVE, *OUTSIDE]),
        "CUSTOMER360_DATABASE_URL": gates_url,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", LOOK], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("LOOK ")]
    assert lines, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(lines[0][5:])
    return found


@pytest.mark.slow
@pytest.mark.parametrize("path", [*FIRST, *INNER, *LIVE, *OUTSIDE])
def test_page__is_closed_to_strangers(path: str, seen: dict[str, Any]) -> None:
    status, text, _ = seen["stranger"][path]
    assert status == 401
    assert "build_customer360" not in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "what"),
    [("/docs", "documentation"), ("/gates/data_docs.html", "page of Great Expectations"),
     ("/identity/index.html", "identity report"), ("/catalogue/index.html", "catalogue")],
)  # fmt: skip
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
    assert ("script-src" in headers["content-security-policy"]) == path.startswith(("/docs", "/catalogue"))


@pytest.mark.slow
@pytest.mark.parametrize("path", OUTSIDE)
def test_page__nothing_beside_the_folder_of_a_site(path: str, seen: dict[str, Any]) -> None:
    status, text, _ = seen["after"][path]
    assert status == 404
    assert "secret" not in text


@pytest.mark.slow
@pytest.mark.parametrize("path", LIVE)
def test_gates__are_shown_as_they_are_before_any_build_ends(path: str, seen: dict[str, Any]) -> None:
    status, text, headers = seen["before"][path]
    assert status == 200
    assert all(name in text for name in LIVE[path])
    assert headers["cache-control"] == "no-store"
    assert "script-src" not in headers["content-security-policy"]


@pytest.mark.slow
def test_gates__newest_day_first_and_filtered(seen: dict[str, Any]) -> None:
    pages = {path: seen["before"][path][1].partition("<table>")[2] for path in LIVE}
    assert pages["/gates/index.html"].index("2026-11-17") < pages["/gates/index.html"].index("2026-11-16")
    assert "gate_raw__crm" not in pages["/gates/index.html?gate=gate_marts"]
    assert "2026-11-17" not in pages["/gates/index.html?only=broken&gate="]
    assert "2026-11-16" not in pages["/gates/index.html?day=2026-11-17"]
    run = pages["/gates/run?gate=gate_raw__crm&run_id=run+2026-11-16&day=2026-11-16"]
    for told in ("one of: a, b", "3.1 % of rows (31 broken of 1,000), 2 % tolerated", "&lt;b&gt;.csv line 3", "failed"):
        assert told in run


@pytest.mark.slow
def test_menu__leads_to_the_first_page_of_each_site(seen: dict[str, Any]) -> None:
    assert seen["views"] == [
        ["Data catalogue", seen["prefix"] + "/catalogue/index.html", "docs", "data-catalogue"],
        ["Data documentation", seen["prefix"] + "/docs", "docs", "data-documentation"],
        ["Gate results", seen["prefix"] + "/gates/index.html", "docs", "gate-results"],
        ["Data quality", seen["prefix"] + "/quality/index.html", "docs", "data-quality"],
        ["Identity report", seen["prefix"] + "/identity/index.html", "docs", "identity-report"],
    ]
