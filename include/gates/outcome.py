"""What a gate found, written with its alerts in one transaction."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import psycopg

from include import db
from include.gates import words
from include.gates.checkpoint import Finding


@dataclass(frozen=True)
class Problem:
    """One expectation that did not hold."""

    expectation: str
    severity: str
    unexpected: int
    evaluated: int
    tolerated_share: float = 0.0
    unit: str = "rows"

    def __str__(self) -> str:
        return f"{self.expectation}: {words.found(self.unexpected, self.evaluated, self.unit, self.tolerated_share)}"


@dataclass(frozen=True)
class GateOutcome:
    """What a gate says: it passes unless a critical expectation failed."""

    gate: str
    failed: list[Problem] = field(default_factory=list)
    warned: list[Problem] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether the pipeline may go on."""
        return not self.failed


def write_findings(
    url: str, gate: str, run_id: str, findings: list[Finding], system: str | None, batch_date: date
) -> GateOutcome:
    """Write every finding to ops.gate_results, open an alert for each new problem and resolve those that are gone."""
    outcome = GateOutcome(gate)
    notice = uuid.uuid4()
    results = []
    with db.connect(url) as connection:
        connection.execute("delete from ops.gate_results where gate = %s and run_id = %s", [gate, run_id])
        for finding in findings:
            state = _state(finding)
            examples = _with_file_names(connection, finding.examples)
            results.append(_result(gate, run_id, system, batch_date, finding, state, examples))
            if state == "passed":
                continue
            problem = _problem(finding)
            (outcome.failed if state == "failed" else outcome.warned).append(problem)
            detail = {"unexpected": finding.unexpected, "evaluated": finding.evaluated, "examples": examples,
                      "dimension": finding.rule.dimension, "error": finding.error, "run_id": run_id,
                      "says": finding.rule.says, "unit": finding.rule.unit,
                      "tolerated_share": finding.rule.tolerated_share}  # fmt: skip
            connection.execute(
                "insert into ops.alerts (notice, system, batch_date, gate, expectation, severity, detail)"
                " values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
                [notice, system, batch_date, gate, problem.expectation, problem.severity, json.dumps(detail)],
            )
        _write_results(connection, results)
        passed = [finding.rule.expectation for finding in findings if _state(finding) == "passed"]
        _resolve(connection, gate, system, batch_date, passed)
    return outcome


def _problem(finding: Finding) -> Problem:
    rule = finding.rule
    return Problem(
        rule.expectation, rule.severity, finding.unexpected, finding.evaluated, rule.tolerated_share, rule.unit
    )


def _state(finding: Finding) -> str:
    if not finding.is_broken:
        return "passed"
    return "failed" if finding.rule.severity == "critical" else "warned"


def _result(
    gate: str, run_id: str, system: str | None, batch_date: date, finding: Finding, state: str,
    examples: list[dict[str, Any]],
) -> list[Any]:  # fmt: skip
    rule = finding.rule
    return [
        gate, run_id, system, batch_date, rule.entity, rule.column, rule.expectation, rule.dimension, rule.severity,
        state, finding.evaluated, finding.unexpected, finding.error, json.dumps(examples), rule.says, rule.unit,
        rule.tolerated_share,
    ]  # fmt: skip


def _write_results(connection: psycopg.Connection, results: list[list[Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.gate_results (gate, run_id, system, batch_date, entity, column_name, expectation,"
            " dimension, severity, outcome, evaluated, unexpected, observed, examples, says, unit, tolerated_share)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            results,
        )


def _resolve(
    connection: psycopg.Connection, gate: str, system: str | None, batch_date: date, passed: list[str]
) -> None:  # fmt: skip
    connection.execute(
        "update ops.alerts set resolved_at = now() where resolved_at is null and gate = %s and expectation = any(%s)"
        " and system is not distinct from %s and batch_date = %s",
        [gate, passed, system, batch_date],
    )


def _with_file_names(connection: psycopg.Connection, examples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Examples of raw rows as file and row, of files that lack columns with their names; others as they are."""
    named = []
    for example in examples:
        file_id = example.get("_file_id")
        found = (
            connection.execute("select name from ops.files where file_id = %s", [file_id]).fetchone()
            if file_id
            else None
        )
        where = {"file": found[0], "row": example.get("_row")} if found else example
        more = {name: example[f"_{name}"] for name in ("line", "columns") if found and example.get(f"_{name}")}
        named.append(where | more)
    return named
