"""Questions to Airflow's API: asked again where it does not answer for a moment."""

from __future__ import annotations

import threading
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from include.runtime import airflow
from include.runtime.airflow import AirflowServer

RUNS = "dags/~/dagRuns/list"


@contextmanager
def answering(*statuses: int) -> Iterator[tuple[AirflowServer, list[str]]]:
    """A server that answers so, one after the other and then for good; with the paths that were asked for."""
    left, asked = list(statuses), list[str]()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            token = self.path == "/auth/token"
            if not token:
                asked.append(self.path.removeprefix("/api/v2/"))
            self.send_response(200 if token else left.pop(0) if len(left) > 1 else left[0])
            self.end_headers()
            self.wfile.write(b'{"access_token": "a"}')

        do_POST = do_GET  # noqa: N815 - the name of http.server

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield AirflowServer(f"http://127.0.0.1:{server.server_port}", "a password"), asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(airflow, "PAUSE_S", 0.0)


@pytest.mark.parametrize(("method", "path"), [("GET", "dags"), ("POST", RUNS)])
def test_call__a_question_is_asked_again(method: str, path: str) -> None:
    with answering(500, 503, 200) as (server, asked):
        assert server.call(method, path, {} if method == "POST" else None) == {"access_token": "a"}
        assert asked == [path] * 3


@pytest.mark.parametrize(("method", "path", "status", "times"), [
    ("GET", "dags", 500, airflow.QUESTION_TRIES), ("GET", "dags", 404, 1), ("POST", "backfills", 500, 1),
])  # fmt: skip
def test_call__an_answer_is_an_answer(method: str, path: str, status: int, times: int) -> None:
    """What is wrong with the question stays wrong, and what changes something is asked once."""
    with answering(status) as (server, asked):
        with pytest.raises(urllib.error.HTTPError):
            server.call(method, path)
        assert asked == [path] * times
