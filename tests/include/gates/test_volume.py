"""How many rows are usual: a batch that is far from the ones before it, or empty, is told of with both numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from include.alerts import send_pending
from include.contracts import Contract
from include.gates import GateOutcome, judge_batch
from include.landing import release_batch
from include.runtime.mail_catcher import catch_mails
from include.runtime.postgres import free_port
from include.settings import Settings
from tests.include.alerts.test_outbox import mails
from tests.include.landing.delivery import DAY, land, put, query, things

# entity: (rows of the batches before it, the oldest first; rows that came, None for no file; what is usual where it
# speaks; the factor of the contract)
CASES: dict[str, tuple[list[int], int | None, int | None, float | None]] = {
    "as_usual": ([100, 110, 90], 120, None, 2),
    "just_half": ([100, 110, 90], 50, None, 2),
    "under_half": ([100, 110, 90], 49, 100, 2),
    "just_double": ([100, 110, 90], 200, None, 2),
    "over_double": ([100, 110, 90], 201, 100, 2),
    "two_batches_before": ([100, 100], 500, None, 2),
    "new": ([], 500, None, 2),
    "full_delivery_first": ([9000, 150, 140], 160, None, 2),
    "full_delivery_again": ([9000, 150, 140], 9000, 150, 2),
    "of_few_rows": ([3, 5, 4], 24, None, 2),
    "of_few_rows_many": ([3, 5, 4], 25, 4, 2),
    "empty": ([3, 5, 4], 0, 4, 2),
    "no_file": ([3, 5, 4], None, 4, 2),
    "empty_now_and_then": ([3, 0, 4], 0, None, 2),
    "filled_since_yesterday": ([0, 0, 0, 100], 500, None, 2),
    "weekly_in_a_daily_system": ([700, 0, 0, 0, 0, 0, 0], 700, None, 2),
    "long_ago": ([10, 10, 10, 10, *[100] * 7], 60, None, 2),
    "patient": ([100, 110, 90], 26, None, 4),
    "impatient": ([100, 110, 90], 130, 100, 1.2),
    "never": ([100, 110, 90], 0, None, None),
}


def contract(cases: dict[str, tuple[list[int], int | None, int | None, float | None]] | None = None) -> Contract:
    """One entity for each case."""
    base = things("csv").model_dump()
    entity = base["entities"]["things"]
    entities = {
        name: entity | {"name": name, "files": [f"{name}.csv"], "expected_rows": {"usual_factor": factor}}
        for name, (_, _, _, factor) in (cases or CASES).items()
    }
    return Contract.model_validate(base | {"entities": entities})


def remember(url: str, entity: str, before: list[int], state: str = "released") -> None:
    """The manifest of the batches before; what is usual is read from there alone."""
    statement = (
        "insert into ops.files (file_id, system, entity, batch_date, name, names, sha256, bytes, rows_read,"
        " rows_landed, rows_quarantined, state) values (gen_random_uuid(), 'shop', %s, %s, 'x.csv', '{x.csv}', 'x', 1,"
        " %s, %s, 0, %s)"
    )
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        days = [DAY - timedelta(days=2 * number) for number in range(len(before), 0, -1)]
        values = [[entity, day, rows, rows, state] for day, rows in zip(days, before, strict=True)]
        cursor.executemany(statement, values)


def deliver(inbox: Path, entity: str, rows: int | None, day: date = DAY) -> None:
    if rows is not None:
        lines = "".join(f"T{number},a,b\n" for number in range(rows))
        put(inbox, "shop", f"{entity}.csv", f"id,name,note\n{lines}", day)


def judge(declared: Contract, tmp_path: Path, url: str, day: date = DAY) -> GateOutcome:
    land(tmp_path / "inbox", url, declared, day)
    return judge_batch(declared, day, url, "a run")


def told(outcome: GateOutcome) -> set[str]:
    return {problem.expectation for problem in (*outcome.failed, *outcome.warned)}


@pytest.mark.slow
def test_usual_rows__speak_where_a_batch_is_far_from_those_before(tmp_path: Path, warehouse_url: str) -> None:
    for name, (before, came, _, _) in CASES.items():
        remember(warehouse_url, name, before)
        deliver(tmp_path / "inbox", name, came)
    outcome = judge(contract(), tmp_path, warehouse_url)
    assert outcome.passed, "the batch goes on"
    assert told(outcome) == {f"{name}.usual_rows" for name, (_, _, usual, _) in CASES.items() if usual}
    found = query(
        warehouse_url,
        "select entity, evaluated, (examples -> 0 ->> 'usual_rows')::int from ops.gate_results"
        " where outcome = 'warned' and severity = 'warning' and dimension = 'completeness'",
    )
    expected = [(name, came or 0, usual) for name, (_, came, usual, _) in CASES.items() if usual]
    assert sorted(found) == sorted(expected), "both numbers"


@pytest.mark.parametrize(
    ("state", "change", "rows", "speaks"),
    [
        ("released", {}, 0, {"things.usual_rows"}),
        ("held", {}, 0, set()),
        ("superseded", {}, 0, set()),
        ("released", {"cadence": "on_demand"}, 0, set()),
        ("released", {"first_batch_date": DAY + timedelta(days=1)}, None, set()),
        ("released", {}, None, {"batch_delivered"}),
    ],
    ids=["empty", "held_before", "replaced_before", "on_demand", "not_due", "absent"],
)
def test_usual_rows__of_what_was_released_and_what_is_due(
    state: str, change: dict[str, Any], rows: int | None, speaks: set[str], tmp_path: Path, warehouse_url: str
) -> None:
    (tmp_path / "inbox").mkdir()
    remember(warehouse_url, "things", [100, 100, 100], state)
    deliver(tmp_path / "inbox", "things", rows)
    declared = contract({"things": ([], None, None, 2)}).model_copy(update=change)
    assert told(judge(declared, tmp_path, warehouse_url)) == speaks


def test_usual_rows__the_mail_names_both_numbers(tmp_path: Path, warehouse_url: str) -> None:
    """Day by day: the same gate is silent for three deliveries, and speaks of the fourth."""
    declared = contract({"things": ([], None, None, 2)})
    for number, rows in enumerate((1500, 1400, 1600, 40)):
        day = DAY + timedelta(days=number)
        deliver(tmp_path / "inbox", "things", rows, day)
        assert told(judge(declared, tmp_path, warehouse_url, day)) == ({"things.usual_rows"} if rows == 40 else set())
        assert release_batch("shop", day, warehouse_url), "a warning holds nothing"
    settings = replace(Settings.from_env(), database_url=warehouse_url, smtp_url=f"smtp://127.0.0.1:{free_port()}")
    server = catch_mails(int(settings.smtp_url.rsplit(":", 1)[1]), tmp_path / "mail")
    assert send_pending(settings) == 1
    server.stop()
    (mail,) = mails(tmp_path / "mail")
    assert mail["Subject"].strip() == "[customer360 warning] shop 2026-11-19: gate_raw__shop passed with warnings"
    text = " ".join(mail.get_body(("plain",)).get_content().split())
    asked = "things.usual_rows (1/2 to 2 times as many rows as usual, and not none)"
    assert f"{asked}: 40 rows came. Usual are 1,500, the median of 3 batches" in text
