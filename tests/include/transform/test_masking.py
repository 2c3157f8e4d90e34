"""Free text that comes beside other columns is masked in staging as landing masks a text that comes alone."""

from __future__ import annotations

import json
import re
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from include.contracts import Column, Entity, load_contracts
from include.landing import ensure_all_raw_tables
from include.landing.masking import mask_text
from include.settings import PROJECT_DIR, Settings
from tests.include.staged import stage
from tests.include.transform.macros import macro
from tests.include.warehouse import rows, tables

FROM_SETTING = "from (select current_setting('test.text') as plain) as texts"
MASKED_TEXT = f"select {macro('masking', 'mask_text', 'plain')} {FROM_SETTING}"
MASKED_URL = f"select {macro('masking', 'mask_url', 'plain')} {FROM_SETTING}"
STAGING = PROJECT_DIR / "dbt_project" / "models" / "staging"
FREE_TEXT = {
    "service__interactions": ["note_text"], "support__chat_turns": ["turn_text"],
    "support__complaints": ["complaint_text"],
    "support__surveys": ["comment"], "support__tickets": ["subject"], "pos__staff_notes": ["note_text"],
    "marketing__social_interactions": ["interaction_text"], "ecommerce__reviews": ["title", "review_text"],
    "finance__transactions": ["description"], "web__events": ["search_term"],
    "wealth__branch_contacts": ["note_text"],
}  # fmt: skip
# Columns of staging that are no free text: whatever a source writes there stands there, as names and words do.
AS_DELIVERED = """
    address_line agent anonymous_id_web branch brand campaign campaign_id_marketing campaign_medium campaign_name
    campaign_source cart_id_ecommerce channel city client_id_wealth company contact_id_marketing content_id country
    currency customer_id_crm device_id_web district_name education_level element email employee file_number_bureau
    first_name full_name fund_code fund_name gender home_store_id_pos income_bracket language last_name lender
    lifestyle_segment location_area loyalty_number_pos marital_status message_id_marketing newsletter
    occupation order_id_ecommerce original_transaction_id_pos partner_bank phone post_id postcode
    preferred_topics product_category product_id product_ids product_name promotion_id record_id region
    resolution session_id_web shipping_address_line shipping_city shipping_country shipping_postcode social_handle
    source_key store_id_pos store_name ticket_id_support till transaction_id_pos user_id_web vehicle_type
"""
CARD = "4111 1111 1111 1111"


def masked(url: str, text: str, statement: str = MASKED_TEXT) -> str:
    with psycopg.connect(url) as connection:
        connection.execute("select set_config('test.text', %s, false)", [text])
        row = connection.execute(statement).fetchone()
        assert row is not None
        return str(row[0])


def test_mask_text__as_landing_masks(warehouse_url: str) -> None:
    card = "4111 1111 1111 1111"
    texts = [
        f"paid with {card} twice, and 5105-1051-0510.5100.", "card 4111-1111.1111\t1111!", "17 4111111111111111",
        "Security code is wrong for Ann, try 762", "her CVV2 is 7 6 2 now", "digits on the back of her card: 4-5-6",
        f"security code 762 of card {card}", "cvv762", "CVC/762", "CVV(762)", "pin 1234, paid 12.50",
    ]  # fmt: skip
    for text in texts:
        assert masked(warehouse_url, text) == mask_text(text, ("card_number", "security_code")) != text


@pytest.mark.parametrize(
    "text",
    ["", "order 123456789012 of 2026-11-16, 12.50 EUR, room 762", "call +44 20 7946 0958 or 07700 900123", "é 1 2 3"],
)
def test_mask_text__leaves_the_rest(text: str, warehouse_url: str) -> None:
    assert masked(warehouse_url, text) == text


