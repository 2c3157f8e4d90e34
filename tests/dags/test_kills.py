"""kill -9 at random moments: what comes out is what an undisturbed run gives, and nothing is lost or there twice."""

from __future__ import annotations

import random
import shutil
import time
from datetime import date
from pathlib import Path

import psutil
import pytest

from include.runtime import postgres
from include.runtime.backfill import start_day
from include.runtime.shop import bring_shop_to
from tests.dags.live import BANK_DAY, DAYS, GREEN, SYSTEMS, Live, Outcome, wait_until

pytestmark = pytest.mark.slow
VICTIMS = ("task", "scheduler", "postgres")
# Where a day is when something dies: three of these a seed, one after the other, so that every one has its turn.
MOMENTS = ("land", "gate_raw", "stage_records", "link_people", "build_marts", "publish_marts", "adopt_clusters")
RUNNING = """
select count(*) > 0 from task_instance as task inner join dag_run as run using (dag_id, run_id)
where run.partition_key = %s and task.task_id = %s and task.state = 'running'
"""


def test_kills__a_task_the_scheduler_and_postgres(live: Live, undisturbed: Outcome, session_dir: Path) -> None:
    run_with_kills(live, session_dir / "kills", seed=1).assert_equals(undisturbed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 9))
def test_soak__three_kills_more(live: Live, undisturbed: Outcome, session_dir: Path, seed: int) -> None:
    run_with_kills(live, session_dir / f"soak{seed}", seed).assert_equals(undisturbed)


def run_with_kills(source: Live, run_dir: Path, seed: int) -> Outcome:
    """Land and build the sample's days in a fresh run folder, with one kill a day; returns what came of it."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    stack = Live(run_dir)
    try:
        stack.make("up")
        shutil.copytree(source.run_dir / "inbox", stack.run_dir / "inbox", ignore=_other_days, dirs_exist_ok=True)
        moments = [MOMENTS[(3 * seed + number) % len(MOMENTS)] for number in range(3)]
        for day, victim, moment in zip(DAYS, chance.sample(VICTIMS, 3), moments, strict=True):
            bring_shop_to(stack.settings, day)
            start_day(stack.server, list(SYSTEMS), day)
            wait_until(lambda day=day, moment=moment: _is_running(stack, day, moment), f"{moment} of {day} runs")
            pause = chance.uniform(0, 2)
            time.sleep(pause)
            print(f"seed {seed}: kill -9 of {victim} {pause:.1f} s after {moment} of {day} began", flush=True)
            _kill(stack, victim)
            stack.make("up")
            _finish(stack, day)
        start_day(stack.server, list(SYSTEMS), BANK_DAY)
        _finish(stack, BANK_DAY)
        assert stack.is_balanced()
        return stack.outcome()
    finally:
        stack.stop()
        shutil.rmtree(run_dir, ignore_errors=True)


def _is_running(stack: Live, day: date, task_id: str) -> bool:
    ((found,),) = stack.query(RUNNING, [day.isoformat(), task_id], "airflow")
    return bool(found)


def _other_days(folder: str, names: list[str]) -> list[str]:
    days = {day.isoformat() for day in (*DAYS, BANK_DAY)}
    return [name for name in names if Path(folder).parent.name == "inbox" and name not in days]


def _kill(stack: Live, victim: str) -> None:
    if victim == "postgres":
        postgres.kill(stack.run_dir)
        return
    (scheduler,) = psutil.Process(stack.pid("scheduler")).children()
    if victim == "scheduler":
        scheduler.kill()
        return
    tasks = wait_until(lambda: [t for worker in scheduler.children() for t in worker.children()], "a task that runs")
    tasks[0].kill()


def _finish(stack: Live, day: date) -> None:
    """Wait for the day; a run that the crash has made red is run again, as the alert tells the person on call."""
    dag_ids = [*(f"land__{system}" for system in SYSTEMS), "build_customer360"]

    def states() -> dict[str, str] | None:
        last = {dag_id: (stack.runs(dag_id, day) or ["none"])[-1] for dag_id in dag_ids}
        return last if set(last.values()) <= {"success", "failed"} else None

    for _ in range(3):
        found = wait_until(states, f"every run of {day} has ended", 900)
        if found == GREEN:
            return
        for dag_id in (d for d, state in found.items() if state == "failed"):
            stack.clear(dag_id, day)
        time.sleep(1)
    pytest.fail(f"{day} is not green after three attempts: {found}")
