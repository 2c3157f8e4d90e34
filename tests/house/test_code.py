"""Sizes, SQL in files, and no debt that nobody tracks."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.settings import PROJECT_DIR

MODULES = sorted(p for name in ("include", "plugins", "dags", "config") for p in (PROJECT_DIR / name).rglob("*.py"))
MOST_LINES = 300
MOST_LINES_OF_FUNCTION = 40
MOST_LINES_OF_SQL = 5
STATEMENT = re.compile(
    r"^\s*(--[^\n]*\n\s*)*"
    r"(select|insert\s+into|update|delete\s+from|with|create|alter|drop|merge\s+into|copy|truncate|grant)\s",
    re.IGNORECASE,
)
DEBT = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b")
POSSESSIVE_GROUP = re.compile(r"\)([*+?]|\{[^{}]*\})\+")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def _name(path: Path) -> str:
    return str(path.relative_to(PROJECT_DIR))


def _lines(node: ast.AST) -> int:
    return int(node.end_lineno) - int(node.lineno) + 1


def _own_lines(function: Function) -> int:
    """The lines of a function without those of functions that are defined in it: a DAG holds its tasks."""
    nested = [n for n in ast.walk(function) if isinstance(n, Function) and n is not function]
    outermost = [n for n in nested if not any(n is not m and n in ast.walk(m) for m in nested)]
    return _lines(function) - sum(_lines(n) + len(n.decorator_list) for n in outermost)


def _text(node: ast.AST) -> str | None:
    """The text that a string expression begins with: literals, f-strings and sums of them."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(v.value if isinstance(v, ast.Constant) else "{}" for v in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left)
    return None


def _docstrings(tree: ast.AST) -> set[int]:
    """The ids of the nodes that stand alone as a statement: docstrings."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def _long_statements(tree: ast.AST) -> Iterator[int]:
    prose = _docstrings(tree)
    for node in ast.walk(tree):
        text = _text(node)
        if text is not None and id(node) not in prose and STATEMENT.match(text):
            lines = max(_lines(node), len(text.strip().splitlines()))
            if lines > MOST_LINES_OF_SQL:
                yield node.lineno


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_module__is_not_too_long(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_functions__are_not_too_long(path: Path) -> None:
    functions = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, Function)]
    too_long = {f.name for f in functions if _own_lines(f) > MOST_LINES_OF_FUNCTION}
    assert too_long == set()


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_sql__of_more_than_five_lines_is_a_file(path: Path) -> None:
    assert list(_long_statements(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize(
    "code",
    [
        'a = """\nselect 1\nfrom a\nwhere b\nand c\nand d\nand e\n"""',
        'a = (\n"select 1"\n" from a"\n" where b"\n" and c"\n" and d"\n" and e"\n)',
        'a = (\nf"select {b}"\n" from a"\n" where b"\n" and c"\n" and d"\n" and e"\n)',
        'a = "with a as (select 1)\\nselect 1\\nfrom a\\nwhere 1\\nand 2\\nand 3"',
        'a = ("select 1"\n+ b\n+ " from a"\n+ " where b"\n+ " and c"\n+ " and d"\n)',
    ],
)
def test_sql_rule__sees_a_long_statement(code: str) -> None:
    assert list(_long_statements(ast.parse(code)))


def test_sql_rule__leaves_prose_and_short_statements() -> None:
    assert not list(_long_statements(ast.parse('"""Create\n\n\n\n\n\nwhat is missing"""\na = "select 1 from b"')))


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_patterns__repeat_no_group_possessively(path: Path) -> None:
    """Python before 3.11.5 matches that wrongly (gh-106052): an atomic group says the same."""
    tree = ast.parse(path.read_text())
    prose = _docstrings(tree)
    texts = (_text(node) or "" for node in ast.walk(tree) if id(node) not in prose)
    assert not any(POSSESSIVE_GROUP.search(text) for text in texts)


def test_files__hold_no_untracked_debt() -> None:
    suffixes = {".py", ".sql", ".yml", ".yaml", ".sh", ".md", ".toml", ".cfg"}
    folders = ("include", "plugins", "dags", "config", "dbt_project", "tests")
    files = [p for name in folders for p in (PROJECT_DIR / name).rglob("*") if p.suffix in suffixes]
    files += [PROJECT_DIR / name for name in ("README.md", "DECISIONS.md", "Makefile", "Dockerfile")]
    assert [_name(p) for p in files if DEBT.search(p.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("name", [".ci/run"])
def test_scripts__are_executable(name: str) -> None:
    assert os.access(PROJECT_DIR / name, os.X_OK)


def test_module__has_a_docstring() -> None:
    silent = [p for p in MODULES if p.read_text().strip() and not ast.get_docstring(ast.parse(p.read_text()))]
    assert [_name(p) for p in silent] == []
