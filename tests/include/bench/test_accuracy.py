"""The set that no default was chosen on is linked as well as those that they were chosen on."""

from __future__ import annotations

import pytest

from include.bench.accuracy import _link, _load


@pytest.mark.slow
def test_link__febrl_4() -> None:
    found = _link(_load("FEBRL 4"))
    assert found["f1"] >= 0.99
    assert found["best"] - found["f1"] <= 0.005
