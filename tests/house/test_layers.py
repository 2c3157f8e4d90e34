"""House rules that a reader may rely on."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from include.settings import PROJECT_DIR

INCLUDE = sorted((PROJECT_DIR / "include").rglob("*.py"))
HEAVY = {"great_expectations", "splink", "dbt", "pandas", "duckdb"}


def _imports(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def _relative(path: Path) -> str:
    return str(path.relative_to(PROJECT_DIR))


@pytest.mark.parametrize("path", INCLUDE, ids=_relative)
def test_include__is_free_of_airflow(path: Path) -> None:
    assert "airflow" not in _imports(ast.parse(path.read_text()))


@pytest.mark.parametrize("path", sorted((PROJECT_DIR / "dags").glob("*.py")), ids=_relative)
def test_dags__import_nothing_heavy_at_the_top(path: Path) -> None:
    top = ast.Module([n for n in ast.parse(path.read_text()).body if isinstance(n, ast.Import | ast.ImportFrom)], [])
    assert not _imports(top) & HEAVY


@pytest.mark.parametrize("path", sorted((PROJECT_DIR / "dags").glob("*.py")), ids=_relative)
def test_dags__are_a_table_of_contents(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 120
    assert ast.get_docstring(ast.parse(text))


def test_pipeline__does_not_know_where_the_truth_is() -> None:
    allowed = {"include/sample", "include/runtime", "include/identity/evaluate.py", "include/identity/train.py",
               "include/bench/linkage.py"}  # fmt: skip
    for path in INCLUDE:
        if not any(_relative(path).startswith(prefix) for prefix in allowed):
            assert not re.search(r"truth\.csv|truth_dir", path.read_text()), _relative(path)


def test_sources__each_has_staging_models() -> None:
    for contract in (PROJECT_DIR / "include" / "sources").glob("*.yml"):
        folder = PROJECT_DIR / "dbt_project" / "models" / "staging" / contract.stem
        assert list(folder.glob(f"stg_{contract.stem}__*.sql")), contract.stem


def test_tree__holds_nothing_but_the_agreed_folders() -> None:
    allowed = {"dags", "dbt_project", "include", "plugins", "tests", "config", ".ci"}
    hidden_or_cache = {p.name for p in PROJECT_DIR.iterdir() if p.is_dir() and p.name.startswith((".", "__"))}
    folders = {p.name for p in PROJECT_DIR.iterdir() if p.is_dir()} - (hidden_or_cache - {".ci"})
    assert folders <= allowed
