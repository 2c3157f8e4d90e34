"""Memory of the processes of a run folder, as the kernel accounts it."""

from __future__ import annotations

import json
import threading
from pathlib import Path

INTERVAL_S = 0.5


class MemorySampler:
    """Samples the proportional set size of every process that the services of a run folder have started.

    ``with MemorySampler(run_dir) as memory: ...; memory.peak_mb, memory.largest_mb``: the peak of their sum, and of
    the largest one. Shared pages count once, so forked workers are not counted as so many schedulers.
    """

    def __init__(self, run_dir: Path) -> None:
        self.run_dir = run_dir
        self.peak_mb = 0.0
        self.largest_mb = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> MemorySampler:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(INTERVAL_S):
            sizes = [proportional_mb(pid) for pid in _members(_sessions(self.run_dir))]
            self.peak_mb = max(self.peak_mb, sum(sizes))
            self.largest_mb = max(self.largest_mb, *sizes, 0.0)


def proportional_mb(pid: int) -> float:
    """The process's proportional set size in MB; 0 where it has ended."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        return 0.0
    return 0.0


def peak_rss_mb() -> float:
    """The most memory that this process has held so far, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _sessions(run_dir: Path) -> set[int]:
    found = set()
    for path in (run_dir / "pids").glob("*.json"):
        try:
            found.add(int(json.loads(path.read_text())["pid"]))
        except (OSError, ValueError):
            continue
    return found


def _members(sessions: set[int]) -> list[int]:
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rsplit(")", 1)[1].split()[3]) in sessions:
                members.append(int(stat.parent.name))
        except (OSError, ValueError, IndexError):
            continue
    return members
