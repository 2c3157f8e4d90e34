"""What the bench makes of the summary of a live run."""

from __future__ import annotations

from include.bench.__main__ import gates_share


def test_gates_share__is_of_the_seconds_of_the_same_live_run() -> None:
    steps = {"land": 9.0, "gate_raw": 3.0, "gate_marts": 2.0, "publish_marts": 5.0}
    summary = {
        "steps": {name: {"runs": 3, "longest_s": 1.0, "total_s": seconds} for name, seconds in steps.items()},
        "days": [{"seconds": 30.0}, {"seconds": 20.0}],
        "first_day_s": 30.0,
    }
    assert gates_share(summary) == 0.1
