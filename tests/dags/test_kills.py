"""A day of all systems that the clock starts, in which one delays the day, with kill -9 at random moments: what comes
out is what one process gives that lands and builds the same files, and nothing is lost or there twice.
"""

from __future__ import annotations

import random
import time
import uuid
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import psutil
import psycopg
import pytest

from include import db
from include.runtime import postgres
from include.runtime.backfill import known_dags
from include.runtime.shop import bring_shop_to
from include.sample import write_sample
from include.settings import Settings
from tests.dags.live import BUILD, SYSTEMS, TOKEN_KEY, Live, Outcome, outcome_of, wait_until
from tests.include.warehouse import build, land

pytestmark = pytest.mark.slow
VICTIMS = ("task", "scheduler", "postgres")
# Where the day is when something dies: a moment of each row, and in each row another victim.
MOMENTS = (
    ("land", "gate_raw", "release"),
    ("stage_records", "link_people", "adopt_clusters"),
    ("build_marts", "gate_marts", "publish_marts"),
)
SEED = 10  # Postgres in gate_raw, a task in adopt_clusters, the scheduler in build_marts
RECORDS = 500  # nothing here depends on how well people are found
PAUSED = "usage"
OTHERS = tuple(system for system in SYSTEMS if system != PAUSED)


@dataclass(frozen=True)
class Day:
    """What came of the day: what had started its runs, how often its raw gates were tried at most, what had run of the
    build before the day was closed, which systems it has read, the mails and the warehouse.
    """

    started_by: dict[str, str]
    tries_of_gate: int
    built_before_close: list[str]
    systems: set[str]
    mails: list[str]
    is_balanced: bool
    outcome: Outcome


class Expected:
    """What one process makes of the same files, without Airflow; worked out when it is first asked for."""

    def __init__(self, day: date, inbox: Path, postgres_url: str, run_dir: Path) -> None:
        self.day, self.inbox, self.postgres_url, self.run_dir = day, inbox, postgres_url, run_dir

    @cached_property
    def outcome(self) -> Outcome:
        name = f"t_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self.postgres_url, autocommit=True) as connection:
            connection.execute(f'create database "{name}"')
        db.migrate(db.in_database(self.postgres_url, name))
        with pytest.MonkeyPatch.context() as patch:
            for variable in ("BANK_DATA", "CUSTOMER360_ECOMMERCE_URL"):
                patch.delenv(variable, raising=False)
            patch.setenv("CUSTOMER360_RUN_DIR", str(self.run_dir))
            patch.setenv("CUSTOMER360_DATABASE_URL", db.in_database(self.postgres_url, name))
            settings = replace(Settings.from_env(), inbox=self.inbox, token_key=TOKEN_KEY)
            land(settings, self.day, OTHERS)
            assert build(settings, "expected", self.day, data_tests=False) == ("publish_marts", [])
            return outcome_of(settings)


@pytest.fixture(scope="module")
def inbox(session_dir: Path, today: date) -> Path:
    """The sample of which the first day is the one that the clock schedules now."""
    folder = session_dir / "sample"
    dates = (today, today + timedelta(1), today + timedelta(2))
    write_sample(folder / "inbox", folder / "truth", RECORDS, 360, dates)
    return folder / "inbox"


@pytest.fixture(scope="module")
def expected(inbox: Path, today: date, postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Expected:
    return Expected(today, inbox, postgres_url, tmp_path_factory.mktemp("expected"))


@pytest.fixture(scope="module")
def day(session_dir: Path, inbox: Path, today: date, expected: Expected) -> Day:
    return run_with_kills(session_dir / "kills", inbox, today, SEED, expected)


def test_schedule__the_clock_starts_every_landing_and_their_end_the_build(day: Day) -> None:
    landings = {f"land__{system}": "scheduled" for system in OTHERS}
    assert day.started_by == landings | {"close_day": "manual", BUILD: "asset_triggered"}


def test_paused_system__delays_the_day_until_it_is_closed(day: Day) -> None:
    assert day.built_before_close == []
    assert day.systems == set(OTHERS)


def test_kills__a_task_the_scheduler_and_postgres(day: Day, expected: Expected) -> None:
    assert day.is_balanced
    day.outcome.assert_equals(expected.outcome)


def test_gate_raw__is_tried_again_where_postgres_goes_away(day: Day) -> None:
    assert day.tries_of_gate > 1
    assert not [mail for mail in day.mails if "gate_" in mail and "warnings" not in mail], "no gate was red"


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 8))
def test_soak__three_kills_more(session_dir: Path, inbox: Path, today: date, expected: Expected, seed: int) -> None:
    found = run_with_kills(session_dir / f"soak{seed}", inbox, today, seed, expected)
    assert found.is_balanced
    found.outcome.assert_equals(expected.outcome)


