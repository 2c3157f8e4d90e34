"""What Great Expectations gets of a gate; importing this imports great_expectations, which takes seconds.

The batch of a gate has one row a rule, with the number of rows that break it. So its metric is one query, however many
rules there are, and each expectation reads its own row of it: queries of its own for each rule were the larger part of
a landing. (mypy: great_expectations has no types for its users.)
"""

from __future__ import annotations

from typing import Any, ClassVar

import great_expectations as gx
import sqlalchemy as sa
from great_expectations.core.freshness_diagnostics import (
    CheckpointFreshnessDiagnostics,
    ValidationDefinitionFreshnessDiagnostics,
)
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import MetricProvider, metric_value

METRIC = "gate.broken_rows"


class BrokenRows(MetricProvider):  # type: ignore[misc]
    """The number of rows that break each rule, by the name of the rule."""

    metric_name = METRIC
    domain_keys = ("batch_id",)
    value_keys = ()

    @metric_value(engine=SqlAlchemyExecutionEngine)  # type: ignore[untyped-decorator]
    def _count(
        cls, execution_engine: SqlAlchemyExecutionEngine, metric_domain_kwargs: dict[str, Any], **_: Any  # noqa: N805
    ) -> dict[str, int]:  # fmt: skip
        batch, _, _ = execution_engine.get_compute_domain(metric_domain_kwargs, domain_type=MetricDomainTypes.TABLE)
        # Great Expectations compiles the query of a batch to text and compiles that again: each percent sign is two.
        statement = str(sa.select(sa.text("*")).select_from(batch)).replace("%%", "%")
        rows = execution_engine.execute_query(sa.text(statement)).fetchall()
        return {rule: int(unexpected) for rule, unexpected in rows}


class ExpectNoBrokenRows(BatchExpectation):  # type: ignore[misc]
    """No row breaks the rule of this name."""

    rule: str

    metric_dependencies: ClassVar[tuple[str, ...]] = (METRIC,)
    success_keys: ClassVar[tuple[str, ...]] = ("rule",)
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)

    def _validate(self, metrics: dict[str, Any], **_: Any) -> dict[str, Any]:
        unexpected = metrics[METRIC][self.rule]
        return {"success": unexpected == 0, "result": {"observed_value": unexpected}}


class OwnValidation(gx.ValidationDefinition):  # type: ignore[misc]
    """One that is made and run by the same function: it needs no store, and no comparison with what a store holds."""

    def is_fresh(self) -> ValidationDefinitionFreshnessDiagnostics:
        """It cannot be stale."""
        return ValidationDefinitionFreshnessDiagnostics(errors=[])


class OwnCheckpoint(gx.Checkpoint):  # type: ignore[misc]
    """The checkpoint of such validations."""

    def is_fresh(self) -> CheckpointFreshnessDiagnostics:
        """It cannot be stale."""
        return CheckpointFreshnessDiagnostics(errors=[])
