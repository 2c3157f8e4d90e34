"""The stewards' page under a real Airflow: who may what, two at once, and a real browser that works the queue."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.plugins.browser import Browser, needs_browser, open_browser
from tests.plugins.review_server import HTML, ReviewServer, family, fill, request, start_server, stop_server

pytestmark = pytest.mark.slow

READ = ("page", "review.css", "review.js", "item.js", "dom.js", "state", "queue", "decisions", "export/queue.csv",
        "export/decisions.csv", "items/x")  # fmt: skip
WRITE: dict[str, Any] = {
    "items/x/decision": {"is_accepted": True},
    "corrections": {"record_id": "finance/accounts/1", "field": "city", "new_value": "Leeds"},
    "decisions/1/undo": {},
    "import": b"decision,why\n",
}


@pytest.fixture(scope="module")
def running(session_dir: Path) -> Iterator[ReviewServer]:
    folder = session_dir / "review"
    server = start_server(folder)
    yield server
    stop_server(server, folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server(running: ReviewServer) -> ReviewServer:
    """The server with three pairs in doubt, of which one has HTML for a name, and no decision."""
    fill(running.database_url, [row for number, first in ((1, "Annabel"), (2, HTML), (3, "Cora")) for row in
                                family(number, first)])  # fmt: skip
    return running


def items(server: ReviewServer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.ask("viewer", "queue")[1]
    return found


def log(server: ReviewServer) -> list[tuple[Any, ...]]:
    with psycopg.connect(server.database_url) as connection:
        return connection.execute(
            "select decision, decided_by, revokes_decision_id from identity.decisions order by decision_id"
        ).fetchall()


@pytest.mark.parametrize("path", [*READ, *WRITE])
def test_review__stranger_gets_401(path: str, server: ReviewServer) -> None:
    status, content = server.ask(None, path, WRITE.get(path))
    assert status == 401
    assert "Lighterman" not in str(content)


def test_review__viewer_may_look(server: ReviewServer) -> None:
    assert [server.ask("viewer", path)[0] for path in READ] == [200] * (len(READ) - 1) + [404]
    assert server.ask("viewer", "state")[1]["may_decide"] is False
    assert server.ask("olga", "state")[1]["may_decide"] is True


@pytest.mark.parametrize("path", WRITE)
def test_review__viewer_may_not_decide(path: str, server: ReviewServer) -> None:
    assert server.ask("viewer", path, WRITE[path])[0] == 403
    assert log(server) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Customer360-Review": ""},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_review__request_from_another_site_is_refused(headers: dict[str, str], server: ReviewServer) -> None:
    path = f"items/{items(server)[0]['item_id']}/decision"
    status, content = server.ask("olga", path, {"is_accepted": True}, headers)
    assert (status, content) == (403, {"detail": "this request does not come from the page"})
    assert log(server) == []


def test_review__page_lets_nothing_in_from_elsewhere(server: ReviewServer) -> None:
    import urllib.request

    asked = urllib.request.Request(  # noqa: S310 - our own server on loopback
        f"{server.url}/customer360-review/page", headers={"Cookie": f"_token={server.token('viewer')}"}
    )
    with urllib.request.urlopen(asked) as answer:  # noqa: S310
        policy = answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy


def test_review__is_in_airflow_s_menu(server: ReviewServer) -> None:
    bearer = {"Authorization": f"Bearer {server.token('admin')}"}
    _, content = request("GET", f"{server.url}/api/v2/plugins", headers=bearer)
    (plugin,) = [p for p in content["plugins"] if p["name"] == "customer360_review"]
    assert plugin["external_views"][0]["href"] == "customer360-review/page"


def test_review__decision_of_two_at_once(server: ReviewServer) -> None:
    item = items(server)[0]
    path = f"items/{item['item_id']}/decision"
    assert server.ask("olga", path, {"is_accepted": False})[0] == 200
    status, content = server.ask("admin", path, {"is_accepted": True})
    assert status == 409
    assert content["standing"]["decided_by"] == "olga"
    assert log(server) == [("different", "olga", None)]
    seen = int(content["standing"]["decision_id"])
    assert server.ask("admin", path, {"is_accepted": True, "seen_decision_id": seen})[0] == 200
    assert [row[0] for row in log(server)] == ["different", "undo", "same"]


def test_review__correction_and_undo(server: ReviewServer) -> None:
    body = {"record_id": "finance/accounts/1", "field": "email", "new_value": "nobody"}
    status, content = server.ask("olga", "corrections", body)
    assert (status, content["detail"]) == (422, "email: an e-mail address is expected")
    status, content = server.ask("olga", "corrections", body | {"new_value": "Ann@mail.example", "why": "she rang"})
    assert status == 200
    state = server.ask("olga", "state")[1]
    assert state["waiting"] == 1
    assert server.ask("admin", f"decisions/{content['decision_id']}/undo", {"why": "a slip"})[0] == 200
    assert server.ask("admin", f"decisions/{content['decision_id']}/undo", {"why": "a slip"})[0] == 422
    (row,) = server.ask("viewer", "decisions")[1]
    assert (row["new_value"], row["undone_by"], row["is_in_force"]) == ("ann@mail.example", "admin", False)


def test_review__a_reason_that_nobody_gave_is_empty(server: ReviewServer) -> None:
    path = f"items/{items(server)[0]['item_id']}/decision"
    number = server.ask("olga", path, {"is_accepted": False, "why": " "})[1]["decision_id"]
    seen = {"is_accepted": True, "why": "seen side by side", "seen_decision_id": number}
    second = server.ask("olga", path, seen)[1]["decision_id"]
    assert server.ask("olga", f"decisions/{second}/undo", {})[0] == 200
    body = {"record_id": "finance/accounts/1", "field": "city", "new_value": "Leeds"}
    assert server.ask("olga", "corrections", body)[0] == 200
    with psycopg.connect(server.database_url) as connection:
        found = connection.execute("select decision, why from identity.decisions order by decision_id").fetchall()
    assert found == [
        ("different", ""), ("undo", "replaced: seen side by side"), ("same", "seen side by side"), ("undo", ""),
        ("correct", ""),
    ]  # fmt: skip


def test_review__import_names_the_line(server: ReviewServer) -> None:
    status, content = server.ask("olga", "import", b"decision,why\nsame,x\n", {"Content-Type": "text/csv"})
    assert status == 422
    assert "line 2: " in content["detail"]
    exported = server.ask("olga", "export/queue.csv")[1]
    assert exported.startswith("item_id,kind,")
    assert exported.count("\n") >= 4


@pytest.fixture
def browser(tmp_path: Path, server: ReviewServer) -> Iterator[Browser]:
    """A browser at the page, logged in as olga, an operator."""
    with open_browser(tmp_path) as tab:
        tab.open(f"{server.url}/customer360-review/page", server.token("olga"))
        tab.wait("document.querySelector('#item')?.dataset.item")
        yield tab


def current(browser: Browser) -> str:
    return str(browser.run("document.querySelector('#items [aria-current]').dataset.id"))


@needs_browser
def test_page__decides_and_undoes_by_keyboard(server: ReviewServer, browser: Browser) -> None:
    first, second = (item["item_id"] for item in items(server)[:2])
    assert current(browser) == first
    browser.press("r")
    browser.wait(f"document.querySelector('#item').dataset.item === '{second}'")
    assert log(server) == [("different", "olga", None)]
    browser.wait("document.querySelector('#state').textContent.includes('1 entry waits for the next build')")
    browser.press("u")
    browser.wait(f"document.querySelector('#item').dataset.item === '{first}'")
    assert [row[:2] for row in log(server)] == [("different", "olga"), ("undo", "olga")]
    browser.press("s")
    browser.wait(f"document.querySelector('#item').dataset.item === '{second}'")
    browser.press("a")
    browser.wait("document.querySelector('#toast').textContent.startsWith('Same person')")
    assert log(server)[-1][:2] == ("same", "olga")
    assert browser.complaints == []
    assert [url for url in browser.requested if not url.startswith(server.url)] == [], "offline"


@needs_browser
def test_page__says_that_somebody_else_decided_meanwhile(server: ReviewServer, browser: Browser) -> None:
    item = items(server)[0]["item_id"]
    assert server.ask("admin", f"items/{item}/decision", {"is_accepted": True, "why": "I know them"})[0] == 200
    browser.press("r")
    browser.wait("document.querySelector('#toast').textContent.includes('admin has decided this meanwhile: same')")
    browser.wait("document.querySelector('.decided')?.textContent.includes('I know them')")
    assert log(server) == [("same", "admin", None)], "nothing is lost"


@needs_browser
def test_page__says_where_no_reason_was_given(server: ReviewServer, browser: Browser) -> None:
    item = items(server)[0]["item_id"]
    assert server.ask("admin", f"items/{item}/decision", {"is_accepted": True})[0] == 200
    browser.press("r")
    browser.wait("document.querySelector('.decided')?.textContent.includes(': no reason given. It takes')")
    browser.run("document.querySelector('#show-decisions').click()")
    browser.wait("document.querySelector('#decisions td:nth-child(4)')?.textContent === 'no reason given'")


@needs_browser
def test_page__name_with_html_is_text(server: ReviewServer, browser: Browser) -> None:
    (item,) = [item for item in items(server) if HTML in item["name_l"]]
    browser.run(f"document.querySelector('[data-id=\"{item['item_id']}\"]').click()")
    browser.wait(f"document.querySelector('#item').dataset.item === '{item['item_id']}'")
    assert HTML in browser.run("document.querySelector('#item h2').textContent")
    assert HTML in browser.run("document.querySelector('#item tbody').textContent")
    assert browser.run("document.querySelectorAll('main img, main b').length") == 0
    assert browser.run("document.title") == "Review queue"


@needs_browser
def test_page__shows_differences_and_the_waterfall(browser: Browser) -> None:
    marked = browser.run("[...document.querySelectorAll('.sides td.differs mark')].map(m => m.textContent).join('|')")
    assert any(part in marked for part in ("81-03-05", "2-03-06", "3-03-07")), marked
    rows = browser.run("[...document.querySelectorAll('.waterfall tr')].map(r => r.querySelector('th').textContent)")
    assert rows[0] == "any two records"
    assert rows[-1] == "together"
    weights = browser.run("[...document.querySelectorAll('.waterfall .weight')].map(w => Number(w.textContent))")
    assert weights[-1] == pytest.approx(sum(weights[:-1]), abs=0.6), "shown with one decimal"
    for width in (1200, 420):
        browser.resize(width, 800)
        assert browser.run("document.documentElement.scrollWidth") <= width


@needs_browser
def test_page__explains_the_order_and_cuts_no_title(server: ReviewServer, browser: Browser) -> None:
    with psycopg.connect(server.database_url) as connection:
        connection.execute("update identity.review_queue set value = 12345.6789")
    browser.run("location.reload()")
    browser.wait("document.querySelector('#items .value')?.textContent === '12,346'")
    browser.wait("document.querySelector('#item')?.dataset.item && document.querySelector('.worth') !== null")
    values = browser.run("[...document.querySelectorAll('#items .value')].map(v => v.textContent)")
    assert set(values) == {"12,346"}
    assert "times the records and facts" in browser.run("document.querySelector('#order').textContent")
    assert "= unsure" in browser.run("document.querySelector('.worth').textContent")
    cut = "[...document.querySelectorAll('#items strong, #items .why')].filter(e => e.scrollWidth > e.clientWidth + 1)"
    assert browser.run(f"{cut}.length") == 0
    assert "(model)" not in browser.run("document.body.textContent")


@needs_browser
def test_page__leads_back_to_airflow_where_it_is_not_framed_by_it(server: ReviewServer, browser: Browser) -> None:
    assert browser.run("document.querySelector('#airflow').hidden") is False
    assert browser.run("document.querySelector('#airflow').href") == f"{server.url}/"
    browser.open(f"{server.url}/plugin/review-queue", server.token("olga"))
    framed = "document.querySelector('iframe')?.contentDocument"
    browser.wait(f"Boolean({framed}?.querySelector('#item')?.dataset.item)", 60)
    assert browser.run(f"{framed}.querySelector('#airflow').hidden") is True


@needs_browser
def test_page__corrects_a_value(server: ReviewServer, browser: Browser) -> None:
    browser.run("document.querySelector('.edit[aria-label^=\"Correct city\"]').click()")
    browser.wait("document.querySelector('#correction').open")
    browser.run("document.querySelector('#correction [name=value]').value = ''")
    browser.run("document.querySelector('#correction [name=value]').focus()")
    browser.type("Leeds")
    browser.run("document.querySelector('#correction .accept').click()")
    browser.wait("document.querySelector('.corrected')?.textContent.includes('Leeds')")
    assert log(server) == [("correct", "olga", None)]


@needs_browser
def test_page__viewer_has_nothing_to_decide_with(server: ReviewServer, tmp_path: Path) -> None:
    with open_browser(tmp_path) as tab:
        tab.open(f"{server.url}/customer360-review/page", server.token("viewer"))
        tab.wait("document.querySelector('#item')?.dataset.item")
        tab.press("a")
        tab.press("r")
        assert tab.run("document.querySelectorAll('.accept, .reject, .edit').length") == 0
        assert "takes an operator" in tab.run("document.querySelector('#item').textContent")
    assert log(server) == []


@needs_browser
@pytest.mark.parametrize("login", ["", "of-another-run-folder"])
def test_page__a_login_that_has_ended_is_told_and_nothing_is_decided(
    login: str, browser: Browser, server: ReviewServer
) -> None:
    page = f"{server.url}/customer360-review/page"
    if login:
        head, _, signature = server.token("olga").rpartition(".")
        browser.send("Network.setCookie", name="_token", value=f"{head}.{signature[::-1]}", url=page)
    else:
        browser.send("Network.clearBrowserCookies")
    browser.press("a")
    browser.wait("document.querySelector('#toast').textContent.includes('You are logged out: reload the page')")
    assert server.ask("viewer", "decisions")[1] == []
