"""A new record without a name joins the one customer who holds what it names, and nobody is linked anew for it."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest

from tests.include.identity.increment.test_placing import CRM, FINANCE, NEW, USER, Row, increment, link
from tests.include.identity.sample_people import comparable, sample_people
from tests.include.identity.test_store import ANN, BOB, crosswalk

pytestmark = pytest.mark.slow

SHOP = comparable("ecommerce/accounts/1", **ANN, identifiers="user_id:U1")
RELATIVE = comparable("finance/accounts/7", **BOB | {"email": ANN["email"]})
BY_MAIL = comparable("web/users/U2", identifiers="user_id:U2", email=ANN["email"]) | {"links_by_id_only": True}
OTHER = comparable("web/users/U3", identifiers="user_id:U3", email=ANN["email"]) | {"links_by_id_only": True}
NUMBER = comparable("ecommerce/accounts/2", **ANN | {"email": None}, identifiers="user_id:U2")
NOBODY = comparable("support/contacts/8", full_name="Unknown Customer", email=ANN["email"])
CLIENT = comparable("bank/clients/9", identifiers="client_id:9", date_of_birth=date(1950, 1, 9)) | {
    "links_by_id_only": True
}


def links_of(url: str, record_id: str) -> set[tuple[str, str]]:
    query = "select record_id_l || record_id_r, reason from identity.links where %s in (record_id_l, record_id_r)"
    with psycopg.connect(url) as connection:
        return {(str(pair), str(reason)) for pair, reason in connection.execute(query, [record_id])}


@pytest.mark.parametrize(
    ("there", "new", "home"),
    [
        pytest.param([CRM, SHOP], USER, CRM, id="by a number"),
        pytest.param([CRM, FINANCE], BY_MAIL, CRM, id="by a mailbox"),
        pytest.param([CRM, FINANCE], USER, None, id="of nobody"),
        pytest.param([CRM, SHOP, USER], NEW | {"identifiers": "user_id:U1"}, CRM, id="one more holder"),
    ],
)
def test_place_nameless__joins_its_customer_as_in_full_and_nobody_is_linked_anew(
    there: list[Row], new: Row, home: Row | None, warehouse_url: str
) -> None:
    relinked, now = increment(warehouse_url, there, [new])
    assert relinked == 1
    key = now[new["record_id"]]
    assert (key == now[home["record_id"]]) if home else (list(now.values()).count(key) == 1)
    nameless = new["record_id"] if new["links_by_id_only"] else USER["record_id"]
    links = links_of(warehouse_url, nameless)
    assert bool(links) == bool(home)
    link(warehouse_url, [*sample_people(600, 12)[0], *there, new], "full", date(2026, 11, 18))
    assert (crosswalk(warehouse_url), links_of(warehouse_url, nameless)) == (now, links)


@pytest.mark.parametrize(
    ("there", "new"),
    [
        pytest.param([CRM, FINANCE, BY_MAIL], OTHER, id="two users of one mailbox"),
        pytest.param([CRM, RELATIVE], BY_MAIL, id="a family's mailbox"),
        pytest.param([CRM | {"identifiers": "client_id:9"}, FINANCE], CLIENT, id="of another birth"),
        pytest.param([CRM, FINANCE], NOBODY, id="a placeholder for a name"),
        pytest.param([CRM, FINANCE, NOBODY], RELATIVE, id="another customer of the mailbox of a placeholder"),
        pytest.param([CRM, FINANCE, BY_MAIL], RELATIVE, id="another customer of the mailbox"),
        pytest.param([CRM, FINANCE, BY_MAIL, OTHER], NUMBER, id="one of two users of a mailbox is named"),
    ],
)  # fmt: skip
def test_place_nameless__what_is_in_doubt_is_linked_anew_as_everybody_is(
    there: list[Row], new: Row, warehouse_url: str
) -> None:
    _, now = increment(warehouse_url, there, [new])
    link(warehouse_url, [*sample_people(600, 12)[0], *there, new], "full", date(2026, 11, 18))
    assert crosswalk(warehouse_url) == now
