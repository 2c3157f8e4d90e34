"""Systems that number nothing (motor, hr, lending), from their files to staging, through every change of form."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from include.settings import Settings
from tests.include.staged import deliver, names, stage, take_in
from tests.include.warehouse import DAYS, rows

pytestmark = pytest.mark.slow

HEADER = "First Name,Second Name,Age (Years),Sex,Vehicle Make,Vehicle Model,Vehicle Year,Vehicle Type\n"
FOCUS = "Ford,Focus,2015,Hatchback\n"
VEHICLES = "select * from staging.stg_motor__vehicles order by last_name, age desc, source_key"


def motor(settings: Settings, day: date, text: str, name: str = "vehicles.csv") -> list[str]:
    """Deliver a file of owners and take it in; the warnings of the gate, which has to pass."""
    deliver(settings, "motor", day, name, text)
    outcome = take_in(settings, "motor", day)
    assert outcome.passed
    return names(outcome.warned)


def test_motor__owners_whose_rows_are_equal_are_all_there(settings: Settings) -> None:
    """Letter by letter, or but for their ages; the same file under another name adds none."""
    equal = f"Ann,Lee,40,Female,{FOCUS}" * 2
    family = f"John,Smith,34,Male,{FOCUS}John,Smith,61,Male,{FOCUS}"
    assert motor(settings, DAYS[0], HEADER + equal + family) == []
    # A day later: in another order, and the son has had his birthday.
    older = f"John,Smith,35,Male,{FOCUS}John,Smith,61,Male,{FOCUS}"
    deliver(settings, "motor", DAYS[1], "vehicles_again.csv", HEADER + equal + older)
    assert motor(settings, DAYS[1], HEADER + older + equal) == []
    stage(settings, "motor")
    staged = rows(settings, VEHICLES)
    assert [(r["first_name"], r["age"]) for r in staged] == [("Ann", 40), ("Ann", 40), ("John", 61), ("John", 35)]
    assert [r["source_key"][-2:] for r in staged[2:]] == ["-1", "-2"], "the oldest first, whatever the order of rows"
    assert {(r["age_as_of_date"], r["first_seen_date"]) for r in staged} == {(DAYS[1], DAYS[0])}
    assert all(r["record_id"] == f"motor/vehicles/{r['source_key']}" for r in staged)
    assert all(r["is_in_latest_snapshot"] for r in staged)


def test_motor__columns_in_another_order_and_under_another_name(settings: Settings) -> None:
    assert motor(settings, DAYS[0], HEADER + f"Ann,Lee,40,Female,{FOCUS}") == []
    reordered = "Vehicle Type,Age (Years),Second Name,Vehicle Model,Vehicle Make,First Name,Vehicle Year,Sex\n"
    assert motor(settings, DAYS[1], f"{reordered}Hatchback,40,Lee,Focus,Ford,Ann,2015,Female\n") == []
    stage(settings, "motor", run_id="reordered")
    (before,) = rows(settings, VEHICLES)
    assert (before["vehicle_type"], before["last_seen_date"]) == ("Hatchback", DAYS[1])
    renamed = HEADER.replace("Vehicle Type", "Body Type")
    assert motor(settings, DAYS[2], f"{renamed}Ann,Lee,40,Female,{FOCUS}") == [
        "undeclared_column", "vehicles.missing_column",
    ]  # fmt: skip
    (raw,) = rows(settings, f"select vehicle_type, _rescued from raw_motor.vehicles where _batch_date = '{DAYS[2]}'")
    assert raw == {"vehicle_type": None, "_rescued": {"body type": "Hatchback"}}
    stage(settings, "motor", run_id="renamed")
    (after,) = rows(settings, VEHICLES)
    same = ("source_key", "first_name", "age", "vehicle_make", "vehicle_model", "vehicle_year", "vehicle_type")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert after["last_seen_date"] == DAYS[2]


def test_motor__only_rows_that_cannot_be_told_apart_are_quarantined(settings: Settings) -> None:
    """Without age and sex a row is told by what is left; without a name it is not."""
    filler = "".join(f"Ann,Lee {n},40,Female,{FOCUS}" for n in range(120))
    assert motor(settings, DAYS[0], HEADER + filler + f"Bo,Ek,,,{FOCUS}" + f",,50,Male,{FOCUS}") == []
    stage(settings, "motor")
    staged = rows(settings, VEHICLES)
    assert len(staged) == 121
    assert [(r["age"], r["gender"]) for r in staged if r["last_name"] == "Ek"] == [(None, None)]
    assert rows(settings, "select rule from ops.quarantine") == [{"rule": "key_present"}]


def hr(settings: Settings, day: date, *users: dict[str, Any]) -> list[str]:
    elements = "".join("<user " + " ".join(f'{k}="{v}"' for k, v in user.items()) + "/>\n" for user in users)
    deliver(settings, "hr", day, "employees.xml", f"<users>\n{elements}</users>\n")
    outcome = take_in(settings, "hr", day)
    assert outcome.passed
    return names(outcome.warned)


def test_hr__attributes_and_one_that_nobody_announced(settings: Settings) -> None:
    ann = {
        "firstName": "Ann", "lastName": "Lee", "age": 40, "sex": "Female", "retired": "False", "dependants": 2,
        "marital_status": "married", "salary": 41000, "pension": 0, "company": "Pike &amp; Daughters",
        "commute_distance": 7.25, "address_postcode": "SL3 6NJ",
    }  # fmt: skip
    bob = {"firstName": "Bob", "lastName": "Lee", "age": 70, "retired": "True", "pension": 20500.5}
    assert hr(settings, DAYS[0], ann, bob) == []
    assert hr(settings, DAYS[1], bob, ann | {"salary": 42000, "job_grade": "B"}) == ["undeclared_column"]
    stage(settings, "hr")
    first, second = rows(settings, "select * from staging.stg_hr__employees order by first_name")
    assert (first["salary"], first["currency"], first["commute_distance_km"]) == (42000, "EUR", 7.25)
    assert (first["is_retired"], first["dependants"], first["company"]) == (False, 2, "Pike & Daughters")
    assert (first["postcode"], first["age_as_of_date"]) == ("SL3 6NJ", DAYS[1])
    assert (second["is_retired"], float(second["pension"]), second["gender"]) == (True, 20500.5, None)
    rescued = rows(settings, "select _rescued from raw_hr.employees where _rescued is not null")
    assert rescued == [{"_rescued": {"@job_grade": "B"}}]


PERSON = {
    "firstName": "Ann", "lastName": "Lee", "age": 40, "sex": "Female", "address_main": "1 High Street",
    "address_city": "Slough", "address_postcode": "SL3 6NJ", "iban": "GB33BUKB20201555555555",
    "credit_card_number": "4111111111111111", "credit_card_security_code": "762",
    "credit_card_start_date": "03/24", "credit_card_end_date": "02/28",
}  # fmt: skip


def lending(settings: Settings, day: date, *people: dict[str, Any]) -> list[str]:
    deliver(settings, "lending", day, "people.json", json.dumps(people))
    outcome = take_in(settings, "lending", day)
    assert outcome.passed
    return names(outcome.warned)


def test_lending__debt_is_a_text_one_day_and_an_object_the_next(settings: Settings) -> None:
    debtor = PERSON | {"debt": "12345"}
    other = PERSON | {"firstName": "Bob", "debt": {"amount": 99.5, "time_period_years": 2.5}}
    free = PERSON | {"firstName": "Cy"}
    assert lending(settings, DAYS[0], debtor, other, free) == []
    later = debtor | {"debt": {"amount": "12000", "time_period_years": 3}}
    assert lending(settings, DAYS[1], later, other | {"debt": 98}, free | {"debt": None}) == []
    assert rows(settings, "select 1 as one from ops.quarantine") == []
    stage(settings, "lending")
    debts = rows(
        settings,
        "select first_name, d.batch_date, debt_amount::float, d.currency, debt_years::float, d.is_in_latest_snapshot"
        " from staging.stg_lending__debts as d join staging.stg_lending__people as p using (record_id) order by 1, 2",
    )
    assert [tuple(debt.values()) for debt in debts] == [
        ("Ann", DAYS[0], 12345.0, "EUR", None, False), ("Ann", DAYS[1], 12000.0, "EUR", 3.0, True),
        ("Bob", DAYS[0], 99.5, "EUR", 2.5, False), ("Bob", DAYS[1], 98.0, "EUR", None, True),
    ]  # fmt: skip
    people = rows(settings, "select first_name, has_debt from staging.stg_lending__people order by 1")
    assert [tuple(person.values()) for person in people] == [("Ann", True), ("Bob", True), ("Cy", False)]


def test_lending__numbers_are_tokens_and_the_security_code_is_nowhere(settings: Settings) -> None:
    spaced = {"iban": "gb33 bukb 2020 1555 5555 55", "credit_card_number": "4111 1111 1111 1111"}
    assert lending(settings, DAYS[0], PERSON, PERSON | spaced | {"firstName": "Bob"}) == []
    stage(settings, "lending")
    ann, bob = rows(settings, "select * from staging.stg_lending__people order by first_name")
    assert (ann["iban_token"], ann["card_token"]) == (bob["iban_token"], bob["card_token"])
    assert ann["iban_token"].startswith("iban_")
    assert ann["card_token"].startswith("card_")
    assert (str(ann["card_valid_from_date"]), str(ann["card_valid_until_date"])) == ("2024-03-01", "2028-02-29")
    assert not {"4111111111111111", "GB33BUKB20201555555555"} & set(map(str, ann.values()))
    columns = rows(settings, "select column_name from information_schema.columns where table_schema = 'raw_lending'")
    assert "credit_card_security_code" not in {row["column_name"] for row in columns}
    archived = [path.read_bytes() for path in (settings.run_dir / "archive").rglob("*") if path.is_file()]
    assert archived
    assert not any(b"762" in content for content in archived)


def test_lending__people_who_share_an_account_are_all_there(settings: Settings) -> None:
    """One account for two, one person with two cards, and one without an account."""
    people = [PERSON, PERSON | {"firstName": "Bob"}, PERSON | {"credit_card_number": "4242424242424242"}]
    nobody = PERSON | {"iban": None, "credit_card_number": None}
    assert lending(settings, DAYS[0], *people, nobody) == []
    assert lending(settings, DAYS[1], nobody, *reversed(people)) == []
    stage(settings, "lending")
    staged = rows(settings, "select first_name, first_seen_date from staging.stg_lending__people order by 1")
    assert [person["first_name"] for person in staged] == ["Ann", "Ann", "Ann", "Bob"]
    assert {person["first_seen_date"] for person in staged} == {DAYS[0]}
