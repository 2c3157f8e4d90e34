"""Reads the READMEs: their code, the commands and paths that they name, the tables of settings."""

from __future__ import annotations

import re
from pathlib import Path

from include.settings import PROJECT_DIR

FENCED = re.compile(r"^```.*?\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"^\.?[\w][\w.*/-]*(/|/[\w.*-]+|\.(py|yml|yaml|md|sql|csv|toml|txt|sh|json))$")
# Places of the run folder and of other people's machines; they are no files of the repository.
MADE_AT_RUN_TIME = re.compile(r"^(\.run|inbox|logs|mail|dbt/logs)(/|$)|^(summary|bench)\.json$")


def readmes() -> list[Path]:
    """The README of the project and of each folder that has one."""
    below = [path for name in ("dags", "dbt_project", "include", "plugins", "tests", "config")
             for path in (PROJECT_DIR / name).rglob("README.md")]  # fmt: skip
    return [PROJECT_DIR / "README.md", *sorted(below)]


def code_of(path: Path) -> list[str]:
    """Each line of a fenced block and each code span."""
    text = path.read_text(encoding="utf-8")
    blocks = [line for block in FENCED.findall(text) for line in block.splitlines()]
    return blocks + SPAN.findall(FENCED.sub("", text))


def make_targets_of(path: Path) -> set[str]:
    """The targets of every ``make <target>`` in code, and in comments within code."""
    return {target for line in code_of(path) for target in re.findall(r"(?:^|\s)make ([a-z][a-z-]*)", line)}


def modules_of(path: Path) -> set[str]:
    """The modules of every ``python -m <module>`` in code."""
    return {module for line in code_of(path) for module in re.findall(r"python -m ([\w.]+)", line)}


def paths_of(path: Path) -> set[str]:
    """Every code span that reads as a path of the repository."""
    spans = SPAN.findall(FENCED.sub("", path.read_text(encoding="utf-8")))
    return {s for s in spans if PATH.match(s) and not MADE_AT_RUN_TIME.match(s)}


def readme_settings() -> set[str]:
    """The variables of the table below "## Settings" of the project's README."""
    section = (PROJECT_DIR / "README.md").read_text(encoding="utf-8").split("## Settings", 1)[1].split("\n## ", 1)[0]
    names = (re.findall(r"`([A-Z][A-Z0-9_]+)`", line.split("|")[1]) for line in section.splitlines() if "|" in line)
    return {name for row in names for name in row}


def rows_below(path: Path, heading: str) -> dict[str, str]:
    """The rows of the table below a heading, by the name in code in their first column."""
    text = path.read_text(encoding="utf-8")
    assert f"\n{heading}\n" in text, f"{path.name} has no heading {heading!r}"
    section = re.split(r"\n#+ ", text.split(f"\n{heading}\n", 1)[1], maxsplit=1)[0]
    rows = (line for line in section.splitlines() if line.startswith("|"))
    return {name: row for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
