"""The embedded server: closed to others, back after a kill, and clear about a folder it cannot reach."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from include.runtime import postgres
from tests.include.runtime import ordinary

pytestmark = pytest.mark.slow  # each starts a server of its own
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server under another user")


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


def test_start__after_kill_in_the_middle_of_initdb(run_dir: Path) -> None:
    """Its first file is one that a whole cluster has, too."""
    code = (
        "import sys; from pathlib import Path; from include.runtime import postgres; postgres.start(Path(sys.argv[1]))"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(run_dir)])
    deadline = time.monotonic() + 60
    while not list((run_dir / "postgres").glob("*/PG_VERSION")):
        assert time.monotonic() < deadline
        time.sleep(0.001)
    parent = psutil.Process(process.pid)
    parent.suspend()  # so that it starts nothing more
    while initdb := [child for child in parent.children(recursive=True) if child.status() != psutil.STATUS_ZOMBIE]:
        for child in initdb:
            with suppress(psutil.NoSuchProcess):
                child.kill()
    process.kill()
    process.wait()
    assert not list((run_dir / "postgres" / "data").glob("postmaster.pid")), "it had not come to the start"
    assert postgres.start(run_dir)
    assert [path.name for path in (run_dir / "postgres").iterdir() if path.is_dir()] == ["data"]


@AS_ROOT
def test_start__closed_folder_names_the_way_out(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(postgres.PostgresError, match="CUSTOMER360_RUN_DIR") as error:
        postgres.start(closed / "run")
    assert str(closed) in str(error.value)
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


def _pid(run_dir: Path) -> int:
    return int((run_dir / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])


def _modes(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Owner and permissions of a folder and of all that are above it."""
    return {str(p): (p.stat().st_mode, p.stat().st_uid, p.stat().st_gid) for p in (folder, *folder.parents)}


