"""Employees of partner companies: XML with everything in attributes, no id, the whole list every day."""

from __future__ import annotations

import numpy as np

from include.sample import files, rates
from include.sample.distort import Seen
from include.sample.draw import choose
from include.sample.part import Part, Record
from include.sample.unnumbered import make_row, natural_keys, nulls_last, oldest_first

KEY = ("@firstName", "@lastName", "@sex", "@address_postcode")
COMPANIES = ("Ashworth Ltd", "Nováček & Söhne", "Brightwater plc", "Kestrel Logistics", "Harbour Foods", "Lindqvist AB",
             "Meridian Care", "Oakfield Schools", "Pike & Daughters", "Quarry Bank Mills")  # fmt: skip
GRADES = ("A", "B", "C", "D")
PENSION_AGE = 66


def write(part: Part) -> None:
    """``employees_<date>.xml``; from the second day on with an attribute that nobody has announced."""
    rows = [make_row(part, seen, _employee(seen, part.rng)) for seen in part.sightings()]
    delivered: list[Record] = []
    for number, day in enumerate(part.company.dates):
        delivered = []
        for row in rows:
            if row.seen.person.first_day > number:
                continue
            if row.seen.person.first_day < number and part.rng.random() < rates.CHANGED_PER_DAY:
                row.record |= _raised(row.record)
            news = {"@job_grade": choose(GRADES, part.rng)} if number else {}
            delivered.append(row.record | {"@age": row.age(day)} | news)
        files.write(part.path(day, f"employees_{day:%Y%m%d}.xml"), files.xml("users", "user", delivered))
    keys = natural_keys(delivered, KEY, lambda r: nulls_last(oldest_first(r["@age"]), r["@company"]))
    for row, key in zip(rows, keys, strict=True):
        part.tell_truth("employees", key, row.seen)


def _employee(seen: Seen, rng: np.random.Generator) -> Record:
    person = seen.person
    is_retired = 2026 - person.birth_date.year > PENSION_AGE
    pay = 1000 * max(12, round(float(rng.normal(38, 14))))
    return {
        "@firstName": seen.first_name, "@lastName": seen.last_name, "@age": None,
        "@sex": person.gender.title() if rng.random() >= rates.SEX_MISSING else None,
        "@retired": str(is_retired), "@dependants": int(rng.integers(5)) if rng.random() < 0.9 else None,
        "@marital_status": person.marital_status, "@salary": 0 if is_retired else pay,
        "@pension": pay // 2 if is_retired else 0, "@company": None if is_retired else choose(COMPANIES, rng),
        "@commute_distance": 0 if is_retired else round(float(rng.gamma(2.0, 7.0)), 2),
        "@address_postcode": seen.postcode,
    }  # fmt: skip


def _raised(record: Record) -> Record:
    return {name: round(record[name] * 1.02) for name in ("@salary", "@pension")}
