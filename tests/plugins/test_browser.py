"""Without chromium the tests of pages are skipped; where CI is set they fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from include.settings import PROJECT_DIR

TEST = """
from tests.plugins.browser import needs_browser, open_browser

@needs_browser
def test_page(tmp_path):
    with open_browser(tmp_path):
        pass
"""


@pytest.mark.slow
@pytest.mark.parametrize(("ci", "outcome"), [("", "1 skipped"), ("true", "1 failed")])
def test_needs_browser__where_there_is_none(ci: str, outcome: str, tmp_path: Path) -> None:
    (tmp_path / "test_page.py").write_text(TEST)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", tmp_path, tmp_path],
        env=os.environ | {"PATH": str(tmp_path), "PYTHONPATH": str(PROJECT_DIR), "CI": ci}, cwd=tmp_path,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert outcome in done.stdout, done.stdout + done.stderr
    assert "chromium is not installed" in done.stdout or not ci
