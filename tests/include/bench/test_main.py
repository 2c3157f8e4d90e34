"""What the bench makes of the summary of a live run."""

from __future__ import annotations

from include.bench.__main__ import gates_share


def test_gates_share__is_of_the_seconds_of_all_steps() -> None:
    steps = {"land": 9.0, "gate_raw": 3.0, "gate_marts": 2.0, "publish_marts": 6.0}
    summary = {"steps": {name: {"runs": 3, "longest_s": 1.0, "total_s": s} for name, s in steps.items()}}
    assert gates_share(summary) == 0.25
