"""What is installed: pinned, complete, and no more is imported than is asked for by name."""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from include.settings import PROJECT_DIR

FILES = ("requirements", "requirements-dev")
OURS = {"include", "dags", "plugins"}
# The bench runs where requirements-dev.txt is installed.
BENCH = PROJECT_DIR / "include" / "bench"
MODULES = sorted(path for folder in OURS for path in (PROJECT_DIR / folder).rglob("*.py"))


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def lines_of(path: Path) -> list[str]:
    lines = (line.split(" #")[0].strip() for line in path.read_text().splitlines())
    return [line for line in lines if line and not line.startswith(("#", "-"))]


@cache
def names_in(path: Path) -> set[str]:
    """Distributions, of whatever version and with whatever extras."""
    return {normal(re.split(r"[\[=<>!~; ]", line)[0]) for line in lines_of(path)}


@pytest.mark.parametrize("name", FILES)
def test_requirements__pin_every_distribution_and_all_that_is_asked_for(name: str) -> None:
    compiled = PROJECT_DIR / f"{name}.txt"
    assert lines_of(compiled)
    for line in lines_of(compiled):
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==[\w.!+-]+( ;.*)?$", line), line
    assert names_in(PROJECT_DIR / f"{name}.in") <= names_in(compiled)
    asked = [line for line in lines_of(PROJECT_DIR / f"{name}.in") if "==" in line]
    assert set(asked) <= {line.split(" ;")[0] for line in lines_of(compiled)}, "the same version: make lock"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PROJECT_DIR)))
def test_imports__are_of_what_is_asked_for_by_name(path: Path) -> None:
    """Not of what something else happens to bring, nor of what developers alone have."""
    asked = set(names_in(PROJECT_DIR / "requirements.in"))
    if BENCH in path.parents:
        asked |= names_in(PROJECT_DIR / "requirements-dev.in")
    for package in imported(path) - OURS - set(sys.stdlib_module_names):
        brought_by = distributions().get(package, set())
        # Airflow comes as apache-airflow-core and others, which apache-airflow stands for.
        assert any(f"{by}-".startswith(f"{name}-") for by in brought_by for name in asked), f"{package} is not there"


@cache
def distributions() -> dict[str, set[str]]:
    """What brings each top-level package."""
    return {package: set(map(normal, names)) for package, names in packages_distributions().items()}


def imported(path: Path) -> set[str]:
    """The top-level packages that a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found
