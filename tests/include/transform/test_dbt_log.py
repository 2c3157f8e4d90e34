"""The log of dbt names what failed and holds no value of a record."""

from __future__ import annotations

import psycopg
import pytest

from include.settings import Settings
from include.transform.dbt import DbtFailed, run_dbt
from include.transform.dbt_log import without_values

EMAIL = "jane@example.org"


def error_of(url: str, statement: str) -> str:
    """What Postgres says to a statement, as dbt logs it."""
    with psycopg.connect(url) as connection:
        connection.execute("create temp table people (customer_key int not null, email text unique)")
        with pytest.raises(psycopg.Error) as caught:
            connection.execute(statement)
    return f"Database Error in model people (models/people.sql)\n  {caught.value}"


@pytest.mark.parametrize(
    ("statement", "kept"),
    [
        (f"insert into people values (null, '{EMAIL}')", 'null value in column "customer_key"'),
        (f"insert into people values (null, e'two\\nlines\\n{EMAIL}')", 'null value in column "customer_key"'),
        (f"insert into people values (1, '{EMAIL}'), (2, '{EMAIL}')", "duplicate key value violates"),
        (f"select '{EMAIL}'::int", "invalid input syntax for type integer"),
        (f"select '{EMAIL}'::date", "invalid input syntax for type date"),
    ],
)
def test_without_values__keeps_what_failed(warehouse_url: str, statement: str, kept: str) -> None:
    message = error_of(warehouse_url, statement)
    assert EMAIL in message
    assert kept in without_values(message)
    assert EMAIL not in without_values(message)


@pytest.mark.slow
def test_run_dbt__logs_the_error_without_its_values(settings: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    query = "select email::int from (values ('jane' || '@example.org')) as people (email)"
    with pytest.raises(DbtFailed, match="dbt show failed"):
        run_dbt(["show", "--inline", query, "--target", "next"], "a run", settings)
    log = (settings.run_dir / "dbt" / "logs" / "dbt.log").read_text()
    assert "invalid input syntax for type integer: (a value)" in log
    written = [p.read_text(errors="replace") for p in (settings.run_dir / "dbt").rglob("*") if p.is_file()]
    assert not [text for text in (*written, *capfd.readouterr()) if EMAIL in text]
