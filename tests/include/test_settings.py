"""What the environment says becomes the settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from include.settings import PROJECT_DIR

ODD_NAMES = ("a b", "\u00fc", "50%", "x%20y", "a#b", "a?b")
ARCHIVE = """
import os, sys
from airflow.sdk import ObjectStoragePath
from include.settings import Settings
for folder in sys.argv[1:]:
    os.environ["CUSTOMER360_RUN_DIR"] = folder
    archive = ObjectStoragePath(Settings.from_env().archive_url)
    archive.mkdir(parents=True, exist_ok=True)
    (archive / "file").write_bytes(b"")
"""


def test_archive_url__is_in_the_run_folder_whatever_its_name(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CUSTOMER360_")}
    environment |= {"AIRFLOW_HOME": str(tmp_path / "airflow"), "PYTHONPATH": str(PROJECT_DIR)}
    folders = [str(tmp_path / name) for name in ODD_NAMES]
    subprocess.run([sys.executable, "-c", ARCHIVE, *folders], check=True, env=environment, cwd=tmp_path)
    assert [folder for folder in folders if not (Path(folder) / "archive" / "file").exists()] == []
