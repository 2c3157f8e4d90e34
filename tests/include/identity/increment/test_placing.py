"""A new record of one customer leaves this customer alone; where anything is in doubt, he is linked anew."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest

from include.identity.run import adopt_clusters, link_people
from tests.include.identity.sample_people import comparable, sample_people
from tests.include.identity.test_store import ANN, AS_OF, BOB, crosswalk, decide, deliver

pytestmark = pytest.mark.slow

Row = dict[str, Any]
LATER = date(2026, 11, 17)
CRM, FINANCE, SERVICE = (
    comparable(f"{place}/1", **ANN) for place in ("crm/customers", "finance/accounts", "service/i")
)
NEW = comparable("usage/product_usage/1", **ANN)
TWIN = ANN | {"first_name": "Rosalind", "email": "rosalind@mail.example"}
USER = comparable("web/users/U1", identifiers="user_id:U1") | {"links_by_id_only": True}


def link(url: str, rows: list[Row], mode: str, as_of: date) -> Any:
    deliver(url, rows)
    summary = link_people(url, as_of, mode)
    adopt_clusters(url, as_of)
    return summary


def increment(url: str, there: list[Row], new: list[Row]) -> tuple[int, dict[str, int]]:
    """How many records an increment of `new` has linked anew, and whose key each record has."""
    others = sample_people(600, 12)[0]
    link(url, [*others, *there], "full", AS_OF)
    summary = link(url, [*others, *there, *new], "incremental", LATER)
    return summary.relinked, crosswalk(url)


def test_place_records__a_plain_record_joins_its_customer_and_nobody_else_is_linked_anew(warehouse_url: str) -> None:
    before, now = increment(warehouse_url, [CRM, FINANCE, SERVICE], [NEW])
    assert (before, now[NEW["record_id"]]) == (1, now[CRM["record_id"]])
    with psycopg.connect(warehouse_url) as connection:
        links = connection.execute(
            "select count(*) from identity.links where %s in (record_id_l, record_id_r) and match_weight > 3.5",
            [NEW["record_id"]],
        ).fetchone()
    assert links == (3,)


def test_place_records__two_records_of_one_day_go_where_both_fit(warehouse_url: str) -> None:
    second = comparable("hr/employees/1", **ANN)
    relinked, now = increment(warehouse_url, [CRM, FINANCE, SERVICE], [NEW, second])
    assert relinked == 2
    assert len({now[r["record_id"]] for r in (CRM, NEW, second)}) == 1


def test_place_records__somebody_new_is_a_customer_and_nobody_is_linked_anew(warehouse_url: str) -> None:
    relinked, now = increment(warehouse_url, [CRM, FINANCE], [comparable("crm/customers/9", **BOB)])
    assert relinked == 1
    assert list(now.values()).count(now["crm/customers/9"]) == 1


@pytest.mark.parametrize(
    ("there", "new"),
    [
        pytest.param(
            [CRM, FINANCE, SERVICE, comparable("service/i/2", **ANN | {"date_of_birth": date(1951, 11, 23)})],
            comparable("usage/product_usage/1", **ANN | {"date_of_birth": date(1951, 11, 23)}), id="second birth",
        ),
        pytest.param([CRM, FINANCE] + [comparable(f"{place}/2", **TWIN) for place in ("crm/customers", "service/i")],
                     comparable("usage/product_usage/1", **ANN | {"first_name": None, "email": None}), id="twins"),
        pytest.param([CRM, FINANCE, SERVICE, USER], NEW | {"identifiers": "user_id:U1"}, id="a user without a name"),
        pytest.param([CRM] + [comparable(f"service/i/{n}", **ANN) for n in range(20)],
                     comparable("service/i/99", **ANN), id="a crowd of one system"),
    ],
)  # fmt: skip
def test_place_records__what_is_in_doubt_is_linked_anew_as_everybody_is(
    there: list[Row], new: Row, warehouse_url: str
) -> None:
    relinked, now = increment(warehouse_url, there, [new])
    assert relinked > 1
    others = sample_people(600, 12)[0]
    link(warehouse_url, [*others, *there, new], "full", date(2026, 11, 18))
    assert crosswalk(warehouse_url) == now


def test_place_records__a_decided_customer_is_linked_anew(warehouse_url: str) -> None:
    others = sample_people(600, 12)[0]
    link(warehouse_url, [*others, CRM, FINANCE, SERVICE], "full", AS_OF)
    decide(warehouse_url, CRM["record_id"], FINANCE["record_id"], "different")
    link(warehouse_url, [*others, CRM, FINANCE, SERVICE], "full", AS_OF)
    summary = link(warehouse_url, [*others, CRM, FINANCE, SERVICE, NEW], "incremental", LATER)
    assert summary.relinked > 3
    now = crosswalk(warehouse_url)
    assert now[CRM["record_id"]] != now[FINANCE["record_id"]]
