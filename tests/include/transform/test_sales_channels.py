"""The online shop, the web site and the tills: three days of the sample, from source to staging, with every trap."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from include import db
from include.contracts import load_contract
from include.extract import fetch_delivery
from include.gates import judge_batch
from include.landing import ensure_all_raw_tables, land_batch, release_batch
from include.ops.builds import begin_build
from include.sample import write_sample
from include.sample.shop import TABLES, fill_shop
from include.settings import Settings
from include.transform.dbt import run_dbt

pytestmark = pytest.mark.slow

SYSTEMS = ("ecommerce", "web", "pos")
DAYS = (date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18))


@dataclass
class Channels:
    """The warehouse after three days, the database of the shop, and what the gates said."""

    url: str
    shop: str
    run_dir: Path
    spoken: dict[tuple[str, date], tuple[set[str], set[str]]]

    def rows(self, statement: str, is_of_shop: bool = False) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.shop if is_of_shop else self.url) as connection:
            return connection.execute(statement).fetchall()

    def truth(self, name: str) -> list[dict[str, str]]:
        with (self.run_dir / "truth" / f"{name}.csv").open(encoding="utf-8") as stream:
            return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def channels(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Channels]:
    run_dir = tmp_path_factory.mktemp("channels")
    names = [f"{kind}_{uuid.uuid4().hex[:12]}" for kind in ("t", "s")]
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for name in names:
            connection.execute(f'create database "{name}"')
    url, shop = (db.in_database(postgres_url, name) for name in names)
    db.migrate(url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUSTOMER360_RUN_DIR", str(run_dir))
        patch.setenv("CUSTOMER360_DATABASE_URL", url)
        patch.setenv("CUSTOMER360_ECOMMERCE_URL", shop)
        settings = Settings.from_env()
        write_sample(settings.inbox, run_dir / "truth", 2000, 7, DAYS)
        spoken = {(system, day): _deliver(settings, shop, system, day) for day in DAYS for system in SYSTEMS}
        assert begin_build(url, DAYS[-1].isoformat(), "build")
        ensure_all_raw_tables(settings.sources_dir, url)
        folders = [f"path:models/staging/{system}" for system in SYSTEMS]
        left_out = ["--exclude-resource-type", "unit_test"]  # test_dbt.py runs them all
        run_dbt(["build", "--select", *folders, *left_out, "--target", "next"], "build", settings)
        yield Channels(url, shop, run_dir, spoken)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for name in names:
            connection.execute(f'drop database "{name}" with (force)')


def _deliver(settings: Settings, shop: str, system: str, day: date) -> tuple[set[str], set[str]]:
    """Land, judge and release a batch; (what failed, what warned)."""
    url = settings.database_url
    fill_shop(shop, settings.inbox, day)
    contract = load_contract(settings.sources_dir / f"{system}.yml")
    inbox = fetch_delivery(contract, day, settings.inbox, settings.run_dir, url).inbox
    land_batch(contract, day, inbox, settings.run_dir / "archive", url)
    outcome = judge_batch(contract, day, url, f"{system} {day}")
    if outcome.passed:
        release_batch(system, day, url)
    failed, warned = ({problem.expectation for problem in part} for part in (outcome.failed, outcome.warned))
    return failed, warned


def test_gates__say_what_the_drift_does_and_nothing_else(channels: Channels) -> None:
    more = {"undeclared_column"}
    drift = {("web", DAYS[1]): more, ("web", DAYS[2]): more, ("pos", DAYS[2]): more | {"members.missing_column"}}
    assert channels.spoken == {batch: (set(), drift.get(batch, set())) for batch in channels.spoken}


@pytest.mark.parametrize("table", TABLES)
def test_ecommerce__staging_is_the_shop(table: str, channels: Channels) -> None:
    """Updates, rows committed late or set back, deletes: after three days nothing is missing and nothing too much."""
    key = " || '/' || ".join(f"{name}::text" for name in TABLES[table])
    there = channels.rows(f"select {key}, updated_at from shop.{table} order by 1", is_of_shop=True)
    staged = channels.rows(
        f"select source_key, recorded_at from staging.stg_ecommerce__{table} where not is_deleted order by 1"
    )
    assert sorted(staged) == sorted(there)
    assert len(there) > 20


def test_ecommerce__deleted_accounts_keep_their_last_version(channels: Channels) -> None:
    gone = channels.rows("select email, deleted_date from staging.stg_ecommerce__accounts where is_deleted")
    assert gone
    assert all(email and day in DAYS[1:] for email, day in gone)


def test_ecommerce__order_committed_after_its_day_is_there(channels: Channels) -> None:
    assert channels.rows(
        "select 1 from staging.stg_ecommerce__orders where batch_date = first_seen_date"
        " and recorded_at < batch_date and batch_date > '2026-11-16' and placed_at >= '2026-11-16'"
    )


def test_ecommerce__guests_are_records_of_their_own(channels: Channels) -> None:
    guests = channels.rows(
        "select source_key, record_id, email from staging.stg_ecommerce__orders where is_guest_order"
    )
    told = {
        row["source_key"]
        for row in channels.truth("truth")
        if (row["system"], row["entity"]) == ("ecommerce", "orders")
    }
    assert {key for key, _, _ in guests} == told != set()
    assert all(record.startswith("ecommerce/guests/") and email for _, record, email in guests)


@pytest.mark.parametrize(
    ("model", "system", "entity"),
    [
        ("stg_ecommerce__accounts", "ecommerce", "accounts"),
        ("stg_web__users", "web", "users"),
        ("stg_pos__members", "pos", "members"),
    ],
)
def test_truth__names_every_record_of_a_person(model: str, system: str, entity: str, channels: Channels) -> None:
    told = [row["source_key"] for row in channels.truth("truth") if (row["system"], row["entity"]) == (system, entity)]
    assert sorted(told) == sorted(key for (key,) in channels.rows(f"select source_key from staging.{model}"))


def test_cards__join_shop_and_tills_by_token_alone(channels: Channels) -> None:
    joined = "staging.stg_ecommerce__orders as o join staging.stg_pos__transactions as t using (card_token)"
    assert channels.rows(f"select 1 from {joined} limit 1")
    (raw,) = channels.rows("select card_number from raw_pos.transactions where card_number is not null limit 1")
    for model in ("stg_ecommerce__orders", "stg_pos__transactions"):
        assert not channels.rows(f"select 1 from staging.{model} as t where t::text like '%{raw[0]}%'")


def test_web__events_that_come_twice_or_late_count_once(channels: Channels) -> None:
    ((raw, known, staged),) = channels.rows(
        "select count(*), count(distinct event_id), (select count(*) from staging.stg_web__events) from raw_web.events"
    )
    assert raw > known == staged
    late = channels.rows("select distinct batch_date - recorded_at::date from staging.stg_web__events order by 1")
    assert late == [(0,), (1,), (2,)]


def test_web__field_that_nobody_declared_is_kept_aside(channels: Channels) -> None:
    days = channels.rows(
        "select _batch_date, bool_or(coalesce(_rescued ? 'app_version', false)) from raw_web.events"
        " group by 1 order by 1"
    )
    assert days == [(DAYS[0], False), (DAYS[1], True), (DAYS[2], True)]


def test_web__browsers_are_shared_and_used_before_the_log_in(channels: Channels) -> None:
    assert channels.rows(
        "select anonymous_id_web from staging.stg_web__events group by 1 having count(distinct user_id_web) > 1"
    )
    assert channels.rows(
        "select 1 from staging.stg_web__events as e join staging.stg_web__events as l using (session_id_web)"
        " where l.event_type = 'login' and e.user_id_web is null and e.recorded_at <= l.recorded_at limit 1"
    )
    doers = {row["key"] for row in channels.truth("web_sessions")}
    sessions = dict(channels.rows("select session_id_web, max(user_id_web) from staging.stg_web__events group by 1"))
    assert {key for key, user in sessions.items() if user} < doers
    assert set(sessions) - doers, "strangers"


def test_pos__columns_in_another_order_and_under_another_name(channels: Channels) -> None:
    kinds = channels.rows("select distinct type from raw_pos.transactions where _batch_date = '2026-11-17'")
    assert set(kinds) <= {("sale",), ("return",), ("exchange",)}
    assert channels.rows(
        "select 1 from raw_pos.members where home_store is null and _rescued ? 'home_store_id' limit 1"
    )
    assert not channels.rows("select 1 from staging.stg_pos__members where home_store_id_pos is null")
    assert channels.rows("select missing_columns from ops.files where missing_columns <> '{}'") == [(["home_store"],)]


def test_pos__return_may_come_before_its_sale(channels: Channels) -> None:
    early = channels.rows(
        "select s.transaction_type from staging.stg_pos__transactions as r join staging.stg_pos__transactions as s"
        " on s.transaction_id_pos = r.original_transaction_id_pos where r.first_seen_date < s.first_seen_date"
    )
    assert early
    assert set(early) == {("sale",)}


def test_pos__receipts_that_come_twice_count_once_and_add_up(channels: Channels) -> None:
    ((raw, staged),) = channels.rows(
        "select count(*), (select count(*) from staging.stg_pos__transactions) from raw_pos.transactions"
    )
    assert raw > staged
    assert not channels.rows(
        "select t.source_key from staging.stg_pos__transactions as t join staging.stg_pos__transaction_lines as l"
        " using (transaction_id_pos) group by t.source_key, t.amount"
        " having t.amount <> sum(l.quantity * l.unit_price - l.discount)"
    )


def test_pos__notes_keep_quotes_and_line_breaks(channels: Channels) -> None:
    notes = {text for (text,) in channels.rows("select note_text from staging.stg_pos__staff_notes")}
    assert {'Waited "far too long" at the till; upset.', "Thanked Eva;\nwill come again."} <= notes
