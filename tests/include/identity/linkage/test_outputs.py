"""What is written: the reason of a link, and what happens where nothing can be written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from include.identity.linkage.outputs import make_folder, name_reasons
from include.identity.linkage.read import InputProblem


def test_name_reasons__each_identifier_has_its_own_name() -> None:
    frame = pd.DataFrame(
        {
            "national_id": ["N1", None, None, "N1", "N9"],
            "email": ["ann@a.example", "ann@a.example", None, "ann@a.example", None],
            "phone": ["1234567", "7654321", "1234567", "1234567", "9"],
        },
        dtype=object,
    )
    pairs = {
        (0, 1): "shared_id:email",
        (0, 2): "shared_id:phone",
        (0, 3): "shared_id:national_id+email+phone",
        (1, 2): "model",
        (2, 4): "model",  # what both do not have is not shared
    }
    left, right = (np.array([pair[side] for pair in pairs]) for side in (0, 1))
    assert name_reasons(frame, left, right) == list(pairs.values())


def test_name_reasons__without_a_column_of_identifiers() -> None:
    frame = pd.DataFrame({"phone": ["1234567", "1234567"]})
    assert name_reasons(frame, np.array([0]), np.array([1])) == ["shared_id:phone"]
    assert name_reasons(frame[[]], np.array([0]), np.array([1])) == ["model"]


def test_make_folder__what_cannot_be_written_is_said_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "out" / "clusters.csv").mkdir(parents=True)
    with pytest.raises(InputProblem, match=r"clusters\.csv: this is a folder"):
        make_folder(tmp_path / "out")
    (tmp_path / "file").touch()
    with pytest.raises(InputProblem, match="cannot be made"):
        make_folder(tmp_path / "file")
    with pytest.raises(InputProblem, match="nothing can be written to this folder"):
        make_folder(Path("/proc/self"))  # where nobody can write, not even root
