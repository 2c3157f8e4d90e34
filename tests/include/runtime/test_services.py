"""Services are known by process and start time, and end with everything they started."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from include.runtime import services

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
