"""The catalogue knows every column that the warehouse has, says where it comes from, and says nothing else."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from lxml import html

from include.catalogue import write_catalogue
from include.catalogue.write import MADE_FROM, PAGES
from include.contracts import load_contracts
from include.contracts.model import DELETED, Column, Entity
from include.landing import ensure_all_raw_tables
from include.settings import Settings
from include.transform.build import STEPS
from tests.include.warehouse import DAYS, build, land, write_days

COLUMNS = r"""
select table_schema || '.' || table_name as name, column_name
from information_schema.columns
where table_schema like 'raw\_%'
    or table_schema in ('ops', 'staging', 'intermediate', 'identity', 'core', 'marts', 'features')
"""


# Columns that tell of somebody by their names, but in tables of shops, districts and addresses.
PERSONAL = re.compile(
    r"^(.*_)?(email|phone|first_name|last_name|full_name|date_of_birth|address_line|full_address|iban_token|card_token)$"
)
PLACES = ("staging.stg_pos__stores", "core.dim_store")
PUBLISHED = ("staging.", "core.", "marts.")
LISTS = re.compile(
    r"\b(transaction_history|state_history|transcript|payment_history|contacts\.(consents|opt_outs|subscriptions|social_handles))\b(?!\[)"
)
PUBLISHED_COLUMN = re.compile(r"\b(?:core|marts)\.\w+\.(\w+)")
YES_OR_NO = re.compile(r"(is|has|shares)_")
JOINS = {  # what only finds the record that it names; what is published instead is the key of that record
    "bank.accounts": {"district_id"},
    "bank.clients": {"district_id"},
    "bank.orders": {"account_id"},
    "bank.cards": {"disp_id"},
    "bureau.balances": {"file_number"},
    "marketing.contacts": {"social_handles[].network"},
    "marketing.email_events": {"contact_id"},
    "marketing.social_interactions": {"contact_id", "handle"},
    "pos.staff_notes": {"loyalty_number"},
    "wealth.branch_contacts": {"client_number"},
}

Pages = dict[str, Any]
Rows = dict[tuple[str, str], list[str]]


@pytest.mark.slow
def test_catalogue__describes_a_build(settings: Settings) -> None:
    """One build, looked at from all sides: a build is what takes the time."""
    write_days(settings, 60)
    land(settings, DAYS[0])
    assert build(settings, "build", data_tests=False) == ("publish_marts", [])
    counts: dict[str, Any] = {}
    assert STEPS["publish_docs"](settings, "build", counts) == ()
    assert counts["identity_figures"]
    assert counts["columns"] > 300
    folder = settings.run_dir / "catalogue"
    assert {path.name for path in folder.iterdir()} == {*PAGES, MADE_FROM}
    pages = {name: html.fromstring((folder / name).read_bytes()) for name in PAGES}
    check_every_column_has_an_entry(rows_of(pages["index.html"]), settings)
    check_published_columns_come_from_fields(rows_of(pages["mapping.html"]))
    check_every_field_says_where_it_goes(rows_of(pages["fields.html"]), settings)
    check_every_field_is_published(rows_of(pages["fields.html"]), settings)
    check_sensitivity_follows_values(rows_of(pages["index.html"]))
    check_drawings_show_every_table(pages)
    for path in folder.glob("*.html"):
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', path.read_text(encoding="utf-8")), "needs the internet"


MANIFEST = {
    "sources": {"source.crm": {"schema": "raw_crm", "name": "customers", "description": "One account.", "columns": {}}},
    "nodes": {
        "model.customers": {
            "resource_type": "model", "unique_id": "model.customers", "schema": "staging", "name": "stg_crm__customers",
            "description": "Accounts.", "depends_on": {"nodes": ["source.crm"]},
            "compiled_code": 'select lower(email) as email from "db"."raw_crm"."customers"',
            "columns": {"email": {"data_type": "text", "description": "E-mail address."}},
        }
    },
}  # fmt: skip


@pytest.fixture
def broken_crm(settings: Settings, tmp_path: Path) -> Settings:
    """Raw has the tables of a contract that somebody has broken since, and a model reads them."""
    ensure_all_raw_tables(settings.sources_dir, settings.database_url)
    shutil.copytree(settings.sources_dir, tmp_path / "sources")
    contract = tmp_path / "sources" / "crm.yml"
    contract.write_text(contract.read_text().replace("key: [customer_id]", "key: [customer_no]"))
    manifest = settings.run_dir / "dbt" / "prod" / "manifest.json"
    manifest.parent.mkdir(parents=True, exist_ok=True)
    manifest.write_text(json.dumps(MANIFEST))
    return replace(settings, sources_dir=tmp_path / "sources")


def test_catalogue__broken_contract_fails_alone(broken_crm: Settings) -> None:
    write_catalogue(broken_crm)
    page = html.fromstring((broken_crm.run_dir / "catalogue" / "index.html").read_bytes())
    described = rows_of(page)
    assert described["raw_crm.customers", "email"][2] == "Not known: the contract of the system cannot be used."
    assert described["staging.stg_crm__customers", "email"][3] == "raw_crm.customers.email"
    assert described["staging.stg_crm__customers", "email"][5] == "personal", "nobody knows that it is not"
    assert described["raw_finance.accounts", "_row"][2] == "Number of the record in its file, from 1."


def test_catalogue__page_is_there_while_a_new_one_is_made(broken_crm: Settings) -> None:
    """A process that dies on the way leaves the pages of the build before."""
    write_catalogue(broken_crm)
    folder = broken_crm.run_dir / "catalogue"
    before = (folder / "model.html").read_text()
    (folder / ".model.html.building").mkdir()  # the last of the pages cannot be written
    describe(broken_crm, "Accounts of customers.")
    with pytest.raises(IsADirectoryError):
        write_catalogue(broken_crm)
    assert set(PAGES) <= {path.name for path in folder.iterdir()}
    assert (folder / "model.html").read_text() == before
    (folder / ".model.html.building").rmdir()
    describe(broken_crm, "Accounts.")
    write_catalogue(broken_crm)
    assert "Accounts of customers." not in (folder / "index.html").read_text(), "some pages were of the attempt"


def test_catalogue__pages_stay_while_nothing_they_tell_of_changes(broken_crm: Settings) -> None:
    folder = broken_crm.run_dir / "catalogue"
    columns = write_catalogue(broken_crm)

    def made_anew() -> bool:
        for name in PAGES:
            (folder / name).write_text("earlier")
        assert write_catalogue(broken_crm) == columns
        return {(folder / name).read_text() for name in PAGES} != {"earlier"}

    assert not made_anew()
    describe(broken_crm, "Accounts of customers.")
    assert made_anew(), "a model"
    contract = broken_crm.sources_dir / "usage.yml"
    contract.write_text(contract.read_text().replace("title: ", "title: The ", 1))
    assert made_anew(), "a contract"
    (folder / "fields.html").unlink()
    write_catalogue(broken_crm)
    assert (folder / "fields.html").exists()


def describe(settings: Settings, description: str) -> None:
    """Let dbt's manifest say something else of the model."""
    text = json.dumps(MANIFEST).replace('"description": "Accounts."', f'"description": "{description}"')
    (settings.run_dir / "dbt" / "prod" / "manifest.json").write_text(text)


