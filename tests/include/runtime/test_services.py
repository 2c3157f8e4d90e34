"""Services are known by process and start time, and end with everything they started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from include.runtime import services
from include.settings import PROJECT_DIR

SLEEPER_WITH_CHILD = "import subprocess,sys,time; subprocess.Popen(['sleep','60']); time.sleep(60)"


def test_stop_service__ends_the_whole_group(tmp_path: Path) -> None:
    pid = services.start_service(tmp_path, "sleeper", [sys.executable, "-c", SLEEPER_WITH_CHILD], dict(os.environ))
    time.sleep(0.5)
    assert services.running_services(tmp_path) == ["sleeper"]
    services.stop_service(tmp_path, "sleeper")
    assert services.running_services(tmp_path) == []
    assert not services._group_lives(pid)


def test_is_running__a_pid_of_somebody_else_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "pids").mkdir()
    (tmp_path / "pids" / "old.json").write_text(f'{{"pid": {os.getpid()}, "started": "1"}}')
    assert not services.is_running(tmp_path, "old")
    services.stop_service(tmp_path, "old")


def test_start_service__a_killed_process_is_started_again_and_its_workers_are_ended(tmp_path: Path) -> None:
    leader = psutil.Process(
        services.start_service(tmp_path, "sleeper", [sys.executable, "-c", SLEEPER_WITH_CHILD], dict(os.environ))
    )
    try:
        (first,) = _wait_for(leader.children)
        (worker,) = _wait_for(first.children)
        first.kill()
        (second,) = _wait_for(lambda: [p for p in leader.children() if p.pid != first.pid and p.status() != "zombie"])
        assert second.cmdline() == [sys.executable, "-c", SLEEPER_WITH_CHILD]
        assert not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE
    finally:
        services.stop_service(tmp_path, "sleeper")
    assert not services.is_running(tmp_path, "sleeper")


def test_start_service__an_interrupt_leaves_no_process_that_nobody_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(pid: int) -> list[str]:
        signal.raise_signal(signal.SIGINT)  # between the start of the process and the note of its pid
        return stat(pid)

    stat = services._stat
    monkeypatch.setattr(services, "_stat", interrupted)
    with pytest.raises(KeyboardInterrupt):
        services.start_service(tmp_path, "sleeper", ["sleep", "60"], dict(os.environ))
    monkeypatch.setattr(services, "_stat", stat)
    assert services.running_services(tmp_path) == ["sleeper"]
    services.stop_service(tmp_path, "sleeper")
    assert services.running_services(tmp_path) == []


def test_start_service__gives_up_on_what_cannot_start(tmp_path: Path) -> None:
    services.start_service(tmp_path, "broken", [sys.executable, "-c", "raise SystemExit(3)"], dict(os.environ))
    _wait_for(lambda: not services.is_running(tmp_path, "broken"))
    assert "ended with status 3" in (tmp_path / "logs" / "broken.log").read_text()


def test_remaining_services__names_a_group_whose_leader_was_killed(tmp_path: Path) -> None:
    leader = psutil.Process(
        services.start_service(tmp_path, "sleeper", [sys.executable, "-c", SLEEPER_WITH_CHILD], dict(os.environ))
    )
    (left,) = _wait_for(leader.children)
    leader.kill()
    _wait_for(lambda: leader.status() == psutil.STATUS_ZOMBIE)  # nobody has reaped it: its number is still taken
    assert services.running_services(tmp_path) == []
    assert services.remaining_services(tmp_path) == ["sleeper"]
    services.stop_service(tmp_path, "sleeper")
    assert services.remaining_services(tmp_path) == []
    assert not left.is_running() or left.status() == psutil.STATUS_ZOMBIE


def test_start_service__logs_and_pid_files_lie_in_the_run_folder(tmp_path: Path) -> None:
    services.start_service(tmp_path, "speaker", [sys.executable, "-c", "print('up', flush=True)"], dict(os.environ))
    try:
        _wait_for(lambda: "up" in (tmp_path / "logs" / "speaker.log").read_text())
        assert [path.name for path in (tmp_path / "pids").iterdir()] == ["speaker.json"]
    finally:
        services.stop_service(tmp_path, "speaker")
    assert list((tmp_path / "pids").iterdir()) == []


def test_run_lock__the_next_one_waits_and_a_killed_holder_lets_go(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom include.runtime.services import run_lock\n"
        "with run_lock(Path(sys.argv[1]), 'make up'):\n    print('held', flush=True)\n    time.sleep(60)"
    )
    environment = os.environ | {"PYTHONPATH": str(PROJECT_DIR)}
    command = [sys.executable, "-c", code, str(tmp_path)]
    first = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    assert first.stdout.readline() == "held\n"
    second = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert second.stdout is not None
    try:
        assert second.stdout.readline() == f"make up: waiting for another make target that works in {tmp_path}\n"
        first.kill()
        assert second.stdout.readline() == "held\n"
    finally:
        for process in (first, second):
            process.kill()
            process.communicate()


def _wait_for(look: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 20
    while not (found := look()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found
