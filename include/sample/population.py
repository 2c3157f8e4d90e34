"""The people of the sample company, as they really are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache

import numpy as np
from faker import Faker

from include.sample import rates

COUNTRY = {"en_GB": ("GB", "UK", "+44 7"), "en_US": ("US", "USA", "+1 212 "), "de_DE": ("DE", "Germany", "+49 151 "),
           "fr_FR": ("FR", "France", "+33 6 "), "cs_CZ": ("CZ", "Czech Republic", "+420 60"),
           "pl_PL": ("PL", "Poland", "+48 60"), "es_ES": ("ES", "Spain", "+34 61"),
           "ru_RU": ("RU", "Russia", "+7 912 "), "el_GR": ("GR", "Greece", "+30 694 ")}  # fmt: skip
PHONE_DIGITS = {"GB": 9, "US": 7, "DE": 8, "FR": 8, "CZ": 7, "PL": 7, "ES": 7, "RU": 7, "GR": 7}
DOMAINS = ("mail.example", "post.example", "inbox.example", "web.example", "home.example")
OCCUPATIONS = ("teacher", "engineer", "nurse", "clerk", "driver", "analyst", "cook", "student", "retired", "designer")
INCOME = ("<20k", "20k-40k", "40k-60k", "60k-100k", ">100k")
EDUCATION = ("primary", "secondary", "bachelor", "master", "doctorate")
MARITAL = ("single", "married", "divorced", "widowed")
POOL = 700


@dataclass(frozen=True)
class Person:
    """One person; `first_day` is the number of the batch date on which systems see him first."""

    person_id: int
    locale: str
    gender: str
    first_name: str
    last_name: str
    birth_date: date
    email: str
    phone: str
    street: str
    city: str
    postcode: str
    marital_status: str
    occupation: str
    income: str
    education: str
    first_day: int
    former_last_name: str | None = None
    former_address: tuple[str, str, str] | None = None

    @property
    def country(self) -> tuple[str, str, str]:
        """(ISO code, name, prefix of mobile numbers)."""
        return COUNTRY[self.locale]


@dataclass
class Pools:
    """Names and places of one locale, drawn once."""

    female: list[str] = field(default_factory=list)
    male: list[str] = field(default_factory=list)
    last: list[str] = field(default_factory=list)
    streets: list[str] = field(default_factory=list)
    places: list[tuple[str, str]] = field(default_factory=list)


def make_people(count: int, rng: np.random.Generator, odd: np.random.Generator) -> list[Person]:
    """`count` people, among them households, twins, parents of the same name and namesakes.

    `odd` decides what belongs to households and hard cases only, so that they change no draw of `rng`.
    """
    pools = {locale: _draw_pools(locale, int(rng.integers(1 << 31))) for locale in rates.COUNTRIES}
    locales = rng.choice(list(rates.COUNTRIES), size=count, p=list(rates.COUNTRIES.values()))
    people: list[Person] = []
    taken: set[str] = set()
    for number in range(count):
        person = _make_person(number, str(locales[number]), pools, rng)
        draw = rng.random()
        if people and draw < rates.IN_HOUSEHOLD / 2:
            person = _relate(people[-1], person, draw, pools, rng, odd)
        people.append(_with_own_contacts(person, people[-1:], taken))
        taken |= {people[-1].email, people[-1].phone}
    return people


def _with_own_contacts(person: Person, head: list[Person], taken: set[str]) -> Person:
    """The person with a mailbox and a number that nobody has, but who shares the household's."""
    shared = {contact for other in head for contact in (other.email, other.phone)}
    email, phone = person.email, person.phone
    if email in taken and email not in shared:
        name, _, domain = email.partition("@")
        email = f"{name}.{person.person_id}@{domain}"
    digits = PHONE_DIGITS[person.country[0]]
    while phone in taken and phone not in shared:
        phone = phone[:-digits] + str((int(phone[-digits:]) + 1) % 10**digits).zfill(digits)
    return replace(person, email=email, phone=phone)


def _relate(
    head: Person, person: Person, draw: float, pools: dict[str, Pools], rng: np.random.Generator,
    odd: np.random.Generator,
) -> Person:  # fmt: skip
    """The person as a relative of the one before; those of another country mostly become compatriots."""
    if person.locale != head.locale and odd.random() >= rates.MIXED_HOUSEHOLD:
        first_day = person.first_day
        person = replace(_make_person(person.person_id, head.locale, pools, odd), first_day=first_day)
    if draw < rates.TWINS:
        return _twin_of(head, person)
    if draw < rates.TWINS + rates.SAME_NAME_PARENT:
        return _child_of(head, person)
    joined = _join_household(head, person, rng)
    return _namesake_of(head, person) if odd.random() < rates.NAMESAKE / rates.IN_HOUSEHOLD * 2 else joined


