"""What every test shares: one real Postgres for the session, one fresh warehouse per test."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from include import db
from include.runtime import postgres
from include.settings import Settings
from tests.include import databases

# Files that share what takes the time: the one Airflow, and builds of the sample company.
COMPANY = ("facts_of_channels", "money")
TOGETHER = {
    "tests/dags": ("tests/dags/",),
    "tests/dbt_project": ("tests/dbt_project/",),
    "company": tuple(f"tests/include/transform/test_{name}.py" for name in COMPANY),
}
# The longest go first, so that no worker is left alone with one at the end.
LONGEST = (
    *TOGETHER["tests/dags"],
    *TOGETHER["tests/dbt_project"],
    *(f"tests/include/transform/test_{name}.py" for name in ("orders", "merges", "dbt", "bank")),
    *TOGETHER["company"],
    "tests/include/landing/test_memory.py",
    "tests/include/gates/test_layer_gates.py",
    "tests/include/runtime/test_up.py",
    "tests/include/quality/test_pages.py",
    "tests/include/catalogue/test_write.py",
    "tests/include/sample/test_staged.py",
    "tests/house/test_image_commands.py",
    "tests/house/test_fixtures.py",
    "tests/plugins/",
    "tests/include/identity/test_systems.py",
    "tests/include/identity/",
    "tests/include/transform/",
)


# Of memory, so that two servers with the largest builds of the suite fit beside everything else.
PLENTY_BYTES = 16 << 30

# What a shell starts in its background is born deaf to Ctrl-C, and so is all that it starts; some tests send that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


class FilesTogether(LoadFileScheduling):
    """With several workers, a file's tests stay together and in order, and so do those of files that share a thing."""

    def _split_scope(self, nodeid: str) -> str:
        shared = (name for name, files in TOGETHER.items() if nodeid.startswith(files))
        return next(shared, super()._split_scope(nodeid))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def rank(item: pytest.Item) -> int:
        return next((n for n, place in enumerate(LONGEST) if item.nodeid.startswith(place)), len(LONGEST))

    items.sort(key=rank)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FilesTogether:
    return FilesTogether(config, log)


@pytest.fixture(scope="session", autouse=True)
def nobody_gets_mail() -> None:
    """A mail of a test reaches the server that the test names, or nobody: the default port may be that of a running
    stack, whose mails are others' to count, and the environment may name a real server."""
    os.environ["CUSTOMER360_SMTP_URL"] = "smtp://127.0.0.1:1"


@pytest.fixture(scope="session")
def session_dir() -> Iterator[Path]:
    """A folder that the database server's user may enter; pytest's own is closed to it when root runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="customer360-tests-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server_dir(session_dir: Path) -> Iterator[Path]:
    """The folder of the session's server: in memory where there is plenty, since a database of one's own for each test
    is 300 files that are made and removed.
    """
    in_memory = Path("/dev/shm")
    free = shutil.disk_usage(in_memory).free if in_memory.is_dir() else 0
    if min(free, psutil.virtual_memory().available) < PLENTY_BYTES:
        yield session_dir / "run"
        return
    folder = Path(tempfile.mkdtemp(prefix="customer360-tests-", dir=in_memory))
    folder.chmod(0o755)
    yield folder / "run"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(server_dir: Path) -> Iterator[str]:
    """The URL of the session's server, database `postgres`."""
    os.environ.pop("CUSTOMER360_DATABASE_URL", None)
    warehouse = postgres.start(server_dir)
    admin = db.in_database(warehouse, "postgres")
    # What no crash has to survive need not be waited for; everything else is as in the project.
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        databases.execute(admin, "alter system set {} = off", setting)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("select pg_reload_conf()")
    databases.execute(admin, "create database {}", databases.TEMPLATE)
    db.migrate(db.in_database(admin, databases.TEMPLATE))
    yield admin
    postgres.stop(server_dir)


@pytest.fixture
def warehouse_url(postgres_url: str) -> Iterator[str]:
    """A fresh warehouse with the schema of the project and no data."""
    with databases.fresh_warehouse(postgres_url) as url:
        yield url


@pytest.fixture
def settings(warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of a fresh warehouse, with a run folder and an inbox of its own; dbt reads them from here, too."""
    databases.keep_parse(tmp_path)
    monkeypatch.setenv("CUSTOMER360_RUN_DIR", str(tmp_path))
    monkeypatch.setenv("CUSTOMER360_DATABASE_URL", warehouse_url)
    for name in databases.FOREIGN:
        monkeypatch.delenv(name, raising=False)
    return Settings.from_env()
