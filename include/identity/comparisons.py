"""How two records are compared, field by field: the one library for the pipeline and for files of others.

A comparison is a list of levels, from the most alike to the least. A level that needs a column which the data at hand
do not have is left out; of several levels "unknown" the first that can be computed is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

Level = dict[str, Any]
# Levels about another thing than more or less alike; training does not hold them to that order.
UNORDERED = (
    "nickname",
    "order changed",
    "order half changed",
    "initial",
    "age fits",
    "age nearly fits",
    "year unlike, one date",
    "unknown",
)
# The least Jaro similarity that one or two edits leave of four letters or more is 0.61 in millions of random words.
LEAST_OF_A_SLIP = 0.55
ELSE = {"sql_condition": "ELSE", "label_for_charts": "different"}


def level(condition: str, label: str, tf_column: str | None = None) -> Level:
    """One level; with `tf_column`, agreement on a rare value counts more than on a common one."""
    made: Level = {"sql_condition": condition, "label_for_charts": label}
    if tf_column:
        # The level's own u is what the frequency of the value stands in for, whatever else the level asks.
        made |= {
            "tf_adjustment_column": tf_column,
            "tf_adjustment_weight": 1.0,
            "disable_tf_exact_match_detection": True,
        }
    return made


def null_level(condition: str) -> Level:
    """The level of pairs of which nothing is known; it weighs nothing."""
    return {"sql_condition": condition, "label_for_charts": "unknown", "is_null_level": True}


def either_null(column: str) -> Level:
    """Unknown on one side or both."""
    return null_level(f"{column}_l is null or {column}_r is null")


def _alike(column: str, similarity: float) -> str:
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {similarity}"


def _slip(column: str, edits: int = 1) -> str:
    """At most so many letters wrong, missing, too many or changed over.

    The distance takes DuckDB 46 microseconds for two e-mails, so it is asked last: whoever is that near is of about
    the same length, similar to Jaro (which says nothing of the shortest words), and a change over is two edits.
    """
    left, right = f"{column}_l", f"{column}_r"
    return (
        f"(abs(length({left}) - length({right})) <= {edits}"
        f" and (least(length({left}), length({right})) < 4 or jaro_similarity({left}, {right}) >= {LEAST_OF_A_SLIP})"
        f" and levenshtein({left}, {right}) <= {2 * edits} and damerau_levenshtein({left}, {right}) <= {edits})"
    )


def _slip_of_name(column: str) -> str:
    """Not of names of three letters, which differ in little from many others. It asks both, whichever stands left."""
    return f"{_alike(column, 0.92)} or {_slip(column)} and greatest(length({column}_l), length({column}_r)) > 3"


def _same(column: str) -> str:
    return f"{column}_l = {column}_r"


# First and last name stand in each other's place. It counts once, with the first name; the last name then says nothing.
_SWAPPED = (
    "jaro_winkler_similarity(first_name_l, last_name_r) >= 0.9 and jaro_winkler_similarity(last_name_l, first_name_r)"
    " >= 0.9 and jaro_winkler_similarity(first_name_l, first_name_r) < 0.9"
)
_NO_PLACE = "(postcode_l is null or postcode_r is null) and (city_l is null or city_r is null)"
_BOTH_DATES = "coalesce(length(birth_date_l) = 10 and length(birth_date_r) = 10, false)"
_PART = "substr(birth_date_l, {0}, {1}) = substr(birth_date_r, {0}, {1})"
_YEAR, _MONTH, _DAY = _PART.format(1, 4), _PART.format(6, 2), _PART.format(9, 2)
_SHARED = "len(list_intersect({0}_l, {0}_r)) >= {1} * least(len({0}_l), len({0}_r))"

LIBRARY: dict[str, tuple[Level, ...]] = {
    "first_name": (
        either_null("first_name"),
        level(_same("first_name"), "equal", "first_name"),
        level(_SWAPPED, "order changed"),
        level("list_has_any(aliases_l, aliases_r)", "nickname"),
        level(_slip_of_name("first_name"), "a slip"),
        level(_same("first_sound"), "sounds alike"),
        level(
            "least(length(first_name_l), length(first_name_r)) = 1 and left(first_name_l, 1) = left(first_name_r, 1)",
            "initial",
        ),
        level("first_name_l = last_name_r or last_name_l = first_name_r", "order half changed"),
        level(_alike("first_name", 0.8), "similar"),
        level(_alike("first_name", 0.7), "a little similar"),
        ELSE,
    ),
    "last_name": (
        null_level(f"last_name_l is null or last_name_r is null or ({_SWAPPED})"),
        either_null("last_name"),
        level(_same("last_name"), "equal", "last_name"),
        level(_slip_of_name("last_name"), "a slip"),
        level(_same("last_sound"), "sounds alike"),
        level(_alike("last_name", 0.8), "similar"),
        level(_alike("last_name", 0.7), "a little similar"),
        ELSE,
    ),
    "middle_name": (
        either_null("middle_name"),
        level(_same("middle_name"), "equal", "middle_name"),
        level("left(middle_name_l, 1) = left(middle_name_r, 1)", "same initial"),
        ELSE,
    ),
    "birth": (
        null_level("birth_year_l is null or birth_year_r is null"),
        level(f"{_same('birth_date')} and {_BOTH_DATES}", "equal", "birth_date"),
        level(
            f"{_BOTH_DATES} and {_YEAR} and substr(birth_date_l, 6, 2) = right(birth_date_r, 2)"
            " and right(birth_date_l, 2) = substr(birth_date_r, 6, 2)",
            "day and month changed over",
        ),
        level(f"{_BOTH_DATES} and {_slip('birth_date')}", "a slip"),
        level(
            f"{_BOTH_DATES} and ({_YEAR} and {_MONTH} or {_YEAR} and {_DAY} or {_MONTH} and {_DAY})",
            "two parts equal",
        ),
        level(f"not ({_BOTH_DATES}) and abs(birth_year_l - birth_year_r) <= 1", "age fits"),
        level(f"not ({_BOTH_DATES}) and abs(birth_year_l - birth_year_r) <= 2", "age nearly fits"),
        level(f"not ({_BOTH_DATES})", "year unlike, one date"),
        level(f"{_slip('birth_date', 2)} or birth_year_l = birth_year_r", "similar"),
        ELSE,
    ),
    "email": (
        either_null("email"),
        level(_same("email"), "equal", "email"),
        level(f"{_alike('email', 0.95)} or {_slip('email', 2)}", "a slip"),
        level(_same("email_local"), "same name, other provider"),
        level(_alike("email_local", 0.9), "similar"),
        ELSE,
    ),
    "phone": (
        either_null("phone"),
        level(_same("phone"), "equal", "phone"),
        level(f"{_slip('phone')} or right(phone_l, 7) = right(phone_r, 7)", "a slip"),
        ELSE,
    ),
    "national_id": (
        either_null("national_id"),
        level(_same("national_id"), "equal", "national_id"),
        level(_slip("national_id"), "a slip"),
        level(_slip("national_id", 2), "similar"),
        ELSE,
    ),
    "address": (
        null_level(_NO_PLACE),
        either_null("city"),
        either_null("postcode"),
        level(f"{_same('postcode')} and {_same('street')}", "same house"),
        level(_same("postcode"), "same postcode"),
        level(_same("street"), "same street and number"),
        level(_slip("postcode"), "postcode with a slip"),
        level(_same("city"), "same town"),
        ELSE,
    ),
    "street": (
        either_null("street"),
        level(_same("street"), "equal", "street"),
        level(_alike("street", 0.92), "a slip"),
        level(_SHARED.format("street_words", 0.6), "most words shared"),
        level(_alike("street", 0.8), "similar"),
        ELSE,
    ),
    "place": (
        null_level(_NO_PLACE),
        either_null("city"),
        either_null("postcode"),
        level(f"{_same('postcode')} and {_same('city')}", "same postcode and town", "postcode"),
        level(_same("postcode"), "same postcode", "postcode"),
        level(f"{_same('city')} and {_slip('postcode')}", "same town, postcode with a slip"),
        level(_same("city"), "same town", "city"),
        level(f"{_alike('city', 0.88)} or {_slip('postcode')}", "a slip"),
        ELSE,
    ),
    "gender": (either_null("gender"), level(_same("gender"), "equal"), ELSE),
}
for _name in ("birth_place", "occupation"):
    LIBRARY[_name] = (
        either_null(_name),
        level(_same(_name), "equal", _name),
        level(_alike(_name, 0.88), "a slip"),
        level(_alike(_name, 0.75), "similar"),
        ELSE,
    )
for _name in ("region", "country", "address_extra"):
    LIBRARY[_name] = (either_null(_name), level(_same(_name), "equal", _name), ELSE)


_KEPT = ("label_for_charts", "is_null_level")


def comparison(name: str, columns: Iterable[str], frequencies: bool = True) -> dict[str, Any] | None:
    """The comparison of the library for the columns at hand; None where none of its levels can be computed.

    Without `frequencies` an equal value counts the same whether it is rare or common.
    """
    known = set(columns)
    levels = [dict(made) for made in LIBRARY[name] if _columns_of(made["sql_condition"]) <= known]
    unknown = [made for made in levels if made.get("is_null_level")][:1]
    levels = unknown + [made for made in levels if not made.get("is_null_level")]
    if len(levels) < 3:
        return None
    if not frequencies:
        levels = [{k: v for k, v in made.items() if k in ("sql_condition", *_KEPT)} for made in levels]
    return {"output_column_name": name, "comparison_levels": levels}


def _columns_of(condition: str) -> set[str]:
    return set(re.findall(r"\b([a-z_]+)_[lr]\b", condition))
