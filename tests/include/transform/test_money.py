"""Accounts, balances and debts of the sample company, from its files to core: nothing lost, nothing counted twice."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from include.settings import Settings

ACCOUNTS = {
    "bank": "staging.stg_bank__accounts",
    "finance": "staging.stg_finance__accounts",
    "pos": "staging.stg_pos__members",
    "ecommerce": "staging.stg_ecommerce__accounts",
    "bureau": "(select distinct account_ref_bureau from staging.stg_bureau__balances) as a",
    "wealth": "(select distinct holding_id_wealth from intermediate.int_holdings__unioned) as h",
}
# By fact: what it stands on, in raw, and an amount on both sides.
RAW = {
    "core.fact_debts": (
        "raw_lending.people where debt is not null",
        "amount",
        "sum(case when jsonb_typeof(debt::jsonb) = 'object' then (debt::jsonb ->> 'amount')::numeric"
        " else debt::numeric end)",
    ),
    "core.fact_holdings where holding_family = 'fund'": ("raw_wealth.funds", "amount", "sum(value::numeric)"),
    "core.fact_holdings where holding_family = 'loan'": ("raw_wealth.loans", "amount", "sum(outstanding::numeric)"),
    "core.fact_holdings where holding_family = 'credit_card'": (
        "raw_wealth.card_accounts",
        "points",
        "sum(points::numeric)",
    ),
    "core.fact_balances where system = 'wealth' and balance < 0": (
        "(select outstanding as owed from raw_wealth.loans union all select credit_usage from raw_wealth.card_accounts)"
        " as d where owed::numeric > 0",
        "-balance",
        "sum(owed::numeric)",
    ),
}


pytestmark = pytest.mark.slow


def query(settings: Settings, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(settings.database_url) as connection:
        return connection.execute(statement).fetchall()


@pytest.mark.parametrize("system", ACCOUNTS)
def test_dim_account__has_every_account_of(system: str, company: Settings) -> None:
    ((known,),) = query(company, f"select count(*) from {ACCOUNTS[system]}")
    found = query(
        company,
        "select count(*), count(*) filter (where a.account_type is null), count(v.account_key)"
        " from core.dim_account as a left join marts.account_view as v using (account_key)"
        f" where a.system = '{system}'",
    )
    assert found == [(known, 0, known)]
    assert known > 10


def test_account_view__names_joint_holders(company: Settings) -> None:
    """Who may use an account beside its owner, unless both records are of one person."""
    joint = query(
        company,
        "select d.account_id_bank, string_agg(distinct x.customer_key::text, ',')"
        " from staging.stg_bank__dispositions as d"
        " join identity.crosswalk as x on x.record_id = 'bank/clients/' || d.client_id_bank"
        " join core.dim_account as a on a.system = 'bank' and a.account_id = d.account_id_bank"
        " where d.disposition_type = 'disponent' and a.customer_key <> x.customer_key group by 1 order by 1",
    )
    assert joint
    assert joint == query(
        company,
        "select account_id, joint_customer_keys from marts.account_view where system = 'bank' and is_joint order by 1",
    )


def test_balances__of_the_bank_follow_from_the_postings(company: Settings) -> None:
    walked = query(
        company,
        "select count(*), count(*) filter (where abs(gap) > 0.1) from (select balance_after - change"
        " - lag(balance_after) over (partition by account_key order by posting_date, posting_number) as gap"
        " from core.fact_bank_postings) as p",
    )
    ((postings,),) = query(company, "select count(*) from staging.stg_bank__transactions")
    assert walked == [(postings, 0)]
    newest = query(
        company,
        "select count(*) from marts.account_view as v where system = 'bank' and balance is distinct from ("
        " select balance_after from core.fact_bank_postings as p where p.account_key = v.account_key"
        " order by posting_date desc, posting_number desc limit 1)",
    )
    assert newest == [(0,)]


def test_balances__hold_until_the_next_one(company: Settings) -> None:
    overlaps = query(
        company,
        "select count(*) from core.fact_balances as a join core.fact_balances as b using (account_key)"
        " where b.balance_date > a.balance_date and b.balance_date < coalesce(a.valid_to_date, 'infinity')",
    )
    assert overlaps == [(0,)]
    open_ended = "select count(*) filter (where valid_to_date is null), count(distinct account_key)"
    ((newest, accounts),) = query(company, f"{open_ended} from core.fact_balances")
    assert newest == accounts > 100


def test_points__of_every_delivery_are_there(company: Settings) -> None:
    """The newest version of a member alone would forget what the card held before."""
    counted = query(company, "select count(*), sum(balance) from core.fact_balances where basis = 'points'")
    assert counted == query(company, "select count(*), sum(card_points::numeric) from raw_pos.members")
    ((members,),) = query(company, "select count(*) from staging.stg_pos__members")
    assert counted[0][0] > members


@pytest.mark.parametrize("fact", RAW)
def test_fact__adds_up_to_what_was_delivered(fact: str, company: Settings) -> None:
    source, amount, delivered = RAW[fact]
    assert query(company, f"select count(*), sum({amount}) from {fact}") == query(
        company, f"select count(*), {delivered} from {source}"
    )


def test_loans__say_what_is_owed(company: Settings) -> None:
    wrong = query(
        company,
        "select count(*), count(*) filter (where not case system"
        " when 'bank' then outstanding_amount = case status"
        " when 'A' then 0 else greatest(amount - repaid_amount, 0) end"
        " else outstanding_amount = (select -balance from core.fact_balances as b where b.account_key = l.account_key"
        " and valid_to_date is null) end) from core.fact_loans as l",
    )
    ((loans, broken),) = wrong
    assert loans > 20
    assert broken == 0
    unpaid = query(company, "select count(*) from core.fact_loan_repayments where system = 'bank' and loan_key is null")
    assert unpaid == [(0,)], "the sample's bank books payments for loans that it has granted"
