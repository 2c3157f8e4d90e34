"""The example that a demo shows, and what it says of a run that found nothing new."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg.rows import dict_row
from rich.console import Console

from include.runtime.demo import conclude
from include.runtime.summary import PAIRS, _example, _last_build, print_summary, summarise
from include.settings import Settings

SYSTEMS = ("crm", "demographics", "finance", "service", "usage")


@pytest.fixture
def warehouse(warehouse_url: str) -> str:
    with psycopg.connect(warehouse_url) as connection:
        connection.execute(
            "create table marts.customer_360 (customer_key bigint, first_name text, last_name text, email text)"
        )
    return warehouse_url


def add_customer(
    url: str, key: int, survived: str, names: list[str], probabilities: list[float], systems: tuple[str, ...] = SYSTEMS
) -> None:
    """A customer with a record per name, in the systems in turn; the last has no id, the first is linked to each."""
    records = [f"{systems[n % len(systems)]}/{key}/{n}" for n in range(len(names))]
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into marts.customer_360 (customer_key, first_name, last_name) values (%s, %s, %s)",
            [key, *survived.split(" ", 1)],
        )
        connection.execute("insert into identity.customer_keys values (%s, null, '2026-11-16')", [key])
        for number, (record, name) in enumerate(zip(records, names, strict=True)):
            claimed = None if number == len(names) - 1 else f"C{key}"
            connection.execute(
                "insert into identity.records (record_id, system, entity, source_key, claimed_customer_id, full_name,"
                " content_hash) values (%s, %s, 'people', %s, %s, %s, '')",
                [record, record.split("/")[0], record, claimed, name],
            )
            connection.execute("insert into identity.crosswalk values (%s, %s)", [record, key])
        for record, probability in zip(records[1:], probabilities, strict=True):
            connection.execute(
                "insert into identity.links (record_id_l, record_id_r, probability, reason, model_version)"
                " values (%s, %s, %s, 'model', 'v')",
                [records[0], record, probability],
            )


def example_key(url: str) -> int | None:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        example = _example(connection)
    return example["customer"]["customer_key"] if example else None


PLAIN = ["Ann Lee"] * 5
VARIED = [0.91, 0.95, 0.98, 0.99]


def test_example__bears_the_name_of_most_of_its_records(warehouse: str) -> None:
    add_customer(warehouse, 1, "Soctt Thompson", ["Soctt Thompson", *["Scott Thompson"] * 4], VARIED)
    add_customer(warehouse, 2, "Ann Lee", PLAIN, [1.0] * 4)
    assert example_key(warehouse) == 2


def test_example__has_the_probabilities_that_say_the_most(warehouse: str) -> None:
    add_customer(warehouse, 1, "Ann Lee", PLAIN, [1.0] * 4)
    add_customer(warehouse, 2, "Ann Lee", PLAIN, VARIED)
    add_customer(warehouse, 3, "Ann Lee", PLAIN, [1.0] * 4)
    assert example_key(warehouse) == 2


def test_example__prefers_many_systems_then_other_spellings_then_the_lowest_key(warehouse: str) -> None:
    add_customer(warehouse, 1, "Ann Lee", PLAIN, VARIED, SYSTEMS[:4])
    add_customer(warehouse, 2, "Ann Lee", PLAIN, VARIED)
    add_customer(warehouse, 4, "Ann Lee", [*PLAIN[:4], "Lee, An"], VARIED)
    add_customer(warehouse, 3, "Ann Lee", [*PLAIN[:4], "Ann Leee"], VARIED)
    assert example_key(warehouse) == 3


def test_example__there_may_be_none(warehouse: str) -> None:
    add_customer(warehouse, 1, "Ann Lee", PLAIN[:2], [0.9])
    assert example_key(warehouse) is None


def deliver_sample(url: str, settings: Settings, linked: list[int], people: list[int]) -> None:
    """A sample of one system: for each record the customer that it was linked to, and the person that it is of."""
    columns = "(file_id, system, batch_date, name, sha256, bytes, state, rows_read, rows_landed, rows_quarantined)"
    truth = ["system,entity,source_key,person_id,corrupted_fields"]
    with psycopg.connect(url) as connection:
        connection.execute(
            f"insert into ops.files {columns} values (gen_random_uuid(), 'crm', '2026-11-16', 'c.csv', '', 1,"
            " 'released', 10, 9, 1)"
        )
        connection.execute(
            "create table intermediate.int_people__source_records"
            " (system text, entity text, source_key text, record_id text)"
        )
        for number, (key, person) in enumerate(zip(linked, people, strict=True)):
            values = ["crm", "people", str(number), f"crm/people/{number}"]
            connection.execute("insert into intermediate.int_people__source_records values (%s, %s, %s, %s)", values)
            connection.execute(
                "insert into identity.records (system, entity, source_key, record_id, content_hash)"
                " values (%s, %s, %s, %s, '')", values
            )  # fmt: skip
            connection.execute(
                "insert into identity.customer_keys values (%s, null, '2026-11-16') on conflict do nothing", [key]
            )
            connection.execute("insert into identity.crosswalk values (%s, %s)", [values[3], key])
            truth.append(f"crm,people,{number},{person},0")
    (settings.run_dir / "truth").mkdir()
    (settings.run_dir / "truth" / "truth.csv").write_text("\n".join(truth) + "\n")


def outcome(settings: Settings, failed: list[str] | None = None) -> tuple[int, list[str], str]:
    """(exit status, what was missed, the end of what is printed) of a demo of one day."""
    day = {"date": "2026-11-16", "seconds": 1.0, "runs": {}, "failed": failed or [], "build": None}
    summary, output = summarise(settings, [day], 1.0, 2.0), io.StringIO()
    status = conclude(settings, summary, Console(file=output, width=150))
    assert json.loads((settings.run_dir / "summary.json").read_text())["ok"] == summary["ok"] == (status == 0)
    return status, summary["missed"], output.getvalue()


PEOPLE = [1, 1, 2, 2, 3]


def test_demo__is_green_where_everything_held(warehouse: str, settings: Settings) -> None:
    deliver_sample(warehouse, settings, PEOPLE, PEOPLE)
    status, missed, text = outcome(settings)
    assert (status, missed) == (0, [])
    assert "All checks passed." in text


def test_demo__asks_for_no_delivery_of_an_inactive_system(warehouse: str, settings: Settings, tmp_path: Path) -> None:
    deliver_sample(warehouse, settings, PEOPLE, PEOPLE)
    with psycopg.connect(warehouse) as connection:
        connection.execute("delete from ops.files")
    (tmp_path / "sources").mkdir()
    contract = (settings.sources_dir / "crm.yml").read_text()
    for is_active, missed in ((True, ["crm: no file was delivered"]), (False, [])):
        (tmp_path / "sources" / "crm.yml").write_text(f"{contract}active: {str(is_active).lower()}\n")
        assert outcome(replace(settings, sources_dir=tmp_path / "sources"))[1] == missed


@pytest.mark.parametrize(
    ("statement", "linked", "failed", "missed"),
    [
        ("select", PEOPLE, ["land__crm"], ["2026-11-16 is red: land__crm"]),
        (
            "alter table ops.files drop constraint files_balance; update ops.files set rows_landed = 8",
            PEOPLE, [], ["crm: 10 rows read, 8 landed and 1 quarantined"],
        ),
        (
            "update ops.files set rows_read = null, rows_landed = null, rows_quarantined = null, state = 'rejected'",
            PEOPLE, [], ["crm: no row was read; files delivered: 1"],
        ),
        ("delete from ops.files", PEOPLE, [], ["crm: no file was delivered"]),
        ("truncate identity.crosswalk", PEOPLE, [], ["there are no customers"]),
        (
            "select", [1, 1, 2, 2, 2], [],
            ["identity, all: precision 0.5000 is less than 0.98",
             "identity, no_shared_id: precision 0.5000 is less than 0.95"],
        ),
        (
            "select", [1, 1, 2, 4, 3], [],
            ["identity, all: recall 0.5000 is less than 0.98",
             "identity, no_shared_id: recall 0.5000 is less than 0.9"],
        ),
        (
            "update identity.records set email = source_key || '@a.example';"
            " update identity.records set email = 'a@a.example' where source_key in ('0', '1')", [5, 6, 2, 2, 3], [],
            ["identity, all: recall 0.5000 is less than 0.98"],
        ),
    ],
)  # fmt: skip
def test_demo__is_red_and_says_what_did_not_hold(
    statement: LiteralString,
    linked: list[int],
    failed: list[str],
    missed: list[str],
    warehouse: str,
    settings: Settings,
) -> None:
    deliver_sample(warehouse, settings, linked, PEOPLE)
    with psycopg.connect(warehouse) as connection:
        connection.execute(statement)
    status, found, text = outcome(settings, failed)
    assert (status, found) == (1, missed)
    assert text.endswith("Not all checks passed:\n" + "".join(f"  {reason}\n" for reason in missed))


def test_demo__of_data_without_a_truth_may_have_a_system_without_rows(warehouse: str, settings: Settings) -> None:
    deliver_sample(warehouse, settings, PEOPLE, PEOPLE)
    (settings.run_dir / "truth" / "truth.csv").unlink()
    with psycopg.connect(warehouse) as connection:
        connection.execute("update ops.files set rows_read = 0, rows_landed = 0, rows_quarantined = 0")
    assert outcome(settings)[:2] == (0, [])


def test_demo__of_a_truth_that_is_not_of_this_inbox_shows_nobody(warehouse: str, settings: Settings) -> None:
    deliver_sample(warehouse, settings, [1, 1, 2, 2, 2], PEOPLE)
    assert outcome(settings)[0] == 1
    (settings.run_dir / "truth" / "inbox").write_text("/elsewhere/inbox\n")
    assert outcome(settings)[:2] == (0, [])
    summary = json.loads((settings.run_dir / "summary.json").read_text())
    assert summary["identity"] == {}


def day_with(state: str) -> dict[str, Any]:
    return {"build": {"state": state, "last_built": 3, "last_run_id": "a run"}}


def test_last_build__only_where_every_day_found_nothing_new() -> None:
    assert _last_build([day_with("skipped"), day_with("built")]) is None
    assert _last_build([{"build": None}]) is None
    last = _last_build([day_with("skipped"), day_with("skipped")])
    assert last is not None
    assert last["last_built"] == 3


def printed(
    since: int | None, width: int = 150, example: dict[str, Any] | None = None, identity: dict[str, Any] | None = None
) -> str:
    output = io.StringIO()
    gates = {"gate_marts": {"passed": 10, "warned": 0, "failed": 0}}
    print_summary(
        {"systems": {}, "gates": gates, "identity": identity or {}, "records": 5, "customers": 2, "steps": {},
         "days": [], "nothing_new_since_build": since, "services_s": 1.0, "wall_s": 2.0,
         "example": example or {}, "missed": [], "ok": True},
        Console(file=output, width=width),
    )  # fmt: skip
    return output.getvalue()


def test_print_summary__says_of_which_build_the_gates_are() -> None:
    assert "\nGates: raw ones of now, the others of build 3, since which nothing is new\n" in printed(3)
    assert "\nGates\n" in printed(None)


def test_print_summary__has_no_blanks_at_the_end_of_a_title() -> None:
    assert [line for line in printed(3).splitlines() if line != line.rstrip()] == []


@pytest.mark.parametrize(("width", "has_email"), [(150, True), (100, False)])
def test_print_summary__leaves_columns_out_where_the_terminal_is_narrow(width: int, has_email: bool) -> None:
    record = dict.fromkeys(
        ("claimed_customer_id", "first_name", "last_name", "birth_year", "postcode", "probability", "date_of_birth")
    ) | {"record_id": "demographics/customers/D0000000000000000001", "full_name": "Ann Lee", "email": "a@b.example"}
    text = printed(None, width, {"records": [record], "customer": {"first_name": "Ann"}})
    assert ("e-mail" in text) == has_email
    assert f"│ {record['record_id'][:40]} │" in text
    assert "shared id" in text
    assert all(len(line) <= width for line in text.splitlines())


def test_print_summary__says_which_pairs_have_a_name_and_fits_a_terminal_of_80_columns() -> None:
    score = {"precision": 0.5, "recall": 0.25, "f1": 0.3333}
    figures = score | {"pairs": 33_318, "baselines": {"ids_only": score, "exact_name_dob": score}}
    text = printed(None, 80, identity=dict.fromkeys(PAIRS, figures) | {"by_system": {}})
    first_cells = [line.split("│")[1].rstrip() for line in text.splitlines() if "customer360" in line and "│" in line]
    assert first_cells == [" every record", " all, with a name", "   no_shared_id", "   corrupted"]
    assert text.count("exact_name_dob") == 4
