"""Each gate of a layer stops its bad delivery, nothing that is read changes, and every rule of it has been seen red."""

from __future__ import annotations

import email
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from include import db
from include.alerts import send_pending
from include.gates import run_layer_gate
from include.quality.reconcile import reconcile_facts
from include.runtime.mail_catcher import catch_mails
from include.runtime.postgres import free_port
from include.settings import PROJECT_DIR, Settings
from tests.include.databases import TEMPLATE
from tests.include.gates.layer_faults import LAYERS, NEXT, Broken, ownerless_elsewhere, plant
from tests.include.warehouse import DAYS, build, checksums, land, rows, write_days

pytestmark = pytest.mark.slow

NAME = "layer_gates"  # of the database in which every build runs, so that dbt need not read the project anew
READ_BY_PEOPLE = ("core", "marts")
EVERY_RULE = {
    layer: {rule["name"] for rule in yaml.safe_load(path.read_text())["rules"]}
    for layer in LAYERS
    for path in [PROJECT_DIR / "include" / "gates" / "layers" / f"{layer}.yml"]
}


@dataclass(frozen=True)
class Stopped:
    """What became of a bad delivery, and what its gate says once faults are planted beside it."""

    layer: str
    build: tuple[str, list[str]]
    mails: list[str]
    mails_again: int
    was: list[Any]
    became: list[Any]
    states: list[str]
    calendar: list[dict[str, Any]]
    expected: dict[str, Broken]
    found: dict[str, dict[str, Any]]


def copy(postgres_url: str, template: str, name: str) -> None:
    """A database as the other is now; of what is open to either, nothing goes on."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f'drop database if exists "{name}" with (force)')
        connection.execute(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{template}'")
        connection.execute(f'create database "{name}" template "{template}"')


@pytest.fixture(scope="module")
def sound(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A warehouse that was built from a good day, with the bank; its copy is where every bad delivery begins."""
    folder = tmp_path_factory.mktemp("layers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUSTOMER360_RUN_DIR", str(folder))
        patch.setenv("CUSTOMER360_DATABASE_URL", db.in_database(postgres_url, NAME))
        patch.setenv("BANK_DATA", str(folder))
        patch.delenv("CUSTOMER360_ECOMMERCE_URL", raising=False)
        copy(postgres_url, TEMPLATE, NAME)
        settings = Settings.from_env()
        write_days(settings, 300)
        land(settings, DAYS[0])
        assert build(settings, "sound", data_tests=False) == ("publish_marts", [])
        copy(postgres_url, NAME, f"{NAME}_sound")
        yield settings
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for name in (NAME, f"{NAME}_sound"):
            connection.execute(f'drop database if exists "{name}" with (force)')


@pytest.fixture(scope="module")
def stopped_by(
    sound: Settings, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Stopped]:
    """What became of the bad delivery of a layer; each is built once."""

    @cache
    def run(layer: str) -> Stopped:
        folder = tmp_path_factory.mktemp("mail")
        copy(postgres_url, f"{NAME}_sound", NAME)
        for path in sound.inbox.glob(f"*/{NEXT}"):
            path.rename(folder / path.parent.name)  # the delivery of the layer before
        settings = replace(sound, smtp_url=f"smtp://127.0.0.1:{free_port()}")
        server = catch_mails(int(settings.smtp_url.rsplit(":", 1)[1]), folder / "mail")
        try:
            return stop(layer, settings, folder / "mail")
        finally:
            server.stop()

    return run


def stop(layer: str, settings: Settings, mails: Path) -> Stopped:
    """Build the bad delivery until the gate, then break every rule of it in one more run of the gate."""
    send_pending(settings)
    sent = len(list(mails.iterdir()))
    was = read_by_people(settings, layer)
    expected = LAYERS[layer].deliver(settings) | LAYERS[layer].planted | LAYERS[layer].emptied
    land(settings, NEXT, tuple(path.parent.name for path in settings.inbox.glob(f"*/{NEXT}")))
    built = build(settings, "spoilt", NEXT)
    send_pending(settings)
    again = send_pending(settings)
    subjects = [email.message_from_bytes(m.read_bytes())["Subject"] for m in sorted(mails.iterdir())[sent:]]
    became = read_by_people(settings, layer)
    states = [row["state"] for row in rows(settings, "select state from ops.builds order by build_id")]
    calendar = []
    if layer == "marts":
        calendar = rows(settings, "select min(date_day) as first, max(date_day) as last from core_next.dim_time")
        others, of_bank = ownerless_elsewhere(settings), expected["accounts_belong_to_customers"]
        expected["accounts_belong_to_customers"] = Broken(of_bank.count + len(others), of_bank.places | others)
    return Stopped(layer, built, subjects, again, was, became, states, calendar, expected, break_all(layer, settings))


