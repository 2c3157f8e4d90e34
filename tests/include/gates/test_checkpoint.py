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


def test_run_checkpoint__rows_of_a_batch_are_read_once_for_all_rules(warehouse_url: str) -> None:
    with psycopg.connect(warehouse_url) as connection:
        connection.execute("create sequence reads")
        connection.execute("create function read() returns bigint stable language sql as $$ select nextval('reads') $$")
    batch = Asset("things", "select read() as _row", is_read_once=True)
    rules = [rule(f"rule {n}", "select _row from {batch} where _row < 0") for n in range(5)]
    assert not any(finding.is_broken for finding in run_checkpoint("gate", warehouse_url, [batch], rules))
    with psycopg.connect(warehouse_url) as connection:
        # To count them takes none of their columns.
        assert connection.execute("select last_value from reads").fetchone() == (1,)


def test_run_checkpoint__one_wrong_rule_of_many_takes_no_other_with_it(warehouse_url: str) -> None:
    rules = [rule(f"rule {n}", "select _row from {batch} where _row > 0") for n in range(6)]
    rules[4] = rule("rule 4", "select nothing from {batch}")
    found = run_checkpoint("gate", warehouse_url, [ONE], rules)
    assert [finding.unexpected for finding in found] == [1, 1, 1, 1, 0, 1]
    assert [finding.examples for finding in found][3:5] == [[{"_row": "1"}], []]
    assert [finding.error is None for finding in found] == [True, True, True, True, False, True]
