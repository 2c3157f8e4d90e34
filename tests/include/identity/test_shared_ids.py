"""A shared number of one person is proof, unless the rest contradicts it; what families share is evidence."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from include.identity.model import SHARED_ACCOUNT_WEIGHT, SHARED_ID_WEIGHT, prior
from include.identity.shared_ids import weigh_shared_ids

FRAME = pd.DataFrame({
    "unique_id": ["a", "b", "c", "d"],
    "claimed_customer_id": ["C1", "C1", "C1", None],
    "email": ["m@x.example", "m@x.example", None, None],
    "phone": [None, "+44770", "+44770", None],
    "first_name": ["john", "thi", "nguyen", None], "last_name": ["smith", "nguyen", "thi", "smith"],
    "birth_date": ["1980-01-02", "1990-05-06", "1990-05-07", None],
})  # fmt: skip


def scored(evidence: dict[tuple[str, str], float]) -> pd.DataFrame:
    base = math.log2(prior(len(FRAME)) / (1 - prior(len(FRAME))))
    rows = [(a, b, base + e, 1 / (1 + 2.0 ** -(base + e))) for (a, b), e in evidence.items()]
    return pd.DataFrame(rows, columns=["record_id_l", "record_id_r", "match_weight", "probability"])


def test_weigh_shared_ids__customer_id_is_proof_unless_contradicted() -> None:
    pairs = weigh_shared_ids(FRAME, scored({("a", "b"): 2.0, ("a", "c"): -9.0, ("a", "d"): 30.0}))
    assert pairs.reason.tolist() == ["shared_id:customer_id+email", "model", "model"]
    assert pairs.match_weight[0] == SHARED_ID_WEIGHT
    assert pairs.probability[0] > 0.999
    assert pairs.match_weight[1] < 0 < SHARED_ID_WEIGHT < pairs.match_weight[2]


def test_weigh_shared_ids__a_shared_phone_is_named_and_weighs_what_the_model_says() -> None:
    pairs = weigh_shared_ids(FRAME, scored({("b", "c"): -5.0}))
    assert pairs.reason.tolist() == ["shared_id:phone"]
    assert pairs.match_weight[0] < 0


def test_weigh_shared_ids__missing_ids_are_not_shared() -> None:
    frame = FRAME.assign(claimed_customer_id=None, email=None, phone=None)
    assert weigh_shared_ids(frame, scored({("a", "d"): 3.0})).reason.tolist() == ["model"]


def test_weigh_shared_ids__mailbox_or_phone_with_birth_and_given_name_is_proof() -> None:
    pair = scored({("b", "c"): -5.0})
    swapped = FRAME.assign(birth_date="1990-05-06")
    twins = swapped.assign(first_name=["john", "thi", "lan", None], last_name="nguyen")
    strangers = swapped.assign(phone=None)
    proven, twin, stranger = (weigh_shared_ids(frame, pair) for frame in (swapped, twins, strangers))
    assert proven.match_weight[0] == SHARED_ID_WEIGHT
    assert proven.reason[0] == "shared_id:phone"
    assert twin.match_weight[0] < 0
    assert stranger.match_weight[0] < 0


def two(left: dict[str, Any], right: dict[str, Any], identifier: str) -> tuple[float, str]:
    """Weight and reason of two records that share the identifier; the model says -3."""
    nothing = dict.fromkeys(FRAME.columns)
    rows = [nothing | left | {"unique_id": "a"}, nothing | right | {"unique_id": "b"}]
    frame = pd.DataFrame(rows).assign(identifiers=[[identifier, "card:other"], [identifier]])
    pair = pd.DataFrame([("a", "b", -3.0, 0.1)], columns=["record_id_l", "record_id_r", "match_weight", "probability"])
    weighed = weigh_shared_ids(frame, pair)
    return float(weighed.match_weight[0]), str(weighed.reason[0])


ANN = {"first_name": "ann", "birth_date": "1980-01-02"}


@pytest.mark.parametrize("kind", ["national_id", "client_id", "user_id", "loyalty_number"])
@pytest.mark.parametrize(
    ("other", "is_proof"),
    [
        ({"first_name": "ann"}, True),
        ({"first_name": "anna", "birth_date": "1980-01-20"}, True),
        ({"birth_date": "1980-01-02"}, True),
        ({"first_name": "peter"}, False),
        ({"first_name": "ann", "birth_date": "1981-05-02"}, False),
    ],
)
def test_weigh_shared_ids__numbers_of_one_person(kind: str, other: dict[str, Any], is_proof: bool) -> None:
    assert two(ANN, other, f"{kind}:1") == ((SHARED_ID_WEIGHT, f"shared_id:{kind}") if is_proof else (-3.0, "model"))


@pytest.mark.parametrize("kind", ["card", "iban"])
def test_weigh_shared_ids__what_spouses_share_is_evidence(kind: str) -> None:
    spouse = two(ANN, {"first_name": "peter", "birth_date": "1979-05-05"}, f"{kind}:1")
    assert spouse == (SHARED_ACCOUNT_WEIGHT - 3.0, f"shared_id:{kind}")
    assert two(ANN, ANN, f"{kind}:1") == (SHARED_ID_WEIGHT, f"shared_id:{kind}")
