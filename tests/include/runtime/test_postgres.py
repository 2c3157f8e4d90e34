"""The embedded server: closed to others, back after a kill, and clear about a folder it cannot reach."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from include.runtime import postgres


@pytest.fixture
def run_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="customer360-pg-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    postgres.stop(folder)
    shutil.rmtree(folder)


def test_start__loopback_with_password_and_again(run_dir: Path) -> None:
    url = postgres.start(run_dir)
    assert url == postgres.start(run_dir)
    assert stat.S_IMODE((run_dir / "postgres.url").stat().st_mode) == 0o600
    assert stat.S_IMODE((run_dir / "postgres" / "password").stat().st_mode) == 0o600
    port = postgres.running_port(run_dir)
    with psycopg.connect(url) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("127.0.0.1",)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://postgres:wrong@127.0.0.1:{port}/customer360")


def test_start__after_kill_keeps_what_was_committed(run_dir: Path) -> None:
    url = postgres.start(run_dir)
    with psycopg.connect(url) as connection:
        connection.execute("create table kept as select 1 as one")
    postgres.kill(run_dir)
    with psycopg.connect(postgres.start(run_dir)) as connection:
        assert connection.execute("select one from kept").fetchone() == (1,)


def test_start__half_made_data_folder_is_made_anew(run_dir: Path) -> None:
    (run_dir / "postgres" / "data").mkdir(parents=True)
    (run_dir / "postgres" / "data" / "rubbish").write_text("")
    assert postgres.start(run_dir)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server under another user")
def test_start__closed_folder_names_the_way_out(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(postgres.PostgresError, match="CUSTOMER360_RUN_DIR") as error:
        postgres.start(closed / "run")
    assert str(closed) in str(error.value)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
