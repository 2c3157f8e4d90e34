"""The dbt docs site inside Airflow, under Airflow's own login."""

from __future__ import annotations

from typing import ClassVar

from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.plugins_manager import AirflowPlugin
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from include.settings import Settings

app = FastAPI(title="customer360", docs_url=None, redoc_url=None, openapi_url=None)

NOT_YET = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Data documentation</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1.5rem }
h1 { font-size: 1.25rem }
</style>
</head>
<body>
<h1>There is no documentation yet</h1>
<p>It is written at the end of the first build, and nothing has been built so far. A build starts by itself when the
source systems have been landed: see the Dag <code>build_customer360</code>.</p>
</body>
</html>
"""


@app.get("/docs", response_class=HTMLResponse)
def show_docs(_: GetUserDep) -> HTMLResponse:
    """The static dbt docs of the last build; whoever is not logged in gets 401."""
    page = Settings.from_env().run_dir / "dbt" / "prod" / "static_index.html"
    # Never from a cache: the page changes with every build, and is not for whoever uses the browser next.
    return HTMLResponse(
        page.read_text(encoding="utf-8") if page.exists() else NOT_YET, headers={"Cache-Control": "no-store"}
    )


class Customer360Docs(AirflowPlugin):  # type: ignore[misc]  # Airflow is not type-checked here
    """Adds "Data documentation" to Airflow's Docs menu."""

    name = "customer360_docs"
    fastapi_apps: ClassVar = [{"app": app, "url_prefix": "/customer360", "name": "customer360"}]
    external_views: ClassVar = [
        {
            "name": "Data documentation",
            "href": "customer360/docs",
            "destination": "nav",
            "category": "docs",
            "url_route": "data-documentation",
        }
    ]
