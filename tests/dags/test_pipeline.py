"""The pipeline through a real scheduler. One Airflow serves all tests; each builds on the days before it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import psutil
import psycopg
import pytest

from include.runtime import services
from include.runtime.backfill import start_day
from tests.dags.live import BANK_DAY, DAYS, GREEN, SYSTEMS, Live, Outcome, wait_until

pytestmark = pytest.mark.slow
HELD, PAUSED, KILLED = date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 7)
BUILT_FILES = "select count(*) from ops.build_files where system = %s and batch_date = %s"


def outcomes(printed: str) -> dict[tuple[str, str], str]:
    """How each system and the build of each day ended, from what `make backfill` prints."""
    rows = [[cell.strip() for cell in line.split("│")[1:4]] for line in printed.splitlines() if line.startswith("│")]
    found, day = {}, ""
    for date_cell, system, outcome in rows:
        day = date_cell or day
        found[day, system] = outcome
    return found


def test_demo__builds_each_day_once_while_make_up_runs(live: Live, summary: dict[str, Any]) -> None:
    assert {"api-server", "scheduler", "dag-processor", "triggerer"} <= set(services.running_services(live.run_dir))
    assert {"systems", "gates", "identity", "customers", "steps", "first_day_s", "wall_s", "runs"} <= set(summary)
    assert all(s["rows_read"] == s["rows_landed"] + s["rows_quarantined"] for s in summary["systems"].values())
    builds = [run["partition_key"] for run in summary["runs"] if run["dag_id"] == "build_customer360"]
    assert builds == [day.isoformat() for day in (*DAYS, BANK_DAY)]
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
    assert (summary["nothing_new_since_build"], again["nothing_new_since_build"]) == (None, len(DAYS) + 1)
    assert set(again["gates"]) == set(summary["gates"])


def test_held_batch__others_are_built_one_mail_comes_and_a_mended_file_builds_the_day_once_more(live: Live) -> None:
    live.deliver(HELD, DAYS[-1])
    delivered = next(live.inbox("crm", HELD).glob("customers*"))
    sound = delivered.read_text()
    delivered.write_text(sound.replace(",active,", ",dormant,").replace(",closed,", ",dormant,"))
    mails, people = len(live.mails()), live.checksums(("identity",))["identity.crosswalk"]
    states = live.run_day(HELD)
    assert states == GREEN | {"land__crm": "failed"}
    assert [m for m in live.mails()[mails:] if "critical" in m] == [
        f"[customer360 critical] crm {HELD}: gate_raw__crm held"
    ]
    assert live.query(BUILT_FILES, ["crm", HELD]) == [(0,)]
    assert live.checksums(("identity",))["identity.crosswalk"] == people

    again = live.run("backfill", "--from", str(HELD), "--to", str(HELD), "--system", "crm")
    assert again.returncode == 1
    assert outcomes(again.stdout) == {(str(HELD), "crm"): "held", (str(HELD), "(build)"): "-"}
    assert "customers.status.allowed" in again.stdout

    delivered.write_text(sound)
    mended = live.make("backfill", "--from", str(HELD), "--to", str(HELD), "--system", "crm")
    assert outcomes(mended) == {(str(HELD), "crm"): "released", (str(HELD), "(build)"): "built"}
    assert live.runs("build_customer360", HELD) == ["success", "success"]
    assert live.query(BUILT_FILES, ["crm", HELD]) == [(1,)]
    assert live.mails().count(f"[customer360 all clear] crm {HELD}: released now") == 1


def test_backfill__days_are_run_again_and_no_other_day(live: Live) -> None:
    before, runs = live.checksums(), live.count_runs()
    builds = live.query("select count(*) from ops.builds where state = 'built'")
    said = live.make("backfill", "--from", "2026-03-03", "--to", "2026-03-04")
    assert not live.query("select 1 from dag_run where state in ('queued', 'running')", database="airflow")
    ended = dict.fromkeys(SYSTEMS, "released") | {"bank": "not due", "(build)": "nothing new"}
    assert outcomes(said) == {
        (day, name): state for day in ("2026-03-03", "2026-03-04") for name, state in ended.items()
    }
    assert live.count_runs() == runs | {day: runs[day] + len(SYSTEMS) for day in ("2026-03-03", "2026-03-04")}
    assert live.query("select count(*) from ops.builds where state = 'built'") == builds, "nothing was new"
    assert live.checksums() == before


def test_paused_system__delays_the_day_until_it_is_closed(live: Live) -> None:
    others = tuple(system for system in SYSTEMS if system != "usage")
    live.deliver(PAUSED, DAYS[-1], others)
    live.server.call("PATCH", "dags/land__usage", {"is_paused": True})
    live.server.call("PATCH", "dags/close_day", {"is_paused": False})
    start_day(live.server, list(others), PAUSED)
    wait_until(lambda: all(live.runs(f"land__{s}", PAUSED) == ["success"] for s in others), "the others have landed")
    assert live.runs("build_customer360", PAUSED) == []
    live.server.call(
        "POST", "dags/close_day/dagRuns", {"logical_date": None, "partition_key": PAUSED.isoformat(), "conf": {}}
    )
    wait_until(lambda: live.runs("build_customer360", PAUSED) == ["success"], "the build of the closed day")
    live.server.call("PATCH", "dags/land__usage", {"is_paused": False})
    assert live.query("select count(distinct system) from ops.build_files where batch_date = %s", [PAUSED]) == [
        (len(others) - 1,)  # the bank has delivered nothing
    ]


def test_killed_landing__others_are_built_and_a_mail_comes(live: Live) -> None:
    live.deliver(KILLED, DAYS[-1])
    mails = len(live.mails())
    with _landing_waits(live, "finance") as holder:
        start_day(live.server, list(SYSTEMS), KILLED)
        killed: set[int] = set()
        for _ in range(4):  # the first try and three retries
            killed.add(_kill_waiting_task(live, holder, killed))
    wait_until(lambda: live.runs("land__finance", KILLED) == ["failed"], "the killed landing is red")
    wait_until(lambda: live.runs("build_customer360", KILLED) == ["success"], "the build without finance", 900)
    wait_until(lambda: len(live.mails()) > mails, "the mail of the run that died")
    assert [m for m in live.mails()[mails:] if "finance" in m] == [
        f"[customer360 critical] land__finance {KILLED}: a run ended without finishing"
    ]
    assert live.query(
        "select count(*) from ops.build_files where system = 'finance' and batch_date = %s", [KILLED]
    ) == [(0,)]
    assert live.run_day(KILLED, ("finance",))["land__finance"] == "success"
    assert live.is_balanced()


def test_mails_and_logs__hold_no_personal_data(live: Live) -> None:
    text = b"".join(path.read_bytes() for path in (live.run_dir / "mail").glob("*.eml"))
    emails = [row[0] for row in live.query("select email from core.dim_customer where email is not null limit 50")]
    assert emails
    assert not [e for e in emails if e.encode() in text]
    logs = b"".join(p.read_bytes() for p in (live.run_dir / "logs").rglob("*") if p.is_file())
    assert not [e for e in emails if e.encode() in logs]


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
