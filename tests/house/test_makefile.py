"""The targets of the Makefile hand on what they are given, and say what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.runtime import postgres
from include.settings import PROJECT_DIR
from tests.include.runtime import ordinary


@pytest.fixture
def run_dir() -> Iterator[Path]:
    """A run folder whose environment is that of the tests, so that nothing is installed."""
    folder = Path(tempfile.mkdtemp(prefix="customer360-make-", dir="/var/tmp"))
    folder.chmod(0o755)
    write_program(folder / "venv" / "bin" / "python", f'exec {sys.executable} "$@"')
    for name in (".installed", ".installed-dev"):
        (folder / "venv" / name).touch()
    yield folder
    postgres.stop(folder)
    shutil.rmtree(folder)


def write_program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def make(run_dir: Path, *words: str, programs: Path | None = None) -> subprocess.CompletedProcess[str]:
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("CUSTOMER360_", "AIRFLOW", "BANK_", "MAKE"))}
    path = str(programs) if programs else ours["PATH"]
    command = [str(shutil.which("make")), "--no-print-directory", *words]
    return subprocess.run(
        command, cwd=PROJECT_DIR, capture_output=True, text=True, check=False,
        env=ours | {"CUSTOMER360_RUN_DIR": str(run_dir), "PATH": path}, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("FROM=2026-11-16",), "TO is missing"),
        (("TO=2026-11-16",), "FROM is missing"),
        (("FROM=2026-11-16", "TO=2026-11-16", "SYSTEM=crm"), "Airflow does not run; start it with: make up"),
    ],
)
def test_make_backfill__says_what_is_missing(words: tuple[str, ...], said: str, run_dir: Path) -> None:
    done = make(run_dir, "backfill", *words)
    assert done.returncode != 0
    assert f"error: {said}" in done.stderr


@pytest.mark.parametrize(("words", "missing"), [(("OUT=x",), "FILES"), (("FILES=a.csv",), "OUT")])
def test_make_link__says_what_is_missing(words: tuple[str, ...], missing: str, run_dir: Path) -> None:
    done = make(run_dir, "link", *words)
    assert done.returncode != 0
    assert f'{missing} is missing; for example: make link FILES="a.csv b.csv" OUT=linked' in done.stderr


def test_make_link__hands_on_its_files(run_dir: Path, tmp_path: Path) -> None:
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    files[0].write_text("name,city\nAnn Lee,Leeds\n")
    done = make(
        run_dir, "link", f"FILES={files[0]} {files[1]}", f"OUT={tmp_path / 'linked'}", "ARGS=--map name=full_name"
    )
    assert done.returncode != 0
    assert done.stderr.startswith("error: ")
    assert "b.csv" in done.stderr, "the second file is not there, and the linkage says so"


def test_make_up__says_where_it_may_not_install(run_dir: Path) -> None:
    """As for whoever clones into a folder of root's."""
    closed = run_dir / "closed"
    closed.mkdir(0o555)
    write_program(run_dir / "python", "exit 0")
    user = ordinary.identity() if os.geteuid() == 0 else {}
    command = [str(shutil.which("make")), "-C", str(PROJECT_DIR), "up", f"PYTHON={run_dir / 'python'}"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60,
        env={"PATH": "/usr/bin:/bin", "CUSTOMER360_RUN_DIR": str(closed)}, **user,
    )  # fmt: skip
    assert done.returncode != 0
    told = f"error: this user may not write to {closed}/venv. Set CUSTOMER360_RUN_DIR to a folder of your own\n"
    assert done.stderr.startswith(told)


def test_make_psql__runs_a_statement_as_it_is_written(run_dir: Path) -> None:
    postgres.start(run_dir)
    done = make(run_dir, "psql", """SQL=select 'a "word" of ' || 2 as "the answer" """)
    assert (done.returncode, done.stderr) == (0, "")
    assert 'a "word" of 2' in done.stdout
    assert "the answer" in done.stdout


def test_make_lock__uses_the_uv_that_is_there(run_dir: Path, tmp_path: Path) -> None:
    write_program(tmp_path / "uv", f'echo "$@" >> {tmp_path / "called"}')
    done = make(run_dir, "lock", programs=tmp_path)
    assert done.returncode == 0, done.stderr
    called = (tmp_path / "called").read_text().splitlines()
    assert [line.split()[-3:] for line in called] == [
        [f"{name}.in", "-o", f"{name}.txt"] for name in ("requirements", "requirements-dev")
    ]


def test_make_lock__without_uv_asks_pip_for_it_and_says_where_it_comes_from(run_dir: Path, tmp_path: Path) -> None:
    python = tmp_path / "python"
    write_program(python, f'echo "$@" >> {tmp_path / "called"}; exit 1')
    done = make(run_dir, "lock", f"PYTHON={python}", programs=tmp_path / "none")
    assert done.returncode != 0
    assert "error: make lock needs uv, and pip could not install it; see https://docs.astral.sh/uv" in done.stderr
    assert (tmp_path / "called").read_text() == f"-m venv {run_dir / 'uv'}\n"


def test_make_lock__takes_the_uv_that_pip_has_installed(run_dir: Path, tmp_path: Path) -> None:
    write_program(run_dir / "uv" / "bin" / "uv", f'echo "$@" >> {tmp_path / "called"}')
    assert make(run_dir, "lock", programs=tmp_path / "none").returncode == 0
    assert len((tmp_path / "called").read_text().splitlines()) == 2
