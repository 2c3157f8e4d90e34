"""What the bench makes of the figures of a run."""

from __future__ import annotations

from include.bench.__main__ import gates_share


def test_gates_share__is_of_the_seconds_of_all_steps() -> None:
    seconds = {"land": 9.0, "gate_raw": 3.0, "gate_marts": 2.0, "publish_marts": 6.0}
    assert gates_share({name: {"seconds": s} for name, s in seconds.items()}) == 0.25
