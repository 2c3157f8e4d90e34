"""What there is to read, inside Airflow and under its login: documentation, gates, quality, identity report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Annotated, ClassVar

import psycopg
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.plugins_manager import AirflowPlugin
from fastapi import FastAPI, HTTPException, Query, Request
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse, Response

from include.gates import page
from include.settings import Settings

Text = Annotated[str, Query(max_length=500)]

app = FastAPI(title="customer360", docs_url=None, redoc_url=None, openapi_url=None)


@dataclass(frozen=True)
class Site:
    """A folder of pages below the run folder."""

    title: str
    what: str
    folder: str
    # What the pages may load. Those of dbt and of the catalogue run scripts of their own; the others need none.
    policy: str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


CATALOGUE = Site(
    "Data catalogue",
    "catalogue",
    "catalogue",
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:",
)
DOCS = Site(
    "Data documentation", "documentation", "dbt/prod",
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:;"
    " font-src data:; connect-src data:",
)  # fmt: skip
GATES = Site("Gate results", "page of Great Expectations", "data_docs")
QUALITY = Site("Data quality", "report on the quality of the data", "profiles")
IDENTITY = Site("Identity report", "identity report", "identity_report")

NOT_YET = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1.5rem }}
h1 {{ font-size: 1.25rem }}
</style>
</head>
<body>
<h1>There is no {what} yet</h1>
<p>It is written at the end of the first build, and nothing has been built so far. A build starts by itself when the
source systems have been landed: see the Dag <code>build_customer360</code>.</p>
</body>
</html>
"""
SILENT = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Gate results</title>
</head>
<body>
<h1>The warehouse does not answer</h1>
<p>What the gates have found is kept there. Load the page again when it is up.</p>
</body>
</html>
"""


def _headers(site: Site) -> dict[str, str]:
    """Never from a cache: the pages change with every build, and are not for whoever uses the browser next."""
    return {"Cache-Control": "no-store", "Content-Security-Policy": site.policy, "X-Content-Type-Options": "nosniff"}


def _show(site: Site, name: str) -> Response:
    """A page of the site; one sentence where its first page is not there yet, 404 for what is not in its folder."""
    headers = _headers(site)
    root = (Settings.from_env().run_dir / site.folder).resolve()
    file = (root / name).resolve()  # follows links, so that none leads out of the folder
    if not file.is_relative_to(root) or file.suffix != ".html":
        raise HTTPException(404, "there is no such page")
    if file.is_file():
        return HTMLResponse(file.read_bytes(), headers=headers)
    if name in ("index.html", "data_docs.html", "static_index.html"):
        return HTMLResponse(NOT_YET.format(title=escape(site.title), what=escape(site.what)), headers=headers)
    raise HTTPException(404, "there is no such page")


@app.get("/docs")
def show_docs(_: GetUserDep) -> Response:
    """The static dbt docs of the last build; whoever is not logged in gets 401."""
    return _show(DOCS, "static_index.html")


@app.get("/gates/index.html")
@app.get("/gates/")
def show_gates(
    _: GetUserDep, request: Request, day: Text = "", before: Text = "", gate: Text = "", only: Text = ""
) -> Response:
    """What the gates have found, out of the warehouse as it is now."""
    chosen = page.Filter(_date(day), _date(before), gate or None, only == "broken")
    return _live(lambda url: page.render_gates(url, chosen, _is_alone(request)))


@app.get("/gates/run")
def show_gate_run(_: GetUserDep, request: Request, gate: Text, run_id: Text, day: Text) -> Response:
    """Every rule of one run of a gate."""
    asked = _date(day)
    if asked is None:
        raise HTTPException(404, "there is no such run")
    return _live(lambda url: page.render_run(url, gate, run_id, asked, _is_alone(request)))


@app.get("/gates/{name:path}")
def show_data_docs(_: GetUserDep, name: Annotated[str, InPath(max_length=500)]) -> Response:
    """Great Expectations' Data Docs of the last build: their index, and the pages that it links to."""
    return _show(GATES, name)


@app.get("/catalogue/{name:path}")
def show_catalogue(_: GetUserDep, name: Annotated[str, InPath(max_length=500)]) -> Response:
    """Dictionary, source-to-target mapping, lineage and data model of the last build."""
    return _show(CATALOGUE, name or "index.html")


@app.get("/quality/{name:path}")
def show_quality(_: GetUserDep, name: Annotated[str, InPath(max_length=500)]) -> Response:
    """The quality of all systems, ``index.html``, the profile of each, and the reconciliation."""
    return _show(QUALITY, name or "index.html")


@app.get("/identity/{name:path}")
def show_identity(_: GetUserDep, name: Annotated[str, InPath(max_length=500)]) -> Response:
    """The identity report of the last build, ``index.html``, and those of earlier builds."""
    return _show(IDENTITY, name or "index.html")


def _live(render: Callable[[str], str | None]) -> Response:
    """A page made from the warehouse; one sentence where that does not answer, 404 for what it does not hold."""
    try:
        text = render(Settings.from_env().database_url)
    except psycopg.OperationalError:
        return HTMLResponse(SILENT, 503, _headers(GATES))
    if text is None:
        raise HTTPException(404, "there is no such run")
    return HTMLResponse(text, headers=_headers(GATES))


def _is_alone(request: Request) -> bool:
    """Whether the page fills the tab; within Airflow it is a frame, which has Airflow's menu beside it."""
    return request.headers.get("sec-fetch-dest") == "document"


def _date(text: str) -> date | None:
    """The day that an address names; None where it names none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _view(site: Site, href: str) -> dict[str, str]:
    route = site.title.lower().replace(" ", "-")
    return {
        "name": site.title, "href": f"customer360/{href}", "destination": "nav", "category": "docs", "url_route": route
    }  # fmt: skip


class Customer360Docs(AirflowPlugin):  # type: ignore[misc]  # Airflow is not type-checked here
    """Adds the pages to Airflow's Docs menu."""

    name = "customer360_docs"
    fastapi_apps: ClassVar = [{"app": app, "url_prefix": "/customer360", "name": "customer360"}]
    external_views: ClassVar = [
        _view(CATALOGUE, "catalogue/index.html"),
        _view(DOCS, "docs"),
        _view(GATES, "gates/index.html"),
        _view(QUALITY, "quality/index.html"),
        _view(IDENTITY, "identity/index.html"),
    ]
