"""Whatever the batches and the order in which they land: the same people, keys that stay, a history that tells it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from include.identity.keys import KeyEvent, replay
from include.identity.run import adopt_clusters, link_people
from tests.include.identity.sample_people import comparable
from tests.include.identity.test_store import ANN, BOB, crosswalk, deliver

FIRST_DAY, DAYS = date(2026, 11, 16), 4
# The daughter shares the house, the telephone and the family name; she was recorded with her mother's mailbox first.
EVA = ANN | {"first_name": "Eva", "date_of_birth": date(2004, 7, 1), "email": "eva@mail.example"}
NIL = {"first_name": "Nil", "last_name": "Sanders", "birth_year": 1975, "gender": "m", "postcode": "LS1 4DY"}
# What each record says, and what it said before; the former version may land after the present one.
RECORDS: dict[str, tuple[dict[str, Any], dict[str, Any] | None]] = {
    "crm/customers/1": (ANN | {"claimed_customer_id": "C1"}, None),
    "crm/customers/2": (BOB | {"claimed_customer_id": "C2"}, BOB | {"claimed_customer_id": "C2", "email": None}),
    "crm/customers/3": (BOB | {"first_name": "Bogadn", "email": None}, ANN),  # moves
    "finance/accounts/1": (ANN | {"phone": None}, None),
    "finance/accounts/2": ({"full_name": "Wozniak, Bogdan", "email": BOB["email"]}, None),
    "finance/accounts/3": (EVA, EVA | {"email": ANN["email"]}),
    "service/contacts/1": ({"full_name": "Anabel Lighterman", "phone": ANN["phone"]}, None),
    "usage/product_usage/1": (EVA | {"phone": None, "postcode": "M1 7ED"}, None),
    "usage/product_usage/2": (ANN | {"last_name": "Lightermann"}, ANN | {"claimed_customer_id": "C2"}),
    "hr/employees/1": (NIL, None),
    "motor/vehicles/1": ({"first_name": "Nil", "last_name": "Sanders", "birth_year": 1975, "gender": "m"}, None),
    "web/users/1": ({"email": BOB["email"], "links_by_id_only": True}, None),
}  # fmt: skip
# The day and what it brings: versions by record, None where its source has withdrawn it.
Batch = tuple[date, dict[str, dict[str, Any] | None]]


@st.composite
def deliveries(draw: st.DrawFn) -> list[Batch]:
    """Batches by day: each record's present version in one or several, its former one before them."""
    days = [FIRST_DAY + timedelta(n) for n in range(DAYS)]
    batches: dict[date, dict[str, dict[str, Any] | None]] = {day: {} for day in days}
    for record_id, (present, former) in RECORDS.items():
        since = draw(st.integers(0 if former is None else 1, DAYS - 1))
        for day in {days[since], *draw(st.lists(st.sampled_from(days[since:]), max_size=2))}:
            batches[day][record_id] = present
        if former is not None:
            batches[draw(st.sampled_from(days[:since]))][record_id] = former
    return [(day, content) for day, content in batches.items() if content]


def rows_of(landed: Iterable[Batch]) -> list[dict[str, Any]]:
    """The newest version of each record in what has landed, as staging takes it, in the order of landing."""
    newest: dict[str, tuple[date, dict[str, Any] | None]] = {}
    first: dict[str, date] = {}
    for day, content in landed:
        for record_id, version in content.items():
            first[record_id] = min(day, first.get(record_id, day))
            if record_id not in newest or newest[record_id][0] < day:
                newest[record_id] = day, version
    return [
        comparable(record_id, **version, batch_date=day, first_seen_date=first[record_id])
        for record_id, (day, version) in newest.items()
        if version is not None
    ]


def people(keys: dict[str, int]) -> dict[frozenset[str], int]:
    """The key of each person, who is the set of the records."""
    return {frozenset(r for r in keys if keys[r] == key): key for key in keys.values()}


def start_afresh(url: str) -> None:
    with psycopg.connect(url) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = 'identity'").fetchall()
        connection.execute(f"truncate {', '.join(f'identity.{name}' for (name,) in tables)}".encode())


def land_all(url: str, batches: list[Batch]) -> dict[str, int]:
    """A build of everybody after each batch, with what has to hold after every one; the crosswalk after the last."""
    start_afresh(url)
    keys: dict[str, int] = {}
    held: dict[int, frozenset[str]] = {}
    for number, (day, _) in enumerate(batches, start=1):
        deliver(url, rows_of(batches[:number]))
        link_people(url, day, "full")
        adopt_clusters(url, day)
        keys = check_keys(url, keys, held)
    return keys


def check_keys(url: str, before: dict[str, int], held: dict[int, frozenset[str]]) -> dict[str, int]:
    """What holds after every build; returns the crosswalk. `before` is the one before the build, and `held` are the
    records that each key had when it had some, which is brought up to date.
    """
    keys = crosswalk(url)
    now, former = people(keys), people(before)
    assert all(now[group] == former[group] for group in now.keys() & former.keys()), "unchanged people"
    assert replay(history(url)) == keys
    held |= {key: group for group, key in now.items()}
    with psycopg.connect(url) as connection:
        query = "select customer_key, survivor_key from identity.customer_keys"
        survivor: dict[int, int | None] = dict(connection.execute(query).fetchall())
    assert survivor.keys() == held.keys(), "every key that was given, and no other"
    for key, group in held.items():
        if (to := survivor[key]) is not None:
            assert key not in keys.values()
            assert survivor[to] is None, "resolved in one step"
        else:
            assert key in keys.values() or not group & keys.keys(), "whoever is there, is found by the key he had"
    return keys


def history(url: str) -> list[KeyEvent]:
    with psycopg.connect(url) as connection:
        events = connection.execute(
            "select event, customer_key, other_key, record_id, reason from identity.key_events order by event_id"
        ).fetchall()
    return [KeyEvent(*event) for event in events]


@pytest.mark.slow
@given(deliveries(), st.randoms(use_true_random=False))
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_builds__the_same_people_whatever_the_batches_and_their_order(
    warehouse_url: str, batches: list[Batch], chance: Any
) -> None:
    """Few examples: each is about nine builds, of half a second each."""
    shuffled = [*batches, chance.choice(batches)]  # one lands twice
    chance.shuffle(shuffled)
    in_order, in_disorder = land_all(warehouse_url, batches), land_all(warehouse_url, shuffled)
    assert in_order.keys() == in_disorder.keys() == RECORDS.keys()
    assert set(people(in_order)) == set(people(in_disorder)) == {
        frozenset({"crm/customers/1", "finance/accounts/1", "service/contacts/1", "usage/product_usage/2"}),
        frozenset({"crm/customers/2", "crm/customers/3", "finance/accounts/2", "web/users/1"}),
        frozenset({"finance/accounts/3", "usage/product_usage/1"}),
        frozenset({"hr/employees/1", "motor/vehicles/1"}),
    }  # fmt: skip
