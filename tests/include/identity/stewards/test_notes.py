"""What the rules read from notes of varied phrasing, and where they say that they cannot."""

from __future__ import annotations

from datetime import date

import pytest

from include.identity.stewards.notes import parse_note

WRITTEN = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Ann Smith's e-mail is wrong, it should be ann.smith@mail.example not ann.smyth@mail.example",
         [("email", "ann.smith@mail.example", "ann.smyth@mail.example")]),
        ("Robert Brown's email changed from bob@old.example to robert@new.example",
         [("email", "robert@new.example", "bob@old.example")]),
        ("email for Ann Smith: ann@new.example", [("email", "ann@new.example", None)]),
        ("Ann Smith's e-mail was entered as a@x.example, try ann@x.example.",
         [("email", "ann@x.example", "a@x.example")]),
        ("Please change the phone of Kieran O'Wilson to +44 7700 900123", [("phone", "+44 7700 900123", None)]),
        ("new mobile for ann.lee@mail.example: 07700 900456", [("phone", "07700 900456", None)]),
        ("Smith, John: date of birth was entered as 1980-03-04 but it should be 4 April 1980",
         [("date_of_birth", "1980-04-04", "1980-03-04")]),
        ("Tom Hardy, dob 31/12/1979", [("date_of_birth", "1979-12-31", None)]),
        ("Tom Hardy was born on December 31st, 1979", [("date_of_birth", "1979-12-31", None)]),
        ("Charlie West's age is a typo, it's 21 not 22", [("birth_year", "2005", "2004")]),
        ("Jo Grant is 67 years old", [("birth_year", "1959", None)]),
        ("C000123 moved to 12 High Street, Slough SL1 2AB",
         [("address_line", "12 High Street", None), ("postcode", "SL1 2AB", None)]),
        ("Maria García got married and is now Maria López",
         [("marital_status", "married", None), ("last_name", "López", None)]),
        ("surname of Jon Smyth should be Smith", [("last_name", "Smith", None)]),
        ("Jon Smyth's first name is John", [("first_name", "John", None)]),
        ("postcode for Peter van der Berg should be EC1A 1BB", [("postcode", "EC1A 1BB", None)]),
        ("Jane Doe lives in Leeds", [("city", "Leeds", None)]),
        ("Jane Doe moved from York to Leeds.", [("city", "Leeds", None)]),
        ("Ann Smith is now divorced", [("marital_status", "divorced", None)]),
        ("credit score for Lee Wong is 720 instead of 702", [("credit_score", "720", "702")]),
        ("gender of Alex King is wrong: female, not male", [("gender", "female", "male")]),
        ("Ann Lee now works as a nurse.", [("occupation", "nurse", None)]),
        ("customer since 2020-05-06 for Amy Wood, not 2021-05-06", [("join_date", "2020-05-06", "2021-05-06")]),
    ],
)  # fmt: skip
def test_parse_note__field_and_value(text: str, values: list[tuple[str, str, str | None]]) -> None:
    note = parse_note(text, WRITTEN)
    assert note.values == values
    assert note.doubt is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Security code is wrong for Ann Smith ... try [security code withheld]", "security code"),
        ("Charlie Short's credit card number is [card number ending 1111]", "card number"),
        ("Valerie Ellis has had a 2.1% increase in salary", "salary"),
        ("Kieran Wilson has been given an early pension of 22896", "pension"),
        ("The weather is nice", "no field"),
        ("Ann Smith's e-mail is wrong", "no field"),
        ("e-mail of Ann Smith is a@x.example or b@x.example or c@x.example", "no field"),
        ("dob of Ann Smith is 31/02/1979", "no field"),
    ],
)
def test_parse_note__what_cannot_be_proposed(text: str, words: str) -> None:
    note = parse_note(text, WRITTEN)
    assert note.values == []
    assert words in str(note.doubt)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ann Smith's e-mail is a@x.example", ("Ann", "Smith")),
        ("Smith, Ann: e-mail is a@x.example", ("Ann", "Smith")),
        ("Please fix Mrs Ann Smith", ("Ann", "Smith")),
        ("Customer Kieran O'Wilson called", ("Kieran", "O'Wilson")),
        ("for Peter van der Berg", ("Peter", "van der Berg")),
        ("María García-López rang", ("María", "García-López")),
        ("Ann Smith\u2019s phone", ("Ann", "Smith")),
    ],
)
def test_parse_note__name(text: str, name: tuple[str, str]) -> None:
    assert name in parse_note(text, WRITTEN).names


def test_parse_note__new_name_is_nobody_s_yet() -> None:
    assert parse_note("Maria García got married and is now Maria López", WRITTEN).names == [("Maria", "García")]


def test_parse_note__other_ways_to_say_who() -> None:
    note = parse_note("crm/customers/C000123 and A-000017, mobile of ann@x.example is 07700 900456", WRITTEN)
    assert note.ids == ["crm/customers/C000123", "A-000017"]
    assert note.emails == ["ann@x.example"]
