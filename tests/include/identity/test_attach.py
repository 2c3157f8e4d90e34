"""Records without a name go where the holders of their identifier are, if that is one customer."""

from __future__ import annotations

import re
from datetime import date
from itertools import pairwise
from typing import Any

import pandas as pd
import psycopg
import pytest

from include.identity.attach import ORDER, Attached, _holders_by_value, add_links, attach_records, find_nameless
from include.identity.population import copy_table
from include.identity.records import to_linkage_frame
from include.identity.shared_ids import PROOFS, SHARED
from include.identity.store import standardise_all
from tests.include.identity.sample_people import comparable

ANN = comparable("crm/customers/1", first_name="Ann", last_name="Lee", email="lee@mail.example",
                 date_of_birth=date(1980, 3, 4))  # fmt: skip
ANN_SHOP = comparable("ecommerce/accounts/1", first_name="Ann", last_name="Lee", identifiers="user_id:U1|card:x")
BOB = comparable("crm/customers/2", first_name="Bob", last_name="Lee", phone="+447700900123",
                 identifiers="card:x|client_id:7", date_of_birth=date(1950, 1, 2))  # fmt: skip
CLUSTERS = {ANN["record_id"]: 0, ANN_SHOP["record_id"]: 0, BOB["record_id"]: 1}


def attach(*records: dict[str, Any], decisions: tuple[tuple[str, str, str], ...] = ()) -> Attached:
    """Ann with two records, Bob with one, and these records without a name."""
    all_records = standardise_all([ANN, ANN_SHOP, BOB, *records])
    frame = to_linkage_frame([r for r in all_records if not r["links_by_id_only"]])
    people = pd.DataFrame(all_records)
    by_id = people.loc[people["links_by_id_only"], ["record_id", "identifiers", "email"]]
    clusters = CLUSTERS | {r["record_id"]: 2 + n for n, r in enumerate(records)}
    same = [pair for *pair, verdict in decisions if verdict == "same"]
    for a, b in same:
        clusters = {r: clusters[a] if c == clusters[b] else c for r, c in clusters.items()}
    return attach_records(find_nameless(by_id, frame, clusters, decisions), frame, people, clusters, decisions)


def attach_to(holders: list[dict[str, Any]], *records: dict[str, Any]) -> Attached:
    """Customers with one record each, and records without a name."""
    standardised = standardise_all([*holders, *records])
    frame = to_linkage_frame([r for r in standardised if not r["links_by_id_only"]])
    clusters = {r["record_id"]: number for number, r in enumerate([*holders, *records])}
    people = pd.DataFrame(standardised)
    by_id = people.loc[people["links_by_id_only"], ["record_id", "identifiers", "email"]]
    return attach_records(find_nameless(by_id, frame, clusters), frame, people, clusters)


def web(number: int, **values: Any) -> dict[str, Any]:
    return comparable(f"web/users/U{number}", **values) | {"links_by_id_only": True}


def home_of(attached: Attached, record: dict[str, Any]) -> set[str]:
    """The records with a name that the record is with."""
    cluster = attached.clusters[record["record_id"]]
    return {r for r, c in attached.clusters.items() if c == cluster and r in CLUSTERS}


ANNS = {ANN["record_id"], ANN_SHOP["record_id"]}


def test_attach_records__by_the_number_that_one_customer_holds() -> None:
    user = web(1, identifiers="user_id:U1")
    attached = attach(user)
    assert home_of(attached, user) == ANNS
    (link,) = attached.links.to_dict("records")
    assert (link["record_id_l"], link["record_id_r"]) == (ANN_SHOP["record_id"], user["record_id"])
    assert link["reason"] == "shared_id:user_id"


def test_attach_records__a_card_that_two_customers_hold_is_a_question() -> None:
    card = comparable("pos/cards/x", identifiers="card:x") | {"links_by_id_only": True}
    attached = attach(card)
    assert home_of(attached, card) == set()
    assert attached.doubtful == [(card["record_id"], sorted([ANN_SHOP["record_id"], BOB["record_id"]]), "card")]


def test_attach_records__births_that_exclude_each_other() -> None:
    client = comparable("bank/clients/7", identifiers="client_id:7", date_of_birth=date(1999, 9, 9))
    attached = attach(client | {"links_by_id_only": True})
    assert home_of(attached, client) == set()
    assert len(attached.doubtful) == 1


