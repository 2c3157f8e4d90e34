"""Cases that fool a linkage, each with the right answer: the engine, the committed model, people among 3,000 others."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import cache
from typing import Any

import pytest

from include.identity.group import group_people
from include.identity.link import score_pairs
from include.identity.records import to_linkage_frame
from include.identity.shared_ids import weigh_shared_ids
from include.identity.store import standardise_all
from tests.include.identity.sample_people import comparable, sample_people

pytestmark = pytest.mark.slow  # each links three thousand records
Records = list[dict[str, Any]]
ENTITIES = {"crm": "customers", "finance": "accounts", "demographics": "customers", "service": "contacts",
            "usage": "product_usage"}  # fmt: skip
# What a system does not know of a person; demographics has the year of birth only.
UNKNOWN = {
    "crm": (),
    "finance": ("address_line", "city", "country", "gender"),
    "demographics": ("email", "phone", "date_of_birth"),
    "service": ("address_line", "city", "country", "gender"),
    "usage": ("address_line", "city", "country", "gender", "phone"),
}
HOME = {"address_line": "Hollowell Rise 17", "city": "Tarrington", "postcode": "TR4 9QX", "country": "GB"}
PRAGUE = {"address_line": "Korunní 1208/74", "city": "Praha", "postcode": "130 00", "country": "CZ"}


def seen_by(systems: str, person: str, **values: Any) -> Records:
    """A record of the person in each of the systems; the same one twice where a system is named twice."""
    rows = []
    for number, system in enumerate(systems.split()):
        known = {name: value for name, value in values.items() if name not in UNKNOWN[system]}
        if system == "demographics" and values.get("date_of_birth"):
            known["birth_year"] = values["date_of_birth"].year
        if system != "crm":
            known["full_name"] = f"{known.pop('first_name')} {known.pop('last_name')}"
        row = comparable(f"{system}/{ENTITIES[system]}/{person}-{number}", **known)
        rows.append(row)
    return rows


@cache
def background() -> Records:
    """Three thousand records of others, standardised, so that names, dates and places are as common as they are."""
    return standardise_all(sample_people(3000, 17)[0])


def people_found(rows: Records) -> set[frozenset[str]]:
    """The groups that the engine makes of these records among the others; their names without the system's part."""
    return groups_of([*background(), *standardise_all(rows)], {row["record_id"] for row in rows})


def groups_of(records: Records, mine: set[str]) -> set[frozenset[str]]:
    """The groups of standardised records in which one of `mine` is."""
    frame = to_linkage_frame(records)
    links = weigh_shared_ids(frame, score_pairs(frame))
    clusters = group_people(records, frame, links).clusters
    members: dict[int, set[str]] = defaultdict(set)
    for record_id, cluster in clusters.items():
        members[cluster].add(record_id)
    return {frozenset(group) for group in members.values() if group & mine}


def people_meant(*people: Records) -> set[frozenset[str]]:
    return {frozenset(row["record_id"] for row in rows) for rows in people}


def twins() -> list[Records]:
    shared = HOME | {"last_name": "Ashdown", "date_of_birth": date(1994, 5, 21), "phone": "+44 7700 900412"}
    return [
        seen_by("crm finance usage", "clara", first_name="Clara", email="clara.ashdown@mail.example", **shared),
        seen_by("crm service demographics", "hannah", first_name="Hannah", email="hannah3@post.example", **shared),
    ]


def twins_of_like_names() -> list[Records]:
    shared = HOME | {"last_name": "Ashdown", "date_of_birth": date(1994, 5, 21)}
    return [
        seen_by("crm finance usage", "emma", first_name="Emma", email="emma.a@mail.example", phone="+44 7700 900415",
                gender="female", **shared),
        seen_by("crm finance usage", "emil", first_name="Emil", email="emil.a@mail.example", phone="+44 7700 900873",
                gender="male", **shared),
    ]  # fmt: skip


