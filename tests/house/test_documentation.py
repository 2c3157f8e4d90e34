"""What the READMEs say is true: commands, paths, settings, and the reference of the contract."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from include.contracts import Child, Column, Contract, Entity, Format, Quality, load_contract
from include.contracts.model import ExpectedRows
from include.settings import PROJECT_DIR
from include.transform.build import STEPS
from tests.house.documentation import (
    FENCED,
    code_of,
    make_targets_of,
    modules_of,
    paths_of,
    readme_settings,
    readmes,
    rows_below,
)

FOLDERS = ("dags", "include", "include/sources", "dbt_project", "plugins", "tests", "config")
SOURCES_README = PROJECT_DIR / "include" / "sources" / "README.md"
CODE = {".py", ".sql", ".yml", ".yaml", ".sh", ".toml"}
# Variables that one part of the project sets for another one; nobody else sets them.
INTERNAL = {
    "CUSTOMER360_PYTHON": "Makefile sets it for config/install.sh",
}


def _name(path: Path) -> str:
    return str(path.relative_to(PROJECT_DIR))


def _code_files() -> list[Path]:
    folders = ("include", "dags", "plugins", "config", "dbt_project")
    below = [p for name in folders for p in (PROJECT_DIR / name).rglob("*") if p.suffix in CODE]
    return [PROJECT_DIR / "Makefile", PROJECT_DIR / "Dockerfile", PROJECT_DIR / "docker-compose.yaml", *below]


def _variables_read() -> set[str]:
    """The variables that any file of the project reads or names."""
    names: set[str] = set()
    for path in _code_files():
        text = path.read_text(encoding="utf-8")
        names |= set(re.findall(r"\b(?:CUSTOMER360|BANK)_[A-Z0-9]+(?:_[A-Z0-9]+)*\b", text))
        if _name(path) == "include/settings.py":
            names |= {f"CUSTOMER360_{name}" for name in re.findall(r'_env\("([A-Z_]+)"', text)}
    return names


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (PROJECT_DIR / "Makefile").read_text(), re.MULTILINE))


def test_readme__fits_on_a_few_screens() -> None:
    lines = (PROJECT_DIR / "README.md").read_text().splitlines()
    assert len(lines) <= 200
    assert "make demo" in "\n".join(lines[:10])


@pytest.mark.parametrize("folder", FOLDERS)
def test_folder__says_what_belongs_into_it(folder: str) -> None:
    path = PROJECT_DIR / folder / "README.md"
    assert path.exists(), f"{folder}/README.md is missing"
    text = path.read_text().lower()
    assert "belongs here" in text
    assert "does not" in text


@pytest.mark.parametrize("path", readmes(), ids=_name)
def test_readme__make_targets_exist(path: Path) -> None:
    assert make_targets_of(path) - _targets() == set()


def test_make_help__lists_every_target() -> None:
    makefile = (PROJECT_DIR / "Makefile").read_text()
    phony = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split()
    # A make inside `make test` says which folder it enters, unless it is told not to.
    command = ["make", "--no-print-directory", "help"]
    done = subprocess.run(command, cwd=PROJECT_DIR, capture_output=True, text=True, check=True)
    listed = {line.split()[0] for line in done.stdout.splitlines() if line.strip()}
    assert listed == set(phony) == _targets()


def test_readme__names_every_target_that_a_person_runs() -> None:
    named = set().union(*(make_targets_of(path) for path in readmes()))
    assert _targets() - named == set(), "some README says when to use it"


@pytest.mark.parametrize("path", readmes(), ids=_name)
def test_readme__paths_exist(path: Path) -> None:
    def exists(name: str) -> bool:
        return any(list(base.glob(name.rstrip("/"))) for base in (PROJECT_DIR, path.parent))

    assert [name for name in sorted(paths_of(path)) if not exists(name)] == []


def test_readme__flow_has_the_steps_of_the_build_in_order() -> None:
    flow = FENCED.findall((PROJECT_DIR / "README.md").read_text().split("## How it works", 1)[1])[0]
    named = re.findall(r"->\s+(\w+)", flow)
    assert named == ["land", "gate_raw", "release", *STEPS]


@pytest.mark.parametrize("schema", ["core", "marts"])
def test_readme__names_the_tables_of(schema: str) -> None:
    row = next(
        line for line in (PROJECT_DIR / "README.md").read_text().splitlines() if line.startswith(f"| `{schema}`")
    )
    models = {path.stem for path in (PROJECT_DIR / "dbt_project" / "models" / schema).glob("*.sql")}
    assert set(re.findall(r"`(\w+)`", row)) - {schema} == models


@pytest.mark.parametrize(
    ("readme", "base"), [("README.md", "."), ("include/README.md", "include"), ("dbt_project/README.md", "dbt_project")]
)
def test_readme__tree_is_the_one_that_is_there(readme: str, base: str) -> None:
    rows = [line for line in (PROJECT_DIR / readme).read_text().splitlines() if line.startswith("| `")]
    named = {name.split("/")[0] for row in rows for name in re.findall(r"^\| `([\w/]+)/`", row)}
    folders = {p.name for p in (PROJECT_DIR / base).iterdir() if p.is_dir() and not p.name.startswith((".", "__"))}
    assert named == folders - {"target", "logs"}


def test_dags_readme__names_every_dag() -> None:
    files = (PROJECT_DIR / "dags").glob("*.py")
    ids = {name for path in files for name in re.findall(r'\bDAG\(\s*f?"([\w{}]+)"', path.read_text())}
    text = (PROJECT_DIR / "dags" / "README.md").read_text()
    named = set(re.findall(r"^\| `([\w<>]+)` \|", text, re.MULTILINE))
    assert named == {name.replace("{system}", "<system>") for name in ids}


def test_readme__settings_are_those_that_the_code_reads() -> None:
    assert readme_settings() == _variables_read() - set(INTERNAL)


@pytest.mark.parametrize("name", sorted(INTERNAL))
def test_internal_variable__is_still_there(name: str) -> None:
    assert name in _variables_read()


@pytest.mark.parametrize("module", sorted(set().union(*(modules_of(path) for path in readmes()))))
def test_readme__module_can_be_asked_for_help(module: str, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CUSTOMER360_")}
    environment |= {"PYTHONPATH": str(PROJECT_DIR), "CUSTOMER360_RUN_DIR": str(tmp_path)}
    command = [sys.executable, "-W", "ignore", "-m", module, "--help"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr[-500:]
    assert "usage" in done.stdout
    assert list(tmp_path.iterdir()) == [], "asking for help must change nothing"


@pytest.mark.parametrize("path", readmes(), ids=_name)
def test_readme__commands_of_the_runtime_exist(path: Path) -> None:
    known = {"demo", "up", "down", "migrate", "backfill", "psql"}
    used = {name for line in code_of(path) for name in re.findall(r"python -m include\.runtime ([a-z]+)", line)}
    assert used <= known


REFERENCE = pytest.mark.parametrize(
    ("heading", "model"),
    [
        ("### The contract", Contract),
        ("### `format`", Format),
        ("### `quality`", Quality),
        ("### `entities.<entity>`", Entity),
        ("### `entities.<entity>.expected_rows`", ExpectedRows),
        ("### `entities.<entity>.columns.<column>`", Column),
        ("### `entities.<entity>.children.<child>`", Child),
    ],
)


@REFERENCE
def test_contract_reference__names_every_field(heading: str, model: type[BaseModel]) -> None:
    made_from_keys = {"name"} if model in (Entity, Column) else set()
    assert set(rows_below(SOURCES_README, heading)) == set(model.model_fields) - made_from_keys


@REFERENCE
def test_contract_reference__names_every_value_and_what_is_required(heading: str, model: type[BaseModel]) -> None:
    rows = rows_below(SOURCES_README, heading)
    for name, field in model.model_fields.items():
        values = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
        if values:
            assert {v for v in values if f"`{v}`" not in rows[name]} == set(), name
        if name in rows:
            assert ("| required |" in rows[name]) == field.is_required(), name


def test_contract_example__is_a_valid_contract(tmp_path: Path) -> None:
    example = re.findall(r"```yaml\n(system: .*?)```", SOURCES_README.read_text(), re.DOTALL)[0]
    path = tmp_path / "loyalty.yml"
    path.write_text(example)
    contract = load_contract(path)
    assert set(contract.entities) == {"members"}
    assert not contract.is_active(), "nothing waits for a system whose staging is not there"
    path.write_text(example.replace("active: false\n", ""))
    assert load_contract(path).is_active()
