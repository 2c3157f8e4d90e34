"""The macro that brings a system's records into the columns that all systems share."""

from __future__ import annotations

import re
from typing import Any

import jinja2
import pytest
import yaml

from include.settings import PROJECT_DIR

DBT = PROJECT_DIR / "dbt_project"


class RefusedError(Exception):
    """What dbt's compiler error is here."""


class Exceptions:
    """dbt's `exceptions`."""

    @staticmethod
    def raise_compiler_error(message: str) -> None:
        raise RefusedError(message)


def comparable(*arguments: Any, **named: Any) -> str:
    template = jinja2.Environment(autoescape=False).from_string(  # noqa: S701 - it makes SQL
        (DBT / "macros" / "comparable.sql").read_text(), {"exceptions": Exceptions}
    )
    return str(template.module.comparable(*arguments, **named))


def selected(statement: str) -> list[str]:
    """The columns of the statement, with what stands for each."""
    between = re.findall(r"select\n(.*)\s+from ", statement, re.DOTALL)[0]
    return [part.strip() for part in between.split(",\n")]


def test_comparable__gives_every_column_of_the_model_in_order() -> None:
    (model,) = yaml.safe_load((DBT / "models" / "intermediate" / "int_people__comparable.yml").read_text())["models"]
    columns = selected(comparable("shop", "members", "stg_shop__members", ["email"]))
    assert [*(column.split(" as ")[-1] for column in columns), "identifiers"] == [c["name"] for c in model["columns"]]


def test_comparable__takes_what_is_named_and_yields_null_for_the_rest() -> None:
    statement = comparable("shop", "members", "stg_shop__members", ["email"], country="'CZ'", links_by_id_only=True)
    columns = selected(statement)
    assert {"'shop' as system", "'members' as entity", "email", "'CZ' as country", "True as links_by_id_only"} <= set(
        columns
    )
    assert {"null::text as full_name", "null::date as date_of_birth", "customer_id_crm as claimed_customer_id"} <= set(
        columns
    )
    assert statement.endswith("from stg_shop__members")


@pytest.mark.parametrize(("columns", "named"), [(["e_mail"], {}), ([], {"e_mail": "email"})])
def test_comparable__a_column_that_systems_do_not_share_is_an_error(columns: list[str], named: dict[str, str]) -> None:
    with pytest.raises(RefusedError, match="shop/members: e_mail is no column that systems share"):
        comparable("shop", "members", "stg_shop__members", columns, **named)
