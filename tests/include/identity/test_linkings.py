"""A linking in full is asked for where one can change something, and the request stands until a build is published."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest

from include.identity.linkings import request_relink
from include.identity.model import MODEL_VERSION
from include.identity.run import link_people
from include.identity.standardise import VERSION
from include.ops.builds import begin_build, end_build
from tests.include.identity.sample_people import comparable
from tests.include.identity.test_store import ANN, AS_OF, BOB, deliver

SUNDAY = date(2026, 11, 22)


def note(url: str, *linkings: tuple[str, bool], model: str = MODEL_VERSION) -> None:
    """Linkings in their order, each its mode and whether it was adopted."""
    with psycopg.connect(url) as connection:
        for number, (mode, is_adopted) in enumerate(linkings, start=1):
            connection.execute(
                "insert into identity.linkings values (%s, %s, %s, '', 5, 1, 0, 5, %s, %s, %s)",
                [number, AS_OF, mode, model, VERSION, is_adopted],
            )


@pytest.mark.parametrize(
    ("linkings", "is_asked"),
    [
        ([], False),
        ([("full", True), ("full", True)], False),
        ([("full", True), ("incremental", True)], True),
        ([("full", True), ("incremental", True), ("full", True)], False),
        ([("full", True), ("incremental", True), ("full", False)], True),
        ([("full", True), ("full", False)], False),
    ],
)
def test_request_relink__only_after_an_increment(
    linkings: list[tuple[str, bool]], is_asked: bool, warehouse_url: str
) -> None:
    note(warehouse_url, *linkings)
    assert request_relink(warehouse_url, SUNDAY) is is_asked
    with psycopg.connect(warehouse_url) as connection:
        requests = connection.execute("select requested_for from identity.relink_requests").fetchall()
    assert requests == ([(SUNDAY,)] if is_asked else [])


def test_request_relink__after_another_model(warehouse_url: str) -> None:
    note(warehouse_url, ("full", True), model="older")
    assert request_relink(warehouse_url, SUNDAY)


@pytest.mark.slow
def test_request_relink__the_next_linking_is_full_until_a_build_is_published(warehouse_url: str) -> None:
    deliver(warehouse_url, [comparable("crm/customers/1", **ANN), comparable("crm/customers/2", **BOB)])
    assert [link_people(warehouse_url, AS_OF, "incremental").mode for _ in range(2)] == ["full", "incremental"]
    assert request_relink(warehouse_url, SUNDAY)
    for _ in range(2):
        assert link_people(warehouse_url, AS_OF, "incremental").mode == "full"
    begin_build(warehouse_url, SUNDAY.isoformat(), "run")
    end_build(warehouse_url, "run", "failed")
    assert request_relink(warehouse_url, SUNDAY), "the one before has come to nothing"
    assert link_people(warehouse_url, AS_OF, "incremental").mode == "full"
    end_build(warehouse_url, "run", "built")
    assert link_people(warehouse_url, AS_OF, "incremental").mode == "incremental"
