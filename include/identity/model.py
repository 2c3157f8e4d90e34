"""The linkage model: what is compared, which pairs are compared at all, and from when on a pair is one person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

MODEL_FILE = Path(__file__).parent / "models" / "customer360-v1.json"
MODEL_VERSION = "customer360-v1"

# True pairs per record in the population that the model was trained on; the prior at any size follows from it.
TRUE_PAIRS_PER_RECORD = 1.6
# A pair counts as one person from this average match weight (log2 odds) of its clusters on.
CLUSTER_WEIGHT = 3.5
# A pair that no blocking rule compared, inside a group, speaks a little against it.
UNSCORED_WEIGHT = -1.0
# An e-mail, phone or customer id with more holders is a default or a switchboard, and identifies nobody.
MOST_HOLDERS_OF_AN_ID = 50
# A shared customer id counts unless everything else speaks against it by more than this (log2, without the prior).
SHARED_ID_MIN_EVIDENCE = -1.0
# What a shared customer id then counts.
SHARED_ID_WEIGHT = 12.0
# Beyond this a weight adds no certainty, so that one pair cannot outvote all others of its group.
TOP_WEIGHT = 20.0
# One person has fewer records in one system; a group with more is cut finer.
MAX_RECORDS_OF_ONE_SYSTEM = 40
# Records that hang together by any links; more than this are no person and no matrix.
LARGEST_COMPONENT = 600
# Pairs below are not kept.
MIN_WEIGHT = -12.0

BLOCKING = (
    ("claimed_customer_id",),  # the shared identifier itself, so that its evidence is weighed
    ("email",),  # one mailbox
    ("phone",),
    ("birth_date",),  # survives every corruption of names
    ("last_name", "first_name"),  # survives a missing or wrong birth date
    ("last_name", "birth_year"),  # records with an age only
    ("first_name", "birth_year", "city"),  # changed surname
    ("postcode", "first_name"),  # mistyped surname, no birth date
    ("postcode", "last_name"),  # mistyped first name
    ("postcode", "birth_year"),  # both names mistyped
    ("street", "first_name"),
)


def _level(condition: str, label: str, tf_column: str | None = None) -> dict[str, Any]:
    level: dict[str, Any] = {"sql_condition": condition, "label_for_charts": label}
    if tf_column:
        level |= {"tf_adjustment_column": tf_column, "tf_adjustment_weight": 1.0}
    return level


def _null(condition: str) -> dict[str, Any]:
    return {"sql_condition": condition, "label_for_charts": "unknown", "is_null_level": True}


def _either_null(column: str) -> dict[str, Any]:
    return _null(f"{column}_l is null or {column}_r is null")


ELSE = {"sql_condition": "ELSE", "label_for_charts": "different"}

COMPARISONS: tuple[dict[str, Any], ...] = (
    {
        "output_column_name": "first_name",
        "comparison_levels": [
            _either_null("first_name"),
            _level("first_name_l = first_name_r", "equal", "first_name"),
            _level("list_has_any(aliases_l, aliases_r)", "nickname"),
            _level("jaro_winkler_similarity(first_name_l, first_name_r) >= 0.9", "a slip"),
            _level(
                "least(length(first_name_l), length(first_name_r)) = 1"
                " and left(first_name_l, 1) = left(first_name_r, 1)",
                "initial",
            ),
            _level("first_name_l = last_name_r", "order changed"),
            _level("jaro_winkler_similarity(first_name_l, first_name_r) >= 0.75", "similar"),
            ELSE,
        ],
    },
    {
        "output_column_name": "last_name",
        "comparison_levels": [
            _either_null("last_name"),
            _level("last_name_l = last_name_r", "equal", "last_name"),
            _level("jaro_winkler_similarity(last_name_l, last_name_r) >= 0.9", "a slip"),
            _level("last_name_l = first_name_r", "order changed"),
            _level("jaro_winkler_similarity(last_name_l, last_name_r) >= 0.8", "similar"),
            ELSE,
        ],
    },
    {
        "output_column_name": "birth",
        "comparison_levels": [
            _null("birth_year_l is null or birth_year_r is null"),
            _level("birth_date_l = birth_date_r", "equal"),
            _level(
                "birth_date_l is not null and birth_date_r is not null and left(birth_date_l, 4) ="
                " left(birth_date_r, 4) and substr(birth_date_l, 6, 2) = right(birth_date_r, 2)"
                " and right(birth_date_l, 2) = substr(birth_date_r, 6, 2)",
                "day and month changed over",
            ),
            _level(
                "birth_date_l is not null and birth_date_r is not null"
                " and left(birth_date_l, 7) = left(birth_date_r, 7)",
                "same month",
            ),
            _level(
                "(birth_date_l is null or birth_date_r is null) and abs(birth_year_l - birth_year_r) <= 1",
                "age fits",
            ),
            _level(
                "(birth_date_l is null or birth_date_r is null) and abs(birth_year_l - birth_year_r) <= 2",
                "age nearly fits",
            ),
            _level("birth_year_l = birth_year_r", "same year"),
            ELSE,
        ],
    },
    {
        "output_column_name": "email",
        "comparison_levels": [
            _either_null("email"),
            _level("email_l = email_r", "equal", "email"),
            _level("jaro_winkler_similarity(email_l, email_r) >= 0.95", "a slip"),
            _level("email_local_l = email_local_r", "same name, other provider"),
            ELSE,
        ],
    },
    {
        "output_column_name": "phone",
        "comparison_levels": [
            _either_null("phone"),
            _level("phone_l = phone_r", "equal", "phone"),
            _level("damerau_levenshtein(phone_l, phone_r) <= 1", "a slip"),
            ELSE,
        ],
    },
    {
        "output_column_name": "address",
        "comparison_levels": [
            _null("(postcode_l is null or postcode_r is null) and (city_l is null or city_r is null)"),
            _level("postcode_l = postcode_r and street_l = street_r", "same house"),
            _level("postcode_l = postcode_r", "same postcode"),
            _level("street_l = street_r", "same street and number"),
            _level("damerau_levenshtein(postcode_l, postcode_r) <= 1", "postcode with a slip"),
            _level("city_l = city_r", "same town"),
            ELSE,
        ],
    },
    {
        "output_column_name": "gender",
        "comparison_levels": [_either_null("gender"), _level("gender_l = gender_r", "equal"), ELSE],
    },
)


def untrained_settings() -> dict[str, Any]:
    """The Splink settings before training."""
    from splink import block_on

    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "comparisons": [dict(comparison) for comparison in COMPARISONS],
        "blocking_rules_to_generate_predictions": [block_on(*columns) for columns in BLOCKING],
        "retain_intermediate_calculation_columns": False,
        "retain_matching_columns": False,
    }


def prior(records: int) -> float:
    """The probability that two random records are one person, for a population of this size."""
    return min(2 * TRUE_PAIRS_PER_RECORD / max(records - 1, 1), 0.3)
