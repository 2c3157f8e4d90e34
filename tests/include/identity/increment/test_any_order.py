"""Whatever lands in whatever order, linked increment by increment: keys that stay and resolve, a history that tells it,
and in the end the people whom linking everybody at once finds.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from include.identity.drift import AGREED, KINDS
from include.identity.run import adopt_clusters, link_people
from tests.include.identity import test_hard_cases as hard
from tests.include.identity.increment.test_find import agreement, ask, pairs_of
from tests.include.identity.sample_people import sample_people
from tests.include.identity.test_batches import Batch, check_keys, people, rows_of, start_afresh
from tests.include.identity.test_store import ANN, checksum, crosswalk, deliver

Row = dict[str, Any]
DAYS = [date(2026, 11, n) for n in range(17, 21)]
# So many others that the population by which values are rare grows in between (reference_date.sql), and that as many
# guests of a hotel share its telephone as may share one.
OTHERS, GUESTS = 540, 42
HOTEL = "+44 1632 960500"


class Life(NamedTuple):
    """What a record says `now`, what it said `before`, if anything else, and whether its source may withdraw it."""

    now: Row
    before: Row | None = None
    may_go: bool = False


@cache
def others() -> list[Row]:
    guests = [row for rows in hard.switchboard()[:GUESTS] for row in rows]
    return sample_people(600, 12)[0][:OTHERS] + guests


def said(row: Row) -> Row:
    """What a comparable record says, without what it is and when it came."""
    given = ("record_id", "system", "entity", "source_key", "batch_date", "first_seen_date", "links_by_id_only")
    return {name: value for name, value in row.items() if value is not None and name not in given}


@cache
def lives() -> dict[str, Life]:
    """Records of people who are hard to tell apart: a mailbox is given up for the family's, a customer id is that of
    somebody else by now, somebody has married; some may be withdrawn.
    """
    (married,), (gregory, ludmila) = hard.marriage(), hard.reused_customer_id()
    she, *family = hard.family_mailbox_and_telephone()
    guests = hard.switchboard()[GUESTS : GUESTS + 7]
    was_gregory = said(gregory[0]) | {"first_name": None, "last_name": None}
    found = {row["record_id"]: Life(said(row)) for rows in (*hard.twins(), married, gregory, *guests) for row in rows}
    found[married[-1]["record_id"]] = Life(said(married[-1]), said(married[0]))
    found |= {row["record_id"]: Life(said(row), said(row) | {"email": "margaret@mail.example"}) for row in she}
    found |= {row["record_id"]: Life(said(row), said(row) | was_gregory) for row in ludmila}
    leaving = [row for rows in (*family, *hard.father_and_son()) for row in rows]
    found |= {row["record_id"]: Life(said(row), may_go=True) for row in leaving}
    user = {"identifiers": "user_id:U1", "links_by_id_only": True}
    return found | {
        "service/contacts/vance": Life({"first_name": "Ptolemy", "phone": HOTEL}),
        "support/contacts/vance": Life({"full_name": "Ptolemy Vance", "phone": HOTEL}),
        "crm/customers/ann": Life(ANN),
        "ecommerce/accounts/1": Life(ANN | {"identifiers": "user_id:U1"}, ANN),
        "web/users/U1": Life(user, may_go=True),
        "web/users/U2": Life({"email": ANN["email"], "links_by_id_only": True}),
    }


class Landing(NamedTuple):
    """A batch: its day and what it brings of each record (now, before, gone); how the build after it links, and whether
    that is killed once before it adopts what it has linked.
    """

    day: date
    brings: dict[str, str]
    mode: str
    is_killed: bool

    def batch(self) -> Batch:
        """What lands."""
        everybody = lives()
        return self.day, {
            record_id: None if what == "gone" else everybody[record_id].now if what == "now" else said_before(record_id)
            for record_id, what in self.brings.items()
        }


def said_before(record_id: str) -> Row:
    return lives()[record_id].before or lives()[record_id].now


@st.composite
def landings(draw: st.DrawFn) -> list[Landing]:
    """Each record once or twice, what it said before earlier, its end at any time; the days come in any order."""
    batches: dict[date, dict[str, str]] = {day: {} for day in DAYS}
    for record_id, life in lives().items():
        since = draw(st.integers(1 if life.before else 0, len(DAYS) - 1))
        for day in {DAYS[since], *draw(st.lists(st.sampled_from(DAYS[since:]), max_size=1))}:
            batches[day][record_id] = "now"
        if life.before:
            batches[draw(st.sampled_from(DAYS[:since]))][record_id] = "before"
        if life.may_go and draw(st.booleans()):
            batches[draw(st.sampled_from(DAYS))][record_id] = "gone"
    modes = st.sampled_from(("incremental", "incremental", "full"))
    how = [("full", False), *((draw(modes), draw(st.booleans())) for _ in DAYS[1:])]
    order = draw(st.permutations(DAYS))
    return [Landing(day, batches[day], *of_day) for day, of_day in zip(order, how, strict=True)]


def one_by_one() -> list[Landing]:
    """What everybody said before, and what they say now; then some go, and with the last guests of the hotel its
    telephone is that of too many. The first day comes last, when all has been heard that it says.
    """
    guests, vances = ({r for r in lives() if name in r} for name in ("guest", "vance"))
    first = dict.fromkeys((r for r in lives() if r not in guests | vances), "before")
    second = dict.fromkeys((r for r, life in lives().items() if life.before or r in vances), "now")
    third = {r: "now" if r in guests else "gone" for r, life in lives().items() if life.may_go or r in guests}
    return [
        Landing(DAYS[1], first, "full", False), Landing(DAYS[2], second, "incremental", True),
        Landing(DAYS[3], third, "incremental", False), Landing(DAYS[0], first, "incremental", True),
    ]  # fmt: skip


def build(url: str, rows: list[Row], mode: str, day: date, is_killed: bool = False) -> None:
    deliver(url, rows)
    for _ in range(1 + is_killed):
        assert link_people(url, day, mode).mode == mode
    adopt_clusters(url, day)


def check_drift(url: str, before: dict[str, int], now: dict[str, int]) -> None:
    """Every difference of a linking of everybody from the increments before it is counted, once."""
    drift = dict(ask(url, "select kind, pairs from identity.drift where linking_id ="
                          " (select max(linking_id) from identity.linkings)"))  # fmt: skip
    assert drift.keys() == set(KINDS)
    both = before.keys() & now.keys()
    one, other = (pairs_of({record_id: keys[record_id] for record_id in both}) for keys in (before, now))
    assert drift.pop(AGREED) == len(one & other)
    assert sum(drift.values()) == len(one ^ other)


@pytest.mark.slow
@given(landings())
@example(one_by_one())
@settings(
    max_examples=5, deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
def test_increments__the_same_people_and_keys_that_stay_whatever_lands_in_whatever_order(
    warehouse_url: str, landed: list[Landing]
) -> None:
    """Few examples, which are not made smaller: each is about ten builds, of half a second each."""
    start_afresh(warehouse_url)
    held: dict[int, frozenset[str]] = {}
    keys: dict[str, int] = {}
    last = ""
    at_last = landed[-1]._replace(mode="full", is_killed=False)
    for number, (day, _, mode, is_killed) in enumerate([*landed, at_last], start=1):
        rows = others() + rows_of(landing.batch() for landing in landed[:number])
        build(warehouse_url, rows, mode, day, is_killed)
        before, keys = keys, check_keys(warehouse_url, keys, held)
        assert keys.keys() == {row["record_id"] for row in rows}
        if (last, mode, is_killed) == ("incremental", "full", False):
            check_drift(warehouse_url, before, keys)
        last, done = mode, checksum(warehouse_url)
        build(warehouse_url, rows[::-1], mode, day)
        assert checksum(warehouse_url) == done, "a rerun changes nothing"
    assert agreement(before, keys) >= 0.995
    start_afresh(warehouse_url)
    build(warehouse_url, rows[::-1], "full", day)
    assert set(people(crosswalk(warehouse_url))) == set(people(keys))
