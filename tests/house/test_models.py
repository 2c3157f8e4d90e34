"""House rules of the dbt models, read from their files: no dbt is run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.quality.reconcile import read_facts
from include.settings import PROJECT_DIR

PROJECT = PROJECT_DIR / "dbt_project"
MODELS = PROJECT / "models"
SQL = sorted(MODELS.rglob("*.sql"))
NAMES = {
    "staging": r"stg_{folder}__[a-z]+(_[a-z]+)*",
    "intermediate": r"int_[a-z]+(_[a-z]+)*__[a-z]+(_[a-z]+)*",
    "core": r"(dim|fact|bridge)_[a-z]+(_[a-z]+)*",
    "marts": r"(customer_[a-z0-9]+(_[a-z]+)*|[a-z]+_view)",
}
KEY_TESTS = {"unique", "unique_combination"}
CONTRACTED = ("core", "marts")
# What only makes sense beside the column before; a catalogue shows each column alone.
NAMELESS = r"^(Of (it|that|them)|How many they)\b|\bone was\b"
# What every fact has, whatever it is of (DECISIONS.md, 121), its type and the description that all share.
OF_EVERY_FACT = {
    "customer_key": ("bigint", None),
    "system": ("text", None),
    "occurred_at": ("timestamptz", None),
    "date_key": ("integer", None),
    "known_since_date": ("date", "{{ doc('known_since_date') }}"),
    "batch_date": ("date", None),
}
OF_NOBODY = {"fact_ad_performance"}  # figures of a platform, which names no customer
DOC_BLOCKS = {name for path in MODELS.rglob("*.md") for name in re.findall(r"{% docs (\w+) %}", path.read_text())}


def _name(path: Path) -> str:
    return path.stem


def layer(path: Path) -> str:
    return path.relative_to(MODELS).parts[0]


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.with_suffix(".yml").read_text())
    return content


def entry(path: Path) -> dict[str, Any]:
    (model,) = read(path)["models"]
    assert model["name"] == path.stem
    return dict(model)


def names_of(tests: list[Any]) -> set[str]:
    """`not_null` and `{relationships: {...}}` are both tests with a name."""
    return {test if isinstance(test, str) else next(iter(test)) for test in tests}


def constraints(column: dict[str, Any]) -> set[str]:
    return {constraint["type"] for constraint in column.get("constraints", [])}


def is_described(node: dict[str, Any]) -> bool:
    text = str(node.get("description", "")).strip()
    blocks = re.findall(r"doc\('(\w+)'\)", text)
    return bool(text) and set(blocks) <= DOC_BLOCKS and not ("{{" in text and not blocks)


def test_models__are_found() -> None:
    assert len(SQL) >= 27
    described = {path.with_suffix(".sql") for path in MODELS.rglob("*.yml") if not path.name.startswith("_")}
    assert described == set(SQL), "one YAML file beside each model"


@pytest.mark.parametrize("path", SQL, ids=_name)
def test_model__is_named_after_its_layer(path: Path) -> None:
    assert re.fullmatch(NAMES[layer(path)].format(folder=path.parent.name), path.stem)


@pytest.mark.parametrize("path", SQL, ids=_name)
def test_model__states_its_grain_first(path: Path) -> None:
    assert entry(path)["description"].startswith("One row per ")


@pytest.mark.parametrize("path", SQL, ids=_name)
def test_model__describes_and_types_every_column(path: Path) -> None:
    columns = entry(path)["columns"]
    assert columns
    for column in columns:
        assert is_described(column), column["name"]
        assert column.get("data_type"), column["name"]


@pytest.mark.parametrize("path", [path for path in SQL if layer(path) in CONTRACTED], ids=_name)
def test_model__names_what_each_column_is_of(path: Path) -> None:
    for column in entry(path)["columns"]:
        assert not re.search(NAMELESS, column["description"].strip()), column["name"]


@pytest.mark.parametrize("path", SQL, ids=_name)
def test_model__has_a_key_test(path: Path) -> None:
    """One column that is unique and never null, by a test or by its contract, or a combination that is unique."""
    model = entry(path)
    tests = [(names_of(column.get("data_tests", [])), column) for column in model["columns"]]
    unique = [column for names, column in tests if "unique" in names]
    assert all("not_null" in constraints(column) for column in unique)
    if not unique and not any("primary_key" in names for names, _ in tests):
        assert "unique_combination" in names_of(model.get("data_tests", []))


FACTS = [path for path in SQL if layer(path) == "core" and path.stem.startswith("fact_")]


@pytest.mark.parametrize("path", FACTS, ids=_name)
def test_fact__has_the_columns_of_every_fact(path: Path) -> None:
    """Its key first, of whom it is, when it happened and since when it is known, by one name and one type in all."""
    columns = {column["name"]: column for column in entry(path)["columns"]}
    key = next(iter(columns.values()))
    assert key["name"].endswith("_key"), "a fact begins with its key"
    assert "unique" in names_of(key["data_tests"])
    assert "not_null" in constraints(key)
    for name, (kind, description) in OF_EVERY_FACT.items():
        if name == "customer_key" and path.stem in OF_NOBODY:
            assert name not in columns, "no longer of nobody"
            continue
        assert columns[name]["data_type"] == kind, name
        assert description in (None, columns[name]["description"]), name
    times = [name for name, column in columns.items() if column["data_type"] == "timestamptz"]
    assert times[0] == "occurred_at", "other times come after it"


KEYS = {
    "account_key": "dim_account",
    "campaign_key": "dim_campaign",
    "cart_key": "fact_carts",
    "customer_key": "dim_customer",
    "district_key": "dim_district",
    "loan_key": "fact_loans",
    "location_key": "dim_location",
    "order_key": "fact_orders",
    "product_key": "dim_product",
    "session_key": "fact_web_sessions",
    "store_key": "dim_store",
}


@pytest.mark.parametrize("path", [path for path in SQL if layer(path) in CONTRACTED], ids=_name)
def test_key__refers_to_its_table(path: Path) -> None:
    """By a test; a day or a channel is looked up in the dimension itself, so there its name is enough."""
    looked_up = {"date_key": "dim_time", "channel_key": "dim_channel"}
    for column in entry(path)["columns"]:
        if column["name"] in looked_up and path in FACTS:
            assert column["config"]["meta"]["refers_to"] == looked_up[column["name"]], column["name"]
        if KEYS.get(column["name"], path.stem) != path.stem:
            tests = [t["relationships"] for t in column.get("data_tests", []) if "relationships" in t]
            assert [t["arguments"]["to"] for t in tests] == [f"ref('{KEYS[column['name']]}')"], column["name"]


@pytest.mark.parametrize("folder", CONTRACTED)
def test_layer__enforces_contracts(folder: str) -> None:
    config = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["models"]["customer360"][folder]
    assert config["+contract"] == {"enforced": True}
    for path in (p for p in SQL if layer(p) == folder):
        assert "contract" not in entry(path).get("config", {}), path.stem
        assert not re.search(r"config\([^)]*contract", path.read_text()), path.stem


def test_unit_tests__are_named_after_their_model() -> None:
    for path in SQL:
        for test in read(path).get("unit_tests", []):
            assert test["model"] == path.stem
            assert test["name"].startswith(f"{path.stem}__"), test["name"]


def test_seeds__state_grain_and_key() -> None:
    seeds = yaml.safe_load((PROJECT / "seeds" / "_seeds.yml").read_text())["seeds"]
    assert {seed["name"] for seed in seeds} == {path.stem for path in (PROJECT / "seeds").glob("*.csv")}
    for seed in seeds:
        assert seed["description"].startswith("One row per "), seed["name"]
        assert KEY_TESTS & names_of(seed["data_tests"]), seed["name"]
        assert all(is_described(column) for column in seed["columns"]), seed["name"]


def test_facts__are_counted_beside_raw() -> None:
    """Each fact is declared in include/gates/reconciliation.yml, and none that is not there."""
    assert set(read_facts()) == {path.stem for path in SQL if path.stem.startswith("fact_")}
