"""Contracts are read strictly, and what they say of due days holds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from include.contracts import Contract, ContractError, load_contract, load_contracts
from include.settings import PROJECT_DIR

SOURCES = PROJECT_DIR / "include" / "sources"


def _crm(tmp_path: Path, old: str, new: str, name: str = "crm.yml") -> Path:
    text = (SOURCES / "crm.yml").read_text()
    assert old in text
    path = tmp_path / name
    path.write_text(text.replace(old, new, 1))
    return path


def test_load_contracts__all_of_the_project_are_valid() -> None:
    contracts = load_contracts(SOURCES, active_only=False)
    assert set(contracts) == {path.stem for path in SOURCES.glob("*.yml")}
    assert all(column.name for c in contracts.values() for e in c.entities.values() for column in e.columns.values())


def test_load_contract__misspelt_key_names_the_place(tmp_path: Path) -> None:
    path = _crm(tmp_path, "required: true", "requierd: true")
    with pytest.raises(ContractError, match=r"crm.yml: entities.customers.columns.customer_id.requierd"):
        load_contract(path)


def test_load_contract__broken_yaml_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"crm.yml is no valid YAML"):
        load_contract(_crm(tmp_path, "entities:", "entities: ["))


def test_load_contract__system_must_be_the_stem(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="must be the file's stem"):
        load_contract(_crm(tmp_path, "title:", "title:", name="sales.yml"))


def test_load_contract__key_must_be_a_column(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="'customer_no' is named as key"):
        load_contract(_crm(tmp_path, "key: [customer_id]", "key: [customer_no]"))


def test_is_active__follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BANK_DATA", raising=False)
    assert "bank" not in load_contracts(SOURCES)
    monkeypatch.setenv("BANK_DATA", "/somewhere")
    assert "bank" in load_contracts(SOURCES)


def test_never_stored__has_no_raw_column() -> None:
    accounts = load_contract(SOURCES / "finance.yml").entities["accounts"]
    assert "card_security_code" in accounts.never_stored
    assert "card_security_code" not in accounts.stored_columns


@pytest.mark.parametrize(
    ("cadence", "day", "is_due"),
    [
        ("daily", date(2026, 11, 17), True),
        ("weekly", date(2026, 11, 16), True),
        ("weekly", date(2026, 11, 17), False),
        ("monthly", date(2026, 11, 1), True),
        ("monthly", date(2026, 11, 2), False),
    ],
)
def test_is_due__by_cadence(cadence: str, day: date, is_due: bool) -> None:
    contract = load_contract(SOURCES / "crm.yml").model_copy(update={"cadence": cadence})
    assert contract.is_due(day) is is_due


def test_is_due__not_before_the_first_batch() -> None:
    contract: Contract = load_contract(SOURCES / "crm.yml").model_copy(update={"first_batch_date": date(2026, 11, 16)})
    assert not contract.is_due(date(2026, 11, 15))
    assert contract.is_due(date(2026, 11, 16))
