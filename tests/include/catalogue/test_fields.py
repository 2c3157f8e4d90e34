"""Every field of a contract is followed to what is made from it, or says why nothing is."""

from __future__ import annotations

from include.catalogue.fields import map_fields
from include.catalogue.tables import Column, Table
from include.contracts import load_contracts
from include.contracts.model import Contract
from include.settings import PROJECT_DIR


def _contract(**not_used: str) -> dict[str, Contract]:
    """The contract of finance, with a reason at some of its columns."""
    contract = load_contracts(PROJECT_DIR / "include" / "sources")["finance"]
    entity = contract.entities["accounts"]
    columns = {
        name: column.model_copy(update={"not_used": not_used.get(name)}) for name, column in entity.columns.items()
    }
    return {
        "finance": contract.model_copy(
            update={"entities": {"accounts": entity.model_copy(update={"columns": columns})}}
        )
    }


def _table(schema: str, name: str, **parents: tuple[str, str]) -> Table:
    columns = {column: Column(column, "text", "What it is.", parents=(parent,)) for column, parent in parents.items()}
    return Table(schema, name, "One row per account.", columns)


TABLES = {
    table.id: table
    for table in (
        _table("staging", "stg_finance__accounts", status=("raw_finance.accounts", "status"),
               currency=("raw_finance.accounts", "currency"), history=("raw_finance.accounts", "transaction_history")),
        _table("core", "dim_account", status=("staging.stg_finance__accounts", "status")),
        _table("marts", "account_view", state=("core.dim_account", "status")),
    )
}  # fmt: skip


def test_map_fields__follows_values_to_the_published_columns() -> None:
    fields = {field.name: field for field in map_fields(_contract(), TABLES)["finance.accounts"]}
    assert fields["status"].landed == "raw_finance.accounts.status"
    assert fields["status"].published == ("core.dim_account.status", "marts.account_view.state")
    assert fields["currency"].published == ()
    assert fields["currency"].inner == ("staging.stg_finance__accounts.currency",)
    assert fields["transaction_history[].amount"].landed == "raw_finance.accounts.transaction_history"
    assert fields["transaction_history[].amount"].inner == ("staging.stg_finance__accounts.history",)


def test_map_fields__a_field_says_where_it_goes_or_why_nowhere() -> None:
    silent = {field.name: field for field in map_fields(_contract(), TABLES)["finance.accounts"]}
    assert silent["status"].is_explained
    assert silent["card_security_code"].is_explained, "it is never stored"
    assert not silent["holder_name"].is_explained, "nothing is made of it, and nobody says why"
    told = {
        field.name: field for field in map_fields(_contract(holder_name="so", status="so"), TABLES)["finance.accounts"]
    }
    assert told["holder_name"].is_explained
    assert not told["status"].is_explained, "it is used by now"
