"""Three days of some systems of the sample company, landed, judged by their raw gates and staged."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import psycopg

from include.contracts import load_contracts
from include.gates import run_raw_gate
from include.landing import land_batch, release_batch
from include.landing.raw_tables import ensure_all_raw_tables
from include.ops.builds import begin_build
from include.sample import write_sample
from include.settings import Settings
from include.transform.dbt import run_dbt

DAYS = (date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18))


@dataclass
class Staged:
    """What the gates said by system and day, and the warehouse with the staging tables after the last day."""

    settings: Settings
    failed: dict[tuple[str, int], list[str]] = field(default_factory=dict)
    warned: dict[tuple[str, int], list[str]] = field(default_factory=dict)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.settings.database_url) as connection:
            return connection.execute(statement).fetchall()

    def count(self, statement: str) -> int:
        return int(self.rows(f"select count(*) from {statement}")[0][0])


def stage_sample(settings: Settings, systems: tuple[str, ...], records: int) -> Staged:
    """Days are numbered from 1; a batch that its gate holds is not released."""
    staged = Staged(settings)
    write_sample(settings.inbox, settings.run_dir / "truth", records, 360, DAYS)
    contracts = load_contracts(settings.sources_dir)
    for number, day in enumerate(DAYS, start=1):
        for system in systems:
            archive, url = settings.run_dir / "archive", settings.database_url
            result = land_batch(contracts[system], day, settings.inbox, archive, url)
            assert {file.state for file in result.files} == {"landed"}
            outcome = run_raw_gate(contracts[system], day, url, f"{system} {day}")
            staged.failed[system, number] = [problem.expectation for problem in outcome.failed]
            staged.warned[system, number] = [problem.expectation for problem in outcome.warned]
            if outcome.passed:
                release_batch(system, day, url)
    ensure_all_raw_tables(settings.sources_dir, settings.database_url)
    assert begin_build(settings.database_url, DAYS[-1].isoformat(), "staged")
    models = [f"models/staging/{system}" for system in systems]
    command = ["build", "--select", *models, "--exclude-resource-type", "unit_test", "--target", "next"]
    run_dbt(command, "staged", settings)
    return staged