def test_attach_records__a_mailbox_of_one_user_and_one_customer() -> None:
    one, other = (web(n, email="lee@mail.example", identifiers=f"user_id:U{n}") for n in (8, 9))
    assert home_of(attach(one), one) == ANNS
    both = attach(one, other)
    assert home_of(both, one) == home_of(both, other) == set()


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ({"email": "lee@mail.example"}, ANNS),
        ({"phone": "+447700900123"}, {BOB["record_id"]}),
        ({"email": "other@mail.example", "phone": "+447700900123"}, {BOB["record_id"]}),
        ({"email": "lee@mail.example", "phone": "+447700900123"}, set()),  # of two customers
    ],
)
def test_attach_records__a_request_that_names_nobody(contact: dict[str, str], expected: set[str]) -> None:
    request = comparable("support/contacts/1", **contact)
    assert home_of(attach(request), request) == expected


def test_attach_records__a_steward_knows_better() -> None:
    user = web(1, identifiers="user_id:U1")
    attached = attach(user, decisions=((user["record_id"], ANN["record_id"], "different"),))
    assert home_of(attached, user) == set()


def same(*records: dict[str, Any]) -> tuple[tuple[str, str, str], ...]:
    return tuple((a["record_id"], b["record_id"], "same") for a, b in pairwise(records))


REQUEST = comparable("support/contacts/1", email="nobody@mail.example")


@pytest.mark.parametrize("other", [web(2, identifiers="user_id:U2"), REQUEST], ids=["user", "request"])
def test_attach_records__whom_a_steward_has_joined_go_together(other: dict[str, Any]) -> None:
    user = web(1, identifiers="user_id:U1")
    for pair in ((user, other), (other, user)):
        attached = attach(*pair, decisions=same(*pair))
        assert home_of(attached, user) == home_of(attached, other) == ANNS
        assert len(attached.links) == 1
    apart = ((other["record_id"], ANN["record_id"], "different"),)
    attached = attach(user, other, decisions=(*same(user, other), *apart))
    assert home_of(attached, user) == home_of(attached, other) == set()
    assert not attached.doubtful


def test_attach_records__whom_a_steward_has_joined_to_a_customer_stays_and_is_a_holder() -> None:
    user, other = web(1, identifiers="user_id:U1"), web(2, email="nobody@mail.example")
    assert home_of(attach(user, decisions=same(BOB, user)), user) == {BOB["record_id"]}
    attached = attach(REQUEST, other, decisions=same(BOB, REQUEST))
    assert home_of(attached, REQUEST) == home_of(attached, other) == {BOB["record_id"]}


def test_attach_records__joined_records_of_two_customers_are_a_question() -> None:
    user, client = web(1, identifiers="user_id:U1"), comparable("bank/clients/7", identifiers="client_id:7")
    attached = attach(user, client | {"links_by_id_only": True}, decisions=same(user, client))
    assert home_of(attached, user) == home_of(attached, client) == set()
    assert attached.doubtful == [("bank/clients/7", sorted([ANN_SHOP["record_id"], BOB["record_id"]]), "client_id")]
    family = comparable("support/contacts/1", email="lee@mail.example", phone="+447700900123")
    assert home_of(attach(user, family, decisions=same(user, family)), family) == ANNS, "a number says more"


def test_attach_records__two_that_a_steward_has_parted_are_not_one_customer() -> None:
    user, joined = web(1, identifiers="user_id:U1"), web(2, email="nobody@mail.example")
    request = comparable("support/contacts/1", email="lee@mail.example")
    for other, joins in ((request, ()), (joined, same(request, joined))):
        parted = (user["record_id"], other["record_id"], "different")
        attached = attach(user, request, joined, decisions=(*joins, parted))
        assert (home_of(attached, request), home_of(attached, user)) == (ANNS, set()), "the first by id"
        assert attached.doubtful == [(user["record_id"], [ANN_SHOP["record_id"]], "user_id")]


def test_attach_records__whom_a_steward_has_parted_from_others_is_still_a_question() -> None:
    card = comparable("pos/cards/x", identifiers="card:x") | {"links_by_id_only": True}
    attached = attach(card, REQUEST, decisions=((card["record_id"], REQUEST["record_id"], "different"),))
    assert [record_id for record_id, _, _ in attached.doubtful] == [card["record_id"]]


def test_attach_records__joined_records_are_as_many_of_a_system_as_they_are() -> None:
    requests = [comparable(f"support/contacts/{n:02}", email="lee@mail.example") for n in range(41)]
    assert home_of(attach(*requests[:40], decisions=same(*requests[:40])), requests[0]) == ANNS
    assert home_of(attach(*requests, decisions=same(*requests)), requests[0]) == set()


def test_attach_records__no_link_to_people_that_a_steward_has_parted() -> None:
    request = comparable("support/contacts/1", email="lee@mail.example", phone="+447700900123")
    attached = attach(request, decisions=((request["record_id"], BOB["record_id"], "different"),))
    assert home_of(attached, request) == ANNS
    (link,) = attached.links.to_dict("records")
    assert (link["record_id_l"], link["reason"]) == (ANN["record_id"], "shared_id:email")


