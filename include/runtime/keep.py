"""Keeps a service alive: ``python -m include.runtime.keep COMMAND ...`` starts it again when it ends.

A scheduler gives up when its database restarts, and a killed one leaves its workers behind. This process leads the
service's process group: it ends what is left of the group, starts the service again, and gives up where that does
not help. A deployment with a supervisor of its own (docker-compose.yaml) does not need it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PAUSE_S = 1.0
MOST_STARTS = 5
WITHIN_S = 60.0


def keep_alive(command: list[str]) -> int:
    """Run the command for good; returns its exit status once it has ended MOST_STARTS times within WITHIN_S."""
    starts: list[float] = []
    while True:
        starts = [at for at in starts if time.monotonic() - at < WITHIN_S] + [time.monotonic()]
        status = subprocess.run(command, check=False).returncode
        _end_leftovers()
        if len(starts) >= MOST_STARTS:
            return abs(status) or 1
        print(f"{Path(command[0]).name} ended with status {status}; it is started again", flush=True)
        time.sleep(PAUSE_S)


def _end_leftovers() -> None:
    """Kill every other process of this one's group."""
    own = os.getpid()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, group = int(stat.parent.name), int(stat.read_text().rsplit(")", 1)[1].split()[2])
            if group == own and pid != own:
                os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError, IndexError):
            continue


if __name__ == "__main__":
    sys.exit(keep_alive(sys.argv[1:]))
