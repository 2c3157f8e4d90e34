"""Corrections that colleagues write down: one quoted note a line, in their own words."""

from __future__ import annotations

from datetime import date

import numpy as np

from include.sample import files, rates
from include.sample.draw import choose
from include.sample.part import Part
from include.sample.population import MARITAL, OCCUPATIONS, Person

# What any record might be called for; nobody can act on these.
VAGUE = ("The weather is nice", "card reader in Leeds is broken again", "asked for a leaflet, nothing to change")


def write(part: Part) -> None:
    """``notes_<date>.txt``; a note that is still open the next day is sometimes written down once more."""
    earlier: list[str] = []
    for number, day in enumerate(part.company.dates):
        known = [person for person in part.company.people if person.first_day <= number]
        count = max(round(len(known) * rates.NOTES_PER_DAY), 2)
        again = [note for note in earlier if part.rng.random() < rates.NOTE_REPEATED]
        earlier = [_note(part, choose(known, part.rng), day, part.rng) for _ in range(count)]
        # Quotes inside a note are not doubled, as hands write them.
        text = "".join(f'"{note}"\n' for note in (*again, *earlier))
        files.write(part.path(day, f"notes_{day:%Y%m%d}.txt"), text)


def _note(part: Part, person: Person, day: date, rng: np.random.Generator) -> str:
    """One colleague's note on a person, by the name of every day."""
    name = f"{person.first_name} {person.last_name}"
    age = day.year - person.birth_date.year - ((day.month, day.day) < (person.birth_date.month, person.birth_date.day))
    crm_id = part.company.crm_ids.get(person.person_id)
    card = choose(part.identifiers(person).card_numbers, rng)
    notes = (
        f"Security code is wrong for {name}, try {int(rng.integers(1000)):03d}",
        f"{name}'s e-mail is wrong, it should be {person.email}",
        f"Please change the phone of {name} to {person.phone}",
        f"{person.last_name}, {person.first_name}: date of birth should be {person.birth_date.isoformat()}",
        f"{name}'s age is a typo, it's {age} not {age + 1}",
        f"{name} has had a {rng.integers(10, 60) / 10}% increase in salary",
        f"{name}'s credit card number is {card}",
        f"{name} is now {choose(MARITAL, rng)}",
        f"{name} now works as a {choose(OCCUPATIONS, rng)}.",
        f"{crm_id or name} moved to {person.street}, {person.city} {person.postcode}",
        f'{name} says "never again" about the last letter',
        choose(VAGUE, rng),
    )
    return choose(notes, rng)
