"""How many links are wrong by the probabilities of the pairs, and how right these probabilities have been."""

from __future__ import annotations

import math
from typing import Any

Row = dict[str, Any]

# Match weights in whole bits from which a band begins.
BANDS = (-math.inf, 0, 4, 8)


def expect_errors(scored: list[Row]) -> dict[str, float]:
    """Pairs of one customer that are expected to be two people, and pairs kept apart that are expected to be one.

    `scored` are the rows of ops.scored_pairs. Each compared pair counts with the probability that it has by itself;
    what a steward has decided is no error.
    """
    false = missed = 0.0
    for row in scored:
        true = row["expected_true"] - row["decided_expected"]
        if row["is_one_person"]:
            false += row["pairs"] - row["decided_pairs"] - true
        else:
            missed += true
    return {"expected false links": false, "expected missed links": missed}


def calibrate(scored: list[Row]) -> list[Row]:
    """The compared pairs that stewards have decided, by band of match weights: how many there are (`pairs`), how many
    of them are one person by their probabilities (`expected`) and by what was decided (`same`).
    """
    found = []
    for lowest, beyond in zip(BANDS, (*BANDS[1:], math.inf), strict=True):
        rows = [row for row in scored if lowest <= row["weight"] < beyond]
        if pairs := sum(row["decided_pairs"] for row in rows):
            found.append({
                "band": f"below {beyond}" if lowest == -math.inf else f"from {lowest} on" if beyond == math.inf
                else f"{lowest} to {beyond}",
                "pairs": pairs, "expected": sum(row["decided_expected"] for row in rows),
                "same": sum(row["decided_same"] for row in rows),
            })  # fmt: skip
    return found
