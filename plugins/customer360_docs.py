"""The dbt docs site inside Airflow, under Airflow's own login."""

from __future__ import annotations

from typing import ClassVar

from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.plugins_manager import AirflowPlugin
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from include.settings import Settings

app = FastAPI(title="customer360", docs_url=None, redoc_url=None, openapi_url=None)

NOT_YET = "<p>The documentation is written at the end of the first build. Nothing has been built yet.</p>"


@app.get("/docs", response_class=HTMLResponse)
def show_docs(_: GetUserDep) -> HTMLResponse:
    """The static dbt docs of the last build; whoever is not logged in gets 401."""
    page = Settings.from_env().run_dir / "dbt" / "prod" / "static_index.html"
    return HTMLResponse(page.read_text(encoding="utf-8") if page.exists() else NOT_YET)


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
