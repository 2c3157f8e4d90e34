"""``python -m include.sample --inbox DIR --truth DIR --records N --seed S --start DATE``."""

from __future__ import annotations

import argparse
from datetime import date, timedelta
from pathlib import Path

from include.sample import write_sample

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m include.sample")
    parser.add_argument("--inbox", type=Path, required=True)
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=360)
    parser.add_argument("--start", type=date.fromisoformat, default=date(2026, 11, 16))
    chosen = parser.parse_args()
    days = (chosen.start, chosen.start + timedelta(1), chosen.start + timedelta(2))
    write_sample(chosen.inbox, chosen.truth, chosen.records, chosen.seed, days)
