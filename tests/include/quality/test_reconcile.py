"""Facts beside raw: what raw explains is told by name, and whatever else a fact does wrong is found."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from include.contracts import load_contracts
from include.landing import ensure_all_raw_tables
from include.quality.reconcile import Fact, read_facts, reconcile_facts
from include.settings import PROJECT_DIR

CONTRACT = """
system: shop
title: Shop
description: Orders with their lines.
owner: Sales
contact: shop@retailmax.example
cadence: daily
delivery: delta
missing_record: unchanged
purpose: sales
legal_basis: contract
region: EU
retention_days: 10
format: {type: json}
entities:
  orders:
    description: One record per order.
    files: ["orders*"]
    key: [order_id]
    columns:
      order_id: {meaning: "Number"}
      amount: {meaning: "Total", type: decimal}
      status: {meaning: "State"}
      lines: {meaning: "Lines", type: json}
    children:
      lines:
        path: lines
        key: [line_id]
        columns:
          line_id: {meaning: "Number"}
          price: {meaning: "Price", path: money.price, type: decimal}
  visits:
    description: One record per visit.
    files: ["visits*"]
    key: [visit_id]
    columns:
      visit_id: {meaning: "Number"}
"""
DECLARED = """
facts:
  fact_orders:
    amount: amount
    records:
      - of: shop.orders
        amount: amount
        left_out: {cancelled: "record.status = 'cancelled'"}
        where_fact: order_id <> 'gift'
  fact_lines:
    amount: amount
    records:
      - {of: shop.orders.lines, fact_key: line_id, amount: price}
  fact_days:
    made_of: fact_orders
    counts: order_count