def break_all(layer: str, settings: Settings) -> dict[str, dict[str, Any]]:
    """The results of the gate by rule, with every fault beside those of the delivery."""
    plant(settings, layer, "faults")
    if layer == "marts":
        reconcile_facts(settings.database_url, settings.sources_dir)
    run_layer_gate(layer, settings.database_url, "planted", NEXT)
    if not LAYERS[layer].emptied:
        return results(settings, "planted")
    plant(settings, layer, "emptied")
    run_layer_gate(layer, settings.database_url, "emptied", NEXT)
    emptied = {name: row for name, row in results(settings, "emptied").items() if name in LAYERS[layer].emptied}
    return results(settings, "planted") | emptied


def read_by_people(settings: Settings, layer: str) -> list[Any]:
    """What is published; and who is who, which is adopted before the marts are built."""
    people = rows(settings, "select * from identity.crosswalk order by record_id") if layer != "marts" else []
    return [checksums(settings, READ_BY_PEOPLE), people]


def results(settings: Settings, run_id: str) -> dict[str, dict[str, Any]]:
    found = rows(settings, "select * from ops.gate_results where run_id = %s", [run_id])
    return {row["expectation"]: row for row in found}


def test_gate__every_rule_has_what_breaks_it() -> None:
    """A rule that is new needs a delivery that breaks it, or a fault with the reason why no delivery can."""
    assert {layer: described.rules for layer, described in LAYERS.items()} == EVERY_RULE


def test_gate__a_sound_day_breaks_no_rule(sound: Settings) -> None:
    found = rows(sound, "select expectation, outcome from ops.gate_results where run_id = 'sound'")
    assert {row["expectation"] for row in found} == set().union(*EVERY_RULE.values())
    assert [row["expectation"] for row in found if row["outcome"] != "passed"] == []


@pytest.mark.parametrize("layer", LAYERS)
def test_gate__stops_the_build_with_one_mail_and_changes_nothing(
    layer: str, stopped_by: Callable[[str], Stopped]
) -> None:
    stopped = stopped_by(layer)
    gate = f"gate_{stopped.layer}"
    assert stopped.build == (gate, list(LAYERS[stopped.layer].stops))
    assert stopped.mails == [f"[customer360 critical] {NEXT}: {gate} stopped"]
    assert stopped.mails_again == 0
    assert stopped.became == stopped.was
    assert stopped.states == ["built", "failed"]


@pytest.mark.parametrize(("layer", "rule"), [(layer, rule) for layer in LAYERS for rule in sorted(EVERY_RULE[layer])])
def test_gate__rule_names_what_breaks_it_and_nothing_else(
    layer: str, rule: str, stopped_by: Callable[[str], Stopped]
) -> None:
    broken, found = stopped_by(layer).expected[rule], stopped_by(layer).found[rule]
    assert found["outcome"] == ("failed" if found["severity"] == "critical" else "warned")
    assert found["unexpected"] == broken.count
    examples = found["examples"]
    assert len(examples) == min(broken.count, 5)
    if broken.columns:
        assert [set(example) for example in examples] == [broken.columns] * len(examples)
    else:
        assert all(example.keys() == {"file", "row"} for example in examples), "on-call can look them up"
        assert {f"{example['file']} {example['row']}" for example in examples} <= broken.places


def test_gate__mistyped_years_leave_the_calendar_alone(stopped_by: Callable[[str], Stopped]) -> None:
    assert stopped_by("marts").calendar == [{"first": date(1970, 1, 1), "last": NEXT.replace(year=2027)}]