def run_with_kills(run_dir: Path, inbox: Path, today: date, seed: int, expected: Expected) -> Day:
    """Let the clock land today in a fresh run folder and close the day, with a kill in each part of it."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    victims = chance.sample(VICTIMS, 3)
    moments = [chance.choice(row) for row in MOMENTS]
    strikes = [(victim, moment, chance.uniform(0, 2)) for victim, moment in zip(victims, moments, strict=True)]
    stack = Live(
        run_dir, CUSTOMER360_INBOX=str(inbox), CUSTOMER360_SCHEDULE_UNTIL=today.isoformat(),
        AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION="True",
    )  # fmt: skip
    try:
        stack.make("up")
        dag_ids = {BUILD, "close_day", *(f"land__{system}" for system in OTHERS)}
        wait_until(lambda: dag_ids <= set(known_dags(stack.server)), "Airflow has read the DAGs")
        bring_shop_to(replace(stack.settings, inbox=inbox), today)
        stack.pause(BUILD, "close_day", is_paused=False)
        stack.pause(*sorted(dag_ids - {BUILD, "close_day"}), is_paused=False)
        _strike(stack, *strikes[0])
        _finish(stack, today, [f"land__{system}" for system in OTHERS])
        built_before_close = stack.runs(BUILD, today)
        stack.server.call(
            "POST", "dags/close_day/dagRuns", {"logical_date": None, "partition_key": today.isoformat(), "conf": {}}
        )
        for strike in strikes[1:]:
            _strike(stack, *strike)
        assert expected.outcome  # meanwhile: that a scheduler has died is noticed after a minute
        _finish(stack, today, [BUILD])
        return _day(stack, today, built_before_close)
    finally:
        stack.stop()


def _day(stack: Live, today: date, built_before_close: list[str]) -> Day:
    tries = [stack.tasks(f"land__{system}", today)["gate_raw"][1] for system in OTHERS]
    systems = {row[0] for row in stack.query("select distinct system from ops.build_files")}
    return Day(
        stack.run_types(today), max(tries), built_before_close, systems, stack.mails(), stack.is_balanced(),
        stack.outcome(),
    )  # fmt: skip


def _strike(stack: Live, victim: str, moment: str, pause_s: float) -> None:
    """kill -9 some time after a step of that name began, then what whoever is on call does."""
    # The run folder is a fresh one: nothing of that name was there before. A short step may have ended by now, but a
    # raw gate in which Postgres dies waits for it: nobody can write findings until then.
    begun = "select 1 from ops.steps where step = %s"
    with closing(psycopg.connect(stack.url)) as findings:
        if victim == "postgres" and moment == "gate_raw":
            findings.execute("lock table ops.gate_results in share mode")
        wait_until(lambda: stack.query(begun, [moment]), f"{moment} has begun")
        time.sleep(pause_s)
        print(f"kill -9 of {victim} {pause_s:.1f} s after {moment} began", flush=True)
        _kill(stack, victim)


def _kill(stack: Live, victim: str) -> None:
    if victim == "postgres":
        postgres.kill(stack.run_dir)
        stack.make("up")
        return
    keeper = psutil.Process(stack.pid("scheduler"))
    scheduler = wait_until(keeper.children, "the scheduler is kept alive")[0]
    if victim == "scheduler":
        scheduler.kill()  # it is started again by what keeps it alive
        return
    tasks = wait_until(lambda: [t for worker in scheduler.children() for t in worker.children()], "a task that runs")
    tasks[0].kill()


def _finish(stack: Live, day: date, dag_ids: list[str]) -> None:
    """Wait for the runs; one that the crash has made red is run again, as the alert tells the person on call."""

    def states() -> dict[str, str] | None:
        last = {dag_id: (stack.runs(dag_id, day) or ["none"])[-1] for dag_id in dag_ids}
        return last if set(last.values()) <= {"success", "failed"} else None

    for _ in range(3):
        found = wait_until(states, f"every run of {day} has ended", 900)
        if set(found.values()) == {"success"}:
            return
        for dag_id in (d for d, state in found.items() if state == "failed"):
            stack.clear(dag_id, day)
        time.sleep(1)
    pytest.fail(f"{day} is not green after three attempts: {found}")
