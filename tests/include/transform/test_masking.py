"""Free text that comes beside other columns is masked in staging as landing masks a text that comes alone."""

from __future__ import annotations

import re

import psycopg
import pytest

from include.landing.masking import mask_text
from include.settings import PROJECT_DIR
from tests.include.transform.macros import macro

SQL = f"select {macro('masking', 'mask_text', 'plain')} from (select current_setting('test.text') as plain) as texts"
STAGING = PROJECT_DIR / "dbt_project" / "models" / "staging"
FREE_TEXT = {
    "service__interactions": ["note_text"], "support__chat_turns": ["turn_text"],
    "support__complaints": ["complaint_text"],
    "support__surveys": ["comment"], "support__tickets": ["subject"], "pos__staff_notes": ["note_text"],
    "marketing__social_interactions": ["interaction_text"], "ecommerce__reviews": ["title", "review_text"],
    "finance__transactions": ["description"],
}  # fmt: skip


def masked(url: str, text: str) -> str:
    with psycopg.connect(url) as connection:
        connection.execute("select set_config('test.text', %s, false)", [text])
        row = connection.execute(SQL).fetchone()  # type: ignore[arg-type]
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


@pytest.mark.parametrize("model", FREE_TEXT)
def test_staging__masks_its_free_text(model: str) -> None:
    system = model.split("__")[0]
    sql = (STAGING / system / f"stg_{model}.sql").read_text()
    assert re.findall(r"\{\{ mask_text\(.*\) \}\} as (\w+),", sql) == FREE_TEXT[model]
