"""Figures that can be checked by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import psycopg

from include.identity.evaluate import evaluate_pairs, evaluate_systems, evaluate_warehouse

NOTHING = {"claimed_customer_id": None, "email": None, "phone": None, "first_name": None, "last_name": None,
           "date_of_birth": None}  # fmt: skip
ANN = {"first_name": "Ann", "last_name": "Lee", "date_of_birth": date(1980, 1, 1)}


def test_evaluate_pairs__three_records_of_one_person_and_one_of_another() -> None:
    records = {
        "a": NOTHING | ANN | {"customer_key": 1, "claimed_customer_id": "C1"},
        "b": NOTHING | {"customer_key": 1, "claimed_customer_id": "C1"},
        "c": NOTHING | ANN | {"customer_key": 2},
        "d": NOTHING | {"customer_key": 2},
    }
    figures = evaluate_pairs(records, {"a": 7, "b": 7, "c": 7, "d": 8}, {"a": 2, "b": 0, "c": 0, "d": 0})
    assert figures["all"]["pairs"] == 3
    assert (figures["all"]["precision"], figures["all"]["recall"]) == (0.5, 0.3333)
    assert (figures["all"]["false_links"], figures["all"]["missed_links"]) == (1, 2)
    assert figures["all"]["baselines"]["ids_only"] == {"precision": 1.0, "recall": 0.3333, "f1": 0.5}
    assert figures["all"]["baselines"]["exact_name_dob"] == {"precision": 1.0, "recall": 0.3333, "f1": 0.5}
    assert figures["no_shared_id"]["pairs"] == 2
    assert (figures["no_shared_id"]["precision"], figures["no_shared_id"]["recall"]) == (0.0, 0.0)
    assert figures["corrupted"]["pairs"] == 2


def test_evaluate_systems__what_was_found_of_what_is_possible() -> None:
    named = NOTHING | ANN | {"gender": None, "birth_year": 1980, "postcode": None, "links_by_id_only": False}
    records = {
        "crm/a": named | {"system": "crm", "customer_key": 1},
        "hr/b": named | {"system": "hr", "customer_key": 1},
        "hr/c": named | {"system": "hr", "customer_key": 2, "first_name": "Amy"},
        "web/d": named | {"system": "web", "customer_key": 1, "first_name": None, "links_by_id_only": True},
    }
    figures = evaluate_systems(records, dict.fromkeys(records, 7))
    assert figures["hr"] == {"pairs": 3, "possible": 1, "precision": 1.0, "recall": 0.3333, "f1": 0.5,
                             "share_of_possible": 1.0}  # fmt: skip
    assert (figures["crm"]["pairs"], figures["web"]["pairs"]) == (2, 3)
    assert evaluate_systems({"crm/a": records["crm/a"]}, {"crm/a": 7})["crm"]["share_of_possible"] == 1.0


def test_evaluate_warehouse__counts_records_without_a_name_in_a_row_of_its_own(
    warehouse_url: str, tmp_path: Path
) -> None:
    people = [("crm/people/a", "C1", False, 1), ("hr/people/b", "C1", False, 1), ("web/people/c", None, True, 1),
              ("web/people/d", None, True, 2)]  # fmt: skip
    truth = tmp_path / "truth.csv"
    truth.write_text("system,entity,source_key,person_id,corrupted_fields\n"
                     "crm,people,a,7,0\nhr,people,b,7,0\nweb,people,c,7,0\nweb,people,d,7,0\n")  # fmt: skip
    with psycopg.connect(warehouse_url) as connection:
        connection.execute(
            "create table intermediate.int_people__source_records"
            " (system text, entity text, source_key text, record_id text)"
        )
        connection.execute("insert into identity.customer_keys values (1, null, '2026-11-16'), (2, null, '2026-11-16')")
        for record_id, claimed, is_nameless, key in people:
            system, entity, source_key = record_id.split("/")
            connection.execute(
                "insert into identity.records (record_id, system, entity, source_key, claimed_customer_id,"
                " links_by_id_only, content_hash) values (%s, %s, %s, %s, %s, %s, '')",
                [record_id, system, entity, source_key, claimed, is_nameless],
            )
            connection.execute("insert into identity.crosswalk values (%s, %s)", [record_id, key])
            connection.execute(
                "insert into intermediate.int_people__source_records values (%s, %s, %s, %s)",
                [system, entity, source_key, record_id],
            )
    figures = evaluate_warehouse(warehouse_url, truth)
    assert (figures["all"]["pairs"], figures["all"]["recall"]) == (1, 1.0)
    every = figures["every_record"]
    assert (every["pairs"], every["precision"], every["recall"]) == (6, 1.0, 0.5)
    assert every["baselines"]["ids_only"]["recall"] == 0.1667
    assert every["baselines"]["exact_name_dob"]["recall"] == 0.0
