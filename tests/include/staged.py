"""One system from its files to its staging models, as the pipeline takes it: landed, judged, released, staged."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from include.contracts import load_contracts
from include.gates import judge_batch
from include.gates.outcome import GateOutcome
from include.landing import ensure_all_raw_tables, land_batch, release_batch
from include.ops.builds import begin_build
from include.settings import Settings
from include.transform.dbt import run_dbt


def deliver(settings: Settings, system: str, day: date, name: str, text: str) -> Path:
    """Put one file into the inbox."""
    folder = settings.inbox / system / day.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def take_in(settings: Settings, system: str, day: date) -> GateOutcome:
    """Land a batch and judge it; what passes is released."""
    contract = load_contracts(settings.sources_dir)[system]
    land_batch(contract, day, settings.inbox, settings.run_dir / "archive", settings.database_url)
    outcome = judge_batch(contract, day, settings.database_url, "test")
    if outcome.passed:
        release_batch(system, day, settings.database_url)
    return outcome


def stage(settings: Settings, *systems: str, run_id: str = "staged", data_tests: bool = True) -> None:
    """Build the staging models of the systems of everything that is released, with their data tests or without."""
    assert begin_build(settings.database_url, "2026-11-16", run_id)
    ensure_all_raw_tables(settings.sources_dir, settings.database_url)
    chosen = [f"path:models/staging/{system}" for system in systems]
    left_out = ["unit_test"] if data_tests else ["unit_test", "test"]
    excluded = [word for kind in left_out for word in ("--exclude-resource-type", kind)]
    run_dbt(["build", "--select", *chosen, *excluded, "--target", "next"], run_id, settings)


def names(problems: object) -> list[str]:
    """The expectations of a gate's outcome that failed or warned."""
    return [problem.expectation for problem in problems]