def rows_of(page: Any) -> Rows:
    """The cells of a page's tables by table and column."""
    return {
        (section.get("id"), row[0].text_content()): [cell.text_content().strip() for cell in row]
        for section in page.iter("section")
        for row in section.iterfind(".//tbody/tr")
    }


def check_every_column_has_an_entry(described: Rows, settings: Settings) -> None:
    with psycopg.connect(settings.database_url) as connection:
        there = set(connection.execute(COLUMNS).fetchall())
    missing = sorted(f"{table}.{column}" for table, column in there - set(described))
    assert not missing, "without an entry: describe it in the contract or in the YAML of its model"
    assert not [name for name, cells in described.items() if not cells[1] or not cells[2]], "no type or no meaning"
    described = {place: cells for place, cells in described.items() if "[]." not in place[1]}
    not_there = {table for table, _ in set(described) - there} - {table for table, _ in there}
    assert all(re.match(r"(raw_|staging\.stg_)", table) for table in not_there), "only systems that are not active"
    assert not {(t, c) for t, c in set(described) - there if t not in not_there}, "described, and not there"


def check_published_columns_come_from_fields(rows: Rows) -> None:
    assert "crm customers.email" in rows["core.dim_customer", "email"][1]
    assert "demographics customers.education" in rows["marts.customer_360", "education_level"][1]
    assert re.search(
        r"finance accounts\.transaction_history\[\]\.amount\b", rows["core.fact_transactions", "amount"][1]
    )
    assert not [name for name, cells in rows.items() if LISTS.search(cells[1])], (
        "a whole list, and a key was to be seen"
    )
    assert "first of: crm (newest)" in rows["core.dim_customer", "email"][3]


