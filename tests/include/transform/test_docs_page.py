"""dbt's page of documentation asks for nothing that the policy of its server forbids, and its icons are still there."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from include.settings import PROJECT_DIR
from include.transform.dbt import run_dbt
from include.transform.docs_page import mend_docs_page
from tests.include.databases import fresh_settings
from tests.plugins.browser import needs_browser, open_browser

POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:;"
    " font-src data:; connect-src data:"
)
SHOWN = "[...document.querySelectorAll('use')].filter(u => (u.getAttribute('href') || '').startsWith('#icn-')).length"


class Guarded(SimpleHTTPRequestHandler):
    """Files of a folder under the policy of the plugin."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def written(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of this project as dbt writes it, with the SQL of one model."""
    chosen = ["--select", "stg_crm__customers"]
    arguments = ["docs", "generate", "--static", "--empty-catalog", *chosen, "--target", "prod"]
    with fresh_settings(postgres_url, tmp_path_factory.mktemp("docs")) as settings:
        run_dbt(arguments, "docs", settings)
    return settings.run_dir / "dbt" / "prod" / "static_index.html"


@pytest.fixture
def page(written: Path, tmp_path: Path) -> Path:
    (tmp_path / "page").mkdir()
    return Path(shutil.copy(written, tmp_path / "page"))


@pytest.fixture
def address(page: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Guarded, directory=str(page.parent)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{page.name}"
    server.shutdown()
    server.server_close()


@pytest.mark.slow
def test_mend_docs_page__twice_is_once(page: Path) -> None:
    mend_docs_page(page)
    once = page.read_text(encoding="utf-8")
    mend_docs_page(page)
    assert page.read_text(encoding="utf-8") == once
    assert 'xlink:href="{{' not in once
    assert "favicon.ico" not in once
    assert not list(page.parent.glob(".*"))


@pytest.mark.slow
@needs_browser
def test_mend_docs_page__browser_has_nothing_to_complain_of(page: Path, address: str, tmp_path: Path) -> None:
    mend_docs_page(page)
    with open_browser(tmp_path) as tab:
        tab.open(address, "nobody")
        tab.wait("document.querySelectorAll('a').length > 3")
        tab.wait(SHOWN)
        assert tab.complaints == []


def test_docs_policy__is_the_one_of_the_plugin() -> None:
    """What the browser is tested with here is what the plugin sends."""
    text = (PROJECT_DIR / "plugins" / "customer360_docs.py").read_text().replace('"\n    "', "")
    assert POLICY in text
