"""What stewards have decided outlives the model and the rules that it was decided by, and so do the labels."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from include.identity import delta, linkings
from include.identity import standardise as std
from include.identity.linkage.training import levels_of
from include.identity.model import MODEL_VERSION
from include.identity.retrain.__main__ import main
from include.identity.retrain.candidates import read_versions
from include.identity.run import adopt_clusters, link_people
from include.identity.stewards.decisions import undo
from include.identity.stewards.labels import evaluate_labels
from include.ops.builds import end_build
from include.settings import Settings
from tests.include.identity.sample_people import comparable, sample_people
from tests.include.identity.stewards.people import AS_OF, ask, put
from tests.include.identity.test_store import crosswalk, deliver

Row = dict[str, Any]
NAMES = (("Annabel", "Lighterman"), ("Bogdan", "Wozniak"), ("Cecily", "Ravenhall"), ("Dermot", "Quast"),
         ("Effie", "Tolland"), ("Fergus", "Ashdown"))  # fmt: skip
ANN, BOB, CECILY, DERMOT, EFFIE, FERGUS = (
    {"first_name": first, "last_name": last, "email": f"{first.lower()}@mail.example", "phone": f"+44770090012{n}",
     "date_of_birth": date(1950 + 7 * n, 2 + n, 3 + n), "postcode": f"SL{n}W 6NJ", "city": "Tarrington"}
    for n, (first, last) in enumerate(NAMES)
)  # fmt: skip
# Two records of each person, by what is decided about them. Without a word of a steward Annabel's, Dermot's and, once
# the date of birth is right, Cecily's are one customer each; nobody would take Bogdan for Effie or Dermot for Fergus.
PAIRS = {
    "different": (ANN, ANN),
    "same": (BOB, EFFIE),
    "correct": (CECILY, CECILY | {"date_of_birth": date(1931, 7, 9)}),
    "different, undone": (DERMOT, DERMOT),
    "same, undone": (DERMOT, FERGUS),
}
ONE = {"different": False, "same": True, "correct": True, "different, undone": True, "same, undone": False}
IDS = {name: (f"crm/customers/d{n}", f"finance/accounts/d{n}") for n, name in enumerate(PAIRS)}


def decided_rows() -> list[Row]:
    return [
        comparable(record_id, **said)
        for name, both in PAIRS.items()
        for record_id, said in zip(IDS[name], both, strict=True)
    ]


class Company:
    """A warehouse, what has been delivered to it, and the day."""

    def __init__(self, url: str) -> None:
        self.url, self.day = url, AS_OF
        self.rows = [*sample_people(500, 11)[0], *decided_rows()]

    def build(self, mode: str) -> str:
        """Deliver, link, adopt and publish; returns the mode in which it was linked."""
        deliver(self.url, self.rows)
        linked = link_people(self.url, self.day, mode).mode
        adopt_clusters(self.url, self.day)
        end_build(self.url, "run", "built")
        return linked

    def next_day(self) -> None:
        """One more record of everybody about whom something was decided."""
        self.day += timedelta(1)
        self.rows = self.rows + [
            comparable(f"usage/product_usage/d{n}-{self.day}", **said[0], batch_date=self.day)
            for n, said in enumerate(PAIRS.values())
        ]

    def keys_of_decided(self) -> dict[str, tuple[int, int]]:
        """The keys of the two records about which something was decided, by what was."""
        keys = crosswalk(self.url)
        return {name: (keys[left], keys[right]) for name, (left, right) in IDS.items()}

    def are_one(self) -> dict[str, bool]:
        return {name: left == right for name, (left, right) in self.keys_of_decided().items()}


def decide_all(url: str) -> None:
    for name, (left, right) in IDS.items():
        if name == "correct":
            put(url, decision="correct", record_id_l=right, field="date_of_birth",
                new_value=str(CECILY["date_of_birth"]))  # fmt: skip
            continue
        decision, _, end = name.partition(", ")
        number = put(url, decision=decision, record_id_l=left, record_id_r=right)
        if end:
            with psycopg.connect(url) as connection:
                undo(connection, number, "otto", "a slip")


def standing(url: str) -> list[Any]:
    """Every row of the decisions, what the corrections have come to, and the labels."""
    labels = evaluate_labels(url)
    return [
        ask(url, "select * from identity.decisions order by decision_id"),
        ask(url, "select * from identity.applied_corrections"),
        ask(url, "select record_id, date_of_birth from identity.records where record_id = %s", [IDS["correct"][1]]),
        ask(url, "select reason, probability from identity.links where record_id_l = %s and record_id_r = %s",
            list(IDS["same"])),
        {name: labels[name] for name in ("labels", "same", "different")},
    ]  # fmt: skip


def write_blind(url: str, version: str) -> None:
    """A model to which nothing says anything, beside a version that was trained."""
    (row,) = ask(url, "select settings from identity.model_versions where model_version = %s", [version])
    for level in (level for made in row["settings"]["comparisons"] for level in levels_of(made)):
        level["u_probability"] = level["m_probability"]
    with psycopg.connect(url) as connection:
        connection.execute("insert into identity.model_versions (model_version, settings_sha256, trained_on, settings)"
                           " values ('blind', '', 'nothing', %s)", [json.dumps(row["settings"])])  # fmt: skip


@pytest.fixture
def company(settings: Settings) -> Company:
    """A warehouse in which the decisions have been made, and have been heard by a linking."""
    company = Company(settings.database_url)
    company.build("full")
    assert company.are_one() == ONE | {"different": True, "same": False, "correct": False}, "nobody has decided"
    decide_all(company.url)
    company.build("full")
    assert company.are_one() == ONE
    return company


def use(version: str) -> None:
    assert main(["use", version, "--why", "tried", "--user", "olga"]) == 0


@pytest.mark.slow
def test_decisions__hold_with_other_models_and_after_the_way_back(company: Company) -> None:
    before, keys = standing(company.url), company.keys_of_decided()
    assert main(["train"]) == 0
    trained = read_versions(company.url)[-1]
    assert trained["judgement"]["labels"] == 2
    write_blind(company.url, trained["model_version"])
    for version in (trained["model_version"], "blind", MODEL_VERSION):
        use(version)
        # Asked for an increment, everybody is linked anew by the other model; after that it is an increment.
        for mode in ("full", "incremental"):
            assert company.build("incremental") == mode
            (linking,) = ask(
                company.url, "select model_version from identity.linkings order by linking_id desc limit 1"
            )
            assert linking["model_version"] == version
            # A model that finds nobody has no word on whom nobody has decided about.
            unheard = {"correct", "different, undone"} if version == "blind" else set()
            assert company.are_one().items() >= {name: one for name, one in ONE.items() if name not in unheard}.items()
            assert standing(company.url) == before
            company.next_day()
    assert company.keys_of_decided() == keys, "the way back gives everybody his key"


@pytest.mark.slow
def test_decisions__hold_with_new_rules(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    before, keys = standing(company.url), company.keys_of_decided()
    postcode: Callable[[str | None], str | None] = std.standardise_postcode
    monkeypatch.setattr(std, "standardise_postcode", lambda value: (postcode(value) or "").replace("6", "9") or None)
    for module in (delta, linkings):
        monkeypatch.setattr(module, "VERSION", "next")
    for asked, mode in (("incremental", "full"), ("incremental", "incremental"), ("full", "full")):
        assert company.build(asked) == mode
        assert company.are_one() == ONE
        assert standing(company.url) == before
        assert ask(company.url, "select from identity.records where postcode like '%6%' limit 1") == []
        company.next_day()
    assert company.keys_of_decided() == keys
    (same,) = ask(company.url, "select decision_id from identity.decisions_in_force where decision = 'same'")
    with psycopg.connect(company.url) as connection:
        undo(connection, same["decision_id"], "otto", "a slip")
    assert company.build("incremental") == "incremental"
    assert company.are_one() == ONE | {"same": False}, "what was decided before can be undone after"
