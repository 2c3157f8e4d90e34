"""The sample company as raw has it, and what a view says of it: what the tests of this folder recompute from.

Amounts, days, words and states are read from the columns of raw by the rules that the dictionary tells, in Python and
not in SQL. Whose a record is is taken from the warehouse: identity has tests of its own.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from include.contracts import Contract, load_contracts
from include.settings import PROJECT_DIR, Settings
from tests.include.warehouse import DAYS, rows

Row = dict[str, Any]
AS_OF = DAYS[-1]
LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)
SEEDS = PROJECT_DIR / "dbt_project" / "seeds"
# Addresses of pages as browsers send them: what the site itself would never write into the sample.
LOGIN = "https://shop.retailmax.example/login?email=ann.walker@mail.example&token=Zx81&utm_source=mail#ann"
REFERRER = "https://ann:secret@mail.example/read/ann.walker@mail.example?message=4111111111111111&product_id=P101"


def add_addresses(settings: Settings) -> None:
    """A visit of a stranger whose addresses tell who it is, in the inbox of the first day."""
    event = {
        "event_id": "E-address", "event_type": "page_view", "occurred_at": "2026-11-15T10:00:00Z",
        "session_id": "S-address", "anonymous_id": "anon-address", "device_type": "web", "url": LOGIN,
        "referrer": REFERRER,
    }  # fmt: skip
    (settings.inbox / "web" / DAYS[0].isoformat() / "events_address.jsonl").write_text(json.dumps(event) + "\n")


def text(value: Any) -> str | None:
    return str(value).strip() or None if value is not None else None


def number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value).strip()) if text(value) else None
    except InvalidOperation:
        return None


def day(value: Any) -> date | None:
    return date.fromisoformat(str(value)[:10]) if text(value) else None


def bank_day(value: Any) -> date | None:
    return datetime.strptime(str(value)[:6], "%y%m%d").replace(tzinfo=UTC).date() if text(value) else None


def moment(value: Any) -> datetime | None:
    """A time of raw, UTC where it names no zone."""
    if not text(value):
        return None
    found = datetime.fromisoformat(str(value).strip())
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def rounded(value: Decimal | None, digits: int = 2) -> Decimal | None:
    return None if value is None else value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def total(values: Iterable[Decimal | None], empty: Decimal | None = None) -> Decimal | None:
    """The sum of what there is, as SQL sums."""
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else empty


def in_last_year(when: date | datetime | None) -> bool:
    if isinstance(when, datetime):
        when = when.astimezone(UTC).date()
    return when is not None and AS_OF.replace(year=AS_OF.year - 1) < when <= AS_OF


def newest(found: Iterable[tuple[Any, Any]]) -> Any:
    """The value of the latest (place, value) that has one."""
    known = [(place, value) for place, value in found if value is not None]
    return max(known, key=lambda item: item[0])[1] if known else None


def joined(words: Iterable[str | None], by: str = ",") -> str | None:
    return by.join(sorted({word for word in words if word})) or None


class Company:
    """Raw, the crosswalk and the published views, each read once."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.contracts: dict[str, Contract] = load_contracts(settings.sources_dir, active_only=False)
        self._read: dict[str, Any] = {}

    def rows(self, statement: str, values: list[Any] | None = None) -> list[Row]:
        return rows(self.settings, statement, values)

    def once(self, statement: str) -> list[Row]:
        if statement not in self._read:
            self._read[statement] = self.rows(statement)
        found: list[Row] = self._read[statement]
        return found

    def remembered(self, work: Callable[[Company], Any]) -> Any:
        """What a function makes of the company, made once."""
        name = f"{work.__module__}.{work.__qualname__}"
        if name not in self._read:
            self._read[name] = work(self)
        return self._read[name]

    def raw(self, system: str, entity: str) -> list[Row]:
        """Every delivered record, tombstones among them."""
        return self.once(f'select * from raw_{system}."{entity}"')

    def latest(self, system: str, entity: str) -> list[Row]:
        """The version in force of each key: of the newest batch, then of the newest record time. ``_gone`` says that a
        later batch has removed it. Of several that neither tells apart, the one that staging has."""
        name = f"latest {system}.{entity}"
        if name not in self._read:
            self._read[name] = self._latest(system, entity)
        found: list[Row] = self._read[name]
        return found

    def _latest(self, system: str, entity: str) -> list[Row]:
        key, time = self.contracts[system].entities[entity].key, self.contracts[system].entities[entity].record_time
        staged = {(r["file_id"], r["row_number"]) for r in self.once(_staged(system, entity))}
        versions, gone = defaultdict(list), {}
        for row in self.raw(system, entity):
            place = tuple(text(row[name]) for name in key)
            if None in place:
                continue
            if text(row.get("is_deleted")) == "true":
                gone[place] = max(row["_batch_date"], gone.get(place, row["_batch_date"]))
            else:
                versions[place].append(row)
        found = []
        for place, known in versions.items():
            places = [(row["_batch_date"], (time and moment(row[time])) or LONG_AGO) for row in known]
            last = max(places)
            alike = [row for row, at in zip(known, places, strict=True) if at == last]
            chosen = [row for row in alike if (row["_file_id"], row["_row"]) in staged]
            assert len(chosen) == 1, f"{system}.{entity} {place} has another version in staging"
            found.append(chosen[0] | {"_gone": gone.get(place, date.min) > last[0]})
        return found

    def listed(self, system: str, entity: str) -> list[Row]:
        """What the newest list of a snapshot holds."""
        last = max(row["_batch_date"] for row in self.raw(system, entity))
        return [row for row in self.latest(system, entity) if row["_batch_date"] == last]

    def nested(self, system: str, entity: str, path: str, key: str) -> list[tuple[Row, Row]]:
        """(record, item) of the lists nested in an entity, each item in its newest version."""
        found: dict[str, tuple[Row, Row]] = {}
        time = self.contracts[system].entities[entity].record_time
        for row in sorted(self.raw(system, entity), key=lambda r: (r["_batch_date"], (time and r[time]) or "")):
            for item in json.loads(row[path] or "[]") or []:
                if item.get(key):
                    found[item[key]] = (row, item)
        return list(found.values())

    @cached_property
    def crosswalk(self) -> dict[str, int]:
        return {r["record_id"]: r["customer_key"] for r in self.rows("select * from identity.crosswalk")}

    def owners(self, fact: str, key: str, where: str = "true") -> dict[str, int | None]:
        """Whose a row of a fact is, by the id that its source gave."""
        found = self.once(f"select {key} as name, customer_key from core.{fact} where {where}")
        return {row["name"]: row["customer_key"] for row in found}

    def columns(self, view: str) -> list[str]:
        found = self.rows("select column_name from information_schema.columns where table_schema = 'marts'"
                          " and table_name = %s order by ordinal_position", [view])  # fmt: skip
        return [row["column_name"] for row in found]

    def view(self, name: str) -> dict[int, Row]:
        return {row["customer_key"]: row for row in self.once(f"select * from marts.{name}")}

    @cached_property
    def _rates(self) -> dict[str, list[tuple[date, Decimal]]]:
        found = defaultdict(list)
        with (SEEDS / "exchange_rates.csv").open() as stream:
            for row in csv.DictReader(stream):
                since, rate = date.fromisoformat(row["valid_from_date"]), Decimal(row["eur_per_unit"])
                found[row["currency"]].append((since, rate))
        return {currency: sorted(rates) for currency, rates in found.items()}

    def rate(self, currency: str | None, when: date | datetime | None) -> Decimal | None:
        when = when.astimezone(UTC).date() if isinstance(when, datetime) else when
        known = [rate for since, rate in self._rates.get(currency or "", []) if when and since <= when]
        return known[-1] if known else None

    def eur(self, amount: Any, currency: str | None, when: date | datetime | None = AS_OF) -> Decimal | None:
        """EUR at the rate of a day, rounded to cents; the day of the newest batch by default."""
        value, rate = number(amount), self.rate(currency, when)
        return None if value is None or rate is None else rounded(value * rate)

    def touchpoint_group(self, system: str, word: str | None) -> str | None:
        words = {(r["system"], r["word"]): r["channel"] for r in seed("channel_words")}
        return {r["channel"]: r["touchpoint_group"] for r in seed("channels")}.get(words.get((system, word or "-"), ""))


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open() as stream:
        return list(csv.DictReader(stream))


