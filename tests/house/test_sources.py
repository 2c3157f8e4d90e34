"""A source is complete: contract, staging models with their YAML, and files to land, all under one word."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.contracts import Contract, load_contract
from include.sample.company import SYSTEMS as SAMPLE
from include.settings import PROJECT_DIR

SOURCES = PROJECT_DIR / "include" / "sources"
STAGING = PROJECT_DIR / "dbt_project" / "models" / "staging"
FIXTURES = PROJECT_DIR / "tests" / "fixtures"


def _folders(base: Path) -> set[str]:
    return {p.name for p in base.iterdir() if p.is_dir() and not p.name.startswith(("_", "."))}


SYSTEMS = sorted({path.stem for path in SOURCES.glob("*.yml")} | _folders(STAGING) | _folders(FIXTURES))


def missing_parts(system: str, sources: Path = SOURCES, staging: Path = STAGING, fixtures: Path = FIXTURES) -> set[str]:
    """What a system lacks, as paths."""
    wanted = [sources / f"{system}.yml", staging / system / f"_{system}__sources.yml"]
    # Systems of the sample company have files to land by it; every other one brings its own.
    wanted += [fixtures / system] if system not in SAMPLE else []
    missing = {str(path.name if path.suffix else path) for path in wanted if not path.exists()}
    if not list((staging / system).glob(f"stg_{system}__*.sql")):
        missing.add(f"stg_{system}__*.sql")
    return missing


def missing_models(contract: Contract, staging: Path = STAGING) -> set[str]:
    """The staging models, and the YAML files beside them, that the contract's entities and their children lack."""
    names = [n for entity, fields in contract.entities.items() for n in (entity, *fields.children)]
    files = [f"stg_{contract.system}__{name}{suffix}" for name in names for suffix in (".sql", ".yml")]
    return {name for name in files if not (staging / contract.system / name).exists()}


def _source_tables(system: str) -> dict[str, Any]:
    described = yaml.safe_load((STAGING / system / f"_{system}__sources.yml").read_text())
    return {s["name"]: {t["name"] for t in s["tables"]} for s in described["sources"]}


@pytest.mark.parametrize("system", SYSTEMS)
def test_source__has_all_its_parts(system: str) -> None:
    assert missing_parts(system) == set()


@pytest.mark.parametrize("system", SYSTEMS)
def test_source__dbt_knows_every_entity_of_the_contract(system: str) -> None:
    contract = load_contract(SOURCES / f"{system}.yml")
    assert _source_tables(system) == {f"raw_{system}": set(contract.entities)}


@pytest.mark.parametrize("system", SYSTEMS)
def test_source__every_entity_has_a_staging_model_with_its_yaml(system: str) -> None:
    assert missing_models(load_contract(SOURCES / f"{system}.yml")) == set()


@pytest.mark.parametrize(
    "name", ["stg_finance__accounts.sql", "stg_finance__accounts.yml", "stg_finance__transactions.sql"]
)
def test_missing_models__names_what_is_missing(name: str, tmp_path: Path) -> None:
    shutil.copytree(STAGING / "finance", tmp_path / "finance")
    contract = load_contract(SOURCES / "finance.yml")
    assert missing_models(contract, tmp_path) == set()
    (tmp_path / "finance" / name).unlink()
    assert missing_models(contract, tmp_path) == {name}


@pytest.mark.parametrize("system", SYSTEMS)
def test_source__staging_folder_holds_only_its_own_models(system: str) -> None:
    models = {path.name for path in (STAGING / system).glob("*.sql")}
    assert {name for name in models if not name.startswith(f"stg_{system}__")} == set()


@pytest.mark.parametrize("part", ["contract", "yaml", "models", "fixtures"])
def test_missing_parts__names_what_is_missing(part: str, tmp_path: Path) -> None:
    sources, staging, fixtures = tmp_path / "sources", tmp_path / "staging", tmp_path / "fixtures"
    for folder in (sources, staging / "loyalty", fixtures / "crm", fixtures / "loyalty"):
        folder.mkdir(parents=True)
    files = {
        "contract": sources / "loyalty.yml",
        "yaml": staging / "loyalty" / "_loyalty__sources.yml",
        "models": staging / "loyalty" / "stg_loyalty__members.sql",
    }
    for path in files.values():
        path.write_text("")
    assert missing_parts("loyalty", sources, staging, fixtures) == set()
    (fixtures / "loyalty").rmdir() if part == "fixtures" else files[part].unlink()
    (missing,) = missing_parts("loyalty", sources, staging, fixtures)
    assert "loyalty" in missing


MONEY = {"amount", "balance", "compensation", "debt", "income", "limit", "outstanding", "payments", "pension",
         "premium", "principal", "salary", "spend", "spending", "used", "value"}  # fmt: skip


@pytest.mark.parametrize("system", SYSTEMS)
def test_source__money_of_people_is_personal(system: str) -> None:
    """What one person has, earns or owes is no word for everybody; profiles and dictionary follow the contract."""
    open_to_all = [
        f"{entity.name}.{column.name}"
        for entity in load_contract(SOURCES / f"{system}.yml").entities.values()
        for fields in (entity, *entity.children.values())
        for column in fields.columns.values()
        if column.type in ("decimal", "integer")
        and MONEY & set(column.name.split("_"))
        and column.sensitivity == "none"
        and any(other.sensitivity != "none" for other in entity.columns.values())
    ]
    assert open_to_all == []
