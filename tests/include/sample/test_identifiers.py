"""Numbers that systems share: valid, one per person, the same for whoever asks."""

from __future__ import annotations

import numpy as np
import pytest
from stdnum import iban, luhn

from include.sample.identifiers import identifiers_of
from include.sample.population import Person, make_people


@pytest.fixture(scope="module")
def people() -> list[Person]:
    return make_people(300, np.random.default_rng(1), np.random.default_rng(2))


def test_identifiers_of__numbers_are_valid_and_belong_to_one_person(people: list[Person]) -> None:
    found = [identifiers_of(person, 7) for person in people]
    assert all(luhn.is_valid(card) for known in found for card in known.card_numbers)
    assert all(iban.is_valid(known.iban, check_country=False) for known in found)
    assert all(int(known.national_id[2:12]) % 97 + int(known.national_id[12:]) == 97 for known in found)
    for name in ("national_id", "iban", "loyalty_number", "user_id", "client_id_bank"):
        assert len({getattr(known, name) for known in found}) == len(found)
    assert all(len(known.device_ids) == len(known.anonymous_ids) for known in found)


def test_identifiers_of__does_not_depend_on_who_asked_before(people: list[Person]) -> None:
    again = [identifiers_of(person, 7) for person in reversed(people)]
    assert again[0] == identifiers_of(people[-1], 7) != identifiers_of(people[-1], 8)
