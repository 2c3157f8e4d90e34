"""What the bench of linkage says: who is who, how good keys are, whether both sides did the same."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from include.bench.linkage import check_same_work, read_people, score_keys
from tests.include.identity.sample_people import comparable
from tests.include.identity.test_store import deliver


def test_check_same_work__fails_where_records_or_pairs_differ() -> None:
    ours = {"compared": 10, "pairs": 1200}
    check_same_work(ours, dict(ours))
    for what in ours:
        with pytest.raises(ValueError, match=f"the linking has .* {what}, bare Splink"):
            check_same_work(ours, ours | {what: 9})


def test_score_keys__over_those_who_have_a_name(warehouse_url: str, tmp_path: Path) -> None:
    ids = ["crm/people/a", "hr/people/b", "crm/people/c", "hr/people/d"]
    deliver(warehouse_url, [comparable(ids[0]), comparable(ids[1]), comparable("web/users/e", links_by_id_only=True)])
    truth = tmp_path / "truth.csv"
    truth.write_text(
        "system,entity,source_key,person_id,corrupted_fields\n"
        "crm,people,a,7,0\nhr,people,b,7,0\ncrm,people,c,8,0\nhr,people,d,8,0\nweb,users,e,7,0\ncrm,people,x,7,0\n"
    )
    with psycopg.connect(warehouse_url) as connection:
        connection.execute(
            "create table intermediate.later as"
            " select record_id, false as links_by_id_only from unnest(%s::text[]) as record_id",
            [ids[2:]],
        )
        connection.execute(
            "create table intermediate.int_people__source_records as"
            " select split_part(record_id, '/', 1) as system, split_part(record_id, '/', 2) as entity,"
            " split_part(record_id, '/', 3) as source_key, record_id"
            " from unnest(%s::text[]) as record_id",
            [[*ids, "web/users/e"]],
        )
        connection.execute("insert into identity.customer_keys values (1, null, '2026-11-16'), (2, null, '2026-11-16')")
        for record_id, key in zip(ids, [1, 1, 1, 2], strict=True):
            connection.execute("insert into identity.crosswalk values (%s, %s)", [record_id, key])
    person = read_people(warehouse_url, truth)
    assert person.to_dict() == dict(zip(ids, [7, 7, 8, 8], strict=True))
    assert score_keys(warehouse_url, person) == {"precision": 1 / 3, "recall": 1 / 2, "f1": 2 / 5}
