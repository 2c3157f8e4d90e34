"""The tables of the report, of a few records whose answers are known."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from include.identity.report import write_report
from include.identity.report.figures import read_tables
from tests.include.identity.report.test_report import record_build

# Four records of three systems; two of two, by details; two of two, by a decision alone; one alone; two that no link
# holds.
CUSTOMERS = {
    1: ("crm/a", "crm/b", "hr/c", "web/d"), 2: ("crm/e", "hr/f"), 3: ("hr/g", "web/h"), 4: ("web/i",),
    5: ("crm/j", "crm/k"),
}  # fmt: skip
LINKS = [
    ("crm/a", "crm/b", 10.0, "model"), ("crm/a", "hr/c", 2.5, "model"), ("crm/b", "hr/c", 1.0, "model"),
    ("crm/b", "web/d", None, "steward"), ("crm/a", "crm/e", 9.0, "model"), ("crm/e", "hr/f", 20.0, "shared_id:email"),
    ("hr/g", "web/h", None, "steward"),
]  # fmt: skip


@pytest.fixture
def url(warehouse_url: str) -> str:
    """A warehouse that holds these customers."""
    with psycopg.connect(warehouse_url) as connection, connection.cursor() as cursor:
        for key, record_ids in CUSTOMERS.items():
            cursor.execute("insert into identity.customer_keys values (%s, null, '2026-11-16')", [key])
            for record_id in record_ids:
                cursor.execute(
                    "insert into identity.records (record_id, system, entity, source_key, content_hash)"
                    " values (%s, %s, 'people', %s, '')",
                    [record_id, *record_id.split("/")],
                )
                cursor.execute("insert into identity.crosswalk values (%s, %s)", [record_id, key])
        cursor.executemany("insert into identity.links values (%s, %s, 0.5, %s, %s, 'v')", LINKS)
    return warehouse_url


def tables(url: str) -> dict[str, list[dict[str, Any]]]:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return read_tables(connection, 0)


def values(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def test_duplicates__within_a_system(url: str) -> None:
    names = ("system", "records", "customers", "customers_held_again", "surplus_records", "most_records_of_one")
    assert values(tables(url)["duplicates"], *names) == [
        ("crm", 5, 3, 2, 2, 2), ("hr", 3, 3, 0, 0, 1), ("web", 3, 3, 0, 0, 1),
    ]  # fmt: skip


def test_spread__by_the_number_of_systems(url: str) -> None:
    assert values(tables(url)["spread"], "systems", "customers", "records") == [(1, 2, 3), (2, 2, 4), (3, 1, 4)]


def test_overlap__customers_in_common(url: str) -> None:
    found = {(row["system"], row["other_system"]): row["customers"] for row in tables(url)["overlap"]}
    assert found == {
        ("crm", "crm"): 3, ("crm", "hr"): 2, ("crm", "web"): 1, ("hr", "crm"): 2, ("hr", "hr"): 3, ("hr", "web"): 2,
        ("web", "crm"): 1, ("web", "hr"): 2, ("web", "web"): 3,
    }  # fmt: skip


def test_clusters__largest_and_weakest(url: str) -> None:
    rows = tables(url)["clusters"]
    assert values(rows, "customer_key", "records", "systems", "size_rank") == [
        (1, 4, "crm, hr, web", 1), (2, 2, "crm, hr", 2), (3, 2, "hr, web", 3), (5, 2, "crm", 4),
    ]  # fmt: skip
    weakest = sorted(rows, key=lambda row: row["weakness_rank"])
    assert values(weakest, "customer_key", "weakest_weight", "is_held_by_decision", "linked_pairs") == [
        (5, float("-inf"), False, 0.0), (1, 2.5, False, 4 / 6), (2, 20.0, False, 1.0), (3, float("inf"), True, 1.0),
    ]  # fmt: skip


def test_clusters__ten_of_each(url: str) -> None:
    with psycopg.connect(url) as connection:
        for key in range(6, 30):
            ids = [f"crm/{key}", f"hr/{key}"]
            connection.execute("insert into identity.customer_keys values (%s, null, '2026-11-16')", [key])
            connection.execute(
                "insert into identity.records (record_id, system, entity, source_key, content_hash)"
                " select unnest(%s::text[]), 'crm', 'people', '', ''",
                [ids],
            )
            connection.execute("insert into identity.crosswalk select unnest(%s::text[]), %s", [ids, key])
            connection.execute("insert into identity.links values (%s, %s, 0.9, %s, 'model', 'v')", [*ids, 35 - key])
    rows = tables(url)["clusters"]
    assert [r["customer_key"] for r in rows if r["size_rank"] <= 10] == [1, 2, 3, 5, 6, 7, 8, 9, 10, 11]
    weakest = sorted((r for r in rows if r["weakness_rank"] <= 10), key=lambda r: r["weakness_rank"])
    assert [r["customer_key"] for r in weakest] == [5, 1, 29, 28, 27, 26, 25, 24, 23, 22]


def test_write_report__shows_these_tables(url: str, tmp_path: Path) -> None:
    record_build(url, 1)
    write_report(url, tmp_path)
    page = (tmp_path / "index.html").read_text().replace("&nbsp;", " ")
    rows = [re.findall(r"<td.*?>(.*?)</td>", row) for row in page.replace("\n", "").split("<tr>")]
    assert ["crm", "5", "3", "2", "40.0 %", "2"] in rows
    assert ["crm", "3", "67 %", "33 %"] in rows
    assert ["hr", "67 %", "3", "67 %"] in rows
    assert "2 systems: 2 customers, 40.0%" in page
    loosest = page.replace("\n", "").partition("<h3>Loosest</h3>")[2].split("<tr>")
    assert [re.findall(r"<td.*?>(.*?)</td>", row) for row in loosest[2:]] == [
        ["5", "2", "crm", "0.0 %", "no pair of its own"], ["1", "4", "crm, hr, web", "66.7 %", "0.8498"],
        ["2", "2", "crm, hr", "100.0 %", "1.0000"], ["3", "2", "hr, web", "100.0 %", "a decision"],
    ]  # fmt: skip
