"""One value in, one form out; what says nothing becomes None."""

from __future__ import annotations

import pytest

from include.identity import standardise as std


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("  Zoë   Brown ", "Zoë Brown"),
        ("MÃ¼ller", "Müller"),
        ("Tesa\u00c5\u2122", "Tesař"),  # read as Windows-1252
        ("Ða\u00c5\u0082", "Ða\u00c5\u0082"),  # not UTF-8 as a whole: left alone
        ("São Paulo", "São Paulo"),
        (" ", None),
        (None, None),
    ],
)
def test_repair_text__white_space_and_mojibake(raw: str | None, expected: str | None) -> None:
    assert std.repair_text(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("John Smith", ("John", None, "Smith")),
        ("Smith, John", ("John", None, "Smith")),
        ("Dr. John Paul Smith", ("John", "Paul", "Smith")),
        ("Smith, John Jr.", ("John", None, "Smith")),
        ("Ludwig van Beethoven", ("Ludwig", None, "van Beethoven")),
        ("O'Neill, Anne-Marie", ("Anne-Marie", None, "O'Neill")),
        ("J. Smith", ("J.", None, "Smith")),
        ("unknown", (None, None, None)),
        (None, (None, None, None)),
    ],
)
def test_split_name__orders_titles_particles(raw: str | None, expected: tuple[str | None, ...]) -> None:
    assert std.split_name(raw) == expected


@pytest.mark.parametrize(("raw", "expected"), [("Łódź", "lodz"), ("Jean-Luc", "jeanluc"), ("Иван", "ivan"), ("", None)])
def test_fold__ascii_letters(raw: str, expected: str | None) -> None:
    assert std.fold(raw) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(" Ann@Mail.example ", "ann@mail.example"), ("test@test.com", None), ("ann", None), ("", None), (None, None)],
)
def test_standardise_email__placeholders_are_none(raw: str | None, expected: str | None) -> None:
    assert std.standardise_email(raw) == expected


@pytest.mark.parametrize(
    ("raw", "country", "expected"),
    [
        ("+44 7700 900123", None, "+447700900123"),
        ("0044 7700 900123", None, "+447700900123"),
        ("07700 900123", "GB", "+447700900123"),
        ("0000000000", "GB", None),
        ("0171 5551234", "DE", "+491715551234"),
        ("0171 5551234", None, "1715551234"),  # no country is made up
        ("020 7946 0958", "US", "2079460958"),  # not a number of the record's country
        ("+39 06 1234 5678 x12", None, "+390612345678"),
        ("0123456789012345678", None, None),
        ("12", "GB", None),
        ("555 12", None, None),
        ("call me", "GB", None),
        (None, "GB", None),
    ],
)
def test_standardise_phone__one_notation(raw: str | None, country: str | None, expected: str | None) -> None:
    assert std.standardise_phone(raw, country) == expected


@pytest.mark.parametrize(
    ("with_country", "without"),
    [
        ("+49 171 5551234", "0171 5551234"),
        ("+44 20 7946 0958", "(020) 7946-0958"),
        ("+39 06 1234 5678", "06 12345678"),  # an Italian number keeps its zero abroad
    ],
)
def test_national_digits__a_number_without_a_country_agrees_with_one_that_has_it(
    with_country: str, without: str
) -> None:
    numbers = {std.national_digits(std.standardise_phone(raw, None)) for raw in (with_country, without)}
    assert len(numbers) == 1
    assert std.national_digits(None) is None


@pytest.mark.parametrize(
    ("raw", "expected"), [("UK", "GB"), ("Germany", "DE"), ("fr", "FR"), ("Narnia", None), (None, None)]
)
def test_standardise_country__code_or_name(raw: str | None, expected: str | None) -> None:
    assert std.standardise_country(raw) == expected


@pytest.mark.parametrize(("raw", "expected"), [("sl3w  6nj", "SL3W 6NJ"), ("00000", None), ("n/a", None), (None, None)])
def test_standardise_postcode__placeholders_are_none(raw: str | None, expected: str | None) -> None:
    assert std.standardise_postcode(raw) == expected


def test_aliases__meet_for_a_nickname() -> None:
    assert set(std.aliases("bill")) & set(std.aliases("william"))
    assert not set(std.aliases("bill")) & set(std.aliases("margaret"))
