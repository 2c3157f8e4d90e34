"""What columns are taken for: by header, by values, by --map."""

from __future__ import annotations

import pandas as pd
import pytest

from include.identity.linkage.columns import recognise_columns
from include.identity.linkage.headers import HEADERS, OURS
from include.identity.linkage.read import InputProblem


def table(**columns: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype=object)


@pytest.mark.parametrize(
    ("header", "ours"),
    [
        ("Given Name", "first_name"),
        ("Vorname", "first_name"),
        ("prénom", "first_name"),
        ("SURNAME", "last_name"),
        ("Nachname", "last_name"),
        ("apellidos", "last_name"),
        ("Geburtsdatum", "date_of_birth"),
        ("d.o.b.", "date_of_birth"),
        ("fecha_de_nacimiento", "date_of_birth"),
        ("E-Mail", "email"),
        ("correo electrónico", "email"),
        ("Telefonnummer", "phone"),
        ("PLZ", "postcode"),
        ("kod pocztowy", "postcode"),
        ("Ort", "city"),
        ("město", "city"),
        ("soc_sec_id", "national_id"),
        ("codice fiscale", "national_id"),
        ("rec_id", "id"),
        ("address_1", "address_line"),
        ("Straße", "address_line"),
        ("birth place", "birth_place"),
        ("zawód", "occupation"),
        ("Geschlecht", "gender"),
        ("pays", "country"),
        ("state", "region"),
        ("street_number", "house_number"),
        ("Alter", "age"),
    ],
)
def test_recognise_columns__headers_of_many_languages(header: str, ours: str) -> None:
    value = {"email": "ann@mail.test", "date_of_birth": "1980-02-01", "age": "44"}.get(ours, "Anna")
    found = recognise_columns(table(**{header: [value], "surname of record": ["Lee"], "full name": ["Ann Lee"]}), "f")
    assert found[ours] == header


def test_headers__every_one_means_something_of_ours() -> None:
    assert set(HEADERS.values()) == set(OURS)


def test_recognise_columns__name_beside_a_surname_is_the_first_name() -> None:
    found = recognise_columns(table(name=["Ann", "Bob"], surname=["Lee", "Ray"]), "f")
    assert found == {"first_name": "name", "last_name": "surname"}


def test_recognise_columns__french_nom_beside_prenom_is_the_surname() -> None:
    found = recognise_columns(table(nom=["Dupont", "Morel"], prenom=["Anne", "Luc"]), "f")
    assert found == {"last_name": "nom", "first_name": "prenom"}


def test_recognise_columns__whole_name_in_a_column_called_nombre() -> None:
    assert recognise_columns(table(nombre=["Ana Ruiz", "Eva Gil"]), "f") == {"full_name": "nombre"}


def test_recognise_columns__by_values_where_headers_say_nothing() -> None:
    names = [
        "James",
        "Mary",
        "Robert",
        "Susan",
        "David",
        "Thomas",
        "Margaret",
        "Daniel",
        "Elizabeth",
        "Joseph",
        "Karen",
        "Edward",
        "Patricia",
        "Ronald",
        "Kenneth",
        "Steven",
        "Donald",
        "Andrew",
        "Joshua",
        "Anthony",
        "Deborah",
    ]
    rows = len(names)
    found = recognise_columns(
        table(
            c1=[f"{name.lower()}@mail.test" for name in names],
            c2=[f"{1930 + 3 * n}-0{1 + n % 9}-11" for n in range(rows)],
            c3=[f"+44 20 7946 {n:04d}" for n in range(rows)],
            c4=["m" if n % 2 else "f" for n in range(rows)],
            c5=[f"{name} Archer" for name in names],
            created_at=[f"{1930 + 3 * n}-01-01" for n in range(rows)],
        ),
        "f",
    )
    assert found == {"email": "c1", "date_of_birth": "c2", "phone": "c3", "gender": "c4", "full_name": "c5"}


def test_recognise_columns__map_comes_first_and_ignore_hides() -> None:
    people = table(name=["Ann Lee"], alias=["Ann Ray"], email=["a@mail.test"])
    found = recognise_columns(people, "f", {"alias": "full_name", "email": "ignore"})
    assert found == {"full_name": "alias"}


def test_recognise_columns__map_names_one_column_of_a_file_for_one_of_ours() -> None:
    people = table(nick=["Ann"], last=["Lee"])
    with pytest.raises(InputProblem, match="f: --map names both 'nick' and 'last' as last_name"):
        recognise_columns(people, "f", {"nick": "last_name", "last": "last_name"})
    hidden = recognise_columns(people.assign(name="Ann Lee"), "f", {"nick": "ignore", "last": "ignore"})
    assert hidden == {"full_name": "name"}


def test_recognise_columns__header_that_its_values_belie() -> None:
    assert "email" not in recognise_columns(table(name=["Ann Lee"], email=["yes"]), "f")


def test_recognise_columns__nothing_that_identifies() -> None:
    with pytest.raises(InputProblem, match="--map"):
        recognise_columns(table(colour=["red"], city=["Ely"]), "people.csv")
