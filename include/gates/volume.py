"""The rules on how many rows of an entity came: what the contract expects, and what is usual."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from include.contracts import Contract, Entity, ExpectedRows
from include.gates import words
from include.gates.raw_assets import quote
from include.gates.rules import Rule

FEWEST_BATCHES = 3  # that tell what is usual; a first full delivery among them does not move their median far
FEW_ROWS = 20  # by which a batch may differ from the usual, whatever share they are


def volume_rules(contract: Contract, entity: Entity, batch_date: date) -> Iterator[Rule]:
    """`expected_rows` and `usual_rows`; a day without a delivery is no matter of theirs."""
    limits = entity.expected_rows or ExpectedRows()
    batch = f"system = {quote(contract.system)} and batch_date = {quote(batch_date)}"
    came = f"not exists (select 1 from ops.batches where {batch} and state in ('absent', 'not_due'))"
    if entity.expected_rows:
        too_many = f" or count(*) > {limits.max}" if limits.max is not None else ""
        query = f"select count(*) as _row from {{batch}} having (count(*) < {limits.min}{too_many}) and {came}"
        says = words.expected_rows(limits)
        yield Rule("expected_rows", "completeness", "critical", query, entity.name, entity.name, says=says,
                   unit="rows came")  # fmt: skip
    if limits.usual_factor is not None and contract.cadence != "on_demand":
        yield _usual_rule(contract, entity, batch_date, limits.usual_factor, came)


def _usual_rule(contract: Contract, entity: Entity, batch_date: date, factor: float, came: str) -> Rule:
    """`usual_rows`: far more or far fewer than the batches before, or none where each of them had some."""
    usual = f"ops.usual_rows({quote(contract.system)}, {quote(entity.name)}, {quote(batch_date)})"
    is_far = f"n > {factor} * usual or n * {factor} < usual"
    query = (
        f"select usual as usual_rows, batches from (select count(*) as n from {{batch}}) as delivered, {usual}"
        f" where batches >= {FEWEST_BATCHES} and {came}"
        f" and (n = 0 and least_rows > 0 or usual > 0 and abs(n - usual) > {FEW_ROWS} and ({is_far}))"
    )
    says = words.usual_rows(factor)
    return Rule("usual_rows", "completeness", "warning", query, entity.name, entity.name, says=says, unit="rows came")