@cache
def _draw_pools(locale: str, seed: int) -> Pools:
    faker = Faker(locale)
    faker.seed_instance(seed)
    last = faker.last_name_male if locale in ("cs_CZ", "pl_PL", "ru_RU", "el_GR") else faker.last_name
    return Pools(
        [faker.first_name_female() for _ in range(POOL)],
        [faker.first_name_male() for _ in range(POOL)],
        [last() for _ in range(POOL * 3)],
        [faker.street_name() for _ in range(POOL)],
        [(faker.city(), faker.postcode()) for _ in range(POOL)],
    )


def _pick(values: list[str] | tuple[str, ...], rng: np.random.Generator) -> str:
    return values[int(rng.integers(len(values)))]


def _make_person(number: int, locale: str, pools: dict[str, Pools], rng: np.random.Generator) -> Person:
    pool = pools[locale]
    gender = "female" if rng.random() < 0.5 else "male"
    first, last = _pick(pool.female if gender == "female" else pool.male, rng), _pick(pool.last, rng)
    city, postcode = pool.places[int(rng.integers(len(pool.places)))]
    former_city, former_postcode = pool.places[int(rng.integers(len(pool.places)))]
    iso, _, prefix = COUNTRY[locale]
    digits = "".join(str(d) for d in rng.integers(0, 10, PHONE_DIGITS[iso]))
    return Person(
        number, locale, gender, first, last,
        date(1936, 1, 1) + timedelta(int(rng.integers(365 * 70))),
        _email(first, last, number, rng), prefix + digits,
        f"{_pick(pool.streets, rng)} {int(rng.integers(1, 180))}", city, postcode,
        _pick(MARITAL, rng), _pick(OCCUPATIONS, rng), _pick(INCOME, rng), _pick(EDUCATION, rng),
        int(rng.choice(3, p=rates.FIRST_SEEN)),
        _pick(pool.last, rng) if gender == "female" and rng.random() < 0.25 else None,
        (f"{_pick(pool.streets, rng)} {int(rng.integers(1, 180))}", former_city, former_postcode),
    )  # fmt: skip


def _email(first: str, last: str, number: int, rng: np.random.Generator) -> str:
    from anyascii import anyascii

    name = "".join(c for c in anyascii(f"{first}.{last}").lower() if c.isalnum() or c == ".")
    return f"{name}{number % 97 if rng.random() < 0.6 else ''}@{_pick(DOMAINS, rng)}"


def _join_household(head: Person, person: Person, rng: np.random.Generator) -> Person:
    """A partner or child at the same address; e-mail and phone are shared at times."""
    return replace(
        person, locale=head.locale, last_name=head.last_name, street=head.street, city=head.city,
        postcode=head.postcode, former_last_name=None,
        phone=head.phone if rng.random() < rates.HOUSEHOLD_SHARES_PHONE else person.phone,
        email=head.email if rng.random() < rates.HOUSEHOLD_SHARES_EMAIL else person.email,
    )  # fmt: skip


def _namesake_of(other: Person, person: Person) -> Person:
    """Everything of another person but the date of birth."""
    return replace(other, person_id=person.person_id, birth_date=person.birth_date, first_day=person.first_day)


def _twin_of(twin: Person, person: Person) -> Person:
    """Same family name, day of birth and address; another first name."""
    return replace(
        person, locale=twin.locale, last_name=twin.last_name, birth_date=twin.birth_date, street=twin.street,
        city=twin.city, postcode=twin.postcode, former_last_name=None,
    )  # fmt: skip


def _child_of(parent: Person, person: Person) -> Person:
    """The same name and address a generation later."""
    born = date(min(parent.birth_date.year + 27, 2007), person.birth_date.month, min(person.birth_date.day, 28))
    return replace(
        person, locale=parent.locale, gender=parent.gender, first_name=parent.first_name, last_name=parent.last_name,
        street=parent.street, city=parent.city, postcode=parent.postcode, birth_date=born, former_last_name=None,
    )  # fmt: skip
