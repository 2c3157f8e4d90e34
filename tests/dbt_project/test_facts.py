"""What every fact has in common is true of every row: since when it is known, on which day it happened."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest

from include.quality.reconcile import read_facts
from tests.dbt_project.company import DAYS, Company, seed, text
from tests.dbt_project.contacts import all_contacts

FACTS = sorted(read_facts())
# Facts whose rows stand on the records of one list with a key of its own, by that list.
OF_RECORDS = {
    "fact_carts": ("ecommerce.carts", "cart_id"),
    "fact_reviews": ("ecommerce.reviews", "review_id"),
    "fact_product_usage": ("usage.product_usage", "subscription_id"),
    "fact_standing_orders": ("bank.orders", "order_id_bank"),
    "fact_ad_performance": ("marketing.ad_performance", None),
    "fact_web_events": ("web.events", "event_id"),
}

FIRST_DAY = {"fact_reviews"}  # of which a small sample may have none that is new on a later day


@pytest.mark.parametrize("fact", FACTS)
def test_fact__is_known_since_its_first_delivery(fact: str, company: Company) -> None:
    found = company.once(f"select * from core.{fact}")
    assert found
    for row in found:
        assert DAYS[0] <= row["known_since_date"] <= row["batch_date"] <= DAYS[-1]
        moment = row["occurred_at"]
        assert row["date_key"] == (int(moment.strftime("%Y%m%d")) if moment is not None else None)


@pytest.mark.parametrize("fact", OF_RECORDS)
def test_fact__is_known_since_the_first_batch_with_its_key(fact: str, company: Company) -> None:
    place, column = OF_RECORDS[fact]
    system, entity = place.split(".")
    key = company.contracts[system].entities[entity].key
    first: dict[tuple[str | None, ...], date] = {}
    where: dict[tuple[Any, int], tuple[str | None, ...]] = {}
    for row in company.raw(system, entity):
        name = tuple(text(row[part]) for part in key)
        where[row["_file_id"], row["_row"]] = name
        if text(row.get("is_deleted")) != "true":
            first[name] = min(row["_batch_date"], first.get(name, row["_batch_date"]))
    found = company.once(f"select * from core.{fact}")
    for row in found:
        name = where[row["file_id"], row["row_number"]]
        assert row["known_since_date"] == first[name], (fact, name)
        assert column is None or row[column] == name[0]
    assert fact in FIRST_DAY or len({row["known_since_date"] for row in found}) > 1, "rows of several days"


def test_fact__a_redelivery_moves_the_version_alone(company: Company) -> None:
    """The bank delivers everything every day: what it had on the first day is known since then."""
    found = company.once("select * from core.fact_bank_postings")
    versions = Counter((row["known_since_date"], row["batch_date"]) for row in found)
    assert versions[DAYS[0], DAYS[-1]] > 100
    assert versions[DAYS[-1], DAYS[-1]] > 0
    assert {known for known, _ in versions} == set(DAYS)


def test_fact_balances__of_a_day_is_known_since_its_first_posting(company: Company) -> None:
    first: dict[tuple[str, date], date] = {}
    for row in company.once("select * from core.fact_bank_postings"):
        if row["is_in_latest_snapshot"]:
            place = (row["account_key"], row["posting_date"])
            first[place] = min(row["known_since_date"], first.get(place, row["known_since_date"]))
    found = [row for row in company.once("select * from core.fact_balances") if row["basis"] == "posted"]
    assert {(r["account_key"], r["balance_date"]): r["known_since_date"] for r in found} == first


def test_fact_interactions__are_those_of_every_channel(company: Company) -> None:
    channels = {(row["system"], row["word"]): row["channel"] for row in seed("channel_words")}
    expected = Counter(
        (contact.entity, contact.kind, channels.get((contact.entity.split("/")[0], contact.channel or "-")))
        for _, contact in all_contacts(company)
    )
    found = company.rows(
        "select system || '/' || entity as entity, interaction_type, c.channel, occurred_at from core.fact_interactions"
        " left join core.dim_channel as c using (channel_key) where interaction_type <> 'note'"
    )
    assert Counter((row["entity"], row["interaction_type"], row["channel"]) for row in found) == expected
    assert {channel for _, _, channel in expected} >= {"phone", "email", "chat", "store", "branch", "social", "survey"}


def test_fact_interactions__a_note_keeps_the_day_of_its_first_delivery(company: Company) -> None:
    notes = company.rows("select * from core.fact_interactions where interaction_type = 'note'")
    assert notes
    assert all(row["occurred_at"].date() == row["known_since_date"] for row in notes)


def test_fact_web_events__addresses_tell_of_nobody(company: Company) -> None:
    """From the file to the facts: what a page or a site says of a person in its address ends in staging."""
    (event,) = company.rows("select url, referrer from core.fact_web_events where event_id = 'E-address'")
    (visit,) = company.rows("select referrer from core.fact_web_sessions where session_id_web = 'S-address'")
    (raw,) = company.rows("select url, referrer from raw_web.events where event_id = 'E-address'")
    assert "ann.walker" in raw["url"] + raw["referrer"]
    assert event["url"] == "https://shop.retailmax.example/login?email=&token=&utm_source=mail"
    assert event["referrer"] == "https://mail.example/read/[address withheld]?message=&product_id=P101"
    assert visit["referrer"] == event["referrer"]
