"""The mail of a held batch says what was asked for, how much was broken, where, whom to ask and where to look."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from include.alerts.compose import Notice, compose_mail
from include.settings import Settings

DAY = date(2026, 11, 16)
DETAIL = {
    "unexpected": 31, "evaluated": 1000, "tolerated_share": 0.02, "unit": "rows", "says": "one of: active, closed",
    "run_id": "backfill__2026-11-16T00:00:00+00:00", "examples": [
        {"file": "customers.csv", "row": "3", "line": "4"}, {"file": "accounts.json", "row": "7"},
        {"file": "gone.csv", "row": "0"}, {"file": "fourth.csv", "row": "1"}],
}  # fmt: skip


def mail_of(problem: dict[str, Any], **notice: Any) -> tuple[str, str]:
    """The text and the HTML of a mail about one problem."""
    given = {"system": "crm", "batch_date": DAY, "gate": "gate_raw__crm"} | notice
    full = {"expectation": "customers.status.allowed", "severity": "critical", "detail": DETAIL} | given | problem
    mail = compose_mail(Notice(given["system"], given["batch_date"], given["gate"], [full]), Settings.from_env())
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain
    assert html
    return plain.get_content(), html.get_content()


def test_compose_mail__rule_limit_share_and_places() -> None:
    text, html = mail_of({})
    told = "customers.status.allowed (one of: active, closed): 3.1 % of rows (31 broken of 1,000), 2 % tolerated."
    assert f"- {told} For example: customers.csv line 4; accounts.json row 7; gone.csv\n" in text
    assert "<td>one of: active, closed</td><td>3.1 % of rows (31 broken of 1,000), 2 % tolerated</td>" in html


def test_compose_mail__run_in_airflow_contact_and_what_to_do() -> None:
    text, html = mail_of({})
    ui = Settings.from_env().ui_url
    run = f"{ui}/dags/land__crm/runs/backfill__2026-11-16T00%3A00%3A00%2B00%3A00"
    assert f"Look at the run in Airflow: {run}\n" in text
    assert f'<a href="{run}">' in html
    assert "Ask crm-team@retailmax.example (Customer Data Office) for a mended delivery" in text
    # On call did as the mail said, and the mended file beside the held one made the batch be held again.
    assert "crm/2026-11-16/, in place of the file that is there and under its name: beside it, both are judged" in text
    assert f"{ui}/plugin/gate-results" in text
    assert "make backfill FROM=2026-11-16 TO=2026-11-16 SYSTEM=crm (" in text
    assert "When the batch is released, one mail says so" in text


@pytest.mark.parametrize("rule", ["orders.expected_rows", "batch_delivered"])
def test_compose_mail__nobody_is_told_to_put_a_database_into_the_inbox(rule: str) -> None:
    text, html = mail_of({"expectation": rule}, system="ecommerce", gate="gate_raw__ecommerce")
    assert "to mend the database; it is read anew when the day is landed again" in text
    assert "inbox" not in text + html
    assert ("no row. No table of the database has ever had one" in text) == (rule == "batch_delivered")


def test_compose_mail__contract_that_cannot_be_read_is_named_instead() -> None:
    text, _ = mail_of({}, system="nobody", gate="gate_raw__nobody")
    assert "Ask the contact of nobody (include/sources/nobody.yml) for a mended delivery" in text


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"unit": "rows came", "evaluated": 12, "says": "100 rows or more"}, "(100 rows or more): 12 rows came."),
        ({"unit": ""}, "(one of: active, closed): does not hold."),
        (
            {"unit": "files", "unexpected": 1, "evaluated": 2, "tolerated_share": 0},
            "50 % of files (1 broken of 2), none",
        ),
        ({"unexpected": 201, "evaluated": 10_000}, "2.01 % of rows (201 broken of 10,000), 2 % tolerated"),
        ({"unexpected": 1, "evaluated": 1_000_000, "tolerated_share": 0}, "under 0.01 % of rows"),
        ({"error": "the rule could not be evaluated"}, "the rule could not be evaluated."),
        ({"unit": "clusters", "unexpected": 3}, "3 clusters."),
    ],
)
def test_compose_mail__what_was_found(changed: dict[str, Any], expected: str) -> None:
    assert expected in mail_of({"detail": DETAIL | changed})[0]


def test_compose_mail__alert_of_an_earlier_version_has_no_words_and_is_sent() -> None:
    text, _ = mail_of({"detail": {"unexpected": 4, "evaluated": 10, "examples": []}})
    assert "- customers.status.allowed: 40 % of rows (4 broken of 10), none tolerated." in text
    assert "/dags/land__crm\n" in text