def father_and_son() -> list[Records]:
    shared = HOME | {"first_name": "Walter", "last_name": "Penrose", "gender": "male", "phone": "+44 1632 960118"}
    return [
        seen_by("crm finance demographics", "father", date_of_birth=date(1951, 4, 12), **shared),
        seen_by("crm usage demographics", "son", date_of_birth=date(1979, 9, 30), **shared),
    ]


def family_mailbox_and_telephone() -> list[Records]:
    shared = HOME | {"last_name": "Thornbury", "email": "thornburys@home.example", "phone": "+44 7700 900655"}
    return [
        seen_by("crm finance service", "she", first_name="Margaret", date_of_birth=date(1968, 2, 3), **shared),
        seen_by("crm finance usage", "he", first_name="Desmond", date_of_birth=date(1965, 11, 27), **shared),
        seen_by("crm service", "child", first_name="Imogen", date_of_birth=date(1996, 8, 14), **shared),
    ]


def marriage() -> list[Records]:
    born = {"first_name": "Johanna", "date_of_birth": date(1989, 7, 16)}
    before = born | {"last_name": "Lindqvist", "phone": "+44 7700 900231", "email": "j.lindqvist@mail.example", **HOME}
    after = born | {"last_name": "Carmody", "phone": "+44 7700 900231", "email": "johanna.carmody@post.example",
                    "address_line": "Mill Lane 3", "city": "Oxbridge", "postcode": "OX7 3BB",
                    "country": "GB"}  # fmt: skip
    return [seen_by("crm service", "before", **before) + seen_by("finance usage crm", "after", **after)]


def reused_customer_id() -> list[Records]:
    first = HOME | {"first_name": "Gregory", "last_name": "Stanfield", "date_of_birth": date(1957, 3, 8),
                    "email": "gregory@mail.example", "phone": "+44 7700 900771"}  # fmt: skip
    then = PRAGUE | {"first_name": "Ludmila", "last_name": "Horáková", "date_of_birth": date(1999, 12, 19),
                     "email": "ludmila@post.example", "phone": "+420 601 234 567"}  # fmt: skip
    return [
        seen_by("finance service", "first", claimed_customer_id="C900001", **first),
        seen_by("crm usage", "then", claimed_customer_id="C900001", **then),
    ]


def placeholders() -> list[Records]:
    names = (("Agnes", "Moravec"), ("Boris", "Tolland"), ("Celine", "Duparc"), ("Dora", "Feldmann"))
    empty = {"email": "test@test.com", "phone": "0000000000", "date_of_birth": date(1900, 1, 1), "postcode": "00000"}
    return [seen_by("crm", f"p{n}", first_name=first, last_name=last, **empty) for n, (first, last) in enumerate(names)]


def names_of_nobody() -> list[Records]:
    """Two people of one year and other towns, twice, and a request of which only the mailbox says whose it is."""
    said = (("N/A", "N/A"), ("N/A", "N/A"), ("Unknown", "Customer"), ("Unknown", "Customer"))
    births = (date(1971, 2, 3), date(1971, 11, 20), date(1984, 6, 9), date(1984, 9, 27))
    towns = (HOME, PRAGUE, {"city": "Leeds", "postcode": "LS1 4AP", "country": "GB"}, {"city": "Wien", "country": "AT"})
    known = [{"first_name": first, "last_name": last, "date_of_birth": born} | town
             for (first, last), born, town in zip(said, births, towns, strict=True)]  # fmt: skip
    people = [seen_by("crm", f"n{n}", email=f"n{n}@mail.example", **values) for n, values in enumerate(known)]
    people[1] += [comparable("support/contacts/n9", full_name="Unknown Customer", email="n1@mail.example")]
    return people


