"""A contract of a database says where it is and what is read of it; what does not fit is told with its place."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from include.contracts import Contract
from tests.include.extract.shop import COLUMNS, contract

WITHOUT_FLAG = {name: {"meaning": "a word", **options} for name, options in COLUMNS.items() if name != "is_deleted"}


def test_contract__files_of_a_database_are_those_of_its_extract() -> None:
    assert contract().entities["things"].files == ("things.jsonl.gz",)


@pytest.mark.parametrize(
    ("entity", "reason"),
    [
        ({"watermark": None}, "table and watermark belong together"),
        ({"watermark": "changed"}, "'changed' is named as watermark and is no column that is stored"),
        ({"watermark": "name"}, "watermark 'name' has to be a timestamp"),
        ({"table": "things; drop table things"}, "write it as table or schema.table"),
        ({"key_fallback": ["name"]}, "a table is told by its key alone"),
        ({"columns": WITHOUT_FLAG}, "a table needs a column is_deleted"),
        ({"table": None, "watermark": None, "files": ["*"]}, "each entity of a database, and of nothing else, names"),
    ],
)  # fmt: skip
def test_contract__of_a_database_that_does_not_fit(entity: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        contract(**entity)


@pytest.mark.parametrize("layout", [{"type": "database"}, {"type": "jsonl", "url_env": "SHOP_URL"}])
def test_contract__address_belongs_to_a_database(layout: dict[str, str]) -> None:
    fields = contract().model_dump(exclude_none=True) | {"format": layout}
    with pytest.raises(ValidationError, match="url_env, the environment variable with the address"):
        Contract.model_validate(fields)
