"""The real bank's eight tables, from its files to core and the account view: exact counts and sums, no row lost."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from include.contracts import load_contracts
from include.landing import land_batch, release_batch
from include.settings import PROJECT_DIR, Settings
from tests.include.databases import keep_warehouse
from tests.include.staged import deliver, names
from tests.include.warehouse import DAYS, build, land, rows

DATA = Path(os.environ.get("BERKA_DIR", Path(__file__).parents[4] / "shared" / "data" / "berka"))
FIXTURES = PROJECT_DIR / "tests" / "fixtures" / "bank"
FILES = {"accounts": "account", "clients": "client", "dispositions": "disp", "orders": "order", "loans": "loan",
         "cards": "card", "districts": "district", "transactions": "trans"}  # fmt: skip
CRM = "customer_id,first_name,last_name,email,join_date\nC001,John,Smith,john.smith@example.com,2021-03-15\n"

pytestmark = pytest.mark.slow

# Account-days: all, those with a posting that does not follow from the one before it, those without a gap.
GAPS = """
    with postings as (
        select
            account_key, posting_date,
            balance_after - change - coalesce(lag(balance_after) over (
                partition by account_key order by posting_date, posting_number
            ), 0) as gap
        from core.fact_bank_postings
    ),
    days as (select max(abs(gap)) as gap from postings group by account_key, posting_date)
    select count(*), count(*) filter (where gap > 0.1), count(*) filter (where gap = 0) from days
"""
# A day's balance is that of the day before with what came in and went out, but for 0.10 of rounding a posting.
DAYS_THAT_DO_NOT_ADD_UP = """
    select count(*) from (
        select
            balance - inflow + outflow
            - coalesce(lag(balance) over (partition by account_key order by balance_date), 0) as gap, movement_count
        from core.fact_balances
    ) as days where abs(gap) > 0.1 * movement_count
"""


def read(entity: str) -> list[dict[str, str]]:
    """A table of the bank, read without the pipeline."""
    with next(DATA.glob(f"{FILES[entity]}*.asc")).open(newline="", encoding="ascii") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def total(entity: str, column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in read(entity)), Decimal(0))


@pytest.fixture(scope="module")
def bank(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A warehouse that is built of the bank's files and one record of crm."""
    if not DATA.exists():
        pytest.skip("the Czech bank's files are not here (BERKA_DIR names their folder)")
    with keep_warehouse(postgres_url, tmp_path_factory.mktemp("bank"), take_in) as settings:
        yield settings


def take_in(settings: Settings) -> None:
    """Land, judge and build the bank's files beside one record of crm."""
    from include.gates import run_raw_gate
    from include.runtime.bank import bank_date, deliver_bank

    settings = replace(settings, bank_data=DATA)
    day = bank_date(settings)
    deliver_bank(settings, day)
    deliver(settings, "crm", day, "customers.csv", CRM)
    for system in ("bank", "crm"):
        contract, archive = load_contracts(settings.sources_dir)[system], settings.run_dir / "archive"
        result = land_batch(contract, day, settings.inbox, archive, settings.database_url)
        assert result.rows_read == result.rows_landed == (sum(len(read(e)) for e in FILES) if system == "bank" else 1)
        if system == "bank":
            assert day == date(1994, 3, 30) or len(read("transactions")) != 46997
            outcome = run_raw_gate(contract, day, settings.database_url, "bank")
            assert (outcome.passed, names(outcome.warned)) == (True, [])
        release_batch(system, day, settings.database_url)
    assert build(settings, "bank", day) == ("publish_marts", [])


def test_postings__that_the_bank_removed_stay_and_count_in_no_balance(settings: Settings) -> None:
    for day, is_whole in ((DAYS[0], True), (DAYS[1], False)):
        for path in FIXTURES.glob("*.asc"):
            lines = path.read_text().splitlines(keepends=True)
            kept = [line for line in lines if is_whole or not line.startswith("72;")]
            deliver(settings, "bank", day, path.name, "".join(kept))
        deliver(settings, "crm", day, "customers.csv", CRM)
        land(settings, day, ("bank", "crm"))
        # gate_marts counts postings and balances beside raw, so what has been removed is explained there.
        assert build(settings, day.isoformat(), day, data_tests=not is_whole) == ("publish_marts", [])
        found = rows(
            settings,
            "select postings.balance_after::float as said, postings.is_in_latest_snapshot as is_listed,"
            " transactions.is_in_latest_snapshot as is_told, balances.balance::float as counted"
            " from core.fact_bank_postings as postings join core.fact_transactions as transactions"
            " using (transaction_key) left join core.fact_balances as balances"
            " on balances.account_key = postings.account_key and balances.balance_date = postings.posting_date"
            " where transactions.account_id = '21' order by postings.posting_date",
        )
        assert [tuple(row.values()) for row in found] == [
            (700.0, True, True, 700.0), (702.4, is_whole, is_whole, 702.4 if is_whole else None),
        ]  # fmt: skip


def one(settings: Settings, statement: str) -> tuple[Any, ...]:
    with psycopg.connect(settings.database_url) as connection:
        (row,) = connection.execute(statement).fetchall()
    return tuple(row)


@pytest.mark.parametrize("entity", FILES)
def test_staging__has_every_row_of(entity: str, bank: Settings) -> None:
    for table in (f"raw_bank.{entity}", f"staging.stg_bank__{entity}"):
        assert one(bank, f"select count(*) from {table}") == (len(read(entity)),), table