SHOP = "https://shop.retailmax.example"
ADDRESSES = {
    # What a parameter says goes, but for those of the list.
    f"{SHOP}/login?email=ann@x.org&token=Zx81": f"{SHOP}/login?email=&token=",
    f"{SHOP}/p?utm_source=mail&product_id=P-1.2&sid=77": f"{SHOP}/p?utm_source=mail&product_id=P-1.2&sid=",
    f"{SHOP}/p?UTM_Source=mail;Category_ID=9": f"{SHOP}/p?UTM_Source=mail;Category_ID=9",
    f"{SHOP}/p?my_product_id=Ann&product_ids=7&xutm_source=b": f"{SHOP}/p?my_product_id=&product_ids=&xutm_source=",
    # No more than a word in those either.
    f"{SHOP}/?utm_id=ann@x.org&utm_term=ann%40x.org&product_id=a%20b": f"{SHOP}/?utm_id=&utm_term=&product_id=a%20b",
    f"{SHOP}/?utm_id=ann%2540x.org&content_id=447700900123&utm_term=40%": f"{SHOP}/?utm_id=&content_id=&utm_term=40%",
    f"{SHOP}/?utm_source=Ann Walker, 12&utm_id=https://y.example/?t=1": f"{SHOP}/?utm_source=&utm_id=",
    # A name that may be a value goes, too.
    f"{SHOP}/unsubscribe?ann@x.org": f"{SHOP}/unsubscribe?",
    f"{SHOP}/a?Zx81Tq&b=1&&c": f"{SHOP}/a?&b=&&",
    f"{SHOP}/reset?dG9rZW4tMTIzNA==": f"{SHOP}/reset?",
    f"{SHOP}/reset?Zx81TqAA=&b=1&c=": f"{SHOP}/reset?&b=&",
    f"{SHOP}/a?ann@x.org=1&next=/b?token=2": f"{SHOP}/a?&next=",
    # What stands elsewhere in an address.
    f"{SHOP}/#access_token=Zx81": f"{SHOP}/",
    f"{SHOP}/a?b=1#ann@x.org": f"{SHOP}/a?b=",
    "https://ann:secret@shop.example/a": "https://shop.example/a",
    f"{SHOP}/a;jsessionid=Zx81?b=1": f"{SHOP}/a;jsessionid=",
    f"{SHOP}/of/ann@x.org/orders": f"{SHOP}/of/[address withheld]/orders",
    f"{SHOP}/of/ann%40x.org": f"{SHOP}/of/[address withheld]",
    f"{SHOP}/of/ann%2540x.org": f"{SHOP}/of/[address withheld]",
    f"{SHOP}/cards/4111111111111111/a": f"{SHOP}/cards/[card number ending 1111]/a",
}  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_mask_url__leaves_nothing_of_a_person(address: str, warehouse_url: str) -> None:
    assert masked(warehouse_url, address, MASKED_URL) == ADDRESSES[address]


@pytest.mark.parametrize("address", ["", "/help", f"{SHOP}/kitchen/P10023/", "https://search.example/", "app:home"])
def test_mask_url__leaves_plain_addresses(address: str, warehouse_url: str) -> None:
    assert masked(warehouse_url, address, MASKED_URL) == address


@pytest.mark.parametrize("model", FREE_TEXT)
def test_staging__masks_its_free_text(model: str) -> None:
    system = model.split("__")[0]
    model_sql = (STAGING / system / f"stg_{model}.sql").read_text()
    assert re.findall(r"\{\{ mask_text\(.*\) \}\} as (\w+),", model_sql) == FREE_TEXT[model]


def delivered(entity: Entity) -> dict[str, str]:
    """A record with a card number in every text and in every list, those of nested records among them."""
    record = {name: text_of(column) for name, column in entity.stored_columns.items()}
    for child in entity.children.values():
        nested = {column.source_path: text_of(column) for column in child.stored_columns.values()}
        record[child.path] = json.dumps([nested | {child.columns[name].source_path: "K1" for name in child.key}])
    return {name: value for name, value in record.items() if value} | dict.fromkeys(entity.key, "1")


def text_of(column: Column) -> str:
    if column.type == "json":
        return json.dumps([{"of": CARD}, f"of {CARD}"])
    return "" if column.type != "text" or column.allowed else CARD if column.sensitivity == "secret" else f"of {CARD}"


@pytest.mark.slow
def test_staging__has_no_card_number_of_any_free_text(settings: Settings) -> None:
    contracts = load_contracts(settings.sources_dir, active_only=False)
    ensure_all_raw_tables(settings.sources_dir, settings.database_url)
    with psycopg.connect(settings.database_url) as connection:
        for system, contract in contracts.items():
            connection.execute(
                "insert into ops.batches (system, batch_date, state) values (%s, '2026-11-16', 'released')", [system]
            )
            for name, entity in contract.entities.items():
                file_id, record = uuid4(), delivered(entity)
                connection.execute(
                    "insert into ops.files (file_id, system, entity, batch_date, name, sha256, bytes, state)"
                    " values (%s, %s, %s, '2026-11-16', %s, %s, 0, 'released')",
                    [file_id, system, name, name, name],
                )
                place = {"_file_id": file_id, "_row": 1, "_batch_date": "2026-11-16"}
                insert = sql.SQL("insert into {} ({}) values ({})").format(
                    sql.Identifier(f"raw_{system}", name),
                    sql.SQL(", ").join(map(sql.Identifier, [*record, *place])),
                    sql.SQL(", ").join([sql.Placeholder()] * (len(record) + 3)),
                )
                connection.execute(insert, [*record.values(), *place.values()])
    stage(settings, *contracts, data_tests=False)
    staged = [row for table in tables(settings, ("staging",)) for row in rows(settings, f"select * from {table}")]
    assert len(staged) > sum(len(contract.entities) for contract in contracts.values())
    plain = re.compile(CARD.replace(" ", " ?"))
    assert {name for row in staged for name, value in row.items() if plain.search(str(value))} == set(
        AS_DELIVERED.split()
    )


def test_staging__hashes_no_content_without_the_key() -> None:
    """`content_hash` is keyed (test_released.py), so nobody tries all numbers of a card against it."""
    models = [path for path in STAGING.rglob("*.sql") if "content_hash" in path.read_text()]
    assert models
    assert not [path.name for path in models if re.search(r"md5\([^()]*\) as content_hash", path.read_text())]
