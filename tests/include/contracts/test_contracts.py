"""Contracts are read strictly, and what they say of due days holds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from include.contracts import Contract, ContractError, load_contract, load_contracts, read_sources
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
    monkeypatch.delenv("CUSTOMER360_ECOMMERCE_URL", raising=False)
    assert "ecommerce" not in load_contracts(SOURCES)
    monkeypatch.setenv("CUSTOMER360_ECOMMERCE_URL", "1")
    assert "ecommerce" in load_contracts(SOURCES)


def test_format_of__entity_may_have_its_own() -> None:
    bureau = load_contract(SOURCES / "bureau.yml")
    assert bureau.format_of(bureau.entities["balances"]) == bureau.format
    assert bureau.format_of(bureau.entities["credit_reports"]).type == "xml"
    assert bureau.format_of(None) == bureau.format


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


FINANCE = "finance.yml"
INVALID: dict[str, tuple[str, str, str, str]] = {
    "system name": ("crm.yml", "system: crm", "system: Crm-1", "system 'Crm-1': use lower-case letters"),
    "entity name": ("crm.yml", "  customers:\n", '  "customers\\"; --":\n', "entity .*use lower-case letters"),
    "child name": (FINANCE, "      transactions:\n", "      Trans-actions:\n", "child 'Trans-actions'"),
    "child column name": (FINANCE, "          channel: {", "          Channel?: {", "column 'Channel\\?'"),
    "child key": (FINANCE, "key: [transaction_id]", "key: [number]", "'number' is named as key"),
    "child path": (FINANCE, "path: transaction_history", "path: history", "'history' is named as path of child"),
    "key never stored": (
        FINANCE, "key: [account_id]", "key: [card_security_code]", "'card_security_code' is named as key",
    ),
    "no key": ("crm.yml", "key: [customer_id]", "key: []", "key: .*at least 1 item"),
    "no file": ("crm.yml", '["customers*.csv*"]', "[]", "files: .*at least 1 item"),
    "nothing allowed": ("crm.yml", "allowed: [active, closed]", "allowed: []", "status.allowed: .*at least 1 item"),
    "path twice": ("demographics.yml", "path: location/street", "path: location/city", "the same path: location/city"),
    "age without time": ("crm.yml", "    record_time: updated_at\n", "", "max_age_days needs a record_time"),
    "reference to no entity": ("bank.yml", "references: districts.a1", "references: district.a1", "'district.a1'"),
    "reference to no column": ("bank.yml", "references: districts.a1", "references: districts", "'districts'"),
    "pattern": ("crm.yml", "pattern: '^[^@", "pattern: '^([^@", "pattern .*unterminated subpattern"),
    "pattern quantifier": ("crm.yml", "pattern: '^[^@", "pattern: '*[^@", "pattern .*nothing to repeat"),
    "format": ("bank.yml", "format: YYMMDD}", "format: '%y%m%d'}", "format '%y%m%d': write it"),
    "format without a year": ("bank.yml", "format: YYMMDD}", "format: MMDD}", "format 'MMDD': each part once"),
    "format of a number": ("bank.yml", "type: date, required: true, format", "type: integer, format", "for a date"),
    "limits": ("crm.yml", "type: date}", "type: date, minimum: 2, maximum: 1}", "minimum 2 is greater"),
    "long delimiter": ("crm.yml", 'delimiter: ","', 'delimiter: "||"', r"delimiter '\|\|': one ASCII"),
    "no delimiter": ("crm.yml", 'delimiter: ","', 'delimiter: ""', "delimiter '': one ASCII"),
    "delimiter beyond ASCII": ("crm.yml", 'delimiter: ","', 'delimiter: "§"', "delimiter '§': one ASCII"),
    "newline as quote": ("crm.yml", "quote: '\"'", 'quote: "\\n"', r"quote '\\n': one ASCII"),
    "delimiter is the quote": ("crm.yml", "quote: '\"'", 'quote: ","', "cannot be the quote"),
    "encoding": ("crm.yml", "encoding: utf-8", "encoding: base64", "encoding 'base64' is none"),
    "system column": ("crm.yml", "      city:", "      xmin:", "every table"),
    "rows the wrong way": ("crm.yml", "min: 1, max: 5000000", "min: 2, max: 1", "min 2 is greater than max 1"),
    "retention": ("crm.yml", "retention_days: 3650", "retention_days: -1", "retention_days"),
    "empty file pattern": ("crm.yml", '["customers*.csv*"]', '[""]', "a file pattern is empty"),
    "file pattern twice": (
        "crm.yml", '["customers*.csv*"]\n',
        '["customers*.csv*"]\n    key: [a]\n    columns: {a: {meaning: a}}\n  people:\n    description: Twice\n'
        '    files: ["customers*.csv*"]\n', "two entities have the same file pattern: customers",
    ),
    "too many columns": (
        "crm.yml", "    columns:\n", "    columns:\n" + "".join(f"      c{n}: {{meaning: c}}\n" for n in range(1000)),
        "columns are more than 1000",
    ),
    "no record element": ("demographics.yml", ", record_element: customer", "", "xml needs record_element"),
}  # fmt: skip


@pytest.mark.parametrize("name", INVALID)
def test_load_contract__refuses_what_cannot_work(name: str, tmp_path: Path) -> None:
    file, old, new, message = INVALID[name]
    text = (SOURCES / file).read_text()
    assert old in text
    path = tmp_path / file
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ContractError, match=message) as refused:
        load_contract(path)
    assert str(refused.value).startswith(f"{file}: ")


@pytest.mark.parametrize("pattern", [r"\\mword\\M", "(?<=a+)b", "^[[:alpha:]]+$", "***:x", r"^\\d{2}$"])
def test_load_contract__takes_patterns_that_only_postgres_knows(pattern: str, tmp_path: Path) -> None:
    path = _crm(tmp_path, "type: date}", f'pattern: "{pattern}"}}')
    assert load_contract(path)


BROKEN = {
    "empty": "", "a list": "- system: crm\n", "a word": "crm", "null entities": "system: crm\nentities:\n",
    "null entity": "system: crm\nentities:\n  customers:\n",
    "null columns": "system: crm\nentities:\n  customers:\n    columns:\n",
    "null column": "system: crm\nentities:\n  customers:\n    columns:\n      id:\n",
    "list of children": "system: crm\nentities:\n  customers:\n    children: [a]\n    columns: {1: {}}\n",
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_load_contract__half_written_one_is_named(name: str, tmp_path: Path) -> None:
    path = tmp_path / "crm.yml"
    path.write_text(BROKEN[name])
    with pytest.raises(ContractError, match=r"^crm\.yml: "):
        load_contract(path)


def test_load_contract__that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "crm.yml"
    path.write_bytes((SOURCES / "crm.yml").read_bytes() + b"\xff\xfe")
    with pytest.raises(ContractError, match=r"^crm\.yml "):
        load_contract(path)
    with pytest.raises(ContractError, match=r"^gone\.yml "):
        load_contract(tmp_path / "gone.yml")


def test_read_sources__broken_contract_touches_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUSTOMER360_ECOMMERCE_URL", raising=False)
    for system in ("ecommerce", "usage"):
        (tmp_path / f"{system}.yml").write_text((SOURCES / f"{system}.yml").read_text())
    (tmp_path / "crm.yml").write_text("system: crm\n")
    (tmp_path / "empty.yml").write_text("")
    (tmp_path / "half.yml").write_text("a: [")
    (tmp_path / "latin.yml").write_bytes(b"title: \xe9\n")
    (tmp_path / "left_out.yml").write_text("active: false\n")
    (tmp_path / "switched.yml").write_text("active_when: CUSTOMER360_NO_SUCH_SWITCH\n")
    (tmp_path / "No-System.yml").write_text("system: crm\n")
    sources = read_sources(tmp_path)
    assert set(sources.contracts) == {"ecommerce", "usage"}
    assert sources.active == ["crm", "empty", "half", "latin", "usage"]
    assert sources.inactive == {"ecommerce", "left_out", "switched", "No-System"}
    assert sources.broken["crm"].startswith("crm.yml: ")


def test_load_contract__key_that_comes_twice_is_told(tmp_path: Path) -> None:
    """YAML would take the last, without a word."""
    with pytest.raises(ContractError, match="named twice: postcode"):
        load_contract(_crm(tmp_path, "      city:", "      postcode:"))
