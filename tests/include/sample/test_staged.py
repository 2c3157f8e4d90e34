"""The bank, the bureau, marketing and support of the sample company, from their files to the rows of staging.

A test per trap of the deliveries: drift, things that come twice or late, holders named by one id or another.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from include import db
from include.settings import Settings
from tests.include.sample.staged import DAYS, Staged, stage_sample

pytestmark = pytest.mark.slow

SYSTEMS = ("bank", "bureau", "marketing", "support")
# Only what a trap wants; every other batch passes without a word.
WARNED = {
    ("bureau", 2): ["balances.currency.required", "balances.required_column"],
    ("marketing", 2): ["undeclared_column"],
    ("marketing", 3): ["undeclared_column"],
    ("support", 3): ["tickets.category.allowed"],
}


@pytest.fixture(scope="module")
def staged(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staged]:
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'create database "{name}" template customer360_template')
    run_dir: Path = tmp_path_factory.mktemp("staged")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUSTOMER360_RUN_DIR", str(run_dir))
        patch.setenv("CUSTOMER360_DATABASE_URL", db.in_database(postgres_url, name))
        patch.delenv("BANK_DATA", raising=False)
        yield stage_sample(Settings.from_env(), SYSTEMS, 2500)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'drop database "{name}" with (force)')


def test_gates__hold_nothing_and_say_what_the_traps_want(staged: Staged) -> None:
    assert {key: names for key, names in staged.failed.items() if names} == {}
    assert {key: sorted(names) for key, names in staged.warned.items() if names} == WARNED


def test_bank__staging_holds_the_newest_snapshot_whole(staged: Staged) -> None:
    for entity in ("accounts", "clients", "dispositions", "orders", "loans", "cards", "transactions"):
        newest = staged.count(f"raw_bank.{entity} where _batch_date = '{DAYS[2]}'")
        assert staged.count(f"staging.stg_bank__{entity}") == newest > 0, entity
    assert staged.count("staging.stg_bank__districts") == 77
    assert staged.count("staging.stg_bank__districts where crimes_1995 is null or unemployment_1995_pct is null") == 1


def test_bank__dates_are_of_this_century_where_they_have_to(staged: Staged) -> None:
    ((first, last),) = staged.rows(
        "select min(transaction_date), max(transaction_date) from staging.stg_bank__transactions"
    )
    assert DAYS[0] - timedelta(181) <= first < last == DAYS[2]
    ((oldest, youngest),) = staged.rows("select min(date_of_birth), max(date_of_birth) from staging.stg_bank__clients")
    assert date(1936, 1, 1) <= oldest < date(1960, 1, 1) < date(2000, 1, 1) < youngest < date(2008, 1, 1)
    assert staged.count("staging.stg_bank__clients where gender is null or date_of_birth is null") == 0
    assert staged.count("staging.stg_bank__loans where granted_date is null") == 0


def test_bank__traps_of_the_real_files_are_there(staged: Staged) -> None:
    words = {row[0] for row in staged.rows("select distinct type from raw_bank.transactions")}
    assert words == {"PRIJEM", "VYDAJ", "VYBER"}
    blanks = {row[0] for row in staged.rows("select distinct k_symbol from raw_bank.transactions")}
    assert {"", " ", None, "UROK", "SLUZBY", "SIPO"} <= blanks
    assert staged.count("raw_bank.clients where substr(birth_number, 3, 2)::integer > 50") > 10
    joint = staged.rows("select account_id_bank from staging.stg_bank__dispositions group by 1 having count(*) > 1")
    assert joint, "households share accounts"
    assert {row[0] for row in staged.rows("select distinct disposition_type from staging.stg_bank__dispositions")} == {
        "owner", "disponent",
    }  # fmt: skip


BALANCES = """
    (select account_id_bank, transaction_date, posting_number, balance,
        balance - case transaction_type when 'deposit' then amount else -amount end as balance_before,
        lag(balance) over (partition by account_id_bank order by transaction_date, {order}) as balance_of_the_last
    from staging.stg_bank__transactions) as postings
    where balance_of_the_last is not null and abs(balance_before - balance_of_the_last) > 0.11