def declared_fields(entity: Entity) -> dict[str, Column]:
    """The columns of an entity, and the fields of its lists as ``list[].field``."""
    nested = {f"{child.path}[].{name}": c for child in entity.children.values() for name, c in child.columns.items()}
    return {**entity.columns, **nested}


def check_every_field_says_where_it_goes(fields: Rows, settings: Settings) -> None:
    """Landed where, used where, or not used, because: for every column of every contract, those of nested lists too."""
    for system, contract in load_contracts(settings.sources_dir, active_only=False).items():
        for entity in contract.entities.values():
            named = {name for table, name in fields if table == f"{system}.{entity.name}"}
            assert named == set(declared_fields(entity))
    silent = []
    for place, (_, meaning, landed, published, inner) in fields.items():
        assert meaning, place
        assert landed != "never stored" or published == "not used: it must never be stored", place
        used = bool(inner or PUBLISHED_COLUMN.search(published))
        silent += [".".join(place)] if used == ("not used: " in published) else []
    assert not silent, "say in the contract why it is not used (`not_used`), or no more"
    assert fields["crm.customers", "email"][2] == "email"
    assert "core.dim_customer.email" in fields["crm.customers", "email"][3]


def check_every_field_is_published(fields: Rows, settings: Settings) -> None:
    """A value that ends in staging, or of which only a yes or no comes out, is lost to who reads core and the views."""
    contracts = load_contracts(settings.sources_dir, active_only=False)
    lost, joins = set(), set()
    for (table, name), (_, _, _, published, _) in fields.items():
        system, _, entity = table.partition(".")
        declared = contracts[system].entities[entity]
        is_flag = declared_fields(declared)[name].type == "boolean"
        reached = [is_flag or not YES_OR_NO.match(column) for column in PUBLISHED_COLUMN.findall(published)]
        if not any(reached) and "not used: " not in published and name not in (declared.record_time, DELETED):
            (joins if name in JOINS.get(table, ()) else lost).add((table, name))
    assert not lost, "no column of core or a view is made from it: publish it, or say `not_used`"
    assert joins == {(table, name) for table, names in JOINS.items() for name in names}, (
        "published by now: no exception"
    )


def check_sensitivity_follows_values(rows: Rows) -> None:
    assert rows["marts.customer_360", "last_name"][5] == rows["core.dim_customer", "phone"][5] == "personal"
    assert rows["core.dim_product", "product_name"][5] == rows["core.dim_customer", "customer_key"][5] == ""
    named = {place: cells[5] for place, cells in rows.items() if PERSONAL.search(place[1])}
    open_names = {place for place, shown in named.items() if not shown and place[0].startswith(PUBLISHED)}
    assert {table for table, _ in open_names} <= {*PLACES}, "a name, an address or a number of somebody is personal"
    assert rows["core.fact_payment_months", "payment_status"][5] == "personal", "as the list that it is in"
    assert rows["core.fact_balances", "balance"][5] == rows["core.fact_bank_postings", "amount_eur"][5] == "personal"


def check_drawings_show_every_table(pages: Pages) -> None:
    drawn = [a.get("data-name") for a in pages["lineage.html"].iter("a") if a.get("data-name")]
    assert len(drawn) == len(set(drawn))
    assert {"raw_crm.customers", "staging.stg_crm__customers", "identity.crosswalk", "marts.customer_360"} <= set(drawn)
    lines = {(p.get("data-from"), p.get("data-to")) for p in pages["model.html"].iter("path")}
    assert {("core.dim_customer", "core.fact_transactions"), ("core.dim_time", "core.fact_interactions")} <= lines
