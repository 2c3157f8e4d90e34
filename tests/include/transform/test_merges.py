"""A merge moves facts, the customer view and its history by itself, a split moves them back; the key events tell it."""

from __future__ import annotations

import csv
import json
from datetime import date
from typing import Any

import psycopg
import pytest

from include.identity.report import write_report
from include.settings import Settings
from tests.include.warehouse import DAYS, build, land, rows, write_days

ANNABEL = {"first_name": "Annabel", "last_name": "Lighterman", "email": "annabel@mail.example",
           "phone": "+447700900123", "date_of_birth": "1980-03-04", "postcode": "SL3W 6NJ"}  # fmt: skip
BOGDAN = {"first_name": "Bogdan", "last_name": "Wozniak", "email": "bogdan@post.example",
          "phone": "+447700900777", "date_of_birth": "1961-08-09", "postcode": "AB0H 2SJ"}  # fmt: skip
ONE, OTHER = "crm/customers/C900001", "crm/customers/C900002"
FACTS = (
    "select account_id, customer_key, count(*) as facts, sum(amount) as amount from core.fact_transactions"
    " where account_id in ('A900001', 'A900002') group by 1, 2 order by 1, 2"
)


def add_customer(settings: Settings, day: date, number: str, person: dict[str, str]) -> None:
    """A crm record of the person in the day's delivery."""
    path = settings.inbox / "crm" / day.isoformat() / f"customers_{day:%Y%m%d}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
    values = {"customer_id": f"C{number}", "country": "GB", "join_date": "2024-01-01", "status": "active",
              "updated_at": f"{day}T10:00:00Z"} | person  # fmt: skip
    with path.open("a", encoding="utf-8", newline="") as stream:
        csv.DictWriter(stream, header, restval="", lineterminator="\n").writerow(values)


def add_account(settings: Settings, day: date, number: str, person: dict[str, str], amounts: list[float]) -> None:
    """An account of the person, with transactions, in the day's delivery."""
    path = settings.inbox / "finance" / day.isoformat() / f"accounts_{day:%Y%m%d}.json"
    accounts = json.loads(path.read_text(encoding="utf-8"))
    accounts.append(accounts[0] | {
        "account_id": f"A{number}", "customer_id": f"C{number}",
        "holder_name": f"{person['first_name']} {person['last_name']}", "holder_email": person["email"],
        "holder_phone": person["phone"], "holder_birth_date": person["date_of_birth"],
        "holder_postcode": person["postcode"], "currency": "EUR", "updated_at": f"{day}T10:00:00Z",
        "transaction_history": [
            {"transaction_id": f"T{number}-{n}", "occurred_at": "2026-11-01T12:00:00Z", "amount": amount,
             "currency": "EUR", "type": "purchase", "product_id": "P001", "channel": "app", "description": "order"}
            for n, amount in enumerate(amounts)
        ],
    })  # fmt: skip
    path.write_text(json.dumps(accounts, ensure_ascii=False), encoding="utf-8")


def keys(settings: Settings) -> dict[str, int]:
    found = rows(
        settings, "select record_id, customer_key from identity.crosswalk where record_id = any(%s)", [[ONE, OTHER]]
    )
    return {row["record_id"]: row["customer_key"] for row in found}


def views(settings: Settings, key: int) -> list[dict[str, Any]]:
    return rows(
        settings, "select customer_id, first_name, email from marts.customer_360 where customer_key = %s", [key]
    )


def past(settings: Settings, *customer_keys: int) -> list[tuple[Any, ...]]:
    """The versions of the customers: key, crm id, first name, e-mail address, first day, day of the next version."""
    found = rows(
        settings, "select customer_key, customer_id, first_name, email, valid_from_date, valid_to_date from"
        " core.dim_customer_history where customer_key = any(%s) order by 1, version_number", [list(customer_keys)],
    )  # fmt: skip
    return [tuple(row.values()) for row in found]


