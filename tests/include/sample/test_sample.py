"""The sample company keeps its promises: equal seeds, floors of dirt, nothing of the truth in the inbox."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from include.sample import write_sample

DATES = (date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18))


def digest(folder: Path) -> str:
    content = b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())
    return hashlib.sha256(content).hexdigest()


def test_write_sample__equal_seeds_give_equal_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_sample(tmp_path / name, tmp_path / f"truth_{name}", 400, seed, DATES)
    assert digest(tmp_path / "a") == digest(tmp_path / "b") != digest(tmp_path / "c")


@pytest.mark.parametrize("seed", [1, 2])
def test_write_sample__floors_of_dirt(seed: int, tmp_path: Path) -> None:
    write_sample(tmp_path / "inbox", tmp_path / "truth", 6000, seed, DATES)
    truth = pd.read_csv(tmp_path / "truth" / "truth.csv")
    assert abs(len(truth) - 6000) < 300
    assert not truth.duplicated(["system", "source_key"]).any()
    assert (truth.has_usable_id == 0).mean() >= 0.10
    assert truth.has_wrong_id.mean() >= 0.02
    assert truth.duplicated(["system", "person_id"]).mean() >= 0.08
    assert (truth.corrupted_fields >= 2).mean() >= 0.15
