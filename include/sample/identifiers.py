"""What one person is known by elsewhere: numbers that several systems hold, so that records join over them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from include.sample.population import Person

# How many digits follow the check digits of an IBAN, and the bank's letters before them.
IBAN_DIGITS = {"GB": 14, "DE": 18, "FR": 23, "CZ": 20, "PL": 24, "ES": 20, "GR": 23}
IBAN_LETTERS = {"GB": "RMXA"}


@dataclass(frozen=True)
class Identifiers:
    """The numbers of one person; all invented.

    `national_id` and `iban` carry valid check digits, `card_numbers` pass the Luhn test; the first device is the one
    that the person mostly uses, and each device has an anonymous id per browser.
    """

    national_id: str
    iban: str
    card_numbers: tuple[str, ...]
    loyalty_number: str
    user_id: str
    device_ids: tuple[str, ...]
    anonymous_ids: tuple[str, ...]
    client_id_bank: int


def identifiers_of(person: Person, seed: int) -> Identifiers:
    """The numbers of a person, the same in whatever order systems ask."""
    rng = np.random.default_rng([seed, person.person_id, 360])
    devices = tuple(_hex(rng, kind) for kind in ("ios", "android", "web")[: int(rng.integers(1, 4))])
    return Identifiers(
        _national_id(person, rng), _iban(person, rng),
        tuple(_card_number(rng) for _ in range(1 + int(rng.random() < 0.35))),
        f"L{_digits(rng, 8)}", f"U{person.person_id:07d}", devices, tuple(_hex(rng, "anon") for _ in devices),
        person.person_id + 1,
    )  # fmt: skip


def _digits(rng: np.random.Generator, count: int) -> str:
    return "".join(str(digit) for digit in rng.integers(0, 10, count))


def _hex(rng: np.random.Generator, prefix: str) -> str:
    return f"{prefix}_{rng.bytes(6).hex()}"


def _national_id(person: Person, rng: np.random.Generator) -> str:
    """Country, birth date and serial, with check digits modulo 97."""
    body = f"{person.birth_date:%y%m%d}{_digits(rng, 4)}"
    return f"{person.country[0]}{body}{97 - int(body) % 97:02d}"


def _iban(person: Person, rng: np.random.Generator) -> str:
    """ISO 13616: country, check digits modulo 97, bank and account; without IBANs at home, a German one."""
    country = person.country[0] if person.country[0] in IBAN_DIGITS else "DE"
    body = IBAN_LETTERS.get(country, "") + _digits(rng, IBAN_DIGITS[country])
    number = "".join(str(int(letter, 36)) for letter in f"{body}{country}00")
    return f"{country}{98 - int(number) % 97:02d}{body}"


def _card_number(rng: np.random.Generator) -> str:
    """Sixteen digits, the last one by Luhn."""
    body = f"4{_digits(rng, 14)}"
    doubled = (2 * int(digit) if place % 2 == 0 else int(digit) for place, digit in enumerate(body))
    return body + str(-sum(number // 10 + number % 10 for number in doubled) % 10)
