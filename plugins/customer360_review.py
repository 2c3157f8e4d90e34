"""The stewards' page inside Airflow: whoever is logged in may look, whoever may change Airflow's variables may decide.

A decision is written at once and takes effect in the next build. State is changed only by requests that carry the
page's own header and come from this site: a form or script elsewhere can send neither with the user's cookie.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.plugins_manager import AirflowPlugin
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, Field

from include import db
from include.identity.stewards import csv_files, desk
from include.identity.stewards.corrections import WrongValue
from include.identity.stewards.decisions import AlreadyDecided, Decision, NotPossible, decide, undo
from include.settings import PROJECT_DIR, Settings

PAGE = PROJECT_DIR / "include" / "identity" / "stewards" / "page"
FILES = {"page": ("index.html", "text/html"), "review.css": ("review.css", "text/css"),
         "review.js": ("review.js", "text/javascript"), "item.js": ("item.js", "text/javascript"),
         "dom.js": ("dom.js", "text/javascript")}  # fmt: skip
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
}
OUR_HEADER = "x-customer360-review"
LARGEST_IMPORT = 5_000_000

app = FastAPI(title="review", docs_url=None, redoc_url=None, openapi_url=None)


@app.middleware("http")
async def _protect(request: Request, call_next: Any) -> Response:
    """The page's headers on every answer; a request that changes something has to come from the page."""
    if request.method not in ("GET", "HEAD") and not _is_from_page(request):
        return JSONResponse({"detail": "this request does not come from the page"}, 403, HEADERS)
    answer: Response = await call_next(request)
    answer.headers.update(HEADERS)
    return answer


def _is_from_page(request: Request) -> bool:
    origin = request.headers.get("origin")
    is_same = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    site = request.headers.get("sec-fetch-site", "same-origin")
    return is_same and site in ("same-origin", "none") and request.headers.get(OUR_HEADER) == "1"


def _may_decide(user: Any) -> bool:
    return bool(get_auth_manager().is_authorized_variable(method="PUT", user=user))


def _decider(user: GetUserDep) -> str:
    """The name of the user who decides; 403 for those who may only look."""
    if not _may_decide(user):
        raise HTTPException(403, "you may look, not decide: an operator may")
    return str(user.get_name())


Decider = Annotated[str, Depends(_decider)]


class Answer(BaseModel):
    """A decision on an item of the queue."""

    is_accepted: bool
    why: str = Field("", max_length=1000)
    record_id: str | None = None
    field: str | None = None
    new_value: str | None = None
    seen_decision_id: int | None = None


class CorrectionOf(BaseModel):
    """A new value for a field of a record."""

    record_id: str
    field: str
    new_value: str
    why: str = Field("", max_length=1000)
    seen_decision_id: int | None = None


class Reason(BaseModel):
    """Why a decision is undone."""

    why: str = Field("", max_length=1000)


@app.exception_handler(AlreadyDecided)
async def _conflict(_: Request, error: AlreadyDecided) -> JSONResponse:
    standing = {k: str(v) for k, v in error.standing.items() if k in ("decision_id", "decision", "decided_by")}
    return JSONResponse({"detail": str(error), "standing": standing}, 409, HEADERS)


@app.exception_handler(NotPossible)
@app.exception_handler(WrongValue)
async def _refuse(_: Request, error: ValueError) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, 422, HEADERS)


@app.get("/state")
def show_state(user: GetUserDep) -> dict[str, Any]:
    """Who looks, what he may do, and what waits for the next build."""
    may = {"user": user.get_name(), "may_decide": _may_decide(user)}
    return desk.read_state(_url()) | may


@app.get("/queue")
def show_queue(_: GetUserDep) -> list[dict[str, Any]]:
    """The queue, most valuable first."""
    return desk.read_queue(_url())


@app.get("/items/{item_id}")
def show_item(item_id: str, _: GetUserDep) -> dict[str, Any]:
    """One item with its records and evidence."""
    item = desk.read_item(_url(), item_id)
    if item is None:
        raise HTTPException(404, "the queue no longer holds this item")
    return item


@app.get("/decisions")
def show_decisions(_: GetUserDep) -> list[dict[str, Any]]:
    """The latest decisions."""
    return desk.read_decisions(_url())


@app.post("/items/{item_id}/decision")
def decide_on_item(item_id: str, answer: Answer, decided_by: Decider) -> dict[str, int]:
    """Accept or reject an item; 409 where somebody else has decided it meanwhile."""
    why = answer.why.strip()
    number = desk.decide_item(_url(), item_id, answer.model_dump(), decided_by, why, answer.seen_decision_id)
    return {"decision_id": number}


@app.post("/corrections")
def correct_value(body: CorrectionOf, decided_by: Decider) -> dict[str, int]:
    """Correct a value of a record; 409 where somebody else has corrected it meanwhile."""
    decision = Decision(
        "correct", decided_by, body.why.strip(), body.record_id, None, body.field, body.new_value, None,
        body.seen_decision_id,
    )  # fmt: skip
    with db.connect(_url()) as connection:
        return {"decision_id": decide(connection, decision)}


@app.post("/decisions/{decision_id}/undo")
def undo_decision(decision_id: int, reason: Reason, decided_by: Decider) -> dict[str, int]:
    """Revoke a decision by a new row."""
    with db.connect(_url()) as connection:
        return {"decision_id": undo(connection, decision_id, decided_by, reason.why.strip())}


@app.get("/export/{table}.csv")
def export(table: str, _: GetUserDep) -> PlainTextResponse:
    """The queue or the decisions as CSV."""
    if table not in csv_files.EXPORTS:
        raise HTTPException(404, "there are queue.csv and decisions.csv")
    names = {"Content-Disposition": f'attachment; filename="{table}.csv"'}
    return PlainTextResponse(csv_files.export_csv(_url(), table), media_type="text/csv", headers=names)


@app.post("/import")
async def import_decisions(request: Request, decided_by: Decider) -> dict[str, Any]:
    """Take decisions from CSV, all of them or, where a line is wrong, none.

    In a thread: an import may wait for a build, and all of Airflow's API shares the loop.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_IMPORT:
            raise HTTPException(413, f"at most {LARGEST_IMPORT:,} bytes")
    return await run_in_threadpool(csv_files.import_csv, _url(), bytes(body), decided_by)


@app.get("/{name}")
def show_file(name: str, _: GetUserDep) -> Response:
    """The page and its files; whoever is not logged in gets 401."""
    if name not in FILES:
        raise HTTPException(404, "there is no such page")
    file, kind = FILES[name]
    return Response((PAGE / file).read_bytes(), media_type=f"{kind}; charset=utf-8")


def _url() -> str:
    return Settings.from_env().database_url


class Customer360Review(AirflowPlugin):  # type: ignore[misc]  # Airflow is not type-checked here
    """Adds "Review queue" to Airflow's Browse menu."""

    name = "customer360_review"
    fastapi_apps: ClassVar = [{"app": app, "url_prefix": "/customer360-review", "name": "review"}]
    external_views: ClassVar = [
        {
            "name": "Review queue",
            "href": "customer360-review/page",
            "destination": "nav",
            "category": "browse",
            "url_route": "review-queue",
        }
    ]
