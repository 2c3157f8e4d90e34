"""Which names name nobody, and which only look so."""

from __future__ import annotations

import pytest

from include.identity.placeholders import Name, drop_placeholders

NOBODY = (None, None, None)


@pytest.mark.parametrize(
    "parts",
    [
        ("Unknown", None, "Unknown"),
        ("N/A", "n/a", "#N/A"),
        ("na", None, "NA"),
        ("Test", None, "Test"),
        ("Unknown", None, "Customer"),
        (None, None, "Test User"),
        ("Guest", None, None),
        ("Test", "Customer", "12"),
        ("-", None, "?"),
        ("xxx", None, "XX"),
        ("No", None, "Name"),
        ("Name", "Not", "Provided"),
        (None, None, "not provided"),
        ("Unbekannt", None, None),
        ("Inconnu", None, "Desconocido"),
        ("Неизвестно", None, None),
        ("Neznámý", None, "Neznámý"),
        (None, None, None),
    ],
)
def test_drop_placeholders__names_of_nobody(parts: Name) -> None:
    assert drop_placeholders(*parts) == NOBODY


@pytest.mark.parametrize(
    "parts",
    [
        ("Jennifer", None, "Null"),
        ("Christopher", None, "Guest"),
        ("Zacharias", None, "Test"),
        ("Soo-jin", None, "Na"),
        ("Na", None, "Ri"),
        ("Nil", None, "Puig"),
        ("N.A.", None, "Jansen"),
        ("Malcolm", None, "X"),
        ("Ann", "Marie", "Lee"),
        ("8374", None, "9921"),  # numbers in the place of names
        ("Ann", None, None),
    ],
)
def test_drop_placeholders__names_of_people_stay(parts: Name) -> None:
    assert drop_placeholders(*parts) == parts


@pytest.mark.parametrize(
    ("parts", "left"),
    [
        (("Ann", "N/A", "Lee"), ("Ann", None, "Lee")),
        (("Unknown", None, "Lee"), (None, None, "Lee")),
        (("Ann", None, "unknown customer"), ("Ann", None, None)),
        (("n / a", None, "Kim"), (None, None, "Kim")),
        (("Ann", None, "-"), ("Ann", None, None)),
    ],
)
def test_drop_placeholders__leaves_the_parts_that_are_known(parts: Name, left: Name) -> None:
    assert drop_placeholders(*parts) == left
