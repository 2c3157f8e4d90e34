"""Shops, web, marketing and service in the star schema: three days of all systems, judged by the truth."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from include.settings import Settings
from tests.include.warehouse import rows

# Events with the record that they were stitched to, and all records that their browser ever belonged to.
STITCHED = """
    select
        event.session_id_web as session, stitched.stitched_by, coalesce(stitched.record_id, '') as record_id,
        array(
            select owners.record_id from intermediate.int_web__browser_owners as owners
            where owners.anonymous_id_web = event.anonymous_id_web
        ) as owners
    from staging.stg_web__events as event
    inner join intermediate.int_web__stitched_events as stitched on event.source_key = stitched.event_id
"""
ORDERS = """
    select orders.order_id, orders.amount, sum(
        case when lines.transaction_type in ('refund', 'discount') then -lines.amount else lines.amount end
    ) as lines
    from core.fact_orders as orders
    inner join core.fact_transactions as lines
        on orders.system = lines.system and orders.order_id = lines.order_id
    group by 1, 2
"""
INTERACTIONS = {
    "service": ["interactions"], "support": ["tickets", "chats", "calls", "surveys", "complaints"],
    "pos": ["staff_notes"], "wealth": ["branch_contacts"], "marketing": ["social_interactions"], "notes": ["notes"],
}  # fmt: skip


pytestmark = pytest.mark.slow


def truth(settings: Settings, name: str) -> list[dict[str, str]]:
    with Path(settings.run_dir, "truth", f"{name}.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def people(settings: Settings) -> dict[str, str]:
    """Person by record."""
    return {f"{r['system']}/{r['entity']}/{r['source_key']}": r["person_id"] for r in truth(settings, "truth")}


def test_web__events_find_their_people(company: Settings) -> None:
    """Right, with few exceptions (some use a relative's browser without a log-in); whoever can be found is found."""
    person_of, visitor = people(company), {r["key"]: r["person_id"] for r in truth(company, "web_sessions")}
    events = rows(company, STITCHED)

    def is_right(event: dict[str, Any]) -> bool:
        return person_of.get(event["record_id"], "") == visitor.get(event["session"])

    possible = [e for e in events if visitor.get(e["session"]) in {person_of.get(record, "") for record in e["owners"]}]
    told = [e for e in events if e["record_id"]]
    assert sum(map(is_right, told)) / len(told) >= 0.96
    assert sum(map(is_right, possible)) / len(possible) >= 0.98
    own = [e for e in events if e["stitched_by"] == "user_id"]
    assert len(told) > 2 * len(own) > 0, "twice as many as events say themselves"


def test_web__strangers_stay_strangers(company: Settings) -> None:
    visitor = {r["key"] for r in truth(company, "web_sessions")}
    strangers = [e for e in rows(company, STITCHED) if e["session"] not in visitor]
    assert strangers
    assert {e["stitched_by"] for e in strangers} == {"none"}


def test_orders_and_receipts__are_the_sum_of_their_lines(company: Settings) -> None:
    found = rows(company, ORDERS)
    assert len(found) > 300
    assert [row for row in found if abs(row["amount"] - row["lines"]) > 0.01] == []


def test_receipts__belong_to_the_holder_of_the_card(company: Settings) -> None:
    """Of a receipt without a loyalty card, or with a mistyped one, the bank card tells whose it is."""
    person_of = people(company)
    buyer = {r["key"]: r["person_id"] for r in truth(company, "pos_transactions")}
    customers: dict[int, set[str]] = {}
    for row in rows(company, "select record_id, customer_key from identity.crosswalk"):
        if row["record_id"] in person_of:
            customers.setdefault(row["customer_key"], set()).add(person_of[row["record_id"]])
    found = rows(
        company,
        "select receipts.source_key, facts.customer_key from core.fact_orders as facts"
        " inner join staging.stg_pos__transactions as receipts on facts.order_id = receipts.source_key"
        " left join staging.stg_pos__members as members using (loyalty_number_pos)"
        " where facts.system = 'pos' and members.loyalty_number_pos is null and receipts.card_token is not null",
    )
    judged = [buyer[row["source_key"]] in customers[row["customer_key"]] for row in found
              if row["customer_key"] in customers]  # fmt: skip
    assert len(found) > 20
    assert len(judged) > 0.25 * len(found)
    assert sum(judged) / len(judged) >= 0.98


def test_returns__name_the_line_that_comes_back(company: Settings) -> None:
    found = rows(
        company,
        "select back.product_key = sold.product_key and sold.transaction_type = 'purchase' as is_same, count(*) as n"
        " from core.fact_transactions as back"
        " left join core.fact_transactions as sold on back.returned_transaction_key = sold.transaction_key"
        " where back.system = 'pos' and back.is_return and back.returned_transaction_key is not null group by 1",
    )
    assert [row["is_same"] for row in found] == [True]


def test_interactions__are_those_of_all_touchpoints(company: Settings) -> None:
    found = rows(company, "select system, entity, count(*) as n from core.fact_interactions group by 1, 2")
    expected: list[dict[str, Any]] = []
    for system, entities in INTERACTIONS.items():
        for entity in entities:
            (staged,) = rows(company, f"select count(*) as n from staging.stg_{system}__{entity}")
            expected.append({"system": system, "entity": entity, "n": staged["n"]})
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert all(row["n"] for row in expected)


def test_channels__are_known_for_every_word_of_every_system(company: Settings) -> None:
    for fact in ("fact_transactions", "fact_interactions", "fact_campaign_responses", "fact_consents", "fact_orders"):
        unknown = rows(company, f"select distinct channel from core.{fact} where channel_key is null")
        assert [row for row in unknown if row["channel"]] == [], fact


def test_consents__have_one_last_word_a_channel(company: Settings) -> None:
    assert rows(company, "select 1 as one from core.fact_consents where is_latest limit 1")
    assert rows(
        company,
        "select customer_key, channel, newsletter from core.fact_consents where is_latest and customer_key is not null"
        " group by 1, 2, 3, consent_kind = 'newsletter' having count(*) > 1",
    ) == []  # fmt: skip


def test_carts__of_guests_and_of_browsers_have_customers(company: Settings) -> None:
    found = rows(
        company,
        "select stitched_by, count(*) = count(customer_key) as has_customers from core.fact_carts"
        " where stitched_by <> 'none' group by 1",
    )
    assert {row["stitched_by"] for row in found} == {"account_id", "order_id", "anonymous_id"}
    assert all(row["has_customers"] for row in found)