@pytest.mark.slow
def test_merge_and_split__facts_and_views_follow(settings: Settings) -> None:
    write_days(settings, 250)
    add_customer(settings, DAYS[0], "900001", ANNABEL)
    add_account(settings, DAYS[0], "900001", ANNABEL, [10.0, 20.0])
    add_customer(settings, DAYS[0], "900002", BOGDAN)
    add_account(settings, DAYS[0], "900002", BOGDAN, [300.0])
    land(settings, DAYS[0])
    assert build(settings, "apart", data_tests=False) == ("publish_marts", [])
    one, other = keys(settings)[ONE], keys(settings)[OTHER]
    apart = rows(settings, FACTS)
    assert [(r["account_id"], r["customer_key"], r["facts"]) for r in apart] == [
        ("A900001", one, 2), ("A900002", other, 1),
    ]  # fmt: skip
    before = views(settings, one), views(settings, other)
    versions = past(settings, one, other)
    assert versions == [
        (one, "C900001", "Annabel", ANNABEL["email"], DAYS[0], None),
        (other, "C900002", "Bogdan", BOGDAN["email"], DAYS[0], None),
    ]

    add_customer(settings, DAYS[1], "900002", ANNABEL)
    add_account(settings, DAYS[1], "900002", ANNABEL, [300.0])
    land(settings, DAYS[1])
    assert build(settings, "merged", DAYS[1]) == ("publish_marts", [])
    assert keys(settings) == {ONE: one, OTHER: one}
    assert [(r["account_id"], r["customer_key"], r["facts"]) for r in rows(settings, FACTS)] == [
        ("A900001", one, 2), ("A900002", one, 1),
    ]  # fmt: skip
    assert views(settings, other) == []
    assert {version[0] for version in past(settings, one, other)} == {one}, "the past of both is that of one customer"
    assert past(settings, one)[0][:5] == versions[0][:5]
    assert events(settings, "merged") == [{"customer_key": other, "other_key": one, "batch_date": DAYS[1]}]
    assert survivor(settings, other) == one

    with psycopg.connect(settings.database_url) as connection:
        connection.execute(
            "insert into identity.decisions (record_id_l, record_id_r, decision, decided_by, decided_at, why)"
            " values (%s, %s, 'different', 'steward', '2026-11-18', 'two people, one was corrected wrongly')",
            [ONE, OTHER],
        )
    land(settings, DAYS[2])
    assert build(settings, "parted", DAYS[2]) == ("publish_marts", [])
    assert keys(settings) == {ONE: one, OTHER: other}, "both have their keys again"
    assert rows(settings, FACTS) == apart
    assert views(settings, one)[0]["customer_id"] == before[0][0]["customer_id"] == "C900001"
    assert views(settings, other)[0]["customer_id"] == before[1][0]["customer_id"] == "C900002"
    assert past(settings, one, other) == [
        versions[0],
        (*versions[1][:5], DAYS[1]),
        (other, "C900002", "Annabel", ANNABEL["email"], DAYS[1], None),
    ], "the past that was theirs, and what the crm has said since"
    assert events(settings, "split") == [{"customer_key": other, "other_key": one, "batch_date": DAYS[2]}]
    assert {e["customer_key"] for e in events(settings, "moved")} == {other}
    assert survivor(settings, other) is None

    assert write_report(settings.database_url, settings.run_dir / "identity_report")
    (page,) = (settings.run_dir / "identity_report").glob(f"{DAYS[2]}-build-*.html")
    assert f"{other} off {one}" in page.read_text()


def events(settings: Settings, event: str) -> list[dict[str, Any]]:
    return rows(
        settings,
        "select customer_key, other_key, batch_date from identity.key_events where event = %s order by event_id",
        [event],
    )


def survivor(settings: Settings, key: int) -> int | None:
    (row,) = rows(settings, "select survivor_key from identity.customer_keys where customer_key = %s", [key])
    found: int | None = row["survivor_key"]
    return found
