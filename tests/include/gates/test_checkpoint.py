"""A rule that cannot be evaluated is broken; a Postgres that went away is no fault of the data, and is no finding."""

from __future__ import annotations

import threading
import time

import psycopg
import pytest

from include.gates.checkpoint import run_checkpoint
from include.gates.rules import Asset, Rule

ONE = Asset("things", "select 1 as _row")
GOES_ON = "pg_stat_activity where datname = %s and pid <> pg_backend_pid() and query like '%%pg_sleep(5)%%'"


def rule(name: str, query: str) -> Rule:
    return Rule(name, "accuracy", "critical", query, "things")


def test_run_checkpoint__a_rule_that_cannot_be_evaluated_is_broken(warehouse_url: str) -> None:
    rules = [rule("sound", "select _row from {batch} where false"), rule("wrong", "select nothing from {batch}")]
    sound, wrong = run_checkpoint("gate", warehouse_url, [ONE], rules)
    assert (sound.is_broken, sound.evaluated, sound.error) == (False, 1, None)
    assert (wrong.is_broken, wrong.error) == (True, "the rule could not be evaluated")


@pytest.mark.slow
def test_run_checkpoint__sessions_that_a_restart_has_ended_are_no_finding(
    warehouse_url: str, postgres_url: str
) -> None:
    """Every session ends, as where Postgres is killed; it answers again by the time the gate counts its rows."""
    database = psycopg.conninfo.conninfo_to_dict(warehouse_url)["dbname"]

    def restart() -> None:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            deadline = time.monotonic() + 240
            while not connection.execute(f"select 1 from {GOES_ON}", [database]).fetchone():
                assert time.monotonic() < deadline
                time.sleep(0.1)
            connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [database])

    killer = threading.Thread(target=restart)
    killer.start()
    slow = rule("slow", "select _row from {batch}, pg_sleep(5)")
    with pytest.raises(psycopg.OperationalError):
        run_checkpoint("gate", warehouse_url, [ONE], [slow, rule("next", "select _row from {batch} where false")])
    killer.join()
