"""What the dictionary says of a contract, in words."""

from __future__ import annotations

from typing import Any

import pytest

from include.catalogue.words import volume_of_contract
from include.contracts import ExpectedRows
from tests.include.landing.delivery import things


@pytest.mark.parametrize(
    ("limits", "cadence", "said"),
    [
        (None, "daily", "A batch has 1/2 to 2 times as many as usual."),
        (None, "on_demand", ""),
        ({"min": 1, "max": 5000000}, "daily", "A batch has 1 to 5,000,000 rows, 1/2 to 2 times as many as usual."),
        ({"min": 1, "usual_factor": 1.5}, "weekly", "A batch has 1 rows or more, 1/1.5 to 1.5 times as many as usual."),
        ({"min": 10, "usual_factor": None}, "daily", "A batch has 10 rows or more."),
        ({"min": 10}, "on_demand", "A batch has 10 rows or more."),
    ],
)
def test_volume_of_contract__says_what_the_gate_asks_for(
    limits: dict[str, Any] | None, cadence: str, said: str
) -> None:
    contract = things("csv").model_copy(update={"cadence": cadence})
    entity = contract.entities["things"].model_copy(update={"expected_rows": limits and ExpectedRows(**limits)})
    assert volume_of_contract(contract, entity) == said