def names_that_only_look_like_placeholders() -> list[Records]:
    born = {"date_of_birth": date(1979, 5, 30)}
    return [
        seen_by("crm finance", last.lower(), first_name=first, last_name=last, **born)
        for first, last in (("Jennifer", "Null"), ("Christopher", "Guest"), ("Soo-jin", "Na"), ("Zacharias", "Test"))
    ]


def switchboard() -> list[Records]:
    """Sixty guests of one hotel, who all left its telephone."""
    letters = [chr(97 + n) for n in range(26)]
    return [
        seen_by("service", f"guest{n}", first_name=f"{letters[n % 26]}{letters[n * 7 % 26]}oslav".title(),
                last_name=f"{letters[n * 5 % 26]}{letters[n * 11 % 26]}rad{letters[n * 3 % 26]}il".title(),
                date_of_birth=date(1935 + n, 1 + n % 12, 2 + n % 27), phone="+44 1632 960500")
        for n in range(60)
    ]  # fmt: skip


def family_name_first() -> list[Records]:
    one = {"date_of_birth": date(1982, 10, 5), "phone": "+36 20 912 3456", "postcode": "1052"}
    return [
        seen_by("crm usage", "west", first_name="Gergely", last_name="Szabolcsi", **one)
        + seen_by("crm finance", "east", first_name="Szabolcsi", last_name="Gergely", **one)
    ]


def vietnamese() -> list[Records]:
    one = {"date_of_birth": date(1991, 1, 29), "email": "an.nv@mail.example"}
    return [
        seen_by("crm", "crm", first_name="An", last_name="Nguyễn Văn", **one)
        + seen_by("finance", "finance", first_name="Nguyen Van", last_name="An", **one)
        + seen_by("usage", "usage", first_name="An", last_name="Nguyen", **one)
    ]


def two_family_names() -> list[Records]:
    one = {"date_of_birth": date(1977, 6, 2), "postcode": "28013"}
    return [
        [
            *seen_by("crm", "crm", first_name="Ana María", last_name="Zubizarreta Olmedo", **one),
            comparable("finance/accounts/sorted", full_name="Zubizarreta Olmedo, Ana María", **one),
            *seen_by("usage", "short", first_name="Ana", last_name="Zubizarreta", **one),
        ]
    ]


def cyrillic() -> list[Records]:
    one = {"date_of_birth": date(1986, 9, 11), "postcode": "190000"}
    return [
        seen_by("crm", "crm", first_name="Светлана", last_name="Чернышевская", **one)
        + seen_by("finance", "finance", first_name="Svetlana", last_name="Chernyshevskaya", **one)
        + seen_by("usage", "usage", first_name="Swetlana", last_name="Tschernyschewskaja", **one)
    ]


def greek() -> list[Records]:
    one = {"date_of_birth": date(1973, 3, 25), "phone": "+30 694 555 1212"}
    return [
        seen_by("crm", "crm", first_name="Γιώργος", last_name="Παπαδόπουλος", **one)
        + seen_by("finance", "finance", first_name="Giorgos", last_name="Papadopoulos", **one)
        + seen_by("service", "service", first_name="Yiorgos", last_name="Papadopulos", **one)
    ]


def umlauts() -> list[Records]:
    one = {"date_of_birth": date(1962, 12, 1), "postcode": "80331"}
    return [
        seen_by("crm", "crm", first_name="Jörg", last_name="Müllenhöfer", **one)
        + seen_by("finance", "finance", first_name="Joerg", last_name="Muellenhoefer", **one)
        + seen_by("usage", "usage", first_name="Jorg", last_name="Mullenhofer", **one)
    ]


def in_one_system_only() -> list[Records]:
    return [
        seen_by("usage usage", "lonely", first_name="Wilhelmina", last_name="Orchardson", postcode="KW17 2LL",
                date_of_birth=date(1944, 10, 10)),
        seen_by("service", "once", first_name="Ptolemy", last_name="Vance"),
    ]  # fmt: skip


