"""What must never be stored is masked in free text, before archive, raw tables and quarantine see it."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from include.contracts import Contract, load_contract
from include.landing.masking import MAX_LINE_CHARACTERS, mask_text
from include.settings import PROJECT_DIR
from tests.include.landing.delivery import land, put, query, things
from tests.include.landing.test_never_stored import everything

BOTH = ("card_number", "security_code")
CARD = "4111 1111 1111 1111"
NOTE = f"Security code of Ann's card {CARD} is wrong, try 762"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Security code is wrong for Ann, try 762", "Security code is wrong for Ann, try [security code withheld]"),
        ("her CVV2 is 7 6 2 now", "her CVV2 is [security code withheld] now"),
        ("cvc: seven six two", "cvc: [security code withheld]"),
        ("the three digits on the back of her card: 4-5-6", "the three digits on the back of her card: "
         "[security code withheld]"),
        (f"card {CARD}", "card [card number ending 1111]"),
        ("card 4111-1111.1111\t1111!", "card [card number ending 1111]!"),
        ("card 378282246310005", "card [card number ending 0005]"),
        ("17 4111111111111111", "[card number ending 1111]"),
        ("security code 762 of card 4111111111111234", "security code [security code withheld] of card"
         " [card number ending 1234]"),
    ],
)  # fmt: skip
def test_mask_text__card_and_code(text: str, kept: str) -> None:
    assert mask_text(text, BOTH) == kept


@pytest.mark.parametrize(
    "text",
    [
        "cvv762", "CVV-762", "CVC/762", "CVV2762", "cvv_762", "security code...762", "security code: ...762",
        "CVV +762", "CVV: \u00a3762", "cvv 762/12", "the code on the back is 762", "CVV2 762", "cvv is 762", "CVV(762)",
        "+762 cvv", "\u00a3762 is her cvv", "-762: security code", "/762 cvv", "(+762) security code", "$762 = CVC",
        "762% cvv", "#762# pin",
    ],
)  # fmt: skip
def test_mask_text__code_in_any_notation(text: str) -> None:
    masked = mask_text(text, BOTH)
    assert "762" not in masked
    assert "[security code withheld]" in masked


@pytest.mark.parametrize("between", ["\u2013", "/", "_", "   ", "\u2009", "\u202f", " / ", "\u2014", ",", " - "])
def test_mask_text__card_in_any_notation(between: str) -> None:
    text = f"born 1980-03-04, card {between.join(['4111', '1111', '1111', '1111'])}, phone 07700 900123"
    assert mask_text(text, BOTH) == "born 1980-03-04, card [card number ending 1111], phone 07700 900123"


def test_mask_text__many_cards_on_one_line() -> None:
    cards = "/".join(["4111/1111/1111/1111"] * 3000)
    assert mask_text(cards, BOTH) == "/".join(["[card number ending 1111]"] * 3000)


def test_mask_text__card_of_twelve_digits() -> None:
    assert mask_text("maestro 501800000009", BOTH) == "maestro [card number ending 0009]"


@pytest.mark.parametrize(
    "text",
    [
        "phone is +44 7700 900123 456", "call 0044 7700 900123", "born 1980-03-04", "moved to 762 High Street",
        "credit score is 762", "dob 04/03/1980, security code was right", "owes 1762.50 and the cvv is fine",
        "1,762 owed, cvv right", "flat 12-762, pin right",
        "call 07700 900123, born 04/03/1980", "ids 4111, 2222, 3333, 4444",
    ],
)  # fmt: skip
def test_mask_text__leaves_the_rest(text: str) -> None:
    assert mask_text(text, BOTH) == text


def test_mask_text__only_what_the_contract_asks_for() -> None:
    assert mask_text(NOTE, ("card_number",)).endswith("try 762")
    assert CARD in mask_text(f"card {CARD}", ("security_code",))


def notes() -> Contract:
    return load_contract(PROJECT_DIR / "include" / "sources" / "notes.yml")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_notes__are_masked_everywhere(encoding: str, tmp_path: Path, warehouse_url: str) -> None:
    bad = f"{NOTE}\0\n".encode()
    content = f'"{NOTE}"\n\n"the second, ""quoted"""\n'.encode(encoding) + bad
    put(tmp_path / "inbox", "notes", "notes.txt", content)
    (result,) = land(tmp_path / "inbox", warehouse_url, notes()).files
    assert (result.state, result.rows_landed, result.rows_quarantined) == ("landed", 2, 1)
    assert query(warehouse_url, "select note from raw_notes.notes order by _row") == [
        ('"Security code of Ann\'s card [card number ending 1111] is wrong, try [security code withheld]"',),
        ('"the second, ""quoted"""',),
    ]
    kept = everything(warehouse_url, tmp_path / "archive", "raw_notes")
    assert "second" in kept
    assert "try 762" not in kept, "the digits alone may stand in a time or a hash"
    assert CARD not in kept
    found = query(warehouse_url, "select redacted_columns, archived_sha256 <> sha256 from ops.files")
    assert found == [(["note"], True)]


