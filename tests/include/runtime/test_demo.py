"""What `make demo` does before and around the scheduler; that it runs through one is tested in tests/dags."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from include.contracts import read_sources
from include.ops.landing import Landing
from include.runtime.demo import _batch_dates
from include.runtime.inbox import fill_inbox
from include.settings import PROJECT_DIR, Settings
from tests.include.warehouse import build, rows

OWN = date(1998, 12, 31)
POSTINGS = """
    select
        count(*) as n, count(account_key) as of_accounts, count(customer_key) as of_people, min(batch_date) as first,
        max(known_since_date) as last, count(*) filter (where is_in_latest_snapshot) as listed
    from core.fact_bank_postings
"""


@pytest.mark.slow
def test_demo__the_bank_comes_on_its_own_last_date(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The days of the sample first, then that of the bank, on which nobody else is due; all of it is built."""
    monkeypatch.setenv("BANK_DATA", str(PROJECT_DIR / "tests" / "fixtures" / "bank"))
    monkeypatch.delenv("BANK_DATE", raising=False)
    monkeypatch.setenv("CUSTOMER360_SAMPLE_RECORDS", "60")
    settings = Settings.from_env()
    fill_inbox(settings, Console(quiet=True))
    days = _batch_dates(settings)
    assert days == [*settings.sample_dates, OWN]
    assert [folder.name for folder in (settings.inbox / "bank").iterdir()] == [str(OWN)]
    assert states_of(settings, "usage", days) == ["landed"] * 3 + ["not_due"]
    assert states_of(settings, "bank", days) == ["not_due"] * 3 + ["landed"]
    assert build(settings, "a run", OWN, data_tests=False) == ("publish_marts", [])
    (postings,) = rows(settings, POSTINGS)
    assert tuple(postings.values()) == (4, 4, 4, OWN, OWN, 4)
    (people,) = rows(settings, "select count(*) as n, max(last_updated) as last from core.dim_customer")
    assert people["n"] > 3
    assert people["last"] == settings.sample_dates[-1]


def states_of(settings: Settings, system: str, days: list[date]) -> list[str]:
    """Land, judge and release the batches of a system as its DAG does; how each came."""
    contract, states = read_sources(settings.sources_dir).contracts[system], []
    for day in days:
        landing = Landing(contract, day, f"land__{system}", f"run of {day}", settings)
        states.append(landing.land(Path(settings.run_dir) / "archive"))
        assert not landing.judge()
        if states[-1] == "landed":
            landing.release()
    return states
