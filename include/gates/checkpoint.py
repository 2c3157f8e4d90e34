"""Runs rules as one Great Expectations checkpoint."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import Any

import psycopg

from include import db
from include.gates.rules import Asset, Rule

EXAMPLES = 5


@dataclass(frozen=True)
class Finding:
    """How one rule came out: rows that break it, of how many, and where the first ones are."""

    rule: Rule
    evaluated: int
    unexpected: int
    examples: list[dict[str, Any]]
    error: str | None = None

    @property
    def is_broken(self) -> bool:
        """Whether more is wrong than the rule tolerates; a rule that could not be evaluated is broken."""
        return self.error is not None or self.unexpected > self.rule.tolerated_share * self.evaluated


def run_checkpoint(name: str, url: str, assets: list[Asset], rules: list[Rule]) -> list[Finding]:
    """One finding a rule, in order. The checkpoint lives in an ephemeral context; its results hold no values.

    Great Expectations makes a finding of every exception, so that a Postgres that goes away for a moment would hold a
    sound batch. The tables are therefore counted in a session that was there before: where it is gone, or has ended,
    this raises psycopg.OperationalError, and the task is tried again.
    """
    with db.connect(url) as connection:
        results = _run(name, url, assets, rules)
        sizes = _sizes(connection, assets)
    return [_finding(rule, results.get(rule.expectation), sizes[rule.asset]) for rule in rules]


def _run(name: str, url: str, assets: list[Asset], rules: list[Rule]) -> dict[str, Any]:
    """The result of Great Expectations for each rule, by expectation."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "False")
    import great_expectations as gx

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_postgres("warehouse", connection_string=db.sqlalchemy_url(url, "psycopg"))
    validations = []
    for asset in assets:
        chosen = [rule for rule in rules if rule.asset == asset.name]
        if chosen:
            batch = source.add_query_asset(asset.name, query=asset.query).add_batch_definition_whole_table("all")
            suite = context.suites.add(gx.ExpectationSuite(asset.name, expectations=[_expectation(r) for r in chosen]))
            validations.append(context.validation_definitions.add(
                gx.ValidationDefinition(name=asset.name, data=batch, suite=suite)
            ))  # fmt: skip
    checkpoint = context.checkpoints.add(
        gx.Checkpoint(name=name, validation_definitions=validations, result_format={"result_format": "COMPLETE"})
    )
    outcome = checkpoint.run()
    return {r.expectation_config.meta["rule"]: r for run in outcome.run_results.values() for r in run.results}


def _expectation(rule: Rule) -> Any:
    import great_expectations.expectations as gxe

    return gxe.UnexpectedRowsExpectation(
        unexpected_rows_query=rule.query,
        description=rule.expectation,
        severity=rule.severity,
        meta={"rule": rule.expectation, "dimension": rule.dimension},
    )


def _finding(rule: Rule, result: Any, evaluated: int) -> Finding:
    if result is None or (result.exception_info or {}).get("raised_exception") or "observed_value" not in result.result:
        return Finding(rule, evaluated, 0, [], "the rule could not be evaluated")
    rows = (result.result.get("details") or {}).get("unexpected_rows") or []
    unexpected = int(result.result["observed_value"])
    examples = [{key: str(value) for key, value in dict(row).items()} for row in rows[:EXAMPLES]]
    return Finding(rule, evaluated, unexpected, examples)


def _sizes(connection: psycopg.Connection, assets: list[Asset]) -> dict[str, int]:
    return {
        asset.name: connection.execute(f"select count(*) from ({asset.query}) as rows").fetchone()[0]  # type: ignore[index]
        for asset in assets
    }
