"""Linking and adopting in a real warehouse: complete, repeatable, honouring decisions."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest

from include.identity.run import adopt_clusters, link_people
from tests.include.identity.sample_people import comparable, sample_people

AS_OF = date(2026, 11, 16)
TABLES = ("records", "crosswalk", "customer_keys", "key_events", "links", "review_queue", "model_versions")
TYPES = {"batch_date": "date", "first_seen_date": "date", "recorded_at": "timestamptz", "date_of_birth": "date",
         "birth_year": "int", "links_by_id_only": "boolean"}  # fmt: skip
ANN = {"first_name": "Annabel", "last_name": "Lighterman", "email": "annabel@mail.example", "phone": "+447700900123",
       "date_of_birth": date(1980, 3, 4), "postcode": "SL3W 6NJ"}  # fmt: skip
BOB = {"first_name": "Bogdan", "last_name": "Wozniak", "email": "bogdan@mail.example", "phone": "+447700900777",
       "date_of_birth": date(1961, 8, 9), "postcode": "AB0H 2SJ"}  # fmt: skip


def deliver(url: str, rows: list[dict[str, Any]]) -> None:
    """What dbt would have built."""
    names = list(comparable("a/b/c"))
    columns = ", ".join(f"{name} {TYPES.get(name, 'text')}" for name in names)
    with psycopg.connect(url) as connection:
        connection.execute("create schema if not exists intermediate")
        connection.execute("drop table if exists intermediate.int_people__comparable")
        connection.execute(f"create table intermediate.int_people__comparable ({columns})")
        with connection.cursor().copy(
            f"copy intermediate.int_people__comparable ({', '.join(names)}) from stdin"
        ) as copy:
            for row in rows:
                copy.write_row([row[name] for name in names])


def crosswalk(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        return dict(connection.execute("select record_id, customer_key from identity.crosswalk").fetchall())


def checksum(url: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return [
            connection.execute(
                f"select md5(string_agg(t::text, '|' order by t::text)) from identity.{name} as t"
            ).fetchone()
            for name in TABLES
        ]


def decide(url: str, left: str, right: str, decision: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into identity.decisions (record_id_l, record_id_r, decision, decided_by, decided_at, why)"
            " values (%s, %s, %s, 'steward', '2026-11-16', 'seen both')",
            [left, right, decision],
        )


def rebuild(url: str, as_of: date = AS_OF) -> Any:
    link_people(url, as_of)
    return adopt_clusters(url, as_of)


def test_adopt_clusters__rerun_changes_nothing(warehouse_url: str) -> None:
    rows, _, _ = sample_people(1500, 11)
    deliver(warehouse_url, rows)
    first = rebuild(warehouse_url)
    assert len(crosswalk(warehouse_url)) == len(rows)
    assert first.minted == first.customers
    before = checksum(warehouse_url)
    again = rebuild(warehouse_url, date(2026, 11, 17))
    assert (again.kept, again.minted, again.merged, again.split, again.moved) == (first.customers, 0, 0, 0, 0)
    assert checksum(warehouse_url) == before


def test_link_people__changes_no_identity(warehouse_url: str) -> None:
    deliver(warehouse_url, [comparable("crm/customers/1", **ANN)])
    link_people(warehouse_url, AS_OF)
    assert crosswalk(warehouse_url) == {}


@pytest.mark.parametrize("rows", [[], [comparable("bank/clients/1", links_by_id_only=True)]])
def test_link_people__nobody_to_compare(rows: list[dict[str, Any]], warehouse_url: str) -> None:
    deliver(warehouse_url, rows)
    assert rebuild(warehouse_url).customers == len(rows)


def test_link_people__bank_clients_stay_alone(warehouse_url: str) -> None:
    twins = [comparable(f"bank/clients/{n}", **ANN) | {"links_by_id_only": True} for n in (1, 2)]
    deliver(warehouse_url, [*twins, comparable("crm/customers/1", **ANN)])
    assert rebuild(warehouse_url).customers == 3


def test_adopt_clusters__a_record_that_joins_two_customers_merges_them(warehouse_url: str) -> None:
    parts = [
        comparable("crm/customers/1", first_name="Annabel", last_name="Lighterman", email=ANN["email"]),
        comparable("finance/accounts/1", full_name="Annabel Lighterman", phone=ANN["phone"], postcode="SL3W 6NJ"),
    ]
    decide(warehouse_url, parts[0]["record_id"], parts[1]["record_id"], "different")
    deliver(warehouse_url, parts)
    assert rebuild(warehouse_url).customers == 2
    decide(warehouse_url, parts[0]["record_id"], parts[1]["record_id"], "same")
    summary = rebuild(warehouse_url, date(2026, 11, 17))
    assert (summary.customers, summary.kept, summary.merged, summary.minted) == (1, 1, 1, 0)
    with psycopg.connect(warehouse_url) as connection:
        survivor = connection.execute(
            "select survivor_key from identity.customer_keys where customer_key = 2"
        ).fetchone()
        events = connection.execute("select event_id, event, other_key from identity.key_events order by 1").fetchall()
    assert survivor == (1,)
    assert [event[1:] for event in events] == [
        ("minted", None), ("minted", None), ("joined", None), ("joined", None), ("merged", 1),
    ]  # fmt: skip
    assert [event[0] for event in events] == [1, 2, 3, 4, 5]


def test_adopt_clusters__decision_to_differ_splits_a_customer(warehouse_url: str) -> None:
    deliver(warehouse_url, [comparable("crm/customers/1", **ANN), comparable("finance/accounts/1", **ANN)])
    assert rebuild(warehouse_url).customers == 1
    decide(warehouse_url, "finance/accounts/1", "crm/customers/1", "different")
    summary = rebuild(warehouse_url)
    assert (summary.customers, summary.split) == (2, 1)
    assert crosswalk(warehouse_url)["crm/customers/1"] == 1


@pytest.mark.parametrize("other", [ANN, BOB], ids=["alike", "unlike"])
def test_adopt_clusters__decision_to_be_one_is_the_reason_of_the_link(
    other: dict[str, Any], warehouse_url: str
) -> None:
    deliver(warehouse_url, [comparable("crm/customers/1", **ANN), comparable("finance/accounts/1", **other)])
    rebuild(warehouse_url)
    decide(warehouse_url, "crm/customers/1", "finance/accounts/1", "same")
    for _ in range(2):
        rebuild(warehouse_url)
        with psycopg.connect(warehouse_url) as connection:
            links = connection.execute("select reason, probability, match_weight is null from identity.links")
            assert links.fetchall() == [("steward", 1.0, other is BOB)]


def test_adopt_clusters__decision_that_was_revoked_no_longer_counts(warehouse_url: str) -> None:
    deliver(warehouse_url, [comparable("crm/customers/1", **ANN), comparable("crm/customers/2", **BOB)])
    decide(warehouse_url, "crm/customers/1", "crm/customers/2", "same")
    assert rebuild(warehouse_url).customers == 1
    with psycopg.connect(warehouse_url) as connection:
        connection.execute(
            "insert into identity.decisions (record_id_l, record_id_r, decision, revokes_decision_id, decided_by,"
            " decided_at, why) select record_id_l, record_id_r, 'different', decision_id, 'steward', decided_at,"
            " 'a slip' from identity.decisions"
        )
    assert rebuild(warehouse_url).customers == 2


def test_adopt_clusters__link_that_its_clusters_contradict_is_queued(warehouse_url: str) -> None:
    daughter = comparable("finance/accounts/1", **ANN, claimed_customer_id="C1")
    mother = comparable("usage/product_usage/1", **{**ANN, "date_of_birth": date(1950, 7, 9)}, claimed_customer_id="C1")
    deliver(warehouse_url, [daughter, mother])
    assert rebuild(warehouse_url).customers == 2
    with psycopg.connect(warehouse_url) as connection:
        queued = connection.execute("select record_id_l, record_id_r, reason from identity.review_queue").fetchall()
    reason = (
        "these two records fit each other by the same customer id and e-mail address and phone, but the other records"
        " of the two customers do not"
    )
    assert queued == [(daughter["record_id"], mother["record_id"], reason)]
    decide(warehouse_url, daughter["record_id"], mother["record_id"], "different")
    rebuild(warehouse_url)
    with psycopg.connect(warehouse_url) as connection:
        assert connection.execute("select count(*) from identity.review_queue").fetchone() == (0,)
