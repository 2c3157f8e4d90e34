"""The files of each source land through its contract, and each broken delivery is stopped by the rule it is named for.

The files in ``tests/fixtures/<system>/`` are one good delivery; the systems of the sample company have theirs from
the generator. A folder ``tests/fixtures/<system>/bad/<rule>/`` holds the files of that delivery that are broken, under
their names, packed ones unpacked; ``<rule>`` is the expectation that has to fail, such as
``clients.birth_number.pattern``, or has to be told of where the contract only warns.
One in ``warned/`` has to be told of, beside the good files of its own system, and the batch is released nevertheless.
"""

from __future__ import annotations

import gzip
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from include.contracts import load_contract
from include.extract import fetch_delivery
from include.gates import GateOutcome, judge_batch
from include.landing import BatchResult, land_batch, release_batch
from include.sample import write_sample
from include.sample.company import SYSTEMS as SAMPLE
from include.sample.shop import fill_shop
from include.settings import PROJECT_DIR
from tests.include.databases import TEMPLATE, copy_of
from tests.include.landing.delivery import query

Landed = Callable[[str], AbstractContextManager[str]]
SOURCES = PROJECT_DIR / "include" / "sources"
FIXTURES = PROJECT_DIR / "tests" / "fixtures"
DAY = date(2026, 11, 16)
SYSTEMS = sorted(path.stem for path in SOURCES.glob("*.yml"))
BAD = sorted(path for path in FIXTURES.glob("*/bad/*") if path.is_dir())
WARNED = sorted(path for path in FIXTURES.glob("*/warned/*") if path.is_dir())


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An inbox with the deliveries of the sample company."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder / "inbox", folder / "truth", 1500, 7, (DAY, DAY + timedelta(1), DAY + timedelta(2)))
    return folder / "inbox"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


@pytest.fixture(scope="module")
def landed(postgres_url: str, sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Landed]:
    """The warehouse in which the good delivery of a system has landed and waits for its gate, made once; what is laid
    over it lands in a copy. A database is read anew each time, since it is told by all that it holds."""
    with ExitStack() as stack:

        @cache
        def database_of(system: str) -> str:
            contract = load_contract(SOURCES / f"{system}.yml")
            if contract.format.url_env:
                return TEMPLATE
            inbox, url = tmp_path_factory.mktemp(system) / "inbox", stack.enter_context(copy_of(TEMPLATE, postgres_url))
            deliver(system, inbox, sample)
            land_batch(contract, DAY, inbox, inbox.parent / "archive", url)
            return url.rpartition("/")[2]

        yield lambda system: copy_of(database_of(system), postgres_url)


def deliver(system: str, inbox: Path, sample: Path | None, bad: Path | None = None) -> None:
    """The good delivery of a system, that of the sample company if it has one; with `bad`, its broken files in the
    place of those of the same name, packed as they are."""
    place, fixtures = inbox / system / DAY.isoformat(), FIXTURES / system
    place.mkdir(parents=True)
    good = sample / system / DAY.isoformat() if sample and system in SAMPLE else fixtures
    for path in good.iterdir():
        if path.is_file():
            shutil.copy(path, place)
    for path in bad.iterdir() if bad else []:
        packed = place / f"{path.name}.gz"
        assert packed.exists() or (place / path.name).exists(), f"{path.name} takes the place of no file"
        if packed.exists():
            packed.write_bytes(gzip.compress(path.read_bytes()))
        else:
            shutil.copy(path, place)


def land_and_judge(system: str, inbox: Path, url: str) -> tuple[BatchResult, GateOutcome]:
    """Land the batch; of a database the delivery is a journal, from which the database is made beside the warehouse."""
    contract = load_contract(SOURCES / f"{system}.yml")
    with pytest.MonkeyPatch.context() as patch:
        if contract.format.url_env:
            fill_shop(url, inbox, DAY)
            patch.setenv(contract.format.url_env, url)
        found = fetch_delivery(contract, DAY, inbox, inbox.parent / "run", url).inbox
    result = land_batch(contract, DAY, found, inbox.parent / "archive", url)
    return result, judge_batch(contract, DAY, url, "a run")


def state_of_batch(url: str) -> str:
    ((state,),) = query(url, "select state from ops.batches")
    return str(state)


@pytest.mark.slow
@pytest.mark.parametrize("system", SYSTEMS)
def test_fixtures__good_delivery_is_released(system: str, inbox: Path, sample: Path, landed: Landed) -> None:
    deliver(system, inbox, sample)
    with landed(system) as url:
        result, outcome = land_and_judge(system, inbox, url)
        assert {file.state for file in result.files} == {"landed"}
        filled = {entity for (entity,) in query(url, "select entity from ops.files where rows_landed > 0")}
        assert filled == set(load_contract(SOURCES / f"{system}.yml").entities), "rows for every entity of the contract"
        assert outcome.failed == []
        assert release_batch(system, DAY, url)
        assert state_of_batch(url) == "released"


@pytest.mark.slow
@pytest.mark.parametrize("folder", BAD, ids=lambda folder: f"{folder.parent.parent.name}-{folder.name}")
def test_fixtures__bad_delivery_is_stopped_as_its_name_says(
    folder: Path, inbox: Path, sample: Path, landed: Landed
) -> None:
    system = folder.parent.parent.name
    deliver(system, inbox, sample, bad=folder)
    with landed(system) as url:
        _, outcome = land_and_judge(system, inbox, url)
        only_warns = load_contract(SOURCES / f"{system}.yml").quality.on_failure == "warn"
        assert folder.name in {problem.expectation for problem in (outcome.warned if only_warns else outcome.failed)}
        assert state_of_batch(url) == ("landed" if only_warns else "held")


@pytest.mark.slow
@pytest.mark.parametrize("folder", WARNED, ids=lambda folder: f"{folder.parent.parent.name}-{folder.name}")
def test_fixtures__odd_delivery_is_told_of_and_released(folder: Path, inbox: Path, warehouse_url: str) -> None:
    system = folder.parent.parent.name
    deliver(system, inbox, None, bad=folder)
    _, outcome = land_and_judge(system, inbox, warehouse_url)
    assert (outcome.failed, {problem.expectation for problem in outcome.warned}) == ([], {folder.name})
    assert release_batch(system, DAY, warehouse_url)


def test_fixtures__bad_folders_are_of_systems_and_hold_files() -> None:
    assert {folder.parent.parent.name for folder in [*BAD, *WARNED]} <= set(SYSTEMS)
    assert [folder.name for folder in [*BAD, *WARNED] if not any(folder.iterdir())] == []


def test_fixtures__each_source_shows_how_it_breaks() -> None:
    shown = Counter(folder.parent.parent.name for folder in BAD)
    assert [s for s in SYSTEMS if shown[s] < 2] == [], "each needs two folders tests/fixtures/<system>/bad/<rule>/"
