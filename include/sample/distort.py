"""How a system's record of a person differs from the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
from anyascii import anyascii

from include.sample import rates
from include.sample.population import Person

# Letters as other languages write them; the rest is folded as usual.
TRANSLITERATIONS = {
    "de_DE": dict(zip("äöüÄÖÜ", ("ae", "oe", "ue", "Ae", "Oe", "Ue"), strict=True)),
    "ru_RU": dict(zip("чшяювхжЧЯ", ("tsch", "sch", "ja", "ju", "w", "ch", "sh", "Tsch", "Ja"), strict=True)),
    "el_GR": dict(zip("χφυύγ", ("h", "ph", "i", "i", "y"), strict=True)),
}
CORRUPTIBLE = ("first_name", "last_name", "birth_date", "email", "phone", "address")


@dataclass
class Seen:
    """One person as one record shows him; None where the record has no value."""

    person: Person
    first_name: str | None
    last_name: str | None
    birth_date: str | None
    age: int | None
    email: str | None
    phone: str | None
    street: str | None
    city: str | None
    postcode: str | None
    country: str
    corrupted: int


def see(person: Person, on: date, rng: np.random.Generator, odd: np.random.Generator) -> Seen:
    """The person as a record written on a day shows him: with a number of fields corrupted, by the rates.

    `odd` decides the hard cases, so that they change no draw of `rng`.
    """
    seen = _as_is(person, on, rng, odd)
    seen.corrupted = int(rng.choice(4, p=rates.CORRUPTED_FIELDS))
    for name in rng.choice(CORRUPTIBLE, size=seen.corrupted, replace=False):
        _corrupt(seen, str(name), rng)
    if rng.random() < rates.MOJIBAKE and seen.last_name and not seen.last_name.isascii():
        seen.last_name = seen.last_name.encode().decode("latin-1")
    _make_hard(seen, odd)
    return seen


def _make_hard(seen: Seen, odd: np.random.Generator) -> None:
    """A wedding changes surname and address at once; a form filled in by another culture changes names over."""
    person = seen.person
    if person.former_last_name and person.former_address and odd.random() < rates.BEFORE_MARRIAGE:
        seen.last_name = person.former_last_name
        seen.street, seen.city, seen.postcode = person.former_address
        seen.corrupted = max(seen.corrupted, 2)
    if odd.random() < rates.NAME_ORDER:
        seen.first_name, seen.last_name = seen.last_name, seen.first_name
        seen.corrupted = max(seen.corrupted, 1)


def _transliterate(text: str, locale: str, is_otherwise: bool) -> str:
    table = TRANSLITERATIONS.get(locale, {}) if is_otherwise else {}
    return anyascii("".join(table.get(letter, letter) for letter in text))


def _as_is(person: Person, on: date, rng: np.random.Generator, odd: np.random.Generator) -> Seen:
    is_foreign = not (person.first_name + person.last_name).isascii()
    is_folded = is_foreign and rng.random() < (0.5 if person.locale in ("ru_RU", "el_GR") else 0.3)
    first, last = person.first_name, person.last_name
    if is_folded:
        is_otherwise = odd.random() < rates.OTHER_TRANSLITERATION
        first, last = (_transliterate(name, person.locale, is_otherwise) for name in (first, last))
    born = person.birth_date
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    iso, name, _ = person.country
    return Seen(
        person, first, last, born.isoformat(), age, person.email, _phone_notation(person, rng), person.street,
        person.city, person.postcode, name if rng.random() < 0.6 else iso, 0,
    )  # fmt: skip


def _phone_notation(person: Person, rng: np.random.Generator) -> str:
    compact = person.phone.replace(" ", "")
    return (person.phone, compact, compact.replace("+", "00"), compact)[int(rng.integers(4))]


def _corrupt(seen: Seen, name: str, rng: np.random.Generator) -> None:
    {
        "first_name": _corrupt_first_name,
        "last_name": _corrupt_last_name,
        "birth_date": _corrupt_birth_date,
        "email": _corrupt_email,
        "phone": _corrupt_phone,
        "address": _corrupt_address,
    }[name](seen, rng)


def _corrupt_first_name(seen: Seen, rng: np.random.Generator) -> None:
    name, draw = seen.first_name or "", rng.random()
    nicknames = _nicknames(name)
    if nicknames and draw < 0.5:
        seen.first_name = nicknames[int(rng.integers(len(nicknames)))].capitalize()
    elif draw < 0.15:
        seen.first_name = name[:1] + "."
    else:
        seen.first_name = _mistype(name, rng)


@cache
def _nicknames(name: str) -> list[str]:
    return sorted(_nickname_table().nicknames_of(name)) if name.isascii() else []


@cache
def _nickname_table():  # type: ignore[no-untyped-def]  # the library has no types
    from nicknames import NickNamer

    return NickNamer()


def _corrupt_last_name(seen: Seen, rng: np.random.Generator) -> None:
    if seen.person.former_last_name and rng.random() < 0.6:
        seen.last_name = seen.person.former_last_name
    else:
        seen.last_name = _mistype(seen.last_name or "", rng)


def _corrupt_birth_date(seen: Seen, rng: np.random.Generator) -> None:
    draw, born = rng.random(), seen.person.birth_date
    if draw < 0.30:
        seen.birth_date, seen.age = None, None if draw < 0.1 else seen.age
    elif draw < 0.40:
        seen.birth_date = "1900-01-01"
    elif draw < 0.65 and born.day <= 12:
        seen.birth_date = date(born.year, born.day, born.month).isoformat()
    else:
        changed = date(born.year, born.month, 1 + (born.day + int(rng.integers(1, 9))) % 28)
        seen.birth_date = changed.isoformat()
    if seen.age is not None and rng.random() < 0.3:
        seen.age += int(rng.choice([-1, 1]))


def _corrupt_email(seen: Seen, rng: np.random.Generator) -> None:
    draw = rng.random()
    if draw < 0.45:
        seen.email = None
    elif draw < 0.55:
        seen.email = "test@test.com"
    elif draw < 0.8:
        name = anyascii(f"{seen.person.first_name[:1]}{seen.person.last_name}").lower().replace(" ", "")
        seen.email = f"{''.join(c for c in name if c.isalnum())}{seen.person.person_id % 1000}@old.example"
    else:
        local, _, domain = (seen.email or "a@b").partition("@")
        seen.email = f"{_mistype(local, rng)}@{domain}"


def _corrupt_phone(seen: Seen, rng: np.random.Generator) -> None:
    draw = rng.random()
    if draw < 0.5:
        seen.phone = None
    elif draw < 0.6:
        seen.phone = "0000000000"
    else:
        digits = list(seen.phone or "0")
        digits[-int(rng.integers(1, 5))] = str(rng.integers(10))
        seen.phone = "".join(digits)


def _corrupt_address(seen: Seen, rng: np.random.Generator) -> None:
    draw = rng.random()
    if draw < 0.5 and seen.person.former_address:
        seen.street, seen.city, seen.postcode = seen.person.former_address
    elif draw < 0.75:
        seen.street = seen.city = seen.postcode = None
    else:
        seen.postcode = _mistype(seen.postcode or "0", rng)


def _mistype(text: str, rng: np.random.Generator) -> str:
    """One slip of the keyboard: two letters swapped, one left out, doubled or replaced."""
    if len(text) < 2:
        return text + "x"
    place, kind = int(rng.integers(len(text) - 1)), int(rng.integers(4))
    if kind == 0:
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if kind == 1:
        return text[:place] + text[place + 1 :]
    if kind == 2:
        return text[: place + 1] + text[place:]
    return text[:place] + chr(97 + int(rng.integers(26))) + text[place + 1 :]
