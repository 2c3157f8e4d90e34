"""What every fact has in common is true of every row: since when it is known, on which day it happened."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest

from include.quality.reconcile import read_facts
from tests.dbt_project.company import DAYS, Company, seed, text
from tests.dbt_project.contacts import all_contacts

pytestmark = pytest.mark.slow  # the build that all of them share

FACTS = sorted(read_facts())
# Facts whose rows are not those of a list with a key: each day or version is a row of its own, or they are added up.
POSITIONS = {"fact_holdings", "fact_debts", "fact_credit_reports", "fact_balances", "fact_loan_repayments"}
OF_OTHERS = {"fact_web_sessions"}
# Lists nested in other records, by fact and entity: they have keys of their own, and come with each of these.
NESTED = {
    ("fact_transactions", "accounts"), ("fact_consents", "contacts"), ("fact_ticket_states", "tickets"),
    ("fact_payment_months", "credit_reports"),
}  # fmt: skip
# Systems that number nothing, or nothing but by its words.
UNNUMBERED = {"lending", "hr", "motor", "notes"}


@pytest.mark.parametrize("fact", FACTS)
def test_fact__is_known_since_its_first_delivery(fact: str, company: Company) -> None:
    found = company.once(f"select * from core.{fact}")
    assert found
    for row in found:
        assert DAYS[0] <= row["known_since_date"] <= row["batch_date"] <= DAYS[-1]
        moment = row["occurred_at"]
        assert row["date_key"] == (int(moment.strftime("%Y%m%d")) if moment is not None else None)


@pytest.mark.parametrize("fact", sorted(set(FACTS) - POSITIONS - OF_OTHERS))
def test_fact__is_known_since_the_first_batch_with_its_key(fact: str, company: Company) -> None:
    firsts = company.remembered(first_batches)
    looked_at = 0
    for row in company.once(f"select * from core.{fact}"):
        system, entity, first = firsts[row["file_id"], row["row_number"]]
        if system not in UNNUMBERED and (fact, entity) not in NESTED:
            assert row["known_since_date"] == first, (fact, entity)
            looked_at += 1
    assert looked_at or fact in {"fact_debts", "fact_employment", "fact_vehicles_owned", *(f for f, _ in NESTED)}


def first_batches(company: Company) -> dict[tuple[Any, int], tuple[str, str, date]]:
    """For each record of raw, by file and row: its system and entity, and the first batch that had its key."""
    found = {}
    for system, contract in company.contracts.items():
        for entity in contract.entities.values():
            first: dict[tuple[str | None, ...], date] = {}
            for row in sorted(company.raw(system, entity.name), key=lambda row: row["_batch_date"]):
                if text(row.get("is_deleted")) != "true":
                    first.setdefault(tuple(text(row[part]) for part in entity.key), row["_batch_date"])
            for row in company.raw(system, entity.name):
                key = tuple(text(row[part]) for part in entity.key)
                found[row["_file_id"], row["_row"]] = (system, entity.name, first.get(key, row["_batch_date"]))
    return found


@pytest.mark.parametrize("fact", sorted(POSITIONS - {"fact_balances", "fact_loan_repayments"}))
def test_fact__of_a_day_is_known_since_that_day(fact: str, company: Company) -> None:
    found = company.once(f"select * from core.{fact}")
    assert all(row["known_since_date"] == row["batch_date"] for row in found)


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
