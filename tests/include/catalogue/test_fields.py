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
               currency=("raw_finance.accounts", "currency")),
        _table("staging", "stg_finance__transactions",
               money=("raw_finance.accounts", "transaction_history[].amount"),
               channel=("raw_finance.accounts", "transaction_history[].channel"),
               content_hash=("raw_finance.accounts", "transaction_history")),
        _table("core", "dim_account", status=("staging.stg_finance__accounts", "status")),
        _table("core", "fact_transactions", money_eur=("staging.stg_finance__transactions", "money"),
               amount=("staging.stg_finance__transactions", "money")),
        _table("marts", "account_view", state=("core.dim_account", "status")),
    )
}  # fmt: skip


def test_map_fields__follows_values_to_the_published_columns() -> None:
    fields = {field.name: field for field in map_fields(_contract(), TABLES)["finance.accounts"]}
    assert fields["status"].landed == "raw_finance.accounts.status"
    assert fields["status"].published == ("core.dim_account.status", "marts.account_view.state")
    assert fields["currency"].published == ()
    assert fields["currency"].inner == ("staging.stg_finance__accounts.currency",)


def test_map_fields__of_a_nested_list_only_what_is_made_from_the_field() -> None:
    fields = {field.name: field for field in map_fields(_contract(), TABLES)["finance.accounts"]}
    amount = fields["transaction_history[].amount"]
    assert amount.landed == "raw_finance.accounts.transaction_history"
    assert amount.published == ("core.fact_transactions.amount", "core.fact_transactions.money_eur")
    assert amount.inner == ("staging.stg_finance__transactions.money",)
    assert fields["transaction_history[].channel"].inner == ("staging.stg_finance__transactions.channel",)
    assert fields["transaction_history[].type"].inner == fields["transaction_history[].type"].published == ()
    whole = fields["transaction_history"]
    assert set(amount.published) == set(whole.published), "of the list, what is made from its fields, too"
    assert "staging.stg_finance__transactions.content_hash" in whole.inner


def test_map_fields__gives_the_reason_why_nothing_is_made() -> None:
    fields = {field.name: field for field in map_fields(_contract(holder_name="so"), TABLES)["finance.accounts"]}
    assert (fields["holder_name"].published, fields["holder_name"].not_used) == ((), "so")
    assert fields["card_security_code"].landed is None
    assert fields["card_security_code"].not_used == "it must never be stored"
    assert fields["holder_email"].not_used is None
