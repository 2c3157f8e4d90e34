"""The bank's batch date: its own last one, or the one that the environment names."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from include.runtime.bank import bank_date
from include.settings import PROJECT_DIR, Settings

FILES = PROJECT_DIR / "tests" / "fixtures" / "bank"
HEADER = '"trans_id";"account_id";"date";"type"\n'


def of_bank(folder: Path, monkeypatch: pytest.MonkeyPatch, bank_day: str = "") -> Settings:
    """The settings of an environment with BANK_DATA, and BANK_DATE where it is given."""
    monkeypatch.setenv("BANK_DATA", str(folder))
    monkeypatch.setenv("BANK_DATE", bank_day)
    return Settings.from_env()


def test_bank_date__is_the_last_one_of_the_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    assert bank_date(of_bank(FILES, monkeypatch)) == date(1998, 12, 31)


def test_bank_date__is_the_one_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bank_date(of_bank(tmp_path, monkeypatch, "2026-11-18")) == date(2026, 11, 18)
    assert bank_date(replace(of_bank(FILES, monkeypatch, "2026-11-18"), bank_data=None)) is None


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["99;22;261118;PRIJEM", "98;22;991231;PRIJEM"], date(2026, 11, 18)),
        (["1;21;930101;PRIJEM", "2;21;930230;PRIJEM", "3;21;;PRIJEM", "4;21", "", "5;21;99-12-31;x"], date(1993, 1, 1)),
        (['1;21;"970101";PRIJEM\r', "2;21;960101;V\xddB\xccR\r"], date(1997, 1, 1)),
    ],
    ids=["of_this_century", "rows_without_a_date", "quotes_and_other_bytes"],
)
def test_bank_date__is_the_newest_that_can_be_read(
    texts: list[str], expected: date, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In whichever of several files it is; what is wrong with the other rows, the gate says."""
    (tmp_path / "trans1.asc").write_bytes((HEADER + "\n".join(texts)).encode("latin-1"))
    (tmp_path / "trans2.asc").write_text(HEADER + "7;21;910101;PRIJEM\n")
    assert bank_date(of_bank(tmp_path, monkeypatch)) == expected


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "holds no trans"),
        ("", "trans.asc, line 1: the header names no column date"),
        ('"trans_id";"day"\n1;930101\n', "trans.asc, line 1: the header names no column date"),
        (HEADER + "1;21;9301;PRIJEM\n", "no transaction has a date like 981231; name one by BANK_DATE"),
    ],
)
def test_bank_date__what_is_missing_is_said(
    content: str | None, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is not None:
        (tmp_path / "trans.asc").write_text(content)
    with pytest.raises(ValueError, match=told) as refused:
        bank_date(of_bank(tmp_path, monkeypatch))
    assert str(tmp_path) in str(refused.value)
