"""The single views of the sample company agree with the facts that they are made of, and with each other."""

from __future__ import annotations

import pytest

from tests.dbt_project.company import Company
from tests.include.transform.test_history import DIFFERENT

pytestmark = pytest.mark.slow  # the build that all of them share

# Each counts what contradicts the claim.
CONTRADICTIONS = {
    "a view of customers has a row for each": """
        select count(*) from core.dim_customer as c full join marts.customer_360 as a using (customer_key)
        full join marts.customer_single_view as b using (customer_key)
        where c.customer_key is null or a.customer_key is null or b.customer_key is null""",
    "what customers spent is what the facts say": """
        select count(*) from marts.customer_360 as c
        left join (
            select customer_key, sum(spend_eur) as spend_eur from core.fact_transactions group by customer_key
        ) as f using (customer_key)
        where c.spend_eur <> coalesce(f.spend_eur, 0)""",
    "the channels of twelve months add up": """
        select count(*) from marts.customer_360
        where spend_12_months_eur
            <> spend_online_12_months_eur + spend_store_12_months_eur + spend_other_12_months_eur""",
    "the ways of paying add up to the same": """
        select count(*) from marts.customer_single_view join marts.customer_360 using (customer_key)
        where spend_12_months_eur <> spend_by_card_eur + spend_by_gateway_eur + spend_by_mobile_eur
            + spend_by_transfer_eur + spend_in_cash_eur + spend_by_voucher_eur + spend_other_method_eur""",
    "a journey is numbered without gaps and has one end": """
        select count(*) from (
            select max(touchpoint_number) as n, count(*) as c, count(*) filter (where is_first) as firsts,
                count(*) filter (where is_last) as lasts from marts.journey_view group by customer_key
        ) as j where n <> c or firsts <> 1 or lasts <> 1""",
    "time only goes on": "select count(*) from marts.journey_view where days_since_previous < 0",
    "every order of a customer is a touchpoint": """
        select count(*) from core.fact_orders as o
        where customer_key is not null and date_key is not null
            and not exists (select from marts.journey_view where touchpoint_key = md5('order/' || o.order_key))""",
    "no campaign is credited with what came before it or long after": """
        select count(*) from marts.journey_view as j
        where attributed_campaign_key is not null and not exists (
            select from marts.journey_view as k
            where k.customer_key = j.customer_key and k.campaign_key = j.attributed_campaign_key
                and k.occurred_at between j.occurred_at - interval '30 days' and j.occurred_at)""",
    "an address of a record is an identifier of its customer": """
        select count(*) from identity.records as r join identity.crosswalk as x using (record_id)
        where r.email is not null and not exists (
            select from marts.customer_identifiers as i
            where i.customer_key = x.customer_key and i.kind = 'email' and i.identifier = r.email
                and i.system = r.system)""",
    "the address that a mail went to is an identifier of its contact on that day": """
        select count(*) from raw_marketing.email_events as e
        join identity.crosswalk as x on x.record_id = 'marketing/contacts/' || e.contact_id
        where e.email is not null and not exists (
            select from marts.customer_identifiers as i
            where i.customer_key = x.customer_key and i.kind = 'email' and i.identifier = lower(e.email)
                and i.system = 'marketing' and e._batch_date between i.first_seen_date and i.last_seen_date)""",
    "a reference of demographics identifies, and nothing else by that name": """
        select count(*) from (
            select distinct x.customer_key, d.ref from raw_demographics.customers as d
            join identity.crosswalk as x on x.record_id = 'demographics/customers/' || d.ref
        ) as r full join (
            select customer_key, identifier from marts.customer_identifiers where kind = 'demographics_ref'
        ) as i on i.customer_key = r.customer_key and i.identifier = r.ref
        where r.ref is null or i.identifier is null""",
    "a household has one address, and its members know it": """
        select count(*) from marts.household_view as h
        cross join lateral jsonb_array_elements_text(h.member_keys) as m (customer_key)
        left join marts.customer_360 as c on c.customer_key = m.customer_key::bigint
        where c.household_key is distinct from h.household_key or c.household_member_count <> h.member_count""",
    "who shares nothing lives alone": """
        select count(*) from marts.household_view where (member_count > 1) <> (shares_name or shares_account)""",
    "balances are those of the accounts": """
        select count(*) from (
            select round(sum(total_balance_eur), 2) as held from marts.customer_single_view
        ) as v cross join (
            select round(sum(case
                when b.system = 'bank' then round(b.balance * r.eur_per_unit, 2) else balance_eur
            end), 2) as held
            from core.fact_balances as b
            join core.dim_account as a using (account_key)
            join (
                select distinct on (currency) currency, eur_per_unit from intermediate.exchange_rates
                order by currency, valid_from_date desc
            ) as r on r.currency = b.currency
            where b.valid_to_date is null and b.customer_key is not null and a.is_delivered
                and (b.system = 'bank' or (
                    b.system = 'wealth' and a.account_type in ('current', 'savings', 'term_deposit')
                    and a.status is distinct from 'closed'))
        ) as f where v.held <> f.held""",
    "shares are shares": """
        select count(*) from marts.customer_single_view
        where not coalesce(married_score_pct between 0 and 100, false) or age_score_pct not between 0 and 100
            or foreigner_score_pct not between 0 and 100""",
    "the current version is the customer": DIFFERENT,
    "versions leave no gap": """
        select count(*) from (
            select valid_to_date, lead(valid_from_date) over (
                partition by customer_key order by version_number
            ) as next_date from core.dim_customer_history
        ) as v where valid_to_date is distinct from next_date""",
}

# Columns that somebody of the sample company has a value in.
FILLED = {
    "core.fact_orders": ("till", "employee"),
    "core.fact_transactions": ("description",),
    "marts.customer_360": ("home_store", "last_login_at", "preferred_topics", "commute_distance_km"),
    "marts.customer_single_view": (
        "total_balance_eur", "cr_segment", "funds_eur", "life_cover_eur", "mortgage_assets", "car_segments",
        "search_terms", "wealth_score", "income_score", "member_id", "user_id",
        "next_card_expiry_date",
    ),
}  # fmt: skip


def test_views__agree_with_the_facts(company: Company) -> None:
    found = {claim: company.rows(statement)[0]["count"] for claim, statement in CONTRADICTIONS.items()}
    assert found == dict.fromkeys(CONTRADICTIONS, 0)
    for table, columns in FILLED.items():
        (filled,) = company.rows(f"select {', '.join(f'count({name}) as {name}' for name in columns)} from {table}")
        assert min(filled.values()) > 0, (table, filled)
