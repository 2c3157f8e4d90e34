"""dbt's own unit tests of the models with logic."""

from __future__ import annotations

from pathlib import Path

import pytest

from include import db
from include.contracts import load_contracts
from include.landing import ensure_raw_tables
from include.settings import Settings
from include.transform.build import BUILD
from include.transform.dbt import DbtFailed, run_dbt
from tests.include.warehouse import rows

TESTED = {
    "customer_360",
    "customer_attribute_lineage",
    "dim_customer",
    "fact_transactions",
    "int_customers__attribute_candidates",
    "stg_bank__clients",
    "stg_bank__transactions",
    "stg_crm__customers",
    "stg_finance__transactions",
}


def test_models__unit_tests_pass(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BANK_DATA", str(tmp_path))
    with db.connect(settings.database_url) as connection:
        for contract in load_contracts(settings.sources_dir).values():
            ensure_raw_tables(contract, connection)
    run_dbt([*BUILD], "tables", settings)
    run_dbt(["test", "--select", "test_type:unit", "--target", "next"], "unit tests", settings)
    outcomes = rows(settings, "select node, status from ops.dbt_results where run_id = 'unit tests'")
    assert {row["node"].split(".")[2] for row in outcomes} == TESTED
    assert {row["status"] for row in outcomes} == {"pass"}


def test_run_dbt__names_what_failed_and_shows_no_data(settings: Settings) -> None:
    with pytest.raises(DbtFailed, match=r"^dbt run failed: stg_crm__customers; see .*dbt\.log$"):
        run_dbt(["run", "--select", "stg_crm__customers", "--target", "next"], "no raw tables", settings)
