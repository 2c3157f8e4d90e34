"""What a build writes to be read, inside Airflow and under its login: data documentation, gates, identity report."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Annotated, ClassVar

from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.plugins_manager import AirflowPlugin
from fastapi import FastAPI, HTTPException
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse, Response

from include.settings import Settings

app = FastAPI(title="customer360", docs_url=None, redoc_url=None, openapi_url=None)


@dataclass(frozen=True)
class Site:
    """A folder of pages below the run folder."""

    title: str
    what: str
    folder: str
    # What the pages may load. Those of dbt run a script of their own; the others need none.
    policy: str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


DOCS = Site(
    "Data documentation", "documentation", "dbt/prod",
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:;"
    " font-src data:; connect-src data:",
)  # fmt: skip
GATES = Site("Gate results", "gate result", "data_docs")
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


def _show(site: Site, name: str) -> Response:
    """A page of the site; one sentence where its first page is not there yet, 404 for what is not in its folder."""
    # Never from a cache: the pages change with every build, and are not for whoever uses the browser next.
    headers = {
        "Cache-Control": "no-store", "Content-Security-Policy": site.policy, "X-Content-Type-Options": "nosniff"
    }  # fmt: skip
    root = (Settings.from_env().run_dir / site.folder).resolve()
    page = (root / name).resolve()  # follows links, so that none leads out of the folder
    if not page.is_relative_to(root) or page.suffix != ".html":
        raise HTTPException(404, "there is no such page")
    if page.is_file():
        return HTMLResponse(page.read_bytes(), headers=headers)
    if name in ("index.html", "static_index.html"):
        return HTMLResponse(NOT_YET.format(title=escape(site.title), what=escape(site.what)), headers=headers)
    raise HTTPException(404, "there is no such page")


@app.get("/docs")
def show_docs(_: GetUserDep) -> Response:
    """The static dbt docs of the last build; whoever is not logged in gets 401."""
    return _show(DOCS, "static_index.html")


@app.get("/gates/{name:path}")
def show_gates(_: GetUserDep, name: Annotated[str, InPath(max_length=500)]) -> Response:
    """Great Expectations' Data Docs: the index of the gates, and the pages that it links to."""
    return _show(GATES, name or "index.html")


@app.get("/identity/{name:path}")
def show_identity(_: GetUserDep, name: Annotated[str, InPath(max_length=500)]) -> Response:
    """The identity report of the last build, ``index.html``, and those of earlier batch dates."""
    return _show(IDENTITY, name or "index.html")


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
        _view(DOCS, "docs"),
        _view(GATES, "gates/index.html"),
        _view(IDENTITY, "identity/index.html"),
    ]
