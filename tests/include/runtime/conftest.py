"""A run folder for services, and settings of one whose Airflow is the quick one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.runtime import airflow, postgres, services
from include.settings import Settings
from tests.include.runtime import quick


@pytest.fixture
def run_dir() -> Iterator[Path]:
    parent = Path(tempfile.mkdtemp(prefix="customer360-up-", dir="/var/tmp"))
    parent.chmod(0o755)
    folder = parent / "run"
    yield folder
    services.stop_services(folder, services.remaining_services(folder))
    postgres.stop(folder)
    shutil.rmtree(parent)


@pytest.fixture
def quick_settings(run_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a run folder whose Airflow is the quick one."""
    for name in [name for name in os.environ if name.startswith(("CUSTOMER360_", "AIRFLOW", "BANK_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CUSTOMER360_ECOMMERCE_URL", "")  # taken back after the test, as starting sets it
    monkeypatch.setenv("CUSTOMER360_RUN_DIR", str(run_dir))
    monkeypatch.setattr(airflow, "airflow_command", lambda: str(quick.write_airflow(run_dir.parent / "bin")))
    return Settings.from_env()