def all_but_the_date_of_birth() -> list[Records]:
    shared = HOME | {"first_name": "Rosalind", "last_name": "Kettering", "email": "rosalind@mail.example",
                     "phone": "+44 7700 900999", "gender": "female"}  # fmt: skip
    return [
        seen_by("crm finance usage", "one", date_of_birth=date(1971, 3, 5), **shared),
        seen_by("crm finance service", "other", date_of_birth=date(1996, 10, 24), **shared),
    ]


def all_but_the_day() -> list[Records]:
    shared = HOME | {"first_name": "Rosalind", "last_name": "Kettering", "email": "rosalind@mail.example",
                     "phone": "+44 7700 900999", "gender": "female"}  # fmt: skip
    return [
        seen_by("crm finance usage", "one", date_of_birth=date(1971, 3, 5), **shared),
        seen_by("crm finance service", "other", date_of_birth=date(1971, 3, 24), **shared),
    ]


def one_slip_of_the_day() -> list[Records]:
    shared = HOME | {"first_name": "Rosalind", "last_name": "Kettering", "phone": "+44 7700 900999"}
    return [
        seen_by("crm finance usage", "right", date_of_birth=date(1971, 3, 5), **shared)
        + seen_by("service", "slip", date_of_birth=date(1971, 3, 15), **shared)
    ]


CASES = (
    twins, twins_of_like_names, father_and_son, family_mailbox_and_telephone, marriage, reused_customer_id,
    placeholders, names_of_nobody, names_that_only_look_like_placeholders, switchboard, family_name_first, vietnamese,
    two_family_names, cyrillic, greek, umlauts, in_one_system_only, all_but_the_date_of_birth, all_but_the_day,
    one_slip_of_the_day,
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_hard_case__has_the_right_answer(case: Any) -> None:
    people = case()
    assert people_found([row for rows in people for row in rows]) == people_meant(*people)


def test_partition__does_not_depend_on_the_order_of_records() -> None:
    rows = [*background(), *standardise_all([row for case in CASES for people in case() for row in people])]
    rows = list({row["record_id"]: row for row in rows}.values())
    everybody = {row["record_id"] for row in rows}
    expected = groups_of(rows, everybody)
    for reordered in (rows[::-1], rows[1::2] + rows[::2]):
        assert groups_of(reordered, everybody) == expected


def test_group_people__a_vehicle_of_one_of_two_namesakes_is_nobodys() -> None:
    old, young = (
        seen_by("crm finance usage", f"n{n}", first_name="Barnaby", last_name="Tuckwell", date_of_birth=born,
                email=f"bt{n}@mail.example", phone=f"+44770090011{n}", **HOME | {"postcode": f"TR{n} 9QX"})
        for n, born in enumerate((date(1951, 4, 9), date(1984, 7, 2)))
    )  # fmt: skip
    car = comparable("motor/vehicles/n2", first_name="Barnaby", last_name="Tuckwell", gender="male")
    assert people_found([*old, *young, car]) == people_meant(old, young, [car])
    assert people_found([*old, *young, car | {"birth_year": 1985}]) == people_meant(old, [*young, car])


def test_group_people__spouses_who_share_a_card_are_two_and_one_of_them_is_found_by_it() -> None:
    card = {"identifiers": "card:card_1"}
    ann, bob = (
        [row | card for row in seen_by("crm finance", first, first_name=first, last_name="Tuckwell",
                                       date_of_birth=born, **HOME)]
        for first, born in (("Philippa", date(1971, 4, 9)), ("Barnaby", date(1969, 7, 2)))
    )  # fmt: skip
    moved = comparable("lending/people/n3", first_name="Philipa", last_name="Ottershaw", birth_year=1971,
                       postcode="ZZ1 1ZZ", **card)  # fmt: skip
    assert people_found([*ann, *bob, moved]) == people_meant([*ann, moved], bob)
    assert people_found([*ann, *bob, moved | {"identifiers": None}]) == people_meant(ann, [moved], bob)
