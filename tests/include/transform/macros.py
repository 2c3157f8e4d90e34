"""The macros of the dbt project without dbt: what one of them writes."""

from __future__ import annotations

from jinja2 import Environment

from include.settings import PROJECT_DIR


def macro(file: str, name: str, *arguments: str) -> str:
    """The SQL of a macro, where tables are called what dbt's `source` is asked for."""
    text = (PROJECT_DIR / "dbt_project" / "macros" / f"{file}.sql").read_text()
    tables = {"source": lambda schema, table: f"{schema}.{table}"}
    written: str = getattr(Environment().from_string(text, globals=tables).module, name)(*arguments)  # noqa: S701 - SQL
    return written
