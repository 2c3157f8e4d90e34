"""Who holds the choice of a model, and who does not: a linking does, training, judging and reading do not."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import psycopg
import pytest

from include.identity.linkings import request_relink
from include.identity.retrain import candidates
from include.identity.retrain.candidates import NotPossible, choose_model, judge_candidate, train_candidate
from include.identity.run import link_people
from include.identity.stewards.labels import evaluate_labels
from tests.include.identity.sample_people import sample_people
from tests.include.identity.stewards.people import AS_OF, ask, link

HOLDERS = """
select from pg_locks inner join pg_database on pg_locks.database = pg_database.oid
where datname = current_database() and relation = 'identity.model_choices'::regclass and mode = 'ShareLock'
"""


def with_option(url: str, option: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}options={quote('-c' + option)}"


@pytest.fixture
def url(warehouse_url: str) -> str:
    link(warehouse_url, sample_people(200, 11)[0])
    return warehouse_url


@pytest.mark.slow
def test_choose_model__while_a_linking_runs_refuses_and_does_not_hang(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = train_candidate(url)
    monkeypatch.setattr(candidates, "LONGEST_WAIT", "200ms")
    with ThreadPoolExecutor(1) as pool, psycopg.connect(url) as gate:
        # The linking reads what has been linked, and comes no further than to note itself.
        gate.execute("lock table identity.linkings in share mode")
        linking = pool.submit(link_people, url, AS_OF)
        until = time.monotonic() + 60
        while not ask(url, HOLDERS) and time.monotonic() < until:
            time.sleep(0.05)
        with pytest.raises(NotPossible, match="a linking runs"):
            choose_model(with_option(url, "statement_timeout=20s"), version, "olga", "x")
        gate.rollback()
        linking.result(timeout=60)
    assert ask(url, "select from identity.model_choices") == []
    choose_model(url, version, "olga", "x")


@pytest.mark.slow
def test_read_model__only_a_linking_waits_for_who_chooses(url: str) -> None:
    impatient = with_option(url, "lock_timeout=500ms")
    with psycopg.connect(url) as chooser:
        chooser.execute("lock table identity.model_choices in share row exclusive mode")
        judge_candidate(impatient, train_candidate(impatient))
        candidates.read_versions(impatient)
        evaluate_labels(impatient)
        request_relink(impatient, AS_OF)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            link_people(impatient, AS_OF)
