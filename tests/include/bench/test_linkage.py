"""What the bench of linkage says: who is who among copies, how good keys are, whether both sides did the same."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from include.bench.linkage import check_same_work, read_people_of_copies, score_keys
from tests.include.identity.sample_people import comparable
from tests.include.identity.test_store import deliver


def test_check_same_work__fails_where_records_or_pairs_differ() -> None:
    ours = {"compared": 10, "pairs": 1200}
    check_same_work(ours, dict(ours))
    for what in ours:
        with pytest.raises(ValueError, match=f"the linking has .* {what}, bare Splink"):
            check_same_work(ours, ours | {what: 9})


def test_score_keys__copies_of_one_person_are_other_people(warehouse_url: str, tmp_path: Path) -> None:
    ids = ["crm/people/a-0", "hr/people/b-0", "crm/people/a-1", "hr/people/b-1"]
    deliver(warehouse_url, [comparable(ids[0]), comparable(ids[1]), comparable("web/users/c-0", links_by_id_only=True)])
    truth = tmp_path / "truth.csv"
    truth.write_text("system,entity,source_key,person_id,corrupted_fields\ncrm,people,a,7,0\nhr,people,b,7,0\n")
    with psycopg.connect(warehouse_url) as connection:
        connection.execute(
            "create table intermediate.later as select replace(record_id, '-0', '-1') as record_id, links_by_id_only"
            " from intermediate.int_people__comparable"
        )
        connection.execute(
            "create table intermediate.int_people__source_records as"
            " select * from (values ('crm', 'people', 'a', 'crm/people/a'), ('hr', 'people', 'b', 'hr/people/b'))"
            " as known (system, entity, source_key, record_id)"
        )
        connection.execute("insert into identity.customer_keys values (1, null, '2026-11-16'), (2, null, '2026-11-16')")
        keys = zip(ids, [1, 1, 1, 2], strict=True)
        for record_id, key in keys:
            connection.execute("insert into identity.crosswalk values (%s, %s)", [record_id, key])
    person = read_people_of_copies(warehouse_url, truth)
    assert person.to_dict() == dict(zip(ids, ["7-0", "7-0", "7-1", "7-1"], strict=True))
    assert score_keys(warehouse_url, person) == {"precision": 1 / 3, "recall": 1 / 2, "f1": 2 / 5}
