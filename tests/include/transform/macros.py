"""The macros of the dbt project without dbt: what one of them writes."""

from __future__ import annotations

import yaml
from jinja2 import Environment

from include.settings import PROJECT_DIR


def macro(file: str, name: str, *arguments: str) -> str:
    """The SQL of a macro, where tables are called what dbt's `source` is asked for, and variables are the project's."""
    text = (PROJECT_DIR / "dbt_project" / "macros" / f"{file}.sql").read_text()
    variables = yaml.safe_load((PROJECT_DIR / "dbt_project" / "dbt_project.yml").read_text())["vars"]
    known = {"source": lambda schema, table: f"{schema}.{table}", "var": variables.__getitem__}
    written: str = getattr(Environment().from_string(text, globals=known).module, name)(*arguments)  # noqa: S701 - SQL
    return written