def test_notes__without_such_numbers_are_archived_as_they_came(tmp_path: Path, warehouse_url: str) -> None:
    path = put(tmp_path / "inbox", "notes", "notes.txt", '"Ann Smith moved to Leeds"\n')
    land(tmp_path / "inbox", warehouse_url, notes())
    found = query(warehouse_url, "select redacted_columns, archived_sha256 = sha256 from ops.files")
    assert found == [([], True)]
    (stored,) = (p for p in (tmp_path / "archive").rglob("*") if p.is_file())
    assert stored.read_bytes() == path.read_bytes()


def test_notes__no_text_is_not_archived(tmp_path: Path, warehouse_url: str) -> None:
    put(tmp_path / "inbox", "notes", "notes.txt", b"\x00\x01\x02\x03" * 200)
    (result,) = land(tmp_path / "inbox", warehouse_url, notes()).files
    assert result.state == "rejected"
    assert not [p for p in (tmp_path / "archive").rglob("*") if p.is_file()]


@pytest.mark.parametrize("text", ["1, ", "1a", "4111/", "cvv 762 ", "x"])
def test_notes__endless_line_is_rejected_and_not_archived(text: str, tmp_path: Path, warehouse_url: str) -> None:
    put(tmp_path / "inbox", "notes", "notes.txt", "a note\n" + text * (10_000_000 // len(text)))
    tracemalloc.start()
    (result,) = land(tmp_path / "inbox", warehouse_url, notes()).files
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000
    assert result.state == "rejected"
    assert "a line is longer than 262,144 characters; it may hold" in str(result.reason)
    assert not [p for p in (tmp_path / "archive").rglob("*") if p.is_file()]


def test_notes__long_line_is_masked(tmp_path: Path, warehouse_url: str) -> None:
    for end in ("", "\n"):
        line = ("x" * MAX_LINE_CHARACTERS)[: -len(CARD) - 2] + " " + CARD
        put(tmp_path / "inbox", "notes", "notes.txt", line + end)
        (result,) = land(tmp_path / "inbox", warehouse_url, notes()).files
        assert (result.state, result.rows_landed) == ("landed", 1)
    assert not query(warehouse_url, f"select 1 from raw_notes.notes where note ~ '{CARD}'")


def test_contract__masks_the_only_column_alone() -> None:
    with pytest.raises(ValueError, match="the only column"):
        things("csv", {"id": {}, "note": {"mask": ["card_number"]}})


def test_header__a_file_without_one_has_the_columns_of_the_contract(tmp_path: Path, warehouse_url: str) -> None:
    put(tmp_path / "inbox", "shop", "t.csv", "1,a,\n2,b\n3,c,d\n")
    (result,) = land(tmp_path / "inbox", warehouse_url, things("csv", header=False)).files
    assert (result.rows_read, result.rows_landed, result.rows_quarantined) == (3, 2, 1)
    rows = query(warehouse_url, "select id, name, note, _row from raw_shop.things order by _row")
    assert rows == [("1", "a", None, 1), ("3", "c", "d", 3)]
    assert query(warehouse_url, "select row_number, line from ops.quarantine") == [(2, 2)]