"""


def test_bank__posting_number_makes_the_running_balance_right(staged: Staged) -> None:
    assert staged.count(BALANCES.format(order="posting_number")) == 0
    assert staged.count(BALANCES.format(order="source_key::bigint")) > 100, "the files' numbers do not tell the order"
    assert staged.count("staging.stg_bank__transactions where posting_number is null") == 0


def test_bureau__currency_that_was_missing_comes_with_the_corrections(staged: Staged) -> None:
    assert staged.count(f"raw_bureau.balances where _batch_date = '{DAYS[1]}' and currency is not null") == 0
    assert staged.count("staging.stg_bureau__balances where currency is null") == 0
    days = staged.rows("select balance_date, count(*) from staging.stg_bureau__balances group by 1 order by 1")
    assert [day for day, _ in days] == list(DAYS)
    again = staged.count("staging.stg_bureau__balances where batch_date > first_seen_date")
    assert again == days[0][1] + days[1][1]


def test_bureau__payment_history_is_unnested(staged: Staged) -> None:
    reports = staged.count("staging.stg_bureau__credit_reports")
    assert staged.count("staging.stg_bureau__payment_months") == 12 * reports > 0
    assert staged.count("staging.stg_bureau__payment_months where month_start_date is null") == 0
    assert staged.count("staging.stg_bureau__payment_months where amount_due > 0 and currency is null") == 0
    assert staged.count("raw_bureau.credit_reports where _rescued is not null") == 0


def test_bureau__balances_find_their_file_by_either_id(staged: Staged) -> None:
    told = "staging.stg_bureau__balances where file_number_bureau is null"
    assert staged.count(told) > 20
    assert staged.count(f"{told} and client_id_bank is not null") > 0
    assert staged.count(f"{told} and national_id_token is not null") > 0
    found = staged.rows(
        "select count(*) filter (where record_id = 'bureau/credit_reports/' || split_part(account_ref_bureau, '-', 1)),"
        " count(record_id), count(*) from staging.stg_bureau__balances where file_number_bureau is null"
    )[0]
    assert found[0] == found[1] > 0.8 * found[2], "never another one's file"
    assert (
        staged.count("staging.stg_bureau__credit_reports where national_id_token !~ '^national_id_[0-9a-f]{64}$'") == 0
    )


def test_bureau__client_ids_are_those_of_the_bank(staged: Staged) -> None:
    known = "staging.stg_bureau__credit_reports as r join staging.stg_bank__clients as c using (client_id_bank)"
    assert (
        staged.count(known) == staged.count("staging.stg_bureau__credit_reports where client_id_bank is not null") > 5
    )
    assert staged.count(f"{known} where r.date_of_birth = c.date_of_birth") > 0.7 * staged.count(known)


def test_marketing__consent_withdrawn_on_a_day_shows_with_its_time(staged: Staged) -> None:
    withdrawn = staged.rows(
        "select stated_at at time zone 'UTC', first_seen_date, contact_id_marketing, channel"
        " from staging.stg_marketing__consents where consent_action = 'withdrawn'"
    )
    assert {day for _, day, _, _ in withdrawn} >= {DAYS[1]}
    for at, day, contact, channel in withdrawn:
        assert at.date() == day
        given = "staging.stg_marketing__consents where consent_action = 'given'"
        assert staged.count(f"{given} and contact_id_marketing = '{contact}' and channel = '{channel}'") == 1
        opt_out = f"staging.stg_marketing__opt_outs where contact_id_marketing = '{contact}' and channel = '{channel}'"
        assert staged.count(opt_out) == 1


def test_marketing__renamed_score_is_read_under_either_name(staged: Staged) -> None:
    later = "staging.stg_marketing__contacts where batch_date > first_seen_date"
    assert staged.count(later) > 5
    assert staged.count("raw_marketing.contacts where lead_score is null and _rescued ? 'leadScore'") >= staged.count(
        later
    )
    assert staged.count("staging.stg_marketing__contacts where lead_score is null") == 0


def test_marketing__events_that_come_twice_count_once_and_late_ones_count(staged: Staged) -> None:
    events = staged.count("staging.stg_marketing__email_events")
    assert events == staged.rows("select count(distinct event_id) from raw_marketing.email_events")[0][0]
    assert staged.count("raw_marketing.email_events") > events
    late = "staging.stg_marketing__email_events where first_seen_date > (recorded_at at time zone 'UTC')::date + 1"
    assert staged.count(f"{late} and first_seen_date = '{DAYS[2]}'") > 0
    strangers = staged.rows(
        "select count(*) filter (where h.source_key is not null), count(*)"
        " from staging.stg_marketing__social_interactions as i left join staging.stg_marketing__social_handles as h"
        " on i.network = h.network and i.social_handle = h.social_handle where i.record_id is null"
    )[0]
    assert 0 < strangers[0] < strangers[1], "some accounts are known by their handle alone, some by nobody"


def test_support__category_is_read_as_word_and_as_object(staged: Staged) -> None:
    assert staged.count(f"raw_support.tickets where _batch_date = '{DAYS[2]}' and category not like '{{%'") == 0
    assert staged.count(f"staging.stg_support__tickets where batch_date = '{DAYS[2]}'") > 0
    words = {row[0] for row in staged.rows("select distinct category from staging.stg_support__tickets")}
    assert words == {"billing", "delivery", "product", "account", "returns", "complaint"}


def test_support__requesters_with_equal_details_are_one_contact(staged: Staged) -> None:
    contacts = staged.count("staging.stg_support__contacts")
    entities = ("tickets", "chats", "calls", "surveys", "complaints")
    each = " union all ".join(f"select record_id, email, phone from staging.stg_support__{name}" for name in entities)
    ((events, people, nameless, lacking),) = staged.rows(
        "select count(*), count(distinct record_id), count(*) filter (where record_id is null),"
        f" count(*) filter (where email is null or phone is null) from ({each}) as events"
    )
    assert contacts == people < events
    assert nameless == 0
    assert lacking > 0.4 * events


def test_support__history_and_transcripts_are_whole(staged: Staged) -> None:
    ((tickets, states),) = staged.rows(
        "select sum(jsonb_array_length(raw.state_history::jsonb)),"
        " (select count(*) from staging.stg_support__ticket_states) from staging.stg_support__tickets as newest"
        " inner join raw_support.tickets as raw on newest.file_id = raw._file_id and newest.row_number = raw._row"
    )
    assert tickets == states
    last = staged.count(
        "(select distinct on (ticket_id_support) ticket_id_support, ticket_state"
        " from staging.stg_support__ticket_states order by 1, recorded_at desc, source_key desc) as s"
        " join staging.stg_support__tickets as t using (ticket_id_support) where s.ticket_state <> t.status"
    )
    assert last == 0
    assert staged.count("staging.stg_support__chat_turns") > 2 * staged.count("staging.stg_support__chats")
    late = "staging.stg_support__calls where (recorded_at at time zone 'UTC')::date < first_seen_date"
    assert staged.count(late) > 0
