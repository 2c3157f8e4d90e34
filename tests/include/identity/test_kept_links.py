"""Every record of a customer has a link that says by what it is held, however loosely."""

from __future__ import annotations

import pandas as pd
import psycopg
import pytest

from include.identity.kept_links import find_kept_links
from include.identity.people import Linking
from include.identity.run import adopt_clusters, link_people
from include.identity.stewards.queue import Reviews
from include.identity.store import adopt_proposals, write_proposals
from tests.include.identity.sample_people import sample_people
from tests.include.identity.test_store import AS_OF, deliver

PAIRS = [("a", "b", 9.0), ("a", "c", 2.5), ("b", "c", 1.0), ("c", "d", 2.9), ("b", "d", 5.0), ("e", "f", -3.0)]
CLUSTERS = {"a": 0, "b": 0, "c": 0, "d": 1, "e": 2, "f": 2}
# Records of customers of several records that have no link to another record of theirs.
UNHELD = """
select count(*) from identity.crosswalk as mine where (select count(*) from identity.crosswalk as all_of_it
where all_of_it.customer_key = mine.customer_key) > 1 and not exists (select 1 from identity.links as l inner join
identity.crosswalk as other on mine.record_id in (l.record_id_l, l.record_id_r) and other.record_id in (l.record_id_l,
l.record_id_r) and other.record_id <> mine.record_id and other.customer_key = mine.customer_key)
"""


def scored(pairs: list[tuple[str, str, float]] = PAIRS) -> pd.DataFrame:
    table = pd.DataFrame(pairs, columns=["record_id_l", "record_id_r", "match_weight"])
    return table.assign(probability=1 / (1 + 2.0 ** -table["match_weight"]), reason="model")


def kept(*same: tuple[str, str]) -> set[str]:
    found = find_kept_links(scored(), CLUSTERS, same)
    return set(found["record_id_l"] + found["record_id_r"])


def test_find_kept_links__what_speaks_for_one_person_and_the_best_pair_of_who_has_no_other() -> None:
    assert kept() == {"ab", "bd", "ac", "ef"}, "d is nobody's, and its pairs say nothing of what holds c"


def test_find_kept_links__a_decision_holds_a_record() -> None:
    assert kept(("e", "f"), ("b", "c"), ("a", "d"), ("a", "gone")) == {"ab", "bd"}
    assert kept(("c", "d")) == kept(), "a decision that another one outweighs joins nobody"


def test_find_kept_links__nothing_to_keep() -> None:
    assert find_kept_links(scored([]), CLUSTERS).empty
    assert find_kept_links(scored(), {})["match_weight"].tolist() == [9.0, 5.0]


@pytest.mark.parametrize("among", [None, "relinked"])
def test_write_proposals__a_record_joined_by_two_bits_and_a_half(among: str | None, warehouse_url: str) -> None:
    nothing = Reviews([], {})
    with psycopg.connect(warehouse_url) as connection:
        connection.execute("create temp table relinked as select unnest(%s::text[]) as record_id", [list("abcdef")])
        connection.execute("create temp table touched (record_id text)")
        linking = Linking(pd.DataFrame(), pd.DataFrame(), scored(), CLUSTERS)
        write_proposals(connection, linking, nothing, among)
    adopt_proposals(warehouse_url, AS_OF)
    with psycopg.connect(warehouse_url) as connection:
        links = connection.execute(
            "select match_weight, round(probability::numeric, 3)::float, reason from identity.links"
            " where 'c' in (record_id_l, record_id_r)"
        ).fetchall()
    assert links == [(2.5, 0.85, "model")]


@pytest.mark.slow
def test_links__hold_every_record_of_the_sample_in_full_and_after_an_increment(warehouse_url: str) -> None:
    rows, _, _ = sample_people(3000, 5)
    for there, mode in ((rows[:-150], "full"), (rows, "incremental")):
        deliver(warehouse_url, there)
        link_people(warehouse_url, AS_OF, mode)
        adopt_clusters(warehouse_url, AS_OF)
        with psycopg.connect(warehouse_url) as connection:
            assert connection.execute(UNHELD).fetchone() == (0,)