"""
FIRST, SECOND = uuid.UUID(int=1), uuid.UUID(int=2)
ORDERS = """
insert into raw_shop.orders (_file_id, _row, _batch_date, order_id, amount, status, lines) values
(%(first)s, 1, '2026-11-16', 'A', '10.00', 'new', '[{"line_id": "A1", "money": {"price": "4"}}, {"line_id": "A2", "money": {"price": "6"}}]'),
(%(first)s, 2, '2026-11-16', 'B', '5.50', 'new', '[{"line_id": "B1", "money": {"price": 5.5}}]'),
(%(first)s, 3, '2026-11-16', 'B', '5.50', 'new', null),
(%(first)s, 4, '2026-11-16', 'C', '7', 'cancelled', 'broken'),
(%(first)s, 5, '2026-11-16', '', '1', 'new', '[]'),
(%(second)s, 1, '2026-11-17', 'A', '12.00', 'paid', '[{"line_id": "A1", "money": {"price": "4"}}, {"line_id": "A1", "money": {"price": "4"}}]'),
(%(second)s, 2, '2026-11-17', 'D', 'ten', 'new', null)
"""  # noqa: E501
FACTS = """
create schema if not exists core_next;
create table core_next.fact_orders (
    order_id text, amount numeric, batch_date date, file_id uuid, row_number bigint
);
insert into core_next.fact_orders values
('A', 12.00, '2026-11-17', '{second}', 1), ('B', 5.50, '2026-11-16', '{first}', 2), ('D', null, '2026-11-17', '{second}', 2);
create table core_next.fact_lines (line_id text, amount numeric, batch_date date, file_id uuid, row_number bigint);
insert into core_next.fact_lines values
('A1', 4, '2026-11-17', '{second}', 1), ('A2', 6, '2026-11-16', '{first}', 1), ('B1', 5.5, '2026-11-16', '{first}', 2);
create table core_next.fact_days (order_count int, batch_date date);
insert into core_next.fact_days values (2, '2026-11-17'), (1, '2026-11-16');
"""  # noqa: E501


@pytest.fixture
def warehouse(warehouse_url: str, tmp_path: Path) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """Two batches of a shop in raw, and facts that are right."""
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "shop.yml").write_text(CONTRACT)
    (tmp_path / "facts.yml").write_text(DECLARED)
    ensure_all_raw_tables(tmp_path / "sources", warehouse_url)
    with psycopg.connect(warehouse_url, autocommit=True, row_factory=dict_row) as connection:
        connection.execute("set timezone to 'Asia/Tokyo'")
        for number, (file_id, day) in enumerate([(FIRST, "2026-11-16"), (SECOND, "2026-11-17")]):
            connection.execute(
                "insert into ops.files (file_id, system, entity, batch_date, name, sha256, bytes, state)"
                " values (%s, 'shop', 'orders', %s, %s, 'x', 1, 'released')",
                [file_id, day, f"orders{number}.json"],
            )
            connection.execute("insert into ops.build_files values (%s, 'shop', 'orders', %s)", [file_id, day])
        connection.execute(ORDERS, {"first": FIRST, "second": SECOND})
        connection.execute(FACTS.format(first=FIRST, second=SECOND))
        yield connection


def lines(connection: psycopg.Connection[dict[str, Any]], tmp_path: Path) -> dict[tuple[str, str], dict[str, Any]]:
    url = connection.info.dsn + f" password={connection.info.password}"
    reconcile_facts(url, tmp_path / "sources", path=tmp_path / "facts.yml")
    found = connection.execute("select * from ops.reconciliation").fetchall()
    return {(row["fact"], str(row["batch_date"])): row for row in found}


def test_reconcile_facts__raw_explains_by_name_what_a_fact_has_not(
    warehouse: psycopg.Connection[dict[str, Any]], tmp_path: Path
) -> None:
    found = lines(warehouse, tmp_path)
    assert all(row["is_reconciled"] for row in found.values()), found
    first = found["fact_orders", "2026-11-16"]
    assert {name: part["rows"] for name, part in first["differences"].items()} == {
        "superseded": 1, "repeated": 1, "cancelled": 1, "without a key": 1
    }  # fmt: skip
    assert (first["raw_rows"], first["fact_rows"]) == (5, 1)
    assert (float(first["raw_amount"]), float(first["fact_amount"])) == (29.0, 5.5)
    assert (found["fact_orders", "2026-11-17"]["raw_rows"], found["fact_orders", "2026-11-17"]["fact_rows"]) == (2, 2)
    assert found["fact_lines", "2026-11-16"]["differences"]["superseded"]["rows"] == 1
    assert found["fact_lines", "2026-11-17"]["differences"]["repeated"]["rows"] == 1
    assert found["fact_days", "2026-11-17"]["raw_rows"] == 3


@pytest.mark.parametrize(
    ("fault", "fact", "day", "told"),
    [
        ("delete from core_next.fact_orders where order_id = 'B'", "fact_orders", "2026-11-16", {"missing": 2}),
        ("delete from core_next.fact_lines where line_id = 'A2'", "fact_lines", "2026-11-16", {"missing": 1}),
        ("insert into core_next.fact_orders table core_next.fact_orders", "fact_orders", "2026-11-17",
         {"several times": 2}),
        ("update core_next.fact_orders set amount = 12.01 where order_id = 'A'", "fact_orders", "2026-11-17",
         {"another amount": 1}),
        ("update core_next.fact_orders set amount = 1 where order_id = 'D'", "fact_orders", "2026-11-17",
         {"another amount": 1}),
        ("update core_next.fact_lines set amount = null where line_id = 'B1'", "fact_lines", "2026-11-16",
         {"another amount": 1}),
        ("update core_next.fact_orders set batch_date = '2026-11-16' where order_id = 'D'", "fact_orders",
         "2026-11-17", {"another batch": 1}),
        (f"insert into core_next.fact_orders values ('X', 1, '2026-11-17', '{SECOND}', 77)", "fact_orders",
         "2026-11-17", {"not in raw": 1}),
        (f"insert into core_next.fact_orders values ('C', 7, '2026-11-16', '{FIRST}', 4)", "fact_orders",
         "2026-11-16", {"to be left out": 1}),
        (f"update core_next.fact_orders set amount = 10, batch_date = '2026-11-16', file_id = '{FIRST}'"
         " where order_id = 'A'", "fact_orders", "2026-11-16", {"not the newest version": 1}),
        (f"insert into core_next.fact_orders values ('B', 5.5, '2026-11-16', '{FIRST}', 3)", "fact_orders",
         "2026-11-16", {"several versions": 2}),
        ("update core_next.fact_days set order_count = 3", "fact_days", "2026-11-17", {"not counted": -3}),
        ("create table core_next.fact_new as select * from core_next.fact_orders", "fact_new", "2026-11-17",
         {"not declared": 3}),
        ("create table core_next.fact_none as select from core_next.fact_orders limit 0", "fact_none", "2026-11-17",
         {"not declared": 0}),
        (f"insert into core_next.fact_orders values ('gift', 1, '2026-11-17', '{SECOND}', 1)", "fact_orders",
         "2026-11-17", {"not declared": 1}),
        (f"insert into core_next.fact_orders values (null, 1, '2026-11-17', '{SECOND}', 1)", "fact_orders",
         "2026-11-17", {"not declared": 1}),
        ("update ops.build_files set entity = 'visits' where batch_date = '2026-11-16'", "fact_orders", "2026-11-16",
         {"not declared": 1}),
    ],
)  # fmt: skip
def test_reconcile_facts__finds(
    fault: str, fact: str, day: str, told: dict[str, int], warehouse: psycopg.Connection[dict[str, Any]], tmp_path: Path
) -> None:
    warehouse.execute(fault)
    wrong = {key: row["unexplained"] for key, row in lines(warehouse, tmp_path).items() if not row["is_reconciled"]}
    assert wrong[fact, day] == told | wrong[fact, day]
    assert all(wrong[fact, day][name] == count for name, count in told.items())


def test_reconcile_facts__deleted_at_the_source_is_no_loss(
    warehouse: psycopg.Connection[dict[str, Any]], tmp_path: Path
) -> None:
    """The row that says so is told by name; whether the record stays in the fact is the fact's choice."""
    text = CONTRACT.replace('files: ["orders*"]', "table: orders\n    watermark: status").replace(
        "{type: json}\nentities", "{type: database, url_env: SHOP_URL}\nentities"
    )
    text = text.replace('status: {meaning: "State"}', 'status: {meaning: "State", type: timestamp}')
    text = text.replace('files: ["visits*"]', "table: visits\n    watermark: status").replace(
        "      visit_id:",
        '      status: {meaning: "S", type: timestamp}\n      is_deleted: {meaning: "Gone"}\n      visit_id:',
    )
    text = text.replace(
        '      lines: {meaning: "Lines"', '      is_deleted: {meaning: "Gone"}\n      lines: {meaning: "Lines"'
    )
    (tmp_path / "sources" / "shop.yml").write_text(text)
    warehouse.execute("alter table raw_shop.orders add column is_deleted text")
    warehouse.execute(
        "insert into raw_shop.orders (_file_id, _row, _batch_date, order_id, is_deleted)"
        " values (%s, 9, '2026-11-17', 'B', 'true')",
        [SECOND],
    )
    found = lines(warehouse, tmp_path)
    assert found["fact_orders", "2026-11-17"]["differences"]["deleted"]["rows"] == 1
    assert found["fact_orders", "2026-11-16"]["is_reconciled"]
    warehouse.execute("delete from core_next.fact_orders where order_id = 'B'")
    left = lines(warehouse, tmp_path)["fact_orders", "2026-11-16"]
    assert left["is_reconciled"], left
    assert left["differences"]["deleted"]["rows"] == 2


