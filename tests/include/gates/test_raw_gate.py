"""A valid delivery passes its raw gate; one change per rule of a contract makes that rule speak, by name."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import psycopg
import pytest

from include.contracts import Contract, load_contract
from include.gates import GateOutcome, run_raw_gate
from include.landing import land_batch
from include.settings import PROJECT_DIR

DAY = date(2026, 11, 16)
ROW = {
    "customer_id": "C001", "first_name": "Ann", "last_name": "Lee", "email": "ann@x.example", "phone": "+4420",
    "date_of_birth": "1980-01-02", "gender": "female", "address_line": "1 High St", "city": "Leeds",
    "postcode": "LS1", "country": "GB", "marital_status": "single", "occupation": "cook", "join_date": "2020-01-01",
    "status": "active", "updated_at": "2026-11-16T08:00:00Z",
}  # fmt: skip
Rows = list[dict[str, str]]


def crm(**changes: object) -> Contract:
    contract = load_contract(PROJECT_DIR / "include" / "sources" / "crm.yml")
    return contract.model_copy(update=changes)


def rows(count: int = 10) -> Rows:
    return [ROW | {"customer_id": f"C{n:03d}"} for n in range(count)]


def gate(contract: Contract, content: Rows | None, inbox: Path, url: str, name: str = "customers.csv") -> GateOutcome:
    if content is not None:
        text = io.StringIO()
        writer = csv.DictWriter(text, list(content[0]) if content else list(ROW))
        writer.writeheader()
        writer.writerows(content)
        folder = inbox / "crm" / DAY.isoformat()
        folder.mkdir(parents=True)
        (folder / name).write_text(text.getvalue())
    land_batch(contract, DAY, inbox, inbox.parent / "archive", url)
    return run_raw_gate(contract, DAY, url, "a run")


def spoken(outcome: GateOutcome) -> set[str]:
    return {problem.expectation for problem in (*outcome.failed, *outcome.warned)}


def with_all(column: str, value: str) -> Callable[[Rows], Rows]:
    return lambda content: [row | {column: value} for row in content]


def test_raw_gate__valid_delivery_passes_silently(tmp_path: Path, warehouse_url: str) -> None:
    outcome = gate(crm(), rows(), tmp_path / "inbox", warehouse_url)
    assert outcome.passed
    assert spoken(outcome) == set()


@pytest.mark.parametrize(
    ("change", "rule", "is_held"),
    [
        (with_all("customer_id", ""), "max_quarantined_share", True),
        (with_all("email", "no address"), "customers.email.pattern", True),
        (with_all("status", "dormant"), "customers.status.allowed", True),
        (with_all("gender", "?"), "customers.gender.allowed", False),
        (with_all("join_date", "yesterday"), "customers.join_date.type", True),
        (with_all("join_date", "2026-02-31"), "customers.join_date.type", True),
        (with_all("updated_at", "2026-10-01T00:00:00Z"), "customers.max_age_days", False),
        (with_all("shoe_size", "42"), "undeclared_column", False),
        (lambda _: [], "customers.expected_rows", True),
        (lambda content: [{"first_name": "Ann"} for _ in content], "customers.required_column", True),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_raw_gate__each_rule_speaks(
    change: Callable[[Rows], Rows], rule: str, is_held: bool, tmp_path: Path, warehouse_url: str
) -> None:
    outcome = gate(crm(), change(rows()), tmp_path / "inbox", warehouse_url)
    assert rule in spoken(outcome)
    assert outcome.passed is not is_held


def test_raw_gate__tolerated_share_is_counted_and_passes(tmp_path: Path, warehouse_url: str) -> None:
    content = [*rows(99), ROW | {"customer_id": "C999", "status": "dormant"}]
    assert gate(crm(), content, tmp_path / "inbox", warehouse_url).passed
    with psycopg.connect(warehouse_url) as connection:
        found = connection.execute(
            "select unexpected, evaluated, examples from ops.gate_results"
            " where expectation = 'customers.status.allowed'"
        ).fetchone()
    assert found == (1, 100, [{"file": "customers.csv", "row": "100"}])


def test_raw_gate__rejected_file_holds_the_batch(tmp_path: Path, warehouse_url: str) -> None:
    outcome = gate(crm(), rows(), tmp_path / "inbox", warehouse_url, name="stock.csv")
    assert not outcome.passed
    assert "file_readable" in spoken(outcome)


def test_raw_gate__absent_batch_is_said(tmp_path: Path, warehouse_url: str) -> None:
    (tmp_path / "inbox").mkdir()
    outcome = gate(crm(), None, tmp_path / "inbox", warehouse_url)
    assert outcome.passed
    assert spoken(outcome) == {"batch_delivered"}


def test_raw_gate__results_hold_no_values(tmp_path: Path, warehouse_url: str) -> None:
    gate(crm(), with_all("email", "jane at secret")(rows()), tmp_path / "inbox", warehouse_url)
    with psycopg.connect(warehouse_url) as connection:
        written = connection.execute(
            "select r::text from ops.gate_results r union all select a::text from ops.alerts a"
        )
        assert not any("secret" in row[0] for row in written)


@pytest.mark.parametrize(
    ("delivery", "second", "speaks"),
    [
        ("delta", {}, False),
        ("delta", {"city": "York", "updated_at": "2026-11-16T09:00:00Z"}, False),
        ("delta", {"city": "York"}, True),
        ("delta", {"customer_id": " C000 ", "city": "York"}, True),
        ("events", {"city": "York", "updated_at": "2026-11-16T09:00:00Z"}, True),
    ],
    ids=["repeated", "new_version", "contradicts", "with_blanks", "event"],
)
def test_raw_gate__key_in_two_files(
    delivery: str, second: dict[str, str], speaks: bool, tmp_path: Path, warehouse_url: str
) -> None:
    """The same content twice is no loss, and a later time of the record a new version; two contents are neither."""
    content = [ROW | {"customer_id": "C000"} | second]
    folder = tmp_path / "inbox" / "crm" / DAY.isoformat()
    folder.mkdir(parents=True)
    text = ",".join(content[0]) + "\n" + ",".join(content[0].values()) + "\n"
    (folder / "customers_b.csv").write_text(text)
    text = ",".join(ROW) + "\n" + "".join(",".join(row.values()) + "\n" for row in rows())
    (folder / "customers_a.csv").write_text(text)
    outcome = gate(crm(delivery=delivery), None, tmp_path / "inbox", warehouse_url)
    assert spoken(outcome) == ({"customers.key"} if speaks else set())


def test_raw_gate__key_given_to_two_people_in_one_file_holds(tmp_path: Path, warehouse_url: str) -> None:
    people = rows()
    people[3] |= {"customer_id": "C004", "first_name": "Bob", "updated_at": "2026-11-16T09:00:00Z"}
    outcome = gate(crm(), people, tmp_path / "inbox", warehouse_url)
    found = "customers.key: 20 % of rows (2 broken of 10), 5 % tolerated"
    assert [str(problem) for problem in outcome.failed] == [found]
