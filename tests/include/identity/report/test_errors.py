"""Errors that the probabilities expect, beside what stewards and the truth of the sample say of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from include.identity.report import report_truth, write_report
from include.identity.report.errors import calibrate, expect_errors
from include.identity.run import adopt_clusters, link_people
from tests.include.identity.report.test_report import DAY, build_of, figures, record_build
from tests.include.identity.sample_people import comparable
from tests.include.identity.test_store import ANN, decide

UNDECIDED = {"decided_pairs": 0, "decided_same": 0, "decided_expected": 0.0}
CRM, FINANCE = comparable("crm/customers/1", **ANN), comparable("finance/accounts/1", **ANN)


def row(weight: int, is_one_person: bool, pairs: int, true: float, *decided: float) -> dict[str, Any]:
    values = dict(zip(UNDECIDED, decided, strict=True)) if decided else UNDECIDED
    return {"weight": weight, "is_one_person": is_one_person, "pairs": pairs, "expected_true": true, **values}


SCORED = [row(20, True, 100, 99.5), row(4, True, 10, 9.5, 2, 1, 1.9), row(2, False, 8, 6.0, 3, 3, 2.0),
          row(-5, False, 1000, 20.0, 1, 0, 0.02)]  # fmt: skip


def test_expect_errors__of_the_pairs_that_nobody_has_decided() -> None:
    assert expect_errors(SCORED) == pytest.approx({
        "expected false links": 0.5 + (8 - 7.6), "expected missed links": 4.0 + 19.98,
    })  # fmt: skip
    assert expect_errors([]) == {"expected false links": 0, "expected missed links": 0}


def test_calibrate__by_band() -> None:
    assert calibrate(SCORED) == [
        {"band": "below 0", "pairs": 1, "expected": 0.02, "same": 0},
        {"band": "0 to 4", "pairs": 3, "expected": 2.0, "same": 3},
        {"band": "4 to 8", "pairs": 2, "expected": 1.9, "same": 1},
    ]
    (sure,) = calibrate([row(8, True, 5, 5.0, 5, 5, 5.0)])
    assert sure["band"] == "from 8 on"


def page_of(url: str, folder: Path) -> str:
    write_report(url, folder)
    return (folder / "index.html").read_text().partition("Expected errors")[2].partition("</section>")[0]


@pytest.mark.slow
def test_write_report__expected_errors_labels_and_truth(warehouse_url: str, tmp_path: Path) -> None:
    build_of(warehouse_url, [CRM, FINANCE], 1)
    page = page_of(warehouse_url, tmp_path)
    assert figures(warehouse_url)["expected false links"] == pytest.approx(0, abs=0.001)
    assert "<td>expected by the probabilities of the pairs</td><td>0</td><td>0</td>" in page
    assert "No pair that this linking compared had been decided by a steward" in page
    assert "truth" not in page
    decide(warehouse_url, FINANCE["record_id"], CRM["record_id"], "different")
    link_people(warehouse_url, DAY)
    adopt_clusters(warehouse_url, DAY)
    record_build(warehouse_url, 2)
    page = page_of(warehouse_url, tmp_path)
    assert "stewards have decided 1: their probabilities expect 1.0 of them to be one person, stewards found 0" in page
    assert "<td>from 8 on</td><td>1</td><td>1.0</td><td>0</td>" in page
    assert figures(warehouse_url)["expected missed links"] == pytest.approx(0, abs=0.001), "decided, and no error"
    by_system = {"crm": {"pairs": 1, "possible": 1, "precision": 1.0, "recall": 0.5, "share_of_possible": 0.5}}
    report_truth(warehouse_url, tmp_path, {"by_system": by_system, "all": {"false_links": 18, "missed_links": 72}})
    whole = (tmp_path / "index.html").read_text()
    assert "as <code>make demo</code> last measured it</td><td>18</td><td>72</td>" in whole
    assert "<td>crm</td><td>1</td><td>1</td><td>1.0000</td><td>0.5000</td><td>0.5000</td>" in whole
