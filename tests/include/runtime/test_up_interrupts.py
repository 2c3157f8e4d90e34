"""Services that fail or are interrupted while they are started: nothing is left that nobody stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from include.runtime import postgres, services, up
from include.runtime.airflow import running_airflow
from include.settings import PROJECT_DIR, Settings
from tests.include.runtime import quick
from tests.include.runtime.quick import break_component, processes_of, wait_until

pytestmark = pytest.mark.slow


def test_start_stack__what_fails_leaves_nothing_running(
    quick_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_dir = quick_settings.run_dir
    break_component("scheduler", run_dir, monkeypatch)
    with pytest.raises(services.ServiceError, match="scheduler ended; see "):
        up.start_stack(quick_settings)
    assert (run_dir / "pids").is_dir(), "it had begun to start services"
    assert processes_of(run_dir) == {}


def test_start_stack__an_interrupt_while_it_cleans_up_leaves_nothing_running(
    quick_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C for the second time, or after something has failed."""
    stop, run_dir = services.stop_services, quick_settings.run_dir

    def interrupted(*arguments: Any) -> None:
        if len(arguments[1]) > 1:  # all of them, not the one that is started anew
            signal.raise_signal(signal.SIGINT)
        stop(*arguments)

    break_component("scheduler", run_dir, monkeypatch)
    monkeypatch.setattr(services, "stop_services", interrupted)
    with pytest.raises(KeyboardInterrupt):
        up.start_stack(quick_settings)
    assert (run_dir / "pids").is_dir(), "it had begun to start services"
    assert processes_of(run_dir) == {}


def test_start_stack__an_interrupt_while_postgres_starts_leaves_nothing_running(
    quick_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the start of pg_ctl and the moment from which the server is known by its pid file."""
    started: list[subprocess.Popen[str]] = []

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        options.pop("check")
        process = subprocess.Popen(command, **options)
        if command[-1] == "start":
            started.append(process)
            signal.raise_signal(signal.SIGINT)
        said, _ = process.communicate()
        return subprocess.CompletedProcess(command, process.returncode, said)

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(KeyboardInterrupt):
        up.start_stack(quick_settings)
    assert [process.wait(60) for process in started] == [0], "the server has come up"
    assert processes_of(quick_settings.run_dir) == {}


def test_start_stack__what_ran_before_a_failure_stays(
    quick_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_dir = quick_settings.run_dir
    break_component("triggerer", run_dir, monkeypatch)
    stack = up.start_stack(quick_settings, ("api-server", "scheduler"))
    before = {*services.running_services(run_dir), "postgres"}
    with pytest.raises(services.ServiceError, match="triggerer ended; see "):
        up.start_stack(quick_settings)
    assert before == {"api-server", "mail-catcher", "scheduler", "postgres"}
    assert {*services.running_services(run_dir), "postgres"} == before
    assert postgres.is_running(run_dir)
    assert running_airflow(quick_settings) == stack.airflow


@pytest.mark.parametrize(
    ("command", "sent"),
    [("up", signal.SIGINT), ("demo", signal.SIGINT), ("up", signal.SIGHUP), ("demo", signal.SIGTERM)],
)
def test_start_stack__what_is_interrupted_leaves_nothing_running(
    command: str, sent: signal.Signals, quick_settings: Settings
) -> None:
    """Ctrl-C, a terminal that is closed or a request to end while Airflow is waited for: its api-server answers, its
    scheduler never does.
    """
    run_dir = quick_settings.run_dir
    program = quick.write_airflow(run_dir.parent / "bin", silent="scheduler")
    code = (
        f"import sys; from include.runtime import airflow; airflow.airflow_command = lambda: {str(program)!r}\n"
        "from include.runtime.__main__ import main; sys.exit(main())"
    )
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code, command], stderr=subprocess.PIPE, text=True,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(PROJECT_DIR), "CUSTOMER360_SAMPLE_RECORDS": "40"},
    )  # fmt: skip
    try:
        wait_until(lambda: services.is_running(run_dir, "dag-processor"))
        process.send_signal(sent)
        _, said = process.communicate(timeout=240)
    finally:
        process.kill()
    told = f"\nInterrupted: make {command}\n" if sent == signal.SIGINT else ""
    assert (process.returncode, said) == (128 + sent, told)
    assert processes_of(run_dir) == {}
