"""The pipeline through a real scheduler, with a few systems. One Airflow serves all tests; each builds on the days
before it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import psutil
import psycopg
import pytest

from include.runtime import services
from include.transform.build import STEPS
from tests.dags.live import BUILD, DAYS, FEW, PUBLISHED, Live, Outcome, wait_until

pytestmark = pytest.mark.slow
KILLED, HELD = date(2026, 3, 5), date(2026, 3, 6)
NEWEST_USAGE = "select max(batch_date), bool_and(customer_key is not null) from core.fact_product_usage"
BUILT_FILES = "select count(*) from ops.build_files where system = %s and batch_date = %s"
# The bank delivers on the last day of the sample alone, and only when it is asked to.
RELEASED = dict.fromkeys(FEW, "released") | {"bank": "not due", "(build)": "built"}


def outcomes(printed: str) -> dict[tuple[str, str], str]:
    """How each system and the build of each day ended, from what `make backfill` prints."""
    rows = [[cell.strip() for cell in line.split("│")[1:4]] for line in printed.splitlines() if line.startswith("│")]
    found, day = {}, ""
    for date_cell, system, outcome in rows:
        day = date_cell or day
        found[day, system] = outcome
    return found


def backfill(first: date, last: date, system: str = "") -> list[str]:
    chosen = ["--system", system] if system else []
    return ["backfill", "--from", first.isoformat(), "--to", last.isoformat(), *chosen]


def about(live: Live, *words: str) -> list[str]:
    """The mails whose subject has every word."""
    return [mail for mail in live.mails() if all(word in mail for word in words)]


def test_demo__builds_each_day_once_while_make_up_runs(live: Live, summary: dict[str, Any]) -> None:
    assert {"api-server", "scheduler", "dag-processor", "triggerer"} <= set(services.running_services(live.run_dir))
    assert {"systems", "gates", "identity", "customers", "steps", "first_day_s", "wall_s", "runs"} <= set(summary)
    assert all(s["rows_read"] == s["rows_landed"] + s["rows_quarantined"] for s in summary["systems"].values())
    builds = [run["partition_key"] for run in summary["runs"] if run["dag_id"] == BUILD]
    assert builds == [day.isoformat() for day in DAYS]
    assert {run["state"] for run in summary["runs"]} == {"success"}
    assert {run["run_type"] for run in summary["runs"]} == {"backfill", "asset_triggered"}
    for stratum in ("every_record", "all", "no_shared_id", "corrupted"):
        assert {"pairs", "precision", "recall", "f1", "baselines"} <= set(summary["identity"][stratum])
    assert summary["identity"]["all"]["precision"] > 0.95
    assert summary["identity"]["all"]["recall"] > 0.95
    assert min(figures["share_of_possible"] for figures in summary["identity"]["by_system"].values()) > 0.9
    assert live.query("select count(*) from marts.customer_360") == [(summary["customers"],)]
    assert live.query("select count(*) from core.fact_transactions where system = 'bank'") == [(4,)]
    assert (live.run_dir / "dbt" / "prod" / "static_index.html").exists()
    assert (live.run_dir / "data_docs" / "data_docs.html").exists()
    assert "Against the truth of the sample" in (live.run_dir / "identity_report" / "index.html").read_text()


def test_demo__again_changes_no_row_and_says_so(live: Live, summary: dict[str, Any], undisturbed: Outcome) -> None:
    again = live.demo()
    assert live.checksums() == undisturbed.checksums
    assert (summary["nothing_new_since_build"], again["nothing_new_since_build"]) == (None, len(DAYS))
    assert set(again["gates"]) == set(summary["gates"])


def test_build__anew_from_the_same_files_changes_no_row(live: Live, undisturbed: Outcome) -> None:
    """The demo has run every landing again; here every step of the last build is."""
    batches = live.query("select released_batches from ops.builds where state = 'built' order by build_id")
    before = live.query("select max(step_id) from ops.steps")
    run_id = live.build_anew()
    state = "select 1 from dag_run where run_id = %s and clear_number = 1 and state in ('success', 'failed')"
    wait_until(lambda: live.query(state, [run_id], "airflow"), "the build that was cleared", 900)
    ran = live.query("select step, state from ops.steps where step_id > %s order by step_id", list(before[0]))
    assert ran == [(step, "success") for step in STEPS]
    assert live.query("select released_batches from ops.builds where state = 'built' order by build_id") == batches
    live.outcome().assert_equals(undisturbed)


@dataclass(frozen=True)
class FreshDays:
    """What came of two days that had never been landed, in one backfill: on the first, a landing was killed until it
    had no try left; on the second, the raw gate refused a delivery, and another system delivered nothing.
    """

    status: int
    said: str
    before: dict[tuple[str, str], int]
    people: Any


@pytest.fixture(scope="module")
def fresh(live: Live, undisturbed: Outcome) -> FreshDays:
    for day in (KILLED, HELD):
        live.deliver(day, DAYS[-1])
    delivered = next(live.inbox("finance", HELD).glob("accounts*"))
    delivered.write_text(delivered.read_text().replace('"status": "open"', '"status": "dormant"'))
    shutil.rmtree(live.inbox("usage", HELD))
    before = live.count_runs()
    with _landing_waits(live, "service") as holder:
        process = live.begin(*backfill(KILLED, HELD))
        killed: set[int] = set()
        for _ in range(4):  # the first try and three retries
            killed.add(_kill_waiting_task(live, holder, killed))
    said = _end_of(process)
    return FreshDays(process.returncode, said, before, undisturbed.checksums["identity.crosswalk"])


def test_backfill__builds_each_fresh_day_once_and_no_other_day(live: Live, fresh: FreshDays) -> None:
    ended = {(str(day), name): state for day in (KILLED, HELD) for name, state in RELEASED.items()}
    ended |= {(str(KILLED), "service"): "crashed", (str(HELD), "finance"): "held", (str(HELD), "usage"): "absent"}
    assert outcomes(fresh.said) == ended
    assert fresh.status == 1
    dag_ids = [BUILD, *(f"land__{system}" for system in FEW)]
    added = {(dag_id, day.isoformat()): 1 for dag_id in dag_ids for day in (KILLED, HELD)}
    assert live.count_runs() == fresh.before | added
    assert live.runs(BUILD, KILLED) == live.runs(BUILD, HELD) == ["success"]
    assert live.is_balanced()


def test_held_batch__others_are_built_and_one_mail_comes(live: Live, fresh: FreshDays) -> None:
    assert "accounts.status.allowed" in fresh.said
    assert live.runs("land__finance", HELD) == ["failed"]
    assert live.tasks("land__finance", HELD)["gate_raw"] == ("failed", 1), "a red gate is not tried again"
    assert live.query(BUILT_FILES, ["finance", HELD]) == [(0,)]
    assert live.query(BUILT_FILES, ["crm", HELD]) == [(1,)]
    assert live.checksums(("identity",))["identity.crosswalk"] == fresh.people
    assert about(live, "critical", "finance") == [f"[customer360 critical] finance {HELD}: gate_raw__finance held"]


def test_absent_feed__others_are_built_and_one_mail_comes(live: Live, fresh: FreshDays) -> None:
    """Absent is not held: the run is green, and a warning tells of it."""
    assert "no file in the inbox: the day is built without it" in fresh.said
    assert live.runs("land__usage", HELD) == ["success"]
    tasks = {name: state for name, (state, _) in live.tasks("land__usage", HELD).items()}
    assert tasks == {"land": "success", "gate_raw": "skipped", "release": "skipped", "reopen_day": "skipped",
                     "settle": "success"}  # fmt: skip
    states = live.query("select system, state from ops.batches where batch_date = %s", [HELD])
    assert dict(states) == dict.fromkeys(("crm", "demographics", "service"), "released") | {
        "bank": "not_due", "finance": "held", "usage": "absent",
    }  # fmt: skip
    assert live.query(BUILT_FILES, ["usage", HELD]) == [(0,)]
    assert live.query(BUILT_FILES, ["service", HELD]) == [(1,)]
    assert live.query(NEWEST_USAGE) == [(KILLED, True)], "customers keep what it said of them before"
    assert about(live, "usage") == [f"[customer360 warning] usage {HELD}: no delivery"]


def test_killed_landing__others_are_built_and_one_mail_comes(live: Live, fresh: FreshDays) -> None:
    assert "task land" in fresh.said
    assert live.runs("land__service", KILLED) == ["failed"]
    assert live.tasks("land__service", KILLED)["land"] == ("failed", 4)
    assert live.query(BUILT_FILES, ["service", KILLED]) == [(0,)]
    assert live.query(BUILT_FILES, ["service", HELD]) == [(1,)]
    wait_until(lambda: about(live, "service"), "the mail of the run that died")
    assert about(live, "critical", "service") == [
        f"[customer360 critical] land__service {KILLED}: a run ended without finishing"
    ]


@pytest.mark.usefixtures("fresh")
def test_red_gate__publishes_nothing_mails_once_and_a_corrected_delivery_builds_the_day_once_more(live: Live) -> None:
    """What was held is replaced by what only the gate of the marts can refuse, then by what is right."""
    delivered = next(live.inbox("finance", HELD).glob("accounts*"))
    delivered.write_text(_in_unknown_currency(next(live.inbox("finance", DAYS[0]).glob("accounts*")).read_text()))
    published, builds = live.checksums(PUBLISHED), live.query("select count(*) from ops.builds where state = 'built'")
    refused = live.run(*backfill(HELD, HELD, "finance"))
    assert outcomes(refused.stdout) == {(str(HELD), "finance"): "released", (str(HELD), "(build)"): "failed"}
    assert refused.returncode == 1
    tasks = live.tasks(BUILD, HELD)
    assert tasks["build_marts"] == ("success", 1)
    assert tasks["gate_marts"] == ("failed", 1), "a red gate is not tried again"
    assert [tasks[name][0] for name in ("publish_marts", "publish_docs")] == ["upstream_failed"] * 2
    assert live.runs(BUILD, HELD) == ["success", "failed"]
    assert live.checksums(PUBLISHED) == published
    assert live.query("select count(*) from ops.builds where state = 'built'") == builds

    delivered.write_text(next(live.inbox("finance", DAYS[-1]).glob("accounts*")).read_text())
    mended = live.make(*backfill(HELD, HELD, "finance"))
    assert outcomes(mended) == {(str(HELD), "finance"): "released", (str(HELD), "(build)"): "built"}
    assert live.runs(BUILD, HELD) == ["success", "failed", "success"]
    assert live.query(BUILT_FILES, ["finance", HELD]) == [(1,)]
    assert about(live, BUILD) == [], "the failed run is told of by its gate alone"
    assert about(live, "critical", "gate_marts") == [f"[customer360 critical] {HELD}: gate_marts stopped"]
    assert about(live, "all clear") == [f"[customer360 all clear] finance {HELD}: released now"]


@pytest.mark.usefixtures("fresh")
def test_absent_feed__that_comes_late_has_its_day_built_once_more(live: Live) -> None:
    builds = live.runs(BUILD, HELD)
    shutil.copytree(live.inbox("usage", DAYS[-1]), live.inbox("usage", HELD))
    late = live.make(*backfill(HELD, HELD, "usage"))
    assert outcomes(late) == {(str(HELD), "usage"): "released", (str(HELD), "(build)"): "built"}
    assert live.runs(BUILD, HELD) == [*builds, "success"]
    assert live.query(BUILT_FILES, ["usage", HELD]) == [(1,)]
    assert live.query(NEWEST_USAGE) == [(HELD, True)]
    assert len(about(live, "usage")) == 1, "what only warned has no all-clear"
    over = "select expectation from ops.alerts where system = 'usage' and batch_date = %s and resolved_at <= now()"
    assert live.query(over, [HELD]) == [("batch_delivered",)]


@pytest.mark.usefixtures("fresh")
def test_mails_and_logs__hold_no_personal_data(live: Live) -> None:
    text = b"".join(path.read_bytes() for path in (live.run_dir / "mail").glob("*.eml"))
    emails = [row[0] for row in live.query("select email from core.dim_customer where email is not null limit 50")]
    assert emails
    assert not [e for e in emails if e.encode() in text]
    logs = b"".join(p.read_bytes() for p in (live.run_dir / "logs").rglob("*") if p.is_file())
    assert not [e for e in emails if e.encode() in logs]


@pytest.mark.usefixtures("fresh")
def test_killed_landing__lands_when_it_is_cleared_and_has_its_day_built_once_more(live: Live) -> None:
    """The last test of this Airflow: it does not wait for the end of the build."""
    live.clear("land__service", KILLED)
    wait_until(lambda: live.runs("land__service", KILLED) == ["success"], "the landing that was cleared")
    wait_until(lambda: len(live.runs(BUILD, KILLED)) == 2, "the day that is built once more")
    assert live.is_balanced()


def _in_unknown_currency(accounts: str) -> str:
    """The same accounts with new transactions in a currency of the form that the contract asks for, without a rate."""
    found = json.loads(accounts)
    for account in found:
        for transaction in account["transaction_history"]:
            transaction |= {"currency": "XXX", "transaction_id": "N" + transaction["transaction_id"]}
    return json.dumps(found)


def _end_of(process: subprocess.Popen[str]) -> str:
    try:
        return process.communicate(timeout=900)[0]
    finally:
        process.kill()


@contextmanager
def _landing_waits(live: Live, system: str) -> Iterator[int]:
    """While this holds, landing the system waits for the lock on its raw tables; gives the lock's session."""
    with psycopg.connect(live.url) as connection:
        connection.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"raw_{system}"])
        yield connection.info.backend_pid


def _kill_waiting_task(live: Live, holder: int, killed: set[int]) -> int:
    """kill -9 of the process whose session waits for the holder; returns its port, to tell it from the next try's."""
    waiting = (
        "select client_port from pg_stat_activity where %s = any(pg_blocking_pids(pid)) and not client_port = any(%s)"
    )
    found = wait_until(lambda: live.query(waiting, [holder, list(killed)]), "a landing that waits for its lock")
    port: int = found[0][0]
    for process in psutil.process_iter():
        try:
            if any(c.laddr and c.laddr.port == port for c in process.net_connections("tcp")):
                process.kill()
                return port
        except psutil.Error:
            continue
    pytest.fail("no process holds the waiting session")