def test_core__has_every_account_with_those_who_may_use_it(bank: Settings) -> None:
    rights = Counter(row["type"] for row in read("dispositions"))
    accounts = len(read("accounts"))
    assert one(
        bank,
        "select count(*), count(customer_key), count(district_key), sum(owner_count), sum(disponent_count),"
        " count(*) filter (where customer_count > 1) from core.dim_account where system = 'bank'",
    ) == (accounts, accounts, accounts, rights["OWNER"], rights["DISPONENT"], rights["DISPONENT"])
    assert one(
        bank,
        "select count(*), count(distinct customer_key), count(district_key), count(*) filter (where role = 'owner')"
        " from core.bridge_account_customers where system = 'bank'",
    ) == (sum(rights.values()), len(read("clients")), len(read("clients")), rights["OWNER"])


def test_core__has_every_district_with_its_figures(bank: Settings) -> None:
    assert one(bank, "select count(*), sum(inhabitants), count(*) - count(crimes_1995) from core.dim_district") == (
        len(read("districts")), total("districts", "A4"), sum(row["A15"] == "?" for row in read("districts"))
    )  # fmt: skip


def test_core__has_every_loan_card_and_order_with_its_customer(bank: Settings) -> None:
    loans = Counter(row["status"] for row in read("loans"))
    assert one(
        bank, "select count(*), count(customer_key), sum(amount), sum(monthly_payment * duration_months),"
        " count(*) filter (where is_running), count(*) filter (where is_in_default) from core.fact_loans",
    ) == (
        sum(loans.values()), sum(loans.values()), total("loans", "amount"),
        sum(Decimal(row["payments"]) * int(row["duration"]) for row in read("loans")),
        loans["C"] + loans["D"], loans["B"] + loans["D"],
    )  # fmt: skip
    cards = rows(
        bank,
        "select card_type, count(customer_key) as n, count(account_key) as m from core.fact_card_issues group by 1",
    )
    kinds = Counter(row["type"] for row in read("cards"))
    assert {card["card_type"]: (card["n"], card["m"]) for card in cards} == {k: (n, n) for k, n in kinds.items()}
    orders = rows(bank, "select purpose, count(customer_key) as n, sum(amount) as total from core.fact_standing_orders"
                  " group by 1")  # fmt: skip
    assert sum(order["n"] for order in orders) == len(read("orders"))
    assert sum(order["total"] for order in orders) == total("orders", "amount")
    purposes = Counter(row["k_symbol"].strip() for row in read("orders"))
    assert {order["purpose"]: order["n"] for order in orders} == {
        "household": purposes["SIPO"], "insurance": purposes["POJISTNE"], "leasing": purposes["LEASING"],
        "loan": purposes["UVER"], None: purposes[""],
    }  # fmt: skip


def test_core__has_every_posting_with_its_words(bank: Settings) -> None:
    postings = read("transactions")
    came_in = sum(Decimal(row["amount"]) for row in postings if row["type"] == "PRIJEM")
    assert one(
        bank,
        "select count(*), count(customer_key), count(account_key), count(date_key), count(posting_number),"
        " sum(amount), sum(change) from core.fact_bank_postings",
    ) == (*[len(postings)] * 5, total("transactions", "amount"), 2 * came_in - total("transactions", "amount"))
    assert one(bank, "select count(*), count(customer_key), sum(amount) from core.fact_transactions") == (
        len(postings), len(postings), total("transactions", "amount")
    )  # fmt: skip
    assert one(bank, "select count(operation), count(purpose) from core.fact_bank_postings") == (
        sum(bool(row["operation"].strip()) for row in postings), sum(bool(row["k_symbol"].strip()) for row in postings)
    )  # fmt: skip
    assert one(bank, "select count(*), sum(amount) from core.fact_loan_repayments") == (
        sum(row["k_symbol"] == "UVER" for row in postings),
        sum(Decimal(row["amount"]) for row in postings if row["k_symbol"] == "UVER"),
    )


def test_balances__follow_from_the_postings(bank: Settings) -> None:
    days, broken, exact = one(bank, GAPS)
    assert broken == 0, "every account-day follows from the one before, rounding of 0.10 apart"
    if len(read("transactions")) == 46997:
        assert (days, exact) == (38821, 36839)
    assert one(bank, "select count(*), sum(movement_count), sum(inflow + outflow) from core.fact_balances") == (
        days, len(read("transactions")), total("transactions", "amount")
    )  # fmt: skip
    assert one(bank, DAYS_THAT_DO_NOT_ADD_UP) == (0,)


def test_account_view__has_the_same_sums(bank: Settings) -> None:
    assert one(
        bank,
        "select count(*), count(customer_key), count(*) filter (where is_joint), sum(loan_count), sum(loan_amount),"
        " sum(card_count), sum(standing_order_count), sum(standing_order_amount), sum(movement_count),"
        " sum(inflow + outflow), count(district_name) from marts.account_view",
    ) == (
        len(read("accounts")), len(read("accounts")), sum(row["type"] == "DISPONENT" for row in read("dispositions")),
        len(read("loans")), total("loans", "amount"), len(read("cards")), len(read("orders")),
        total("orders", "amount"), len(read("transactions")), total("transactions", "amount"), len(read("accounts")),
    )  # fmt: skip
    newest = rows(
        bank,
        "select count(*) as n from marts.account_view as v join core.fact_bank_postings as p using (account_key)"
        " where p.posting_date = v.balance_date and p.balance_after = v.balance",
    )
    assert newest[0]["n"] >= len({row["account_id"] for row in read("transactions")})
