"""What a steward says of two records moves nobody else, in full and in increments."""

from __future__ import annotations

import pytest

from include.identity.run import adopt_clusters, link_people
from tests.include.identity.sample_people import comparable
from tests.include.identity.test_store import ANN, AS_OF, crosswalk, decide, deliver, rebuild

PLACES = ("crm/customers", "finance/accounts")
CLARA = [comparable(f"{place}/1", **ANN | {"first_name": "Clara"}) for place in PLACES]
HANNAH = [comparable(f"{place}/2", **ANN | {"first_name": "Hannah"}) for place in PLACES]
THIRD = comparable("service/i/1", **ANN | {"first_name": "Clara"})
SHOP = comparable("ecommerce/accounts/1", **ANN | {"first_name": "Clara"}, identifiers="user_id:U1")
USER = comparable("web/users/U1", identifiers="user_id:U1") | {"links_by_id_only": True}
REQUEST = comparable("support/contacts/1", email="nobody@mail.example")


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["full", "incremental"])
def test_group_people__twins_stay_two_whatever_a_steward_says_of_one_of_them(mode: str, warehouse_url: str) -> None:
    deliver(warehouse_url, [*CLARA, *HANNAH])
    assert rebuild(warehouse_url).customers == 2
    for pair in (CLARA, (CLARA[0], THIRD)):
        decide(warehouse_url, pair[0]["record_id"], pair[1]["record_id"], "same")
        deliver(warehouse_url, [*CLARA, *HANNAH, THIRD])
        link_people(warehouse_url, AS_OF, mode)
        assert adopt_clusters(warehouse_url, AS_OF).customers == 2
    keys = crosswalk(warehouse_url)
    assert keys[THIRD["record_id"]] == keys[CLARA[0]["record_id"]] != keys[HANNAH[0]["record_id"]]


@pytest.mark.parametrize("mode", ["full", "incremental"])
def test_group_people__two_without_a_name_that_are_one_go_where_the_number_is(mode: str, warehouse_url: str) -> None:
    deliver(warehouse_url, [CLARA[0], SHOP, REQUEST])
    assert rebuild(warehouse_url).customers == 2
    decide(warehouse_url, REQUEST["record_id"], USER["record_id"], "same")
    deliver(warehouse_url, [CLARA[0], SHOP, REQUEST, USER])
    link_people(warehouse_url, AS_OF, mode)
    assert adopt_clusters(warehouse_url, AS_OF).customers == 1
