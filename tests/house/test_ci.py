"""What continuous integration runs: chromium is installed where it can be, and what is left out is said."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from include.settings import PROJECT_DIR

COMMANDS = {
    "id": "echo 0",
    "make": 'echo "make $*"',
    "apt-get": 'echo "$1" >>"$ASKED"; [ "$CAN_INSTALL" ] || exit 100; [ "$1" = update ] || cp "$0" "${0%/*}/chromium"',
}


@pytest.mark.parametrize(
    ("can_install", "ci", "asked", "said"),
    [
        ("yes", "", ["update", "install"], ""),
        ("", "", ["update"], "the tests that need a browser are skipped"),
        ("", "true", ["update"], "the tests that need a browser fail"),
    ],
)
def test_run__installs_chromium_or_says_what_follows(
    can_install: str, ci: str, asked: list[str], said: str, tmp_path: Path
) -> None:
    for name, line in COMMANDS.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{line}\n")
        (tmp_path / name).chmod(0o755)
    for name in ("bash", "dirname", "timeout", "cp"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    log = tmp_path / "asked"
    done = subprocess.run(
        [PROJECT_DIR / ".ci" / "run"], capture_output=True, text=True, check=True,
        env={"PATH": str(tmp_path), "CAN_INSTALL": can_install, "CI": ci, "ASKED": str(log)},
    )  # fmt: skip
    assert done.stdout == "make lint\nmake test\n"
    assert log.read_text().split() == asked
    assert said in done.stderr
    assert bool(said) == bool(done.stderr)
