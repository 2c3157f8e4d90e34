"""Background processes of one run folder: started in a session of their own, known by pid files, ended by group."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KEEP = Path(__file__).parent / "keep.py"


class ServiceError(Exception):
    """A service did not come up; the message names its log."""


def start_service(
    run_dir: Path, name: str, command: list[str], environment: dict[str, str], note: dict[str, str] | None = None
) -> int:
    """Start a process that is kept alive, in a group of its own, with its output in ``logs/<name>.log``.

    Returns the pid of the group's leader (include.runtime.keep), which starts the process again when it ends. What an
    earlier process of that name has left behind is ended first. `note` is what `note_of` says of it.
    """
    stop_service(run_dir, name)
    logs, pids = run_dir / "logs", run_dir / "pids"
    logs.mkdir(parents=True, exist_ok=True)
    pids.mkdir(parents=True, exist_ok=True)
    if note:  # before the process is there, so that nobody finds one without its note
        write_note(run_dir, name, note)
    with (logs / f"{name}.log").open("ab") as log, interrupts_wait():  # a process that nobody knows, nobody stops
        process = subprocess.Popen(
            [sys.executable, str(KEEP), *command], env=environment, stdin=subprocess.DEVNULL, stdout=log,
            stderr=log, start_new_session=True, cwd=run_dir,
        )  # fmt: skip
        (pids / f"{name}.json").write_text(json.dumps({"pid": process.pid, "started": _stat(process.pid)[19]}))
    return process.pid


def is_running(run_dir: Path, name: str) -> bool:
    """Whether the service's process lives; a pid that the system gave to somebody else does not count."""
    return _live_pid(run_dir, name) is not None


def write_note(run_dir: Path, name: str, note: dict[str, str]) -> None:
    """Write down of a service who has started it, and how; kept until it is stopped or started anew."""
    path = run_dir / "pids" / f"{name}.note"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".part").write_text(json.dumps(note))
    path.with_suffix(".part").replace(path)


def note_of(run_dir: Path, name: str) -> dict[str, str]:
    """What was written down of the service; empty where nothing was."""
    try:
        note: dict[str, str] = json.loads((run_dir / "pids" / f"{name}.note").read_text())
    except (OSError, ValueError):
        return {}
    return note


def remove_note(run_dir: Path, name: str) -> None:
    """Forget what was written down of the service."""
    (run_dir / "pids" / f"{name}.note").unlink(missing_ok=True)


def pid_of(run_dir: Path, name: str) -> int | None:
    """The pid of the service's leader as it was written down, whether or not it lives."""
    return _known(run_dir, name)[0]


def running_services(run_dir: Path) -> list[str]:
    """The names of the services that live."""
    return sorted(p.stem for p in (run_dir / "pids").glob("*.json") if is_running(run_dir, p.stem))


def remaining_services(run_dir: Path) -> list[str]:
    """The names of the services that live, and of those whose leader was killed while others of its group live on."""
    names = sorted(p.stem for p in (run_dir / "pids").glob("*.json"))
    return [name for name in names if is_running(run_dir, name) or _orphaned_group(run_dir, name)]


def stop_service(run_dir: Path, name: str, timeout_s: float = 15) -> None:
    """End the service and every process of its group: asked first, killed after the time-out."""
    stop_services(run_dir, [name], timeout_s)


def stop_services(run_dir: Path, names: list[str], timeout_s: float = 15) -> None:
    """End several services, all asked at once.

    A group outlives its leader, and the system gives its number to nobody else as long as it does.
    """
    groups = [pid for name in names if (pid := _live_pid(run_dir, name) or _orphaned_group(run_dir, name))]
    for pid in groups:
        _signal_group(pid, signal.SIGTERM)
    deadline = time.monotonic() + timeout_s
    while any(_group_lives(pid) for pid in groups) and time.monotonic() < deadline:
        time.sleep(0.1)
    for pid in groups:
        _signal_group(pid, signal.SIGKILL)
    for name in names:
        (run_dir / "pids" / f"{name}.json").unlink(missing_ok=True)
        remove_note(run_dir, name)


@contextmanager
def interrupts_wait() -> Iterator[None]:
    """Ctrl-C and a request to end take effect after the block: for what must be known, or gone, before anybody stops.

    Python runs handlers in the main thread only; in another one this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    found = {number: signal.getsignal(number) for number in numbers}
    before = {number: handler for number, handler in found.items() if handler not in (signal.SIG_IGN, None)}
    try:
        for number in before:
            signal.signal(number, lambda sent, _: arrived.append(sent))
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for sent in arrived[:1]:
            signal.raise_signal(sent)


@contextmanager
def run_lock(run_dir: Path, what: str, name: str = "services.lock") -> Iterator[None]:
    """One process at a time changes the services of a run folder; the lock ends with its holder."""
    run_dir.mkdir(parents=True, exist_ok=True)
    with (run_dir / name).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"{what}: waiting for another make target that works in {run_dir}", flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _live_pid(run_dir: Path, name: str) -> int | None:
    pid, started = _known(run_dir, name)
    is_alive = pid is not None and (state := _stat(pid)) and state[0] != "Z" and state[19] == started
    return pid if is_alive else None


def _orphaned_group(run_dir: Path, name: str) -> int | None:
    """The group of a leader that has died, where others of it live on; None where the number is another process's.

    A leader that nobody has reaped still holds its number.
    """
    pid, started = _known(run_dir, name)
    if pid is None:
        return None
    state = _stat(pid)
    is_dead = not state or (state[0] == "Z" and state[19] == started)
    return pid if is_dead and _group_lives(pid) else None


def _known(run_dir: Path, name: str) -> tuple[int | None, str]:
    """Pid and start time of the leader, as they were written down."""
    try:
        known = json.loads((run_dir / "pids" / f"{name}.json").read_text())
        return int(known["pid"]), str(known["started"])
    except (OSError, ValueError, KeyError):
        return None, ""


def _stat(pid: int) -> list[str]:
    """State (0), group (2), start time in ticks since boot (19) and more of a process; empty where there is none.

    With its start time a pid names a process for good.
    """
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []


def _signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def _group_lives(group: int) -> bool:
    """Whether a process of the group lives; one that has ended and that nobody has reaped does not count."""
    stats = (_stat(int(folder.name)) for folder in Path("/proc").glob("[0-9]*"))
    return any(stat[2] == str(group) and stat[0] != "Z" for stat in stats if stat)
