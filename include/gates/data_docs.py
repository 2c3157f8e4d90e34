"""Great Expectations' Data Docs, built from the gate results that the warehouse keeps.

The site shows the latest run of every gate, with the outcome that the gate gave: a tolerated share passes there, too.
It is made from counts and places only, so it holds no value of a record.
"""

from __future__ import annotations

import shutil
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from include import db
from include.gates import words
from include.gates.offline_site import make_offline


def build_data_docs(url: str, folder: Path) -> int:
    """Write the site into the folder, in the place of the last one; returns the number of gates shown."""
    import great_expectations as gx

    with psycopg.connect(url, row_factory=dict_row) as connection:
        findings = connection.execute(db.read_sql("include/gates/latest_findings.sql")).fetchall()
    building = folder.with_name(f"{folder.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    context = gx.get_context(mode="ephemeral", project_config=_site(building))
    gates = 0
    for gate, rows in groupby(findings, key=lambda row: row["gate"]):
        _add_result(context, gate, list(rows))
        gates += 1
    context.build_data_docs()
    make_offline(building, findings)
    shutil.rmtree(folder, ignore_errors=True)
    building.rename(folder)
    return gates


def _site(folder: Path) -> Any:
    from great_expectations.data_context.types.base import DataContextConfig, InMemoryStoreBackendDefaults

    return DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        data_docs_sites={
            "gates": {
                "class_name": "SiteBuilder",
                "site_name": "customer360 gates",
                "show_how_to_buttons": False,
                "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            }
        },
    )


def _add_result(context: Any, gate: str, rows: list[dict[str, Any]]) -> None:
    import great_expectations as gx
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    run_id = RunIdentifier(run_name=rows[0]["run_id"], run_time=rows[0]["checked_at"])
    suite = context.suites.add(gx.ExpectationSuite(gate, expectations=[_expectation(row) for row in rows]))
    results = [
        _result(row, expectation.configuration) for row, expectation in zip(rows, suite.expectations, strict=True)
    ]
    passed = sum(row["outcome"] == "passed" for row in rows)
    validation = ExpectationSuiteValidationResult(
        success=all(row["outcome"] != "failed" for row in rows),
        results=results,
        suite_name=gate,
        statistics={
            "evaluated_expectations": len(rows),
            "successful_expectations": passed,
            "unsuccessful_expectations": len(rows) - passed,
            "success_percent": 100 * passed / len(rows),
        },
        meta={
            "run_id": run_id,
            "validation_time": rows[0]["checked_at"].isoformat(),
            "great_expectations_version": gx.__version__,
            "batch_kwargs": {"data_asset_name": _asset(rows[0])},
        },
    )
    key = ValidationResultIdentifier(ExpectationSuiteIdentifier(gate), run_id, batch_identifier=gate)
    context.validation_results_store.set(key, validation)


def _asset(row: dict[str, Any]) -> str:
    """What the gate looked at."""
    if row["system"]:
        return f"the batch of {row['system']} for {row['batch_date']}"
    return f"{row['gate'].removeprefix('gate_')}, with all batches up to {row['batch_date']}"


def _expectation(row: dict[str, Any]) -> Any:
    import great_expectations.expectations as gxe

    tolerated = words.percent(row["tolerated_share"]) if row["tolerated_share"] else "none"
    limit = f"; broken rows tolerated: {tolerated}" if row["unit"] == "rows" else ""
    return gxe.UnexpectedRowsExpectation(
        unexpected_rows_query="select * from {batch}",
        description=f"{row['expectation']}: {row['says']}{limit} ({row['dimension']}, {row['severity']})",
        severity=row["severity"],
        meta={"gate": row["gate"]},
    )


def _result(row: dict[str, Any], configuration: Any) -> Any:
    from great_expectations.core import ExpectationValidationResult

    observed = row["observed"] or words.found(
        row["unexpected"], row["evaluated"], row["unit"], row["tolerated_share"]
    )  # fmt: skip
    return ExpectationValidationResult(
        success=row["outcome"] == "passed",
        expectation_config=configuration,
        result={
            "observed_value": observed,
            "details": {"unexpected_rows": [{"where": words.place(e)} for e in row["examples"]]},
        },
        exception_info={"raised_exception": False, "exception_traceback": None, "exception_message": None},
    )
