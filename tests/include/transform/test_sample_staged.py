"""The sample company through landing, gates and staging: nothing is held, and records have the names of the truth."""

from __future__ import annotations

import pandas as pd
import pytest

from include.settings import Settings
from tests.include.staged import names, stage, take_in
from tests.include.warehouse import DAYS, rows, write_days

pytestmark = pytest.mark.slow

# What each system's form does from one day to the next; everything else is a delivery without a remark.
REMARKS = {
    ("hr", DAYS[1]): ["undeclared_column"], ("hr", DAYS[2]): ["undeclared_column"],
    ("motor", DAYS[2]): ["undeclared_column", "vehicles.missing_column"],
    ("wealth", DAYS[2]): ["deposits.missing_column"],
}  # fmt: skip
PEOPLE = {"hr": "employees", "lending": "people", "motor": "vehicles", "wealth": "clients"}


def test_sample__systems_without_ids_pass_their_gates_and_tell_the_truth(settings: Settings) -> None:
    write_days(settings, 1500)  # of fewer employees two in one row are too many
    for system in (*PEOPLE, "notes"):
        for day in DAYS:
            outcome = take_in(settings, system, day)
            assert (outcome.passed, names(outcome.warned)) == (True, REMARKS.get((system, day), [])), (system, day)
    stage(settings, *PEOPLE, "notes")
    truth = pd.read_csv(settings.run_dir / "truth" / "truth.csv")
    for system, entity in PEOPLE.items():
        staged = rows(settings, f"select source_key, record_id from staging.stg_{system}__{entity}")
        told = truth[truth.system == system]
        assert {row["source_key"] for row in staged} == set(told.source_key), system
        assert {row["record_id"] for row in staged} == {f"{system}/{entity}/{key}" for key in told.source_key}
        assert set(told.entity) == {entity}
    forms = rows(settings, "select debt_years is null as is_text, count(*) from staging.stg_lending__debts group by 1")
    assert len(forms) == 2
    moved = rows(settings, "select 1 as one from staging.stg_lending__debts group by record_id"
                           " having count(debt_years) between 1 and count(*) - 1")  # fmt: skip
    assert moved
    assert rows(settings, "select note_text from staging.stg_notes__notes")
