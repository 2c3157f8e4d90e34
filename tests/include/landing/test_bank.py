"""The bank's format: eight tiny files hold every trap of the real ones, and land untouched."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from include.contracts import Contract, load_contract
from include.gates import run_raw_gate
from include.landing import land_batch
from include.settings import PROJECT_DIR
from tests.include.landing.delivery import query

DAY = date(1998, 12, 31)
FILES = PROJECT_DIR / "tests" / "fixtures" / "bank"
ROWS = {
    "accounts": 2, "cards": 2, "clients": 3, "dispositions": 3, "districts": 20, "loans": 1, "orders": 3,
    "transactions": 4,
}  # fmt: skip


@pytest.fixture
def bank() -> Contract:
    return load_contract(PROJECT_DIR / "include" / "sources" / "bank.yml")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    place = tmp_path / "inbox" / "bank" / DAY.isoformat()
    shutil.copytree(FILES, place, ignore=shutil.ignore_patterns("bad", "warned"))
    return tmp_path / "inbox"


def test_bank__every_file_lands_whole_and_passes_its_gate(bank: Contract, inbox: Path, warehouse_url: str) -> None:
    result = land_batch(bank, DAY, inbox, inbox.parent / "archive", warehouse_url)
    assert [file.state for file in result.files] == ["landed"] * 8
    assert (result.rows_read, result.rows_landed) == (sum(ROWS.values()), sum(ROWS.values()))
    for entity, count in ROWS.items():
        assert query(warehouse_url, f"select count(*) from raw_bank.{entity}") == [(count,)]
    outcome = run_raw_gate(bank, DAY, warehouse_url, "a run")
    assert (outcome.failed, outcome.warned) == ([], [])


def test_bank__traps_arrive_as_they_are(bank: Contract, inbox: Path, warehouse_url: str) -> None:
    land_batch(bank, DAY, inbox, inbox.parent / "archive", warehouse_url)

    def column(entity: str, name: str) -> list[object]:
        return [row[0] for row in query(warehouse_url, f"select {name} from raw_bank.{entity} order by _row")]

    assert column("clients", "birth_number") == ["706213", "450204", "851231"]
    assert column("districts", "a12")[:3] == ["1.20", "?", "1.03"]
    assert column("districts", "a15")[:3] == ["1500", "?", "803"]
    assert column("transactions", "type") == ["PRIJEM", "PRIJEM", "VYDAJ", "VYBER"]
    assert column("transactions", "k_symbol") == ["", "UROK", " ", None]
    assert column("transactions", "operation") == ["VKLAD", "", "PREVOD NA UCET", "VYBER"]
    assert column("orders", "k_symbol") == ["SIPO", " ", ""]
    assert column("accounts", "date") == ["930101", "960229"]
    assert column("cards", "issued") == ["931107 00:00:00", "981231 23:59:59"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "rule"),
    [
        ("client.asc", "706213", "706213/1", "clients.birth_number.pattern"),
        ("trans.asc", "VYBER", "VYBRAN", "transactions.type.allowed"),
        ("disp.asc", "31;11;", "31;99;", "dispositions.client_id.references"),
        ("loan.asc", "60000", "-60000", "loans.amount.minimum"),
        ("account.asc", "21;1;", "21;;", "accounts.district_id.required"),
    ],
)
def test_bank__broken_file_is_named_by_its_rule(
    file: str, old: str, new: str, rule: str, bank: Contract, inbox: Path, warehouse_url: str
) -> None:
    path = inbox / "bank" / DAY.isoformat() / file
    path.write_bytes(path.read_bytes().replace(old.encode(), new.encode(), 1))
    land_batch(bank, DAY, inbox, inbox.parent / "archive", warehouse_url)
    outcome = run_raw_gate(bank, DAY, warehouse_url, "a run")
    assert rule in {problem.expectation for problem in outcome.failed}
