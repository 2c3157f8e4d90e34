"""What is installed with which commands, by uv and by pip, and what a rerun does after a failure or a kill.

The programs are stand-ins that write down how they were called: nothing is downloaded.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from include.settings import PROJECT_DIR

TOOLS = ("bash", "sh", "touch", "rm", "mkdir", "cp")
LOGGED = '#!/bin/bash\necho "${0##*/} $*" >> "$LOG"\n'
PYTHON = (
    LOGGED
    + """
case "$1 $2" in
  "-c "*) exit "${TOO_OLD:-0}" ;;
  "-V "*) echo "Python 3.9.1" ;;
  "-m venv") mkdir -p "$3/bin"; touch "$3/pyvenv.cfg"; cp "$0" "$3/bin/python"; cp "$0" "$3/bin/pip" ;;
  "-m pip") eval "${ON_INSTALL:-}" ;;
esac
"""
)
UV = (
    LOGGED
    + """
case "$1" in
  venv) [ ! -e "${@: -1}" ] || exit 2; mkdir -p "${@: -1}/bin"; cp "$4" "${@: -1}/bin/python"; eval "${ON_VENV:-}"
        touch "${@: -1}/pyvenv.cfg" ;;
  pip) eval "${ON_INSTALL:-}" ;;
esac
"""
)


class Machine:
    """A machine with a Python, with or without uv, and what its programs were called with."""

    def __init__(self, folder: Path, has_uv: bool) -> None:
        self.venv, self.log, self.programs = folder / "run" / "venv", folder / "log", folder / "programs"
        self.programs.mkdir()
        for name in TOOLS:
            (self.programs / name).symlink_to(str(shutil.which(name)))
        for name, script in (("python3.11", PYTHON), *([("uv", UV)] if has_uv else [])):
            (self.programs / name).write_text(script)
            (self.programs / name).chmod(0o755)
        self.python = self.programs / "python3.11"

    def install(self, **settings: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
        """What make runs before a first command: how it ended, and the calls of programs, paths left out."""
        self.log.write_text("")
        done = subprocess.run(
            [str(shutil.which("make")), "--no-print-directory", f"PYTHON={self.python}", str(self.venv / ".installed")],
            cwd=PROJECT_DIR, capture_output=True, text=True, check=False, timeout=60,
            env={"PATH": str(self.programs), "CUSTOMER360_RUN_DIR": str(self.venv.parent), "LOG": str(self.log),
                 **settings},
        )  # fmt: skip
        calls = self.log.read_text().replace(str(self.venv), "VENV").replace(str(self.python), "PYTHON").splitlines()
        assert (done.returncode == 0) == (self.venv / ".installed").exists(), "the mark says that all is there"
        return done, [call for call in calls if " -c " not in call]


UV_VENV, UV_INSTALL = (
    "uv venv -q --python PYTHON VENV", "uv pip install -q --python VENV/bin/python -r requirements.txt"
)  # fmt: skip
PIP_VENV, PIP_INSTALL = (
    "python3.11 -m venv VENV", "python -m pip install -q --disable-pip-version-check -r requirements.txt"
)  # fmt: skip


@pytest.mark.parametrize(("has_uv", "calls"), [(True, [UV_VENV, UV_INSTALL]), (False, [PIP_VENV, PIP_INSTALL])])
def test_install__makes_the_environment_once(has_uv: bool, calls: list[str], tmp_path: Path) -> None:
    machine = Machine(tmp_path, has_uv)
    done, found = machine.install()
    assert (done.returncode, found) == (0, calls), done.stderr
    assert done.stdout.startswith(f"Installing requirements.txt into {machine.venv} (")
    assert machine.install()[1] == [], "nothing is to be done"
    os.utime(machine.venv / ".installed", (0, 0))
    assert machine.install()[1] == calls[1:], "other requirements, the same environment"


@pytest.mark.parametrize(("has_uv", "calls"), [(True, [UV_INSTALL]), (False, [PIP_INSTALL])])
@pytest.mark.parametrize("event", ["exit 1", "kill -9 $PPID"])
def test_install__goes_on_after_a_failure_or_a_kill(event: str, has_uv: bool, calls: list[str], tmp_path: Path) -> None:
    machine = Machine(tmp_path, has_uv)
    assert machine.install(ON_INSTALL=event)[0].returncode != 0
    assert machine.install()[1] == calls


def test_install__an_environment_that_uv_did_not_finish_is_made_anew(tmp_path: Path) -> None:
    """Without its pyvenv.cfg it would be the machine's own Python that is installed into."""
    machine = Machine(tmp_path, has_uv=True)
    assert machine.install(ON_VENV="kill -9 $PPID; exit 1")[0].returncode != 0
    assert (machine.venv / "bin" / "python").exists()
    assert machine.install()[1] == [UV_VENV, UV_INSTALL]


def test_install__an_environment_that_venv_did_not_finish_is_made_anew(tmp_path: Path) -> None:
    machine = Machine(tmp_path, has_uv=False)
    (machine.venv / "bin").mkdir(parents=True)
    shutil.copy(machine.python, machine.venv / "bin" / "python")
    assert machine.install()[1] == [PIP_VENV, PIP_INSTALL]


def test_install__an_environment_of_uv_gets_pip_where_uv_has_gone(tmp_path: Path) -> None:
    machine = Machine(tmp_path, has_uv=True)
    machine.install()
    (machine.programs / "uv").unlink()
    os.utime(machine.venv / ".installed", (0, 0))
    assert machine.install()[1] == [PIP_VENV, PIP_INSTALL]


def test_install__an_environment_whose_python_has_gone_is_made_anew(tmp_path: Path) -> None:
    machine = Machine(tmp_path, has_uv=True)
    machine.install()
    (machine.venv / "bin" / "python").unlink()
    (machine.venv / "bin" / "python").symlink_to(tmp_path / "python-that-was-removed")
    os.utime(machine.venv / ".installed", (0, 0))
    assert machine.install()[1] == [UV_VENV, UV_INSTALL]


def test_install__a_python_that_is_too_old_is_named(tmp_path: Path) -> None:
    machine = Machine(tmp_path, has_uv=True)
    done, _ = machine.install(TOO_OLD="1")
    assert done.returncode != 0
    assert f"error: Python 3.11 or newer is needed; {machine.python} is Python 3.9.1. Set PYTHON=" in done.stderr
    assert not machine.venv.exists()
