"""For each gate of a layer one bad delivery, which breaks what a delivery can break, and faults for its other rules."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg

from include.db import read_sql
from include.settings import PROJECT_DIR, Settings
from tests.include.warehouse import DAYS, deliver_again
from tests.include.warehouse import rows as query

NEXT = date(2026, 11, 19)
HERE = Path("tests/include/gates")


@dataclass(frozen=True)
class Broken:
    """How many rows break a rule, and what names them: `file row`, or columns of a rule that speaks of no record."""

    count: int
    places: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Layer:
    """A gate, the delivery that it stops, and its rules.

    `deliver` writes the delivery of NEXT and says what of it breaks which rule; `planted` says what the SQL of
    `<layer>_faults.sql` breaks, and `emptied` what is broken once that of `<layer>_emptied.sql` has run.
    """

    deliver: Callable[[Settings], dict[str, Broken]]
    planted: dict[str, Broken]
    emptied: dict[str, Broken]
    stops: tuple[str, ...]
    delivered: tuple[str, ...]

    @property
    def rules(self) -> set[str]:
        """Every rule that the delivery and the faults break."""
        return {*self.delivered, *self.planted, *self.emptied}


def plant(settings: Settings, layer: str, kind: str) -> None:
    """Put faults into the tables that the gate reads."""
    with psycopg.connect(settings.database_url) as connection:
        connection.execute(read_sql(PROJECT_DIR / HERE / f"{layer}_{kind}.sql"))


def rows(file: str, numbers: range | tuple[int, ...]) -> frozenset[str]:
    return frozenset(f"{file} {number}" for number in numbers)


def _again(settings: Settings, system: str, name: str) -> Path:
    """The file of a system as the first day had it, delivered once more; the others of its folder stay away."""
    folder = settings.inbox / system / NEXT.isoformat()
    if not folder.exists():
        deliver_again(settings, system, DAYS[0], NEXT)
        for path in folder.iterdir():
            path.rename(path.with_name(f".{path.name}"))  # landing leaves names with a dot alone
    (path,) = folder.glob(f".{name}*")
    return path.rename(path.with_name(path.name[1:]))


def _edit(path: Path, change: Callable[[str], str]) -> None:
    read, write = (gzip.decompress, gzip.compress) if path.suffix == ".gz" else (bytes, bytes)
    before = read(path.read_bytes()).decode()
    after = change(before)
    assert after != before, path.name
    path.write_bytes(write(after.encode()))


def _crm(settings: Settings, people: list[dict[str, str]]) -> None:
    """New customers in a file of their own."""
    with next((settings.inbox / "crm" / DAYS[0].isoformat()).glob("*")).open(newline="") as stream:
        names = list(next(csv.DictReader(stream)))
    target = settings.inbox / "crm" / NEXT.isoformat() / "customers.csv"
    target.parent.mkdir()
    with target.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, names)
        writer.writeheader()
        writer.writerows(dict.fromkeys(names, "") | person for person in people)


def moved_branch(settings: Settings) -> dict[str, Broken]:
    """A branch system that was moved: customer ids have got a prefix that nobody else knows, two postings have lost
    their amount or time. New customers of crm beside it are sound."""
    _crm(settings, [{"customer_id": f"C91000{n}", "last_name": "Novotna", "city": f"Town {n}"} for n in range(3)])
    path = _again(settings, "finance", "accounts")
    accounts = json.loads(path.read_text())
    for account in accounts[:20]:
        account["customer_id"] = f"X-{account['account_id']}"
    moves = [account["transaction_history"] for account in accounts]
    first, second = [number for number, history in enumerate(moves) if history][:2]
    moves[first][0]["amount"], moves[second][0]["occurred_at"] = "n/a", ""
    path.write_text(json.dumps(accounts))
    return {
        "customer_ids_have_a_form_that_crm_uses": Broken(20, rows(path.name, range(1, 21))),
        "transactions_have_amount_and_time": Broken(2, rows(path.name, (first + 1, second + 1))),
    }


def dumped_test_system(settings: Settings) -> dict[str, Broken]:
    """A dump of a test system in production: the same person under 45 ids, and one that is real."""
    person = {"first_name": "Zora", "last_name": "Testova", "date_of_birth": "1971-02-03", "city": "Brno"}
    people = [person | {"customer_id": f"T{number:06d}"} for number in range(45)]
    _crm(settings, [*people, {"customer_id": "C910001", "first_name": "Ada", "last_name": "Novotna"}])
    return {"nobody_is_there_more_than_40_times_in_a_system": Broken(45, rows("customers.csv", range(1, 46)))}


def foreign_day(settings: Settings) -> dict[str, Broken]:
    """A day whose files are well formed one by one: money without a rate, accounts without an owner, words that nobody
    knows, shops and campaigns that nobody has delivered, mistyped years, balances that do not follow."""
    broken = _finance(settings) | _bank(settings)
    path = _again(settings, "wealth", "deposits")
    with path.open(newline="") as stream:
        deposits = list(csv.DictReader(stream))
    for deposit in deposits:
        deposit["currency"] = "XXX"
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(deposits[0]))
        writer.writeheader()
        writer.writerows(deposits)
    broken["balances_have_a_rate"] = Broken(len(deposits), rows(path.name, range(1, len(deposits) + 1)))
    path = _again(settings, "service", "interactions")
    _edit(path, lambda text: text.replace("|2026-11", "|2206-11", 1).replace("|hotline|", "|telex|", 1))
    words = [number for number, line in enumerate(path.read_text().splitlines()) if "|telex|" in line]
    broken["interactions_are_in_the_calendar"] = Broken(1, rows(path.name, (1,)))
    broken["channels_are_known"] = Broken(1, rows(path.name, tuple(words)))
    path = _again(settings, "usage", "product_usage")
    _edit(path, lambda text: text.replace(",2026-", ",9999-", 1))
    broken["product_usage_is_in_the_calendar"] = Broken(1, rows(path.name, (1,)))
    path = _again(settings, "pos", "transactions")
    _edit(path, lambda text: text.replace(text.splitlines()[1].split(";")[2], "ST99"))
    shops = gzip.decompress(path.read_bytes()).decode().splitlines()
    found = tuple(number for number, line in enumerate(shops) if ";ST99;" in line)
    broken["shops_are_delivered"] = Broken(len(found), rows(path.name, found))
    path = _again(settings, "marketing", "email_events")
    _edit(path, lambda text: "".join(line.replace('"CA0', '"CB0') for line in text.splitlines(keepends=True)[:2]))
    broken["campaigns_are_delivered"] = Broken(2, rows(path.name, (1, 2)))
    return broken


def ownerless_elsewhere(settings: Settings) -> frozenset[str]:
    """The accounts of other systems than the bank that have no customer: some always have none, and are tolerated."""
    statement = (
        "select f.name || ' ' || a.row_number as place from core_next.dim_account as a"
        " join ops.files as f on f.file_id = a.file_id where a.customer_key is null and a.system <> 'bank'"
    )
    return frozenset(row["place"] for row in query(settings, statement))


def _finance(settings: Settings) -> dict[str, Broken]:
    path = _again(settings, "finance", "accounts")
    accounts = json.loads(path.read_text())
    count, first = 0, 0
    for number, account in enumerate(accounts, start=1):
        first = first or (number if account["transaction_history"] else 0)
        for transaction in account["transaction_history"]:
            transaction |= {"currency": "XXX", "transaction_id": "N" + transaction["transaction_id"]}
            count += 1
    accounts[first - 1]["transaction_history"][0] |= {"occurred_at": "1926-11-15T08:00:00Z", "channel": "telex"}
    path.write_text(json.dumps(accounts))
    return {
        "transactions_have_a_rate": Broken(count, rows(path.name, range(1, len(accounts) + 1))),
        "transactions_are_in_the_calendar": Broken(1, rows(path.name, (first,))),
        "channels_of_transactions_are_known": Broken(1, rows(path.name, (first,))),
    }


def _bank(settings: Settings) -> dict[str, Broken]:
    """Eight accounts have nobody but a disponent; a posting has a balance that does not follow, nor does the next."""
    for name in ("account", "card", "client", "district", "loan", "order"):
        _again(settings, "bank", name)
    disponents = _again(settings, "bank", "disp")
    owners = [line.split(";")[2] for line in disponents.read_text().splitlines()[1:9]]
    _edit(disponents, lambda text: text.replace('"OWNER"', '"DISPONENT"', 8))
    path = _again(settings, "bank", "trans")
    lines = [line.split(";") for line in path.read_text().splitlines()]
    ownerless = tuple(number for number, line in enumerate(lines) if line[1] in owners)
    in_order = sorted((n for n, line in enumerate(lines) if line[1] == "33"), key=lambda n: (lines[n][2], lines[n][0]))
    lines[in_order[1]][6] = "1.00"
    path.write_text("\n".join(map(";".join, lines)) + "\n")
    return {
        "transactions_belong_to_customers": Broken(len(ownerless), rows(path.name, ownerless)),
        "accounts_belong_to_customers": Broken(8, rows("account.asc", range(1, 9))),
        "postings_follow_from_the_balance_before": Broken(2, rows(path.name, tuple(in_order[1:3]))),
    }


CUSTOMERS = "customers_20261116"
LAYERS = {
    "staging": Layer(
        moved_branch,
        planted={
            "every_released_crm_key_is_staged": Broken(2, rows(f"{CUSTOMERS}.csv", (1, 2))),
            "staging_holds_no_row_of_an_unreleased_file": Broken(3, rows("customers.csv", range(1, 4))),
            "released_rows_have_a_key": Broken(
                2, frozenset({f"{CUSTOMERS}.xml 2", "product_usage_20261116.csv.gz 3"})
            ),
        },
        emptied={"records_of_people_are_there": Broken(1, columns=frozenset({"records"}))},
        stops=("customer_ids_have_a_form_that_crm_uses",),
        delivered=("customer_ids_have_a_form_that_crm_uses", "transactions_have_amount_and_time"),
    ),
    "identity": Layer(
        dumped_test_system,
        planted={
            "every_record_has_one_cluster": Broken(2, rows(f"{CUSTOMERS}.xml", (1, 2))),
            "clusters_hold_known_records_only": Broken(1, columns=frozenset({"cluster_id"})),
            "no_cluster_of_more_than_40_records_of_a_system": Broken(1, columns=frozenset({"cluster_id"})),
            "clusters_with_two_confirmed_birth_dates_are_rare": Broken(1, columns=frozenset({"clusters"})),
            "number_of_customers_does_not_jump": Broken(1, columns=frozenset({"jump"})),
        },
        emptied={},
        stops=("nobody_is_there_more_than_40_times_in_a_system",),
        delivered=("nobody_is_there_more_than_40_times_in_a_system",),
    ),
    "marts": Layer(
        foreign_day,
        planted={
            "every_customer_is_there": Broken(2, columns=frozenset({"customer_key"})),
            "customer_360_has_one_row_per_customer": Broken(3, columns=frozenset({"customer_key"})),
            "interactions_belong_to_customers": Broken(3, rows("interactions_20261116.txt", (2, 3, 4))),
            "product_usage_belongs_to_customers": Broken(1, rows("product_usage_20261116.csv.gz", (2,))),
            "facts_reconcile_with_raw": Broken(
                2, columns=frozenset({"fact", "system", "entity", "batch_date"})
            ),
            "bank_postings_reconcile_with_staging": Broken(1, columns=frozenset({"staged", "facts"})),
        },
        emptied={"facts_are_there": Broken(1, columns=frozenset({"facts"}))},
        stops=("transactions_belong_to_customers", "transactions_have_a_rate", "balances_have_a_rate"),
        delivered=(
            "transactions_belong_to_customers", "transactions_have_a_rate", "balances_have_a_rate",
            "accounts_belong_to_customers", "channels_are_known", "channels_of_transactions_are_known",
            "shops_are_delivered", "campaigns_are_delivered", "transactions_are_in_the_calendar",
            "interactions_are_in_the_calendar", "product_usage_is_in_the_calendar",
            "postings_follow_from_the_balance_before",
        ),
    ),
}  # fmt: skip
