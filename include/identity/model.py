"""The linkage model: what is compared, which pairs are compared at all, and from when on a pair is one person."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from include.identity.comparisons import comparison

MODEL_FILE = Path(__file__).parent / "models" / "customer360-v4.json"
MODEL_VERSION = "customer360-v4"

# True pairs per record in the population that the model was trained on; the prior at any size follows from it.
TRUE_PAIRS_PER_RECORD = 3.3
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
# What a shared bank card or account adds to the weight of the model: what a mailbox weighs in it.
SHARED_ACCOUNT_WEIGHT = 11.0
# Beyond this a weight adds no certainty, so that one pair cannot outvote all others of its group.
TOP_WEIGHT = 20.0
# One person has fewer records in one system; a group with more is cut finer.
MAX_RECORDS_OF_ONE_SYSTEM = 40
# Records that hang together by any links; more than this are no person and no matrix.
LARGEST_COMPONENT = 600
# Pairs below are not kept.
MIN_WEIGHT = -12.0

# What two records of one day of birth, or of one name, need besides, so that not every two of a large population are
# compared: one letter of a name the same; births that may be one, or a town. `l` and `r` are the records; the same
# text is a condition in DuckDB and in Postgres.
LIKE_NAMES = (
    "substr(l.first_name, 1, 1) = substr(r.first_name, 1, 1) or substr(l.last_name, 1, 1) = substr(r.last_name, 1, 1)"
    " or l.first_sound = r.last_sound or l.last_sound = r.first_sound"
)
LIKE_BIRTHS = (
    "l.birth_year is null or r.birth_year is null or abs(l.birth_year - r.birth_year) <= 2"
    " or substr(l.birth_date, 6) = substr(r.birth_date, 6)"
    " or l.city = r.city or l.postcode = r.postcode or l.street = r.street"
)
# Names with a slip, and ages that are a year off.
NEAR_BIRTHS = "l.birth_year is null or r.birth_year is null or abs(l.birth_year - r.birth_year) <= 1"
SAME_INITIAL = "substr(l.{0}, 1, 1) = substr(r.{0}, 1, 1)"
SAME_END = "right(l.{0}, 3) = right(r.{0}, 3)"
CHANGED_OVER = tuple(
    f"l.{one} = r.{other} and substr(l.{other}, 1, 1) = substr(r.{one}, 1, 1)"
    for one, other in (("first_name", "last_name"), ("last_name", "first_name"))
)


class Block(NamedTuple):
    """Two records are compared that are equal in all columns, and of which `besides` holds, if any.

    A column of `lists` holds several values; of these one is equal.
    """

    columns: tuple[str, ...]
    besides: str | None = None
    lists: tuple[str, ...] = ()

    def condition(self) -> str:
        """The condition over `l` and `r` in Postgres."""
        equal = [f"l.{name} {'&&' if name in self.lists else '='} r.{name}" for name in self.columns]
        return " and ".join([*equal, f"({self.besides})"] if self.besides else equal)

    def rule(self) -> dict[str, Any]:
        """The rule as Splink reads it."""
        plain = {"blocking_rule": self._replace(lists=()).condition(), "sql_dialect": "duckdb"}
        return plain | {"arrays_to_explode": list(self.lists)} if self.lists else plain


BLOCKING = (
    Block(("identifiers",), lists=("identifiers",)),  # a national id, a card: first, since a list is blocked by itself
    Block(("claimed_customer_id",)),  # the shared identifier itself, so that its evidence is weighed
    Block(("email",)),  # one mailbox
    Block(("phone",)),
    Block(("birth_date",), LIKE_NAMES),  # survives every corruption of one name
    Block(("last_name", "first_name"), LIKE_BIRTHS),  # survives a missing or wrong birth date
    Block(("last_name", "birth_year")),  # records with an age only
    Block(("first_name", "birth_year", "city")),  # changed surname
    Block(("postcode", "first_name")),  # mistyped surname, no birth date
    Block(("postcode", "last_name")),  # mistyped first name
    Block(("postcode", "birth_year")),  # both names mistyped
    Block(("street", "first_name")),
    Block(
        ("first_name",), f"{SAME_INITIAL.format('last_name')} and ({NEAR_BIRTHS})"
    ),  # a slip in the surname, or an age
    Block(("first_name",), f"{SAME_END.format('last_name')} and ({NEAR_BIRTHS})"),
    Block(
        ("last_name",), f"{SAME_INITIAL.format('first_name')} and ({NEAR_BIRTHS})"
    ),  # a slip in the given name, a nickname
    Block(("last_name",), f"{SAME_END.format('first_name')} and ({NEAR_BIRTHS})"),
    Block(("first_sound", "last_sound"), NEAR_BIRTHS),
    Block(
        ("last_sound",), f"{SAME_INITIAL.format('first_name')} and ({NEAR_BIRTHS})"
    ),  # an initial, and a slip in the surname
    Block(("first_sound",), f"{SAME_INITIAL.format('last_name')} and ({NEAR_BIRTHS})"),
    *(Block((), f"{changed_over} and ({NEAR_BIRTHS})") for changed_over in CHANGED_OVER),
)


# What is compared, of the library of comparisons.
COMPARED_FIELDS = ("first_name", "last_name", "birth", "email", "phone", "address", "gender")
# The records of one person share a day of birth, so that counted by records hardly any day is rare.
WITHOUT_FREQUENCIES = ("birth",)
# The columns of a linkage frame.
COLUMNS = (
    "unique_id", "claimed_customer_id", "first_name", "last_name", "aliases", "birth_date", "birth_year", "email",
    "email_local", "phone", "postcode", "city", "street", "gender", "first_sound", "last_sound", "identifiers",
)  # fmt: skip
COMPARISONS: tuple[dict[str, Any], ...] = tuple(
    made
    for name in COMPARED_FIELDS
    if (made := comparison(name, COLUMNS, frequencies=name not in WITHOUT_FREQUENCIES)) is not None
)


def blocking_rules() -> list[dict[str, str]]:
    """BLOCKING as Splink reads it."""
    return [block.rule() for block in BLOCKING]


def untrained_settings() -> dict[str, Any]:
    """The Splink settings before training."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "comparisons": [dict(comparison) for comparison in COMPARISONS],
        "blocking_rules_to_generate_predictions": blocking_rules(),
        "retain_intermediate_calculation_columns": False,
        "retain_matching_columns": False,
    }


def prior(records: int) -> float:
    """The probability that two random records are one person, for a population of this size."""
    return min(2 * TRUE_PAIRS_PER_RECORD / max(records - 1, 1), 0.3)