def test_start__busy_port_gives_a_free_one(run_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        busy = listener.getsockname()[1]
        monkeypatch.setenv("CUSTOMER360_PG_PORT", str(busy))
        with psycopg.connect(postgres.start(run_dir)) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        assert postgres.running_port(run_dir) not in (None, busy)


def test_start__takes_the_port_that_is_asked_for(run_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = postgres.free_port()
    monkeypatch.setenv("CUSTOMER360_PG_PORT", str(wanted))
    postgres.start(run_dir)
    assert postgres.running_port(run_dir) == wanted


def test_start__port_that_is_no_number_is_named(run_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER360_PG_PORT", "high")
    with pytest.raises(postgres.PostgresError, match="CUSTOMER360_PG_PORT='high'"):
        postgres.start(run_dir)


def test_start__pid_file_of_a_process_that_is_gone(run_dir: Path) -> None:
    postgres.start(run_dir)
    pid_file = run_dir / "postgres" / "data" / "postmaster.pid"
    left = pid_file.read_text()
    postgres.stop(run_dir)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    pid_file.write_text(left.replace(left.splitlines()[0], str(ended.pid), 1))
    assert not postgres.is_running(run_dir)
    assert postgres.start(run_dir)


def test_start__pid_that_somebody_else_has_by_now(run_dir: Path) -> None:
    """After a reboot the pid in the file may be a stranger's, and the port that of another server."""
    postgres.start(run_dir)
    pid_file = run_dir / "postgres" / "data" / "postmaster.pid"
    left = pid_file.read_text()
    postgres.stop(run_dir)
    user = {"user": pid_file.parent.stat().st_uid} if os.geteuid() == 0 else {}
    stranger = subprocess.Popen(["/bin/sleep", "60"], **user)
    with socket.socket() as listener:
        with suppress(OSError):  # another server of this machine may have taken the port meanwhile
            listener.bind(("127.0.0.1", int(left.splitlines()[3])))
            listener.listen()
        pid_file.write_text(left.replace(left.splitlines()[0], str(stranger.pid), 1))
        try:
            assert postgres.running_port(run_dir) is None
            postgres.stop(run_dir)
            assert stranger.poll() is None, "a stranger's process is left alone"
            assert postgres.start(run_dir)
            assert stranger.poll() is None
        finally:
            stranger.kill()
            stranger.wait()


def test_stop__ends_a_server_that_does_not_answer_yet(run_dir: Path) -> None:
    postgres.start(run_dir)
    server = psutil.Process(_pid(run_dir))
    pid_file = run_dir / "postgres" / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([*lines[:3], str(postgres.free_port()), *lines[4:]]) + "\n")
    assert postgres.running_port(run_dir) is None
    postgres.stop(run_dir)
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE


@AS_ROOT
def test_start__as_root_the_server_is_an_unprivileged_user(run_dir: Path) -> None:
    before = _modes(run_dir.parent)
    postgres.start(run_dir)
    uids = psutil.Process(_pid(run_dir)).uids()
    assert set(uids) == {pwd.getpwnam("nobody").pw_uid}
    assert (run_dir / "postgres" / "data").stat().st_uid == uids.real
    assert _modes(run_dir.parent) == before
    assert run_dir.stat().st_uid == 0, "the run folder itself stays the caller's"


@AS_ROOT
def test_start__unknown_user_is_named(run_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER360_PG_OS_USER", "no-such-user")
    with pytest.raises(postgres.PostgresError, match=r"no user 'no-such-user'.*CUSTOMER360_PG_OS_USER"):
        postgres.start(run_dir)


AS_ORDINARY_USER = """
import os, sys
from pathlib import Path
from include.runtime import postgres
import psycopg
run_dir = Path(sys.argv[1])
url = postgres.start(run_dir)
with psycopg.connect(url) as connection:
    connection.execute("create table kept as select 1 as one")
postgres.kill(run_dir)
with psycopg.connect(postgres.start(run_dir)) as connection:
    assert connection.execute("select one from kept").fetchone() == (1,)
    assert os.getuid() == (run_dir / "postgres" / "data").stat().st_uid
postgres.stop(run_dir)
assert not postgres.is_running(run_dir)
print("held")
"""


def test_start__as_an_ordinary_user(run_dir: Path) -> None:
    python, identity = ordinary.interpreter(), ordinary.identity()
    home = run_dir / "of-nobody"
    home.mkdir()
    os.chown(home, identity["user"], identity["group"])
    done = subprocess.run(
        [python, "-c", AS_ORDINARY_USER, str(home)], env=ordinary.environment(home), capture_output=True, text=True,
        check=False, timeout=60, **identity,
    )  # fmt: skip
    assert done.stdout.strip() == "held", done.stderr[-2000:]
    assert {path.stat().st_uid for path in home.rglob("*")} == {identity["user"]}


def test_run_psql__ctrl_c_cancels_the_statement_and_the_session_goes_on(postgres_url: str) -> None:
    terminal, inner = os.openpty()
    child = "import sys; from include.runtime.postgres import run_psql; sys.exit(run_psql(sys.argv[1]))"
    session = subprocess.Popen(
        [sys.executable, "-c", child, postgres_url],
        stdin=inner, stdout=inner, stderr=inner, start_new_session=True, env=os.environ | {"PSQL_PAGER": "cat"},
    )  # fmt: skip
    os.close(inner)
    asleep = "select 1 from pg_stat_activity where query = 'select pg_sleep(55.5);'"
    try:
        os.write(terminal, b"select pg_sleep(55.5);\n")
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            deadline = time.monotonic() + 20
            while not connection.execute(asleep).fetchone():
                assert time.monotonic() < deadline
                time.sleep(0.1)
        os.killpg(session.pid, signal.SIGINT)
        os.write(terminal, b"select 'still ' || 'here';\n\\q\n")
        assert session.wait(20) == 0
        told = os.read(terminal, 100_000).decode()
    finally:
        session.kill()
        os.close(terminal)
    assert "canceling statement due to user request" in told
    assert "still here" in told
