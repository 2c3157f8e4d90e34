"""Owners of vehicles: CSV with a header for people, no id, the whole list every day; its columns change."""

from __future__ import annotations

import numpy as np

from include.sample import files, rates
from include.sample.distort import Seen
from include.sample.draw import choose
from include.sample.part import Part, Record
from include.sample.unnumbered import Row, make_row, natural_keys, nulls_last, oldest_first

HEADER = ("First Name", "Second Name", "Age (Years)", "Sex", "Vehicle Make", "Vehicle Model", "Vehicle Year",
          "Vehicle Type")  # fmt: skip
KEY = ("First Name", "Second Name", "Sex", "Vehicle Make", "Vehicle Model", "Vehicle Year")
MODELS = (
    ("Ford", "Focus", "Hatchback"), ("Ford", "Transit", "Van"), ("Ford", "F150", "Pickup"),
    ("Volkswagen", "Golf", "Hatchback"), ("Volkswagen", "Passat", "Estate"), ("Skoda", "Octavia", "Sedan"),
    ("Skoda", "Kodiaq", "SUV"), ("BMW", "3 Series", "Sedan"), ("BMW", "Z4", "Convertible"), ("Audi", "A4", "Sedan"),
    ("Toyota", "Yaris", "Hatchback"), ("Toyota", "RAV4", "SUV"), ("Renault", "Clio", "Hatchback"),
    ("Peugeot", "Partner", "Van"), ("Mercedes-Benz", "E-Class", "Sedan"), ("Volvo", "XC60", "SUV"),
    ("Fiat", "500", "Hatchback"), ("Tesla", "Model 3", "Sedan"), ("Mazda", "MX-5", "Convertible"),
    ("Hyundai", "Tucson", "SUV"), ("Citroën", "Berlingo", "Van"),
)  # fmt: skip


def write(part: Part) -> None:
    """``vehicles_<date>.csv``: on the second day with its columns in another order, on the third with a new name."""
    rows: list[Row] = []
    for seen in part.sightings():
        row = make_row(part, seen, _vehicle(seen, part.rng))
        if rows and _is_namesake(seen, rows[-1].seen):
            row.record |= {name: rows[-1].record[name] for name in (*KEY, "Vehicle Type")}
        rows.append(row)
        if part.odd.random() < rates.TWIN_VEHICLES:
            rows.append(Row(seen, dict(row.record), row.lag, row.slip))
    delivered: list[Record] = []
    for number, day in enumerate(part.company.dates):
        known = [row for row in rows if row.seen.person.first_day <= number]
        delivered = [row.record | {"Age (Years)": row.age(day)} for row in known]
        header = (HEADER, (*HEADER[4:], *HEADER[:4]), HEADER)[number]
        text = files.delimited(list(header), delivered)
        if number == 2:
            text = text.replace("Vehicle Type", "Body Type", 1)
        files.write(part.path(day, f"vehicles_{day:%Y%m%d}.csv"), text)
    keys = natural_keys(
        delivered, KEY, lambda r: nulls_last(oldest_first(r["Age (Years)"]), r["Vehicle Type"])
    )  # fmt: skip
    for row, key in zip(rows, keys, strict=True):
        part.tell_truth("vehicles", key, row.seen)


def _vehicle(seen: Seen, rng: np.random.Generator) -> Record:
    make, model, kind = choose(MODELS, rng)
    return {
        "First Name": seen.first_name, "Second Name": seen.last_name,
        "Sex": seen.person.gender.title() if rng.random() >= rates.SEX_MISSING else None,
        "Vehicle Make": make, "Vehicle Model": model, "Vehicle Year": 2026 - int(rng.gamma(2.0, 4.0)),
        "Vehicle Type": kind,
    }  # fmt: skip


def _is_namesake(seen: Seen, other: Seen) -> bool:
    """Another person of the same name and home; they drive the same, so only their ages differ."""
    person, before = seen.person, other.person
    return person.person_id != before.person_id and (
        (person.first_name, person.last_name, person.postcode, person.gender, person.first_day)
        == (before.first_name, before.last_name, before.postcode, before.gender, before.first_day)
    )
