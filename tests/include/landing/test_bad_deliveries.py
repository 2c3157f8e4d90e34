"""Files of support, marketing and the bureau that are broken in ways of their own; each fault is named by a rule."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from include.contracts import load_contract
from include.gates import run_raw_gate
from include.gates.outcome import GateOutcome
from include.settings import PROJECT_DIR
from tests.include.landing.delivery import DAY, land, quarantined


@pytest.fixture
def deliver(tmp_path: Path, warehouse_url: str):
    """Land one bad file of a system alone and ask its gate."""

    def _deliver(system: str, name: str) -> GateOutcome:
        folder = tmp_path / "inbox" / system / DAY.isoformat()
        folder.mkdir(parents=True)
        shutil.copyfile(PROJECT_DIR / "tests" / "fixtures" / system / name, folder / name)
        land(tmp_path / "inbox", warehouse_url, system)
        contract = load_contract(PROJECT_DIR / "include" / "sources" / f"{system}.yml")
        return run_raw_gate(contract, DAY, warehouse_url, "a run")

    return _deliver


def names(problems) -> set[str]:
    return {problem.expectation for problem in problems}


def test_support__lines_that_are_cut_off_or_without_a_key_wait_in_quarantine(deliver, warehouse_url: str) -> None:
    outcome = deliver("support", "calls_cut_off.jsonl")
    assert quarantined(warehouse_url) == [("key_present", 2), ("malformed_json", 3)]
    assert "max_quarantined_share" in names(outcome.failed)


@pytest.mark.slow
def test_marketing__consent_of_two_contacts_holds_the_batch(deliver) -> None:
    assert "contacts.consents.key" in names(deliver("marketing", "contacts_share_a_consent.jsonl").failed)


def test_bureau__warns_of_a_history_that_is_no_list_and_holds_nothing(deliver) -> None:
    outcome = deliver("bureau", "credit_reports_list_is_text.xml")
    assert outcome.passed
    assert not outcome.failed
    assert {
        "credit_reports.payment_history.type", "credit_reports.payment_months.month.pattern", "balances.expected_rows",
    } <= names(outcome.warned)  # fmt: skip
