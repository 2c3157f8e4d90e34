"""The wealth arm from its files to staging: positions by day, links that others share, holdings without a client."""

from __future__ import annotations

from datetime import date

import pytest

from include.settings import Settings
from tests.include.staged import deliver, names, stage, take_in
from tests.include.warehouse import DAYS, rows

pytestmark = pytest.mark.slow

HOLDING = "holding_number,client_number,currency,opened_date,last_action_date,status"
FILES = {
    "clients": "client_number,customer_id,national_id,full_name,date_of_birth,occupation,declared_income,"
               "currency,registered_date\n"
               "W1,C1,CZ800304123456,Ann Lee,1980-03-04,baker,40000,EUR,2019-05-06\n",
    "deposits": f"{HOLDING},product,iban,balance,inflow,outflow,interest_rate_pct\n"
                "W1-D1,W1,EUR,2020-01-02,2026-11-15,open,ca_dailyflow,DE89370400440532013000,100.50,5,0,0.25\n",
    "funds": f"{HOLDING},fund_code,fund_name,units,value,profit_and_loss,risk_score\n"
             "W1-F1,W1,USD,2021-01-02,2026-10-01,open,RMX-EM,Emerging Markets,10.5,2100,-77.25,7\n",
    "policies": f"{HOLDING},kind,premium,cover,balance,tax_benefit\n"
                "W1-P1,W1,EUR,2021-01-02,2026-10-01,open,tax_benefit,600,50000,1200,120\n",
    "loans": f"{HOLDING},kind,principal,outstanding,instalment,interest_rate_pct,property_kind,location_area,"
             "asset_value,number_of_assets,car_price,car_segment\n"
             "W1-L1,W1,EUR,2021-01-02,2026-11-01,open,mortgage,200000,150000.25,900,3.1,condo,suburb,310000,1,,\n"
             "W1-L2,W1,EUR,2023-01-02,2026-11-01,open,auto,20000,9000,400,5.1,,,,,25000,family\n",
    "card_accounts": f"{HOLDING},card_number,kind,credit_limit,credit_usage,credit_available,spending,points,"
                     "payment_behaviour,spending_segment\n"
                     "W1-C1,W1,EUR,2022-01-02,2026-11-10,open,4111111111111111,gold,5000,1200,3800,640,5000,revolver,"
                     "top_spender\n",
    "branch_contacts": "contact_number,client_number,branch,desk,reason,began_at,duration_s,employee,outcome,note\n"
                       "BC1,W1,Station,counter,card,2026-11-02T09:30:00Z,240,clerk7,done,new card 4111 1111 1111 1111\n"
                       "BC2,,Station,adviser,loan,2026-11-10T11:00:00Z,1800,clerk2,appointment,\n",
}  # fmt: skip


def put(settings: Settings, day: date, **changed: str) -> None:
    for name, text in (FILES | changed).items():
        deliver(settings, "wealth", day, f"{name}_{day:%Y%m%d}.csv", text)


def test_wealth__every_item_is_there_by_day(settings: Settings) -> None:
    put(settings, DAYS[0])
    assert take_in(settings, "wealth", DAYS[0]).passed
    # A day later the account lacks its rate of interest, money has moved, and the card account is no longer listed.
    moved = FILES["deposits"].replace(",interest_rate_pct", "").replace("100.50,5,0,0.25", "80.50,0,20")
    gone = FILES["card_accounts"].splitlines(keepends=True)[0]
    put(settings, DAYS[1], deposits=moved, card_accounts=gone)
    outcome = take_in(settings, "wealth", DAYS[1])
    assert (outcome.passed, names(outcome.warned)) == (True, ["deposits.missing_column"])
    stage(settings, "wealth")
    days = rows(
        settings,
        "select batch_date, product, balance::float, inflow::float, outflow::float, interest_rate_pct::float,"
        " is_in_latest_snapshot from staging.stg_wealth__deposits order by batch_date",
    )
    assert [tuple(day.values()) for day in days] == [
        (DAYS[0], "ca_dailyflow", 100.5, 5.0, 0.0, 0.25, False), (DAYS[1], "ca_dailyflow", 80.5, 0.0, 20.0, None, True),
    ]  # fmt: skip
    mortgage, car = rows(
        settings,
        "select loan_kind, balance::float, property_kind, location_area, asset_value::float, number_of_assets,"
        " car_price::float, car_segment from staging.stg_wealth__loans where is_in_latest_snapshot order by 1 desc",
    )
    assert tuple(mortgage.values()) == ("mortgage", 150000.25, "condo", "suburb", 310000.0, 1, None, None)
    assert tuple(car.values()) == ("auto", 9000.0, None, None, None, None, 25000.0, "family")
    (fund,) = rows(
        settings,
        "select units::float, balance::float, profit_and_loss::float, risk_score, currency"
        " from staging.stg_wealth__funds where is_in_latest_snapshot",
    )
    assert tuple(fund.values()) == (10.5, 2100.0, -77.25, 7, "USD")
    (policy,) = rows(
        settings,
        "select policy_kind, premium::float, cover::float, tax_benefit::float"
        " from staging.stg_wealth__policies where is_in_latest_snapshot",
    )
    assert tuple(policy.values()) == ("tax_benefit", 600.0, 50000.0, 120.0)
    (card,) = rows(
        settings,
        "select batch_date, card_kind, credit_limit::float, balance::float, credit_available::float, spending::float,"
        " points, payment_behaviour, spending_segment, is_in_latest_snapshot from staging.stg_wealth__card_accounts",
    )
    assert tuple(card.values()) == (
        DAYS[0], "gold", 5000.0, 1200.0, 3800.0, 640.0, 5000, "revolver", "top_spender", False,
    )  # fmt: skip


