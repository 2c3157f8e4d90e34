"""Runs rules as one Great Expectations checkpoint."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

from include import db
from include.gates.raw_assets import quote
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
        broken = _count(connection, name, url, assets, rules)
        sizes = _sizes(connection, assets)
        by_name = {asset.name: asset for asset in assets}
        return [_finding(connection, r, by_name[r.asset], sizes[r.asset], broken.get(r.expectation)) for r in rules]


def _count(
    connection: psycopg.Connection, name: str, url: str, assets: list[Asset], rules: list[Rule]
) -> dict[str, int]:
    """The rows that break each rule, by expectation; a rule that cannot be evaluated is not among them.

    All rules are one statement, so one that is wrong takes the others with it: they are then counted half by half.
    """
    counted = _run(name, url, assets, rules)
    if len(counted) == len({rule.expectation for rule in rules}) or len(rules) == 1:
        return counted
    connection.execute("select 1")  # raises where Postgres is what is wrong
    half = len(rules) // 2
    parts = [_count(connection, name, url, assets, part) for part in (rules[:half], rules[half:])]
    return parts[0] | parts[1]


def _run(name: str, url: str, assets: list[Asset], rules: list[Rule]) -> dict[str, int]:
    """What Great Expectations finds: unexpected rows, by expectation."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "False")
    import great_expectations as gx

    from include.gates.expectation import ExpectNoBrokenRows, OwnCheckpoint, OwnValidation

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_postgres("warehouse", connection_string=db.sqlalchemy_url(url, "psycopg"))
    batch = source.add_query_asset(name, query=_statement(assets, rules)).add_batch_definition_whole_table("all")
    expectations = [
        ExpectNoBrokenRows(rule=r.expectation, severity=r.severity, meta={"dimension": r.dimension}) for r in rules
    ]
    suite = gx.ExpectationSuite(name, expectations=expectations)
    validation = OwnValidation(name=name, data=batch, suite=suite)
    outcome = OwnCheckpoint(name=name, validation_definitions=[validation]).run()
    results = [result for run in outcome.run_results.values() for result in run.results]
    return {
        result.expectation_config.kwargs["rule"]: result.result["observed_value"]
        for result in results
        if "observed_value" in result.result
    }


def _statement(assets: list[Asset], rules: list[Rule]) -> str:
    """A query with one row a rule: its expectation and the number of rows that break it."""
    parts = []
    for number, asset in enumerate(assets):
        counts = " union all ".join(
            f"select {quote(rule.expectation)} as rule, count(*) as unexpected from ({rule.query}) as broken"
            for rule in rules
            if rule.asset == asset.name
        )
        if counts:
            kept = "materialized" if asset.is_read_once else "not materialized"
            parts.append(f"select * from (with whole as {kept} ({asset.query}) {counts}) as asset_{number}")
    return " union all ".join(parts).format(batch="whole")


def _finding(
    connection: psycopg.Connection, rule: Rule, asset: Asset, evaluated: int, unexpected: int | None
) -> Finding:
    """With the first rows that break the rule: the columns of its query, which name a place."""
    if unexpected is None:
        return Finding(rule, evaluated, 0, [], "the rule could not be evaluated")
    if not unexpected:
        return Finding(rule, evaluated, 0, [])
    places = f"with whole as ({asset.query}) select * from ({rule.query}) as broken limit {EXAMPLES}"
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(places.format(batch="whole").encode()).fetchall()
    return Finding(rule, evaluated, unexpected, [{key: str(value) for key, value in row.items()} for row in rows])


def _sizes(connection: psycopg.Connection, assets: list[Asset]) -> dict[str, int]:
    counts = (f"select {quote(asset.name)}, count(*) from ({asset.query}) as rows" for asset in assets)
    return dict(connection.execute(" union all ".join(counts).format().encode()).fetchall())