def _staged(system: str, entity: str) -> str:
    return f"select file_id, row_number from staging.stg_{system}__{entity}"


class Expected:
    """What a view has to say, by column and customer, and what it says of customers without anything of the kind."""

    def __init__(self) -> None:
        self.values: dict[str, dict[int, Any]] = {}
        self.empty: dict[str, Any] = {}

    def of(self, column: str, found: dict[int, Any], empty: Any = None) -> None:
        self.values[column], self.empty[column] = found, empty

    def each(self, groups: dict[int, list[Any]], empty: Any = None, **rules: Callable[[list[Any]], Any]) -> None:
        """A column per rule, of the rows of each customer."""
        for column, rule in rules.items():
            self.of(column, {customer: rule(found) for customer, found in groups.items()}, empty)


def first_dates(found: Iterable[Row], key: str) -> dict[str, date]:
    """The batch date on which each value of a column came first."""
    dates: dict[str, date] = {}
    for row in found:
        value = str(text(row[key]))
        dates[value] = min(row["_batch_date"], dates.get(value, row["_batch_date"]))
    return dates


def by_customer(found: Iterable[tuple[int | None, Any]]) -> dict[int, list[Any]]:
    groups: dict[int, list[Any]] = defaultdict(list)
    for customer, value in found:
        if customer is not None:
            groups[customer].append(value)
    return groups


def differences(company: Company, view: str, expected: Expected, names: dict[str, str]) -> list[str]:
    """Where the view says something else, as text; `names` says what its columns are called in what is expected."""
    found = []
    for column in company.columns(view):
        wanted_as = names.get(column, column)
        if wanted_as in expected.values:
            values, empty = expected.values[wanted_as], expected.empty[wanted_as]
            for customer, row in company.view(view).items():
                wanted = values.get(customer, empty)
                if row[column] != wanted:
                    found.append(f"{view}.{column} of {customer}: {row[column]!r} instead of {wanted!r}")
    return found