def test_reconcile_facts__one_row_may_stand_for_a_group(
    warehouse: psycopg.Connection[dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "facts.yml").write_text(
        "facts: {fact_states: {amount: amount, records: [{of: shop.orders, key: [record.status], amount: amount,"
        " is_grouped: true}]}}"
    )
    warehouse.execute("drop table core_next.fact_orders, core_next.fact_lines, core_next.fact_days")
    warehouse.execute(
        "create table core_next.fact_states as select 7::numeric as amount, '2026-11-16'::date as batch_date,"
        f" '{FIRST}'::uuid as file_id, 4 as row_number union all select 5.5, '2026-11-16', '{FIRST}', 2"
        f" union all select 12, '2026-11-17', '{SECOND}', 1"
    )
    found = lines(warehouse, tmp_path)
    assert all(row["is_reconciled"] for row in found.values()), found
    assert found["fact_states", "2026-11-16"]["differences"] == {"in the row of another": {"rows": 3, "amount": 16.5}}
    warehouse.execute("delete from core_next.fact_states where amount = 5.5")
    assert lines(warehouse, tmp_path)["fact_states", "2026-11-17"]["unexplained"] == {"missing": 1}


def test_declared__records_are_those_of_contracts() -> None:
    contracts = load_contracts(PROJECT_DIR / "include" / "sources", active_only=False)
    for name, fact in read_facts().items():
        for records in fact.records:
            system, entity, child = records.path
            assert entity in contracts[system].entities, (name, records.of)
            assert child is None or child in contracts[system].entities[entity].children, (name, records.of)
            assert child is None or records.fact_key, f"{name}: {records.of} is nested, so it needs a fact_key"
            assert records.amount is None or fact.amount, f"{name} has no column for the amount of {records.of}"


@pytest.mark.parametrize("text", [{}, {"made_of": "fact_a"}, {"records": [{"of": "a.b"}], "made_of": "fact_a"}])
def test_fact__stands_on_records_or_on_a_fact(text: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="stands on records"):
        Fact.model_validate(text)


def test_declared__a_posting_of_another_day_leaves_its_group(warehouse_url: str) -> None:
    """The second batch moves a posting and a transaction, each the only one of its day, to the day after."""
    sources = PROJECT_DIR / "include" / "sources"
    ensure_all_raw_tables(sources, warehouse_url)
    with psycopg.connect(warehouse_url, row_factory=dict_row) as connection:
        for number, (system, entity) in enumerate([("bank", "transactions"), ("finance", "accounts")] * 2):
            day, file_id = f"2026-11-{16 + number // 2}", uuid.UUID(int=number)
            connection.execute(
                "insert into ops.files (file_id, system, entity, batch_date, name, sha256, bytes, state)"
                " values (%s, %s, %s, %s, %s, 'x', 1, 'released')",
                [file_id, system, entity, day, f"{entity}{number}"],
            )
            connection.execute("insert into ops.build_files values (%s, %s, %s, %s)", [file_id, system, entity, day])
            said = [{"transaction_id": "F1", "occurred_at": f"{day}T08:00:00Z"}]
            columns, values = (
                ("trans_id, account_id, date, balance", ["P1", "A1", day[2:].replace("-", ""), "5"])
                if system == "bank"
                else ("account_id, transaction_history", ["A2", json.dumps(said)])
            )
            connection.execute(
                f"insert into raw_{system}.{entity} (_file_id, _row, _batch_date, {columns})"
                f" values (%s, 1, %s{', %s' * len(values)})",
                [file_id, day, *values],
            )
        connection.execute("create schema if not exists core_next")
        connection.execute(
            "create table core_next.fact_balances as select account_key, '2026-11-17'::date as balance_date,"
            " 5::numeric as amount, '2026-11-17'::date as batch_date, file_id, 1::bigint as row_number from (values"
            f" (md5('bank/A1'), '{uuid.UUID(int=2)}'::uuid), (md5('finance/A2'), '{uuid.UUID(int=3)}'::uuid)"
            ") as made (account_key, file_id)"
        )
    reconcile_facts(warehouse_url, sources)
    with psycopg.connect(warehouse_url, row_factory=dict_row) as connection:
        found = connection.execute(
            "select system, differences, unexplained from ops.reconciliation where fact = 'fact_balances'"
            " and batch_date = '2026-11-16' order by system"
        ).fetchall()
    assert [(row["system"], row["unexplained"]) for row in found] == [("bank", {}), ("finance", {})], found
    assert all(row["differences"]["an earlier version"]["rows"] == 1 for row in found), found
