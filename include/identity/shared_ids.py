"""What a shared identifier says of two records: a customer id is proof unless the rest contradicts it; a mailbox or
a telephone is evidence, since families share them, and its weight is the model's. With the same day of birth and the
same given name it is proof, too: relatives differ in the one, twins in the other.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from include.identity.model import SHARED_ID_MIN_EVIDENCE, SHARED_ID_WEIGHT, prior

IDENTIFIERS = ("claimed_customer_id", "email", "phone")


def weigh_shared_ids(frame: pd.DataFrame, scored: pd.DataFrame, population: int | None = None) -> pd.DataFrame:
    """The scored pairs with `reason` (``shared_id:email+phone`` or ``model``), those that an identifier proves lifted.

    `frame` is the linkage frame, of a population of so many records where it is a part of it. A customer id counts as
    SHARED_ID_WEIGHT, unless name, birth, address and the other fields speak against it: then it is mistyped or used
    again, and the pair keeps the weight of the model. So does a mailbox or telephone with the same date of birth and
    given name.
    """
    index, chance = pd.Index(frame["unique_id"]), prior(population or len(frame))
    left, right = (index.get_indexer(scored[side]) for side in ("record_id_l", "record_id_r"))
    shared = {name: _is_equal(frame[name], left, right) for name in IDENTIFIERS}
    evidence = scored["match_weight"].to_numpy() - float(np.log2(chance / (1 - chance)))
    has_id = shared["claimed_customer_id"] & (evidence >= SHARED_ID_MIN_EVIDENCE)
    is_proof = has_id | (shared["email"] | shared["phone"]) & _is_same_person_by_birth(frame, left, right)
    weight = scored["match_weight"].to_numpy()
    probability = scored["probability"].to_numpy()
    return scored.assign(
        match_weight=np.where(is_proof, np.maximum(weight, SHARED_ID_WEIGHT), weight),
        probability=np.where(is_proof, np.maximum(probability, 1 - 2.0**-SHARED_ID_WEIGHT), probability),
        reason=_name_reasons({**shared, "claimed_customer_id": has_id}),
    )


def _is_same_person_by_birth(frame: pd.DataFrame, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The same full date of birth and given name, also where a record has given and family name the other way round."""
    codes, _ = pd.factorize(pd.concat([frame["first_name"], frame["last_name"]], ignore_index=True))
    first, last = codes[: len(frame)], codes[len(frame) :]
    pairs = ((first[left], first[right]), (first[left], last[right]), (last[left], first[right]))
    is_named = np.logical_or.reduce([(a == b) & (a >= 0) for a, b in pairs])
    result: np.ndarray = is_named & _is_equal(frame["birth_date"], left, right)
    return result


def _is_equal(values: pd.Series, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    codes, _ = pd.factorize(values)  # a missing value has code -1
    result: np.ndarray = (codes[left] == codes[right]) & (codes[left] >= 0)
    return result


def _name_reasons(shared: dict[str, np.ndarray]) -> np.ndarray:
    number = np.zeros(len(next(iter(shared.values()))), dtype=int)
    for bit, is_shared in enumerate(shared.values()):
        number |= is_shared.astype(int) << bit
    labels = [
        "shared_id:" + "+".join(name.removeprefix("claimed_") for bit, name in enumerate(shared) if mask >> bit & 1)
        for mask in range(1 << len(shared))
    ]
    labels[0] = "model"
    return np.array(labels, dtype=object)[number]
