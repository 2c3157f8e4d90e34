"""The sample that `make demo` finds or writes, and what it says of one that was made otherwise."""

from __future__ import annotations

import io
import json
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from include.runtime import inbox
from include.settings import PROJECT_DIR, Settings

KILLED = """
import os, signal, sys
from rich.console import Console
from include.runtime.inbox import fill_inbox
from include.sample import company
from include.settings import Settings
move, left = company._move, [int(sys.argv[1])]
def move_or_die(folder, place):
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    move(folder, place)
company._move = move_or_die
fill_inbox(Settings.from_env(), Console(quiet=True))
"""


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A sample of a few records in a run folder of its own."""
    for name in ("CUSTOMER360_INBOX", "BANK_DATA", "CUSTOMER360_SAMPLE_START", "CUSTOMER360_SAMPLE_SEED"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CUSTOMER360_RUN_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("CUSTOMER360_SAMPLE_RECORDS", "40")
    return Settings.from_env()


def said(settings: Settings) -> str:
    output = io.StringIO()
    inbox.fill_inbox(settings, Console(file=output, width=150))
    return output.getvalue()


def files(settings: Settings) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in settings.inbox.rglob("*") if path.is_file()}


def test_fill_inbox__writes_the_sample_once(small: Settings) -> None:
    assert said(small) == "Writing sample data for 40 customer records ...\n"
    written = files(small)
    assert said(small) == f"The inbox {small.inbox} holds the sample already.\n"
    assert files(small) == written
    assert {Path(name).name for name in written}.isdisjoint({"sample.json"}), "nothing but deliveries in the inbox"


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("sample_records", 50, "records 40, now 50."),
        ("sample_events", 900, "web events as they come, now 900."),
        ("sample_seed", 7, "seed 360, now 7."),
        ("sample_start", date(2026, 12, 1), "first day 2026-11-16, now 2026-12-01."),
    ],
)
def test_fill_inbox__a_sample_of_other_settings_is_named(
    setting: str, value: object, words: str, small: Settings
) -> None:
    said(small)
    written = files(small)
    warning = said(replace(small, **{setting: value}))
    assert warning.startswith(f"Warning: the inbox {small.inbox} holds a sample that was made otherwise: {words}\n")
    assert "make clean && make demo" in warning
    assert "CUSTOMER360_RUN_DIR=" in warning
    assert files(small) == written


def test_fill_inbox__a_sample_of_another_generator_is_named(small: Settings) -> None:
    said(small)
    note = inbox.truth_of(small) / "sample.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | {"generator": "0123456789ab faker 1 numpy 1"}))
    assert "otherwise: another version of the generator." in said(small)
    note.unlink()
    assert "an earlier version of the generator, which left no note" in said(small)


def test_generator__is_another_one_when_its_code_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = inbox._generator()
    code = tmp_path / "include" / "sample"
    code.mkdir(parents=True)
    (code / "rates.py").write_text("TWINS = 1\n")
    monkeypatch.setattr(inbox, "PROJECT_DIR", tmp_path)
    assert inbox._generator() != before


def deliver(settings: Settings, system: str, name: str = "rows.csv") -> Path:
    path = settings.inbox / system / "2026-11-16" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("id\n1\n")
    return path


@pytest.mark.parametrize("system", ["finance", "crm"])
def test_fill_inbox__one_system_of_somebody_keeps_the_sample_out(system: str, small: Settings) -> None:
    delivered = deliver(small, system)
    assert said(small) == f"The inbox {small.inbox} holds data that is not the sample's; it is used as it is.\n"
    assert files(small) == {str(delivered): b"id\n1\n"}
    assert not inbox.truth_of(small).exists(), "nothing that would be measured against"


def test_fill_inbox__files_that_no_contract_knows_keep_the_sample_out_in_words(small: Settings) -> None:
    delivered = {str(deliver(small, system)): b"id\n1\n" for system in ("erp", "clients")}
    told = said(small)
    assert told.startswith(f"The inbox {small.inbox} holds data that is not the sample's; it is used as it is.")
    assert "No contract is there for clients, erp, so that nothing of it lands" in told
    assert "move the files away, and the sample is written" in told
    assert files(small) == delivered
    assert not inbox.truth_of(small).exists(), "nothing that would be measured against"


def test_fill_inbox__another_inbox_of_somebody_stays_although_a_sample_was_written_before(
    small: Settings, tmp_path: Path
) -> None:
    said(small)
    elsewhere = replace(small, inbox=tmp_path / "elsewhere")
    deliver(elsewhere, "finance")
    for unfinished in (False, True):
        if unfinished:
            (inbox.truth_of(small) / "sample.json").unlink()
        assert "holds data that is not the sample's" in said(elsewhere)
        assert [path.name for path in elsewhere.inbox.iterdir()] == ["finance"]


def test_fill_inbox__what_begins_with_a_dot_is_no_delivery(small: Settings) -> None:
    deliver(small, ".unfinished-killed")
    deliver(small, "erp", ".DS_Store")
    (small.inbox / "lost+found").mkdir()
    assert said(small).startswith("Writing sample data")


@pytest.mark.parametrize("system", ["erp", "crm"])
def test_fill_inbox__an_empty_folder_does_not_keep_the_sample_out(system: str, small: Settings) -> None:
    """Made before the first demo, by somebody who wants to deliver something later; it stays."""
    folder = small.inbox / system / "2026-11-16"
    folder.mkdir(parents=True)
    assert said(small).startswith("Writing sample data")
    assert folder.is_dir()
    assert said(small) == f"The inbox {small.inbox} holds the sample already.\n"


@pytest.mark.slow
@pytest.mark.parametrize("moves", [0, 1, 5, 16])
def test_fill_inbox__a_generator_that_was_killed_is_run_again(moves: int, small: Settings) -> None:
    """A real process that ends itself with kill -9 after so many of its seventeen moves."""
    said(small)
    whole = files(small)
    shutil.rmtree(small.inbox)
    shutil.rmtree(inbox.truth_of(small))
    killed = subprocess.run([sys.executable, "-c", KILLED, str(moves)], cwd=PROJECT_DIR, check=False)
    assert killed.returncode == -signal.SIGKILL
    moved = [path.name for path in small.inbox.iterdir() if not path.name.startswith(".")]
    assert (len(moved), "crm" in moved) == (moves, False)
    assert said(small).startswith("Writing sample data")
    shutil.rmtree(next(small.inbox.glob(".unfinished-*")))
    assert files(small) == whole
    assert said(small) == f"The inbox {small.inbox} holds the sample already.\n"


def with_bank_data(settings: Settings) -> Settings:
    return replace(settings, bank_data=PROJECT_DIR / "tests" / "fixtures" / "bank", bank_date=None)


def test_fill_inbox__bank_data_takes_the_place_of_the_sample_bank(small: Settings) -> None:
    real = with_bank_data(small)
    said(real)
    assert [folder.name for folder in (small.inbox / "bank").iterdir()] == ["1998-12-31"]
    assert said(real) == f"The inbox {small.inbox} holds the sample already.\n"
    assert "otherwise: bank of BANK_DATA, now of the sample." in said(small)


def test_fill_inbox__a_second_bank_is_refused_in_words(small: Settings) -> None:
    said(small)
    written = files(small)
    with pytest.raises(ValueError, match="holds the bank of the sample company, and BANK_DATA=") as refusal:
        said(with_bank_data(small))
    assert "CUSTOMER360_RUN_DIR=/another/folder BANK_DATA=... make demo" in str(refusal.value)
    assert files(small) == written


def test_fill_inbox__an_inbox_elsewhere_has_to_be_emptied_too(small: Settings, tmp_path: Path) -> None:
    elsewhere = replace(small, inbox=tmp_path / "elsewhere")
    said(elsewhere)
    assert f"and empty {tmp_path / 'elsewhere'}" in said(replace(elsewhere, sample_seed=7))
