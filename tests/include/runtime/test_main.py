"""What the commands of the Makefile say to a person whose environment does not allow them."""

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
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="customer360-main-", dir="/var/tmp"))
    made.chmod(0o755)
    yield made
    postgres.stop(made / "run")
    shutil.rmtree(made)


def run(
    command: str, run_dir: Path, settings: dict[str, str] | None = None, sql: str | None = None
) -> subprocess.CompletedProcess[str]:
    """One command of ``python -m include.runtime`` on a run folder, with no setting of the caller's."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("CUSTOMER360_", "AIRFLOW", "BANK_"))}
    environment = ours | {"CUSTOMER360_RUN_DIR": str(run_dir), "PYTHONPATH": str(PROJECT_DIR), **(settings or {})}
    words = [*command.split(), *([sql] if sql else [])]
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "include.runtime", *words], env=environment, cwd="/",
        capture_output=True, text=True, check=False, timeout=90,
    )  # fmt: skip


def test_down__where_nothing_runs(folder: Path) -> None:
    done = run("down", folder / "run")
    assert (done.returncode, done.stdout) == (0, "Stopped: nothing was running\n")


@pytest.mark.slow
def test_down__stops_a_database_that_outlived_its_services(folder: Path) -> None:
    postgres.start(folder / "run")
    assert run("down", folder / "run").stdout == "Stopped: postgres\n"
    assert not postgres.is_running(folder / "run")


def test_backfill__without_airflow_says_how_to_start_it(folder: Path) -> None:
    done = run("backfill --from 2026-11-16 --to 2026-11-18", folder / "run")
    assert (done.returncode, done.stderr) == (1, "error: Airflow does not run; start it with: make up\n")


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        ("--from= --to=", "FROM and TO are missing; for example: make backfill FROM=2026-11-16 TO=2026-11-18"),
        ("--from= --to 2026-11-18", "FROM is missing"),
        ("--from 2026-11-18 --to=", "TO is missing"),
        ("--from 16.11.2026 --to 2026-11-18", "FROM='16.11.2026' is not a date"),
        ("--from 2026-11-18 --to 2026-11-16", "2026-11-18, comes after the last, 2026-11-16"),
        ("--from 2006-11-16 --to 2026-11-16", "2006-11-16 to 2026-11-16 are 7,306 days, and at most 366"),
    ],
)
def test_backfill__dates_that_cannot_be_used(dates: str, said: str, folder: Path) -> None:
    done = run(f"backfill {dates}", folder / "run")
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.slow
def test_psql__runs_a_statement_in_the_warehouse(folder: Path) -> None:
    postgres.start(folder / "run")
    done = run("psql --sql", folder / "run", sql='select 40 + 2 as "the answer"')
    assert done.returncode == 0, done.stderr
    assert [line.strip() for line in done.stdout.splitlines()][:3] == ["the answer", "------------", "42"]
    wrong = run("psql --sql", folder / "run", sql="select nothing_like_it")
    assert wrong.returncode == 1
    assert 'column "nothing_like_it" does not exist' in wrong.stderr


def test_psql__where_nothing_runs_says_how_to_start_it(folder: Path) -> None:
    done = run("psql", folder / "run")
    assert (done.returncode, done.stderr) == (1, "error: the warehouse does not run; start it with: make up\n")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("CUSTOMER360_SAMPLE_START", "tomorrow"),
        ("CUSTOMER360_SAMPLE_RECORDS", "many"),
        ("CUSTOMER360_PG_PORT", "high"),
    ],
)
def test_up__a_setting_that_cannot_be_used_is_named(setting: str, value: str, folder: Path) -> None:
    done = run("up", folder / "run", {setting: value})
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {setting}='{value}'")
    assert len(done.stderr.splitlines()) == 1


def test_migrate__a_database_that_does_not_answer_is_one_sentence_without_its_password(folder: Path) -> None:
    url = f"postgresql://somebody:hidden-word@127.0.0.1:{postgres.free_port()}/customer360"
    done = run("migrate --wait 0.5", folder / "run", {"CUSTOMER360_DATABASE_URL": url})
    assert done.returncode == 1
    assert done.stderr.startswith("error: the database does not answer: ")
    assert "hidden-word" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def run_as_nobody(command: str, run_dir: Path) -> subprocess.CompletedProcess[str]:
    environment = ordinary.environment(run_dir.parent) | {"CUSTOMER360_RUN_DIR": str(run_dir)}
    return subprocess.run(
        [ordinary.interpreter(), "-m", "include.runtime", command], env=environment, capture_output=True, text=True,
        check=False, timeout=60, **ordinary.identity(),
    )  # fmt: skip


@pytest.mark.parametrize("command", ["up", "down", "demo"])
def test_command__in_a_folder_of_somebody_else_names_the_way_out(command: str, folder: Path) -> None:
    done = run_as_nobody(command, folder / "run")
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: this user may not use {folder}")
    assert "CUSTOMER360_RUN_DIR" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert folder.stat().st_mode & 0o777 == 0o755


@pytest.mark.slow
def test_down__what_somebody_else_runs_stays(folder: Path) -> None:
    postgres.start(folder / "run")
    for command in ("up", "down"):
        done = run_as_nobody(command, folder / "run")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"error: this user may not use {folder}"), done.stderr
    assert postgres.is_running(folder / "run")


@pytest.mark.slow
def test_down__an_ordinary_user_stops_what_is_his(folder: Path) -> None:
    folder.chmod(0o777)
    assert run_as_nobody("down", folder / "run").stdout == "Stopped: nothing was running\n"
    start = (
        "import sys; from pathlib import Path; from include.runtime import postgres; postgres.start(Path(sys.argv[1]))"
    )
    subprocess.run([ordinary.interpreter(), "-c", start, str(folder / "run")], check=True, timeout=60,
                   env=ordinary.environment(folder), **ordinary.identity())  # fmt: skip
    assert run_as_nobody("down", folder / "run").stdout == "Stopped: postgres\n"
    assert not postgres.is_running(folder / "run")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server under another user")
def test_up__as_root_in_a_closed_folder_names_it(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    done = run("up", closed / "run")
    assert done.returncode == 1
    assert str(closed) in done.stderr
    assert "CUSTOMER360_RUN_DIR" in done.stderr
    assert closed.stat().st_mode & 0o777 == 0o700