def test_wealth__contacts_at_a_branch_come_in_many_lists_and_count_once(settings: Settings) -> None:
    put(settings, DAYS[0])
    assert take_in(settings, "wealth", DAYS[0]).passed
    later = FILES["branch_contacts"].splitlines(keepends=True)
    news = "BC3,W1,Harbour,adviser,complaint,2026-11-17T08:00:00Z,600,clerk2,open,fees\n"
    put(settings, DAYS[1], branch_contacts="".join([later[0], later[2], news]))  # the oldest is past its 90 days
    assert take_in(settings, "wealth", DAYS[1]).passed
    stage(settings, "wealth")
    contacts = rows(
        settings,
        "select source_key, record_id, branch, desk, reason, outcome, note_text, batch_date, first_seen_date"
        " from staging.stg_wealth__branch_contacts order by 1",
    )
    assert [tuple(contact.values()) for contact in contacts] == [
        ("BC1", "wealth/clients/W1", "Station", "counter", "card", "done", "new card [card number ending 1111]",
         DAYS[0], DAYS[0]),
        ("BC2", None, "Station", "adviser", "loan", "appointment", None, DAYS[1], DAYS[0]),
        ("BC3", "wealth/clients/W1", "Harbour", "adviser", "complaint", "open", "fees", DAYS[1], DAYS[1]),
    ]  # fmt: skip


def test_wealth__numbers_are_tokens_that_lending_has_too(settings: Settings) -> None:
    put(settings, DAYS[0])
    borrower = '[{"firstName": "Ann", "lastName": "Lee", "iban": "DE89 3704 0044 0532 0130 00", "credit_card_number":'
    deliver(settings, "lending", DAYS[0], "people.json", f'{borrower} "4111-1111-1111-1111"}}]')
    assert take_in(settings, "wealth", DAYS[0]).passed
    assert take_in(settings, "lending", DAYS[0]).passed
    stage(settings, "wealth", "lending")
    (joined,) = rows(
        settings,
        "select clients.*, full_name = first_name || ' ' || last_name as is_same"
        " from staging.stg_wealth__clients as clients"
        " join staging.stg_wealth__deposits as deposits using (record_id)"
        " join staging.stg_wealth__card_accounts as cards using (record_id)"
        " join staging.stg_lending__people as people"
        " on people.iban_token = deposits.iban_token and people.card_token = cards.card_token",
    )
    assert joined["is_same"]
    assert joined["national_id_token"].startswith("national_id_")
    tables = rows(settings, "select table_name as name from information_schema.tables where table_schema = 'staging'")
    for table in tables:
        (found,) = rows(
            settings,
            f"select count(*) as n from staging.{table['name']} as t"
            " where t::text ~ '0532013000|0532 0130 00|1111111|1111 1111|800304123456'",
        )
        assert found["n"] == 0, table["name"]


def test_wealth__holdings_of_nobody_hold_the_batch(settings: Settings) -> None:
    put(settings, DAYS[0], clients=FILES["clients"].replace("W1,", "W2,"))
    outcome = take_in(settings, "wealth", DAYS[0])
    assert set(names(outcome.failed)) == {
        f"{family}.client_number.references" for family in FILES if family != "clients"
    }  # fmt: skip
