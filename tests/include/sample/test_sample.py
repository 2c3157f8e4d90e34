"""The sample company keeps its promises: equal seeds, floors of dirt, nothing of the truth in the inbox."""

from __future__ import annotations

import gzip
import hashlib
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from include.sample import rates, write_sample
from include.sample.company import SYSTEMS
from include.sample.distort import see
from include.sample.population import Person, make_people

DATES = (date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18))


def digest(folder: Path) -> str:
    content = b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())
    return hashlib.sha256(content).hexdigest()


@pytest.mark.slow
def test_write_sample__equal_seeds_give_equal_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_sample(tmp_path / name, tmp_path / f"truth_{name}", 400, seed, DATES)
    assert digest(tmp_path / "a") == digest(tmp_path / "b") != digest(tmp_path / "c")


@pytest.mark.slow
def test_write_sample__killed_leaves_no_system_in_the_inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in the inbox is used as it is, so nothing may look finished before all of it is."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("include.sample.systems.usage.write", killed)
        with pytest.raises(KeyboardInterrupt):
            write_sample(tmp_path / "inbox", tmp_path / "truth", 200, 3, DATES)
    assert not (tmp_path / "inbox" / "crm").exists()
    written = []
    for _ in range(2):  # over what is there, too
        write_sample(tmp_path / "inbox", tmp_path / "truth", 200, 3, DATES)
        written.append({p.relative_to(tmp_path / "inbox") for p in (tmp_path / "inbox").rglob("*") if p.is_file()})
    assert written[0] == written[1]
    assert {path.parts[:2] for path in written[0]} == {(system, f"{day}") for system in SYSTEMS for day in DATES}


def test_write_sample__leaves_out_a_system_and_changes_nobody_else(tmp_path: Path) -> None:
    write_sample(tmp_path / "all", tmp_path / "truth", 200, 3, DATES)
    write_sample(tmp_path / "some", tmp_path / "truth", 200, 3, DATES, frozenset({"bank"}))
    assert not (tmp_path / "some" / "bank").exists()
    for system in ("crm", "finance", "marketing"):
        assert digest(tmp_path / "some" / system) == digest(tmp_path / "all" / system)
    assert "bank" not in set(pd.read_csv(tmp_path / "truth" / "truth.csv").system)
    reports = "".join(path.read_text() for path in (tmp_path / "some" / "bureau").rglob("*.xml"))
    assert "<client_id>" not in reports, "nobody knows people by the ids of a bank that is not there"


@pytest.mark.slow
def test_write_sample__as_many_web_events_as_asked_for(tmp_path: Path) -> None:
    write_sample(tmp_path / "inbox", tmp_path / "truth", 2000, 3, DATES, frozenset(SYSTEMS) - {"crm", "web"}, 40_000)
    packed = (tmp_path / "inbox" / "web").rglob("events_*.jsonl.gz")
    assert 32_000 < sum(gzip.decompress(path.read_bytes()).count(b"\n") for path in packed) < 48_000


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_write_sample__floors_of_dirt(seed: int, tmp_path: Path) -> None:
    write_sample(tmp_path / "inbox", tmp_path / "truth", 6000, seed, DATES)
    truth = pd.read_csv(tmp_path / "truth" / "truth.csv")
    assert abs(len(truth) - 6000) < 300
    assert not truth.duplicated(["system", "source_key"]).any()
    assert (truth.has_usable_id == 0).mean() >= 0.10
    assert truth.has_wrong_id.mean() >= 0.02
    assert truth.duplicated(["system", "person_id"]).mean() >= 0.08
    assert (truth.corrupted_fields >= 2).mean() >= 0.15


def people(seed: int, count: int = 6000) -> list[Person]:
    return make_people(count, np.random.default_rng(seed), np.random.default_rng([seed, 1]))


def relatives(found: list[Person]) -> list[tuple[Person, Person]]:
    return [(a, b) for a, b in pairwise(found) if (a.street, a.postcode) == (b.street, b.postcode)]


def test_make_people__holds_every_kind_of_relative() -> None:
    pairs = relatives(people(3))
    namesakes = [(a, b) for a, b in pairs if (a.first_name, a.email, a.phone) == (b.first_name, b.email, b.phone)]
    assert all(a.birth_date != b.birth_date for a, b in namesakes)
    twins = [(a, b) for a, b in pairs if a.birth_date == b.birth_date and a.first_name != b.first_name]
    parents = [(a, b) for a, b in pairs if (a.first_name, a.last_name) == (b.first_name, b.last_name)]
    families = [(a, b) for a, b in pairs if a.first_name != b.first_name and a.email == b.email]
    telephones = [(a, b) for a, b in pairs if a.first_name != b.first_name and a.phone == b.phone]
    for kind, least in ((namesakes, 2), (twins, 20), (parents, 20), (families, 20), (telephones, 100)):
        assert len(kind) >= least


def test_make_people__households_mostly_share_a_culture() -> None:
    pairs = relatives(people(3))
    foreign = [(a, b) for a, b in pairs if b.phone[:3] != a.phone[:3]]
    assert 0.02 < len(foreign) / len(pairs) < 0.12


def test_see__names_change_over_and_weddings_change_name_and_address() -> None:
    rng, odd = np.random.default_rng(1), np.random.default_rng(2)
    seen = [see(person, DATES[0], rng, odd) for person in people(3)]
    swapped = [s for s in seen if (s.first_name, s.last_name) == (s.person.last_name, s.person.first_name)]
    unmarried = [s for s in seen if s.person.former_last_name and s.last_name == s.person.former_last_name
                 and s.person.former_address and s.postcode == s.person.former_address[2]]  # fmt: skip
    assert len(swapped) >= rates.NAME_ORDER / 2 * len(seen)
    assert len(unmarried) >= rates.BEFORE_MARRIAGE / 2 * sum(s.person.former_last_name is not None for s in seen)
    assert all(s.corrupted >= 1 for s in swapped)
    assert all(s.corrupted >= 2 for s in unmarried)
    endings = Counter((s.last_name or "")[-2:] for s in seen if s.person.locale == "ru_RU")
    assert endings["ow"] >= 2, "as Germans write it"
    assert endings["ov"] > endings["ow"]


@pytest.mark.slow
def test_write_sample__people_whom_the_crm_forgot_hold_ids_of_others(tmp_path: Path) -> None:
    write_sample(tmp_path / "inbox", tmp_path / "truth", 20_000, 3, DATES)
    truth = pd.read_csv(tmp_path / "truth" / "truth.csv")
    known = set(truth[truth.system == "crm"].person_id)
    wrong = truth[truth.has_wrong_id == 1].groupby("person_id").size()
    assert sum(size > 1 and person not in known for person, size in wrong.items()) >= 5