def test_attach_records__one_link_for_a_pair_that_shares_two_things() -> None:
    request = comparable("support/contacts/1", email="lee@mail.example", phone="+447700900555")
    both = attach_to([{**ANN, "phone": "+447700900555"}], request)
    (link,) = both.links.to_dict("records")
    assert link["reason"] == "shared_id:email+phone"


@pytest.mark.parametrize(("weight", "expected"), [(5.0, (12.0, "shared_id:user_id")), (14.0, (14.0, "model"))])
def test_add_links__a_pair_that_the_model_has_scored_stays_one(weight: float, expected: tuple[float, str]) -> None:
    user = web(1, identifiers="user_id:U1")
    links = attach(user).links
    pair = {"record_id_l": ANN_SHOP["record_id"], "record_id_r": user["record_id"]}
    other = {"record_id_l": ANN["record_id"], "record_id_r": BOB["record_id"]}
    rows = [{**ids, "match_weight": weight, "probability": 0.9, "reason": "model"} for ids in (pair, other)]
    found = add_links(pd.DataFrame(rows), links)
    assert len(found) == 2
    (kept,) = found[found["record_id_r"] == user["record_id"]].to_dict("records")
    assert (kept["match_weight"], kept["reason"]) == expected


@pytest.mark.parametrize(("customers", "questions"), [(50, 1), (51, 0)])
def test_attach_records__what_a_crowd_holds_says_nothing(customers: int, questions: int) -> None:
    crowd = [comparable(f"crm/customers/{n}", first_name="Ann", identifiers="card:0") for n in range(customers)]
    attached = attach_to(crowd, comparable("pos/cards/0", identifiers="card:0") | {"links_by_id_only": True})
    assert len(attached.doubtful) == questions
    assert len(set(attached.clusters.values())) == customers + 1


def test_attach_records__no_more_of_one_system_than_one_person_has() -> None:
    requests = [comparable(f"support/contacts/{n:02}", email="lee@mail.example") for n in range(45)]
    attached = attach_to([ANN], *requests)
    assert len(set(attached.clusters.values())) == 1 + 5
    assert len(attached.links) == 40


def test_attach_records__a_mailbox_of_a_user_and_a_client_is_of_both() -> None:
    user = web(8, email="lee@mail.example", identifiers="user_id:U8")
    client = comparable("bank/clients/8", email="lee@mail.example", identifiers="client_id:8")
    attached = attach_to([ANN], user, client | {"links_by_id_only": True})
    assert len(set(attached.clusters.values())) == 1


def test_holders_by_value__only_of_what_is_asked() -> None:
    records = standardise_all([ANN, ANN_SHOP, BOB])
    held = _holders_by_value(to_linkage_frame(records), {"web/users/U1": ["user_id:U1", "phone:x"]}, CLUSTERS)
    assert held == {"user_id:U1": [ANN_SHOP["record_id"]]}


def test_order__has_every_kind_of_identifier() -> None:
    assert sorted(ORDER) == sorted([*PROOFS, *SHARED, "contact"])


@pytest.mark.parametrize(("identifier", "told"), [("device_id:D7", "device_id"), ("D7-secret", "(none)")])
@pytest.mark.parametrize("is_nameless", [True, False])
def test_attach_records__an_identifier_of_an_unknown_kind(identifier: str, told: str, is_nameless: bool) -> None:
    record = comparable("web/users/1", first_name="Ann", identifiers=identifier)
    with pytest.raises(ValueError, match=re.escape(told) + "$") as raised:
        attach_to([ANN], record | {"links_by_id_only": is_nameless})
    assert "D7" not in str(raised.value)


def test_add_links__where_no_scored_pair_is_left_they_can_be_written(warehouse_url: str) -> None:
    """A filter leaves an empty piece of the column of reasons behind."""
    user = web(1, identifiers="user_id:U1")
    pair = {"record_id_l": ANN_SHOP["record_id"], "record_id_r": user["record_id"], "reason": "model"}
    scored = pd.DataFrame([{**pair, "match_weight": 5.0, "probability": 0.9}])
    found = add_links(scored, attach(user).links).assign(model_version="v")
    with psycopg.connect(warehouse_url) as connection:
        copy_table(connection, "proposed_links", found)
        told = connection.execute("select record_id_l, record_id_r, reason from identity.proposed_links").fetchall()
    assert told == [(ANN_SHOP["record_id"], user["record_id"], "shared_id:user_id")]
