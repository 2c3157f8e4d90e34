"""Linking what is new against the people that are there gives what linking everybody gives."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import psycopg
import pytest

from include.identity.drift import AGREED, LINKED, WEIGHED
from include.identity.keys import KeyEvent, replay
from include.identity.run import adopt_clusters, link_people
from tests.include.identity.sample_people import comparable, sample_people
from tests.include.identity.test_store import ANN, AS_OF, BOB, checksum, crosswalk, decide, deliver

pytestmark = pytest.mark.slow

MANY = 3000
Rows = list[dict[str, Any]]


def build(url: str, rows: Rows, mode: str, as_of: date = AS_OF) -> Any:
    deliver(url, rows)
    summary = link_people(url, as_of, mode)
    assert summary.mode == mode
    adopt_clusters(url, as_of)
    return summary


def ask(url: str, query: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def pairs_of(partition: dict[str, int]) -> set[tuple[str, str]]:
    members: dict[int, list[str]] = {}
    for record_id in sorted(partition):
        members.setdefault(partition[record_id], []).append(record_id)
    return {(a, b) for held in members.values() for a in held for b in held if a < b}


def agreement(one: dict[str, int], other: dict[str, int]) -> float:
    left, right = pairs_of(one), pairs_of(other)
    return len(left & right) / len(left | right)


def days_of_the_sample() -> list[Rows]:
    """The records of three days: new ones come, some change, some are withdrawn."""
    rows, _, _ = sample_people(MANY, 12)
    days = [[r for n, r in enumerate(rows) if n % 100 >= 6], [r for n, r in enumerate(rows) if n % 100 >= 3]]
    days[1] = [r | {"email": None} if n % 71 == 0 else r for n, r in enumerate(days[1])]
    days.append([r for n, r in enumerate(days[1]) if n % 83] + [r for n, r in enumerate(rows) if n % 100 < 3])
    return days


def test_link_people__increments_agree_with_linking_everybody(warehouse_url: str) -> None:
    first, *later = days_of_the_sample()
    build(warehouse_url, first, "full")
    for number, rows in enumerate(later, start=17):
        summary = build(warehouse_url, rows, "incremental", date(2026, 11, number))
        assert 0 < summary.relinked < len(rows) / 2
        found = crosswalk(warehouse_url)
        assert found.keys() == {row["record_id"] for row in rows}
    incremental = found
    events = ask(warehouse_url, "select event, customer_key, other_key, record_id, reason from identity.key_events"
                                " order by event_id")  # fmt: skip
    assert replay(KeyEvent(*event) for event in events) == incremental
    build(warehouse_url, later[-1], "full", date(2026, 11, 19))
    full = crosswalk(warehouse_url)
    assert agreement(incremental, full) >= 0.999
    drift = dict(ask(warehouse_url, "select kind, pairs from identity.drift"))
    assert drift.pop(AGREED) == len(pairs_of(incremental) & pairs_of(full))
    assert sum(drift.values()) == len(pairs_of(incremental) ^ pairs_of(full)) == drift[LINKED] + drift[WEIGHED]


def test_adopt_clusters__of_an_increment_leaves_nothing_to_those_who_look_at_everybody(warehouse_url: str) -> None:
    first, second, third = days_of_the_sample()
    build(warehouse_url, first, "full")
    for number, rows in enumerate((second, third, second, first), start=17):
        build(warehouse_url, rows, "incremental", date(2026, 11, number))
        before = checksum(warehouse_url)
        with psycopg.connect(warehouse_url) as connection:
            assert connection.execute("select from identity.unadopted").fetchall() == []
            connection.execute("update identity.linkings set is_adopted = false")
        adopt_clusters(warehouse_url, date(2026, 11, number))
        assert checksum(warehouse_url) == before


def test_link_people__an_increment_of_nothing_changes_nothing(warehouse_url: str) -> None:
    rows, _, _ = sample_people(MANY, 12)
    build(warehouse_url, rows, "full")
    before = checksum(warehouse_url)
    assert build(warehouse_url, rows, "incremental").changed == 0
    assert checksum(warehouse_url) == before


def test_link_people__what_was_killed_before_it_was_adopted_is_not_lost(warehouse_url: str) -> None:
    rows, _, _ = sample_people(MANY, 12)
    build(warehouse_url, rows[:-60], "full")
    deliver(warehouse_url, rows)
    link_people(warehouse_url, AS_OF, "incremental")  # and no adoption
    assert build(warehouse_url, rows, "incremental").changed == 0
    assert crosswalk(warehouse_url).keys() == {row["record_id"] for row in rows}
    found = crosswalk(warehouse_url)
    build(warehouse_url, rows, "full")
    assert agreement(found, crosswalk(warehouse_url)) >= 0.999


def others() -> Rows:
    return sample_people(MANY, 12)[0]


def test_link_people__a_changed_record_leaves_its_customer_and_a_new_one_joins(warehouse_url: str) -> None:
    one, two = comparable("crm/customers/a1", **ANN), comparable("finance/accounts/a2", **ANN)
    build(warehouse_url, [*others(), one, two], "full")
    keys = crosswalk(warehouse_url)
    assert keys["crm/customers/a1"] == keys["finance/accounts/a2"]
    stranger = {"first_name": "Zbigniew", "last_name": "Quast", "email": "zq@mail.example",
                "date_of_birth": date(1950, 1, 9), "phone": "+447700900555", "postcode": "ZZ1 1ZZ"}  # fmt: skip
    three = comparable("usage/product_usage/a3", **ANN)
    build(warehouse_url, [*others(), one, two | stranger, three], "incremental", date(2026, 11, 17))
    now = crosswalk(warehouse_url)
    assert now["crm/customers/a1"] == now["usage/product_usage/a3"] == keys["crm/customers/a1"]
    assert now["finance/accounts/a2"] not in (keys["crm/customers/a1"], None)
    assert {k: v for k, v in now.items() if "/a" not in k} == {k: v for k, v in keys.items() if "/a" not in k}


@pytest.mark.parametrize("becomes", [None, BOB], ids=["is withdrawn", "is somebody else by now"])
def test_link_people__who_loses_a_record_stays_one_customer_with_those_whom_no_link_joins_him(
    becomes: dict[str, Any] | None, warehouse_url: str
) -> None:
    """Three give one mailbox and a telephone, two another mailbox and a birth: the name joins them all, and no pair
    across the two mailboxes is a link.
    """
    name = {"first_name": "Annabel", "last_name": "Lighterman"}
    by_phone = name | {"email": ANN["email"], "phone": ANN["phone"]}
    by_birth = name | {"email": "lighterman@post.example", "date_of_birth": ANN["date_of_birth"]}
    called = [comparable(f"{place}/1", **by_phone) for place in ("crm/customers", "finance/accounts", "service/i")]
    stays, goes = (comparable(f"{place}/1", **by_birth) for place in ("hr/employees", "usage/product_usage"))
    rest = [*others()[:600], *called, stays]
    build(warehouse_url, [*rest, goes], "full")
    before = crosswalk(warehouse_url)
    one = [row["record_id"] for row in (*called, stays)]
    assert {before[r] for r in one} == {before[goes["record_id"]]}
    links = set(ask(warehouse_url, "select record_id_l, record_id_r from identity.proposed_links"))
    across = {(min(a, b), max(a, b)) for a in one[:3] for b in (one[3], goes["record_id"])}
    assert not links & across
    gone = [goes | becomes] if becomes else []
    build(warehouse_url, [*rest, *gone], "incremental", date(2026, 11, 17))
    now = crosswalk(warehouse_url)
    assert [now[r] for r in one] == [before[r] for r in one]
    build(warehouse_url, [*rest, *gone], "full", date(2026, 11, 18))
    assert crosswalk(warehouse_url) == now


def test_link_people__a_record_without_a_name_finds_its_customer_whoever_comes_first(warehouse_url: str) -> None:
    user = comparable("web/users/U1", identifiers="user_id:U1") | {"links_by_id_only": True}
    asked = comparable("support/contacts/q1", phone=ANN["phone"])
    shop = comparable("ecommerce/accounts/1", **ANN, identifiers="user_id:U1")
    for name, first, later in (("crm", [user, asked], [shop]), ("pos", [shop], [user, asked])):
        base = [r | {"record_id": f"{name}{r['record_id']}"} for r in others()[:300]]
        build(warehouse_url, [*base, *first], "full")
        build(warehouse_url, [*base, *first, *later], "incremental", date(2026, 11, 17))
        now = crosswalk(warehouse_url)
        assert len({now[r["record_id"]] for r in (user, asked, shop)}) == 1


def test_link_people__a_decision_is_heard_in_an_increment_and_so_is_its_end(warehouse_url: str) -> None:
    one, two = comparable("crm/customers/a1", **ANN), comparable("finance/accounts/a2", **ANN)
    rows = [*others(), one, two]
    build(warehouse_url, rows, "full")
    decide(warehouse_url, "crm/customers/a1", "finance/accounts/a2", "different")
    build(warehouse_url, rows, "incremental")
    now = crosswalk(warehouse_url)
    assert now["crm/customers/a1"] != now["finance/accounts/a2"]
    with psycopg.connect(warehouse_url) as connection:
        connection.execute(
            "insert into identity.decisions (record_id_l, record_id_r, decision, revokes_decision_id, decided_by,"
            " decided_at, why) select record_id_l, record_id_r, 'undo', decision_id, 'steward', '2026-11-17', 'no'"
            " from identity.decisions"
        )
    build(warehouse_url, rows, "incremental")
    now = crosswalk(warehouse_url)
    assert now["crm/customers/a1"] == now["finance/accounts/a2"]


def test_link_people__the_queue_of_an_increment_is_like_the_one_of_everybody(warehouse_url: str) -> None:
    first, second, _ = days_of_the_sample()
    build(warehouse_url, first, "full")
    build(warehouse_url, second, "incremental")
    queue = "select item_id, kind from identity.review_queue where kind <> 'note'"
    found = set(ask(warehouse_url, queue))
    build(warehouse_url, second, "full")
    everybody = set(ask(warehouse_url, queue))
    assert len(found & everybody) / len(found | everybody) > 0.9


@pytest.mark.parametrize(
    ("mode", "limit", "changed", "expected", "why"),
    [
        ("auto", "1000000", 5, "full", "at most 1000000 records"),
        ("auto", "100", 5, "incremental", "few records have changed"),
        ("full", "100", 5, "full", "by setting"),
        ("incremental", "1000000", 5, "incremental", "by setting"),
        ("auto", "100", 900, "full", "more than 10% of the records have changed"),
    ],
)
def test_link_people__the_mode(
    mode: str, limit: str, changed: int, expected: str, why: str, warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUSTOMER360_LINK_MODE", mode)
    monkeypatch.setenv("CUSTOMER360_FULL_LINK_RECORDS", limit)
    deliver(warehouse_url, others()[:-changed])
    assert link_people(warehouse_url, AS_OF).mode == "full"
    deliver(warehouse_url, others())
    link_people(warehouse_url, date(2026, 11, 17))
    rows = ask(warehouse_url, "select mode, reason, changed, batch_date from identity.linkings order by linking_id")
    assert rows[1] == (expected, why, changed, date(2026, 11, 17))


def test_link_people__in_full_after_another_model(warehouse_url: str) -> None:
    build(warehouse_url, others(), "full")
    with psycopg.connect(warehouse_url) as connection:
        connection.execute("update identity.linkings set model_version = 'older'")
    assert link_people(warehouse_url, AS_OF, "incremental").mode == "full"


def test_link_people__only_what_changed_is_written_anew(warehouse_url: str) -> None:
    rows = others()
    build(warehouse_url, rows, "full")
    versions = "select record_id, xmin::text from identity.{} where record_id <> '{}'"
    changed = rows[10] | {"occupation": "baker"}
    before = [ask(warehouse_url, versions.format(table, changed["record_id"])) for table in ("records", "crosswalk")]
    build(warehouse_url, [changed if r is rows[10] else r | {"batch_date": date(2026, 11, 30)} for r in rows], "full")
    after = [ask(warehouse_url, versions.format(table, changed["record_id"])) for table in ("records", "crosswalk")]
    assert [Counter(rows) for rows in before] == [Counter(rows) for rows in after]
