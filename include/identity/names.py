"""When two given names cannot be of one person: none is a spelling, an initial or a nickname of the other."""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import lru_cache

from include.identity import standardise as std

ALIKE = 0.75  # by difflib's ratio: Emma and Emil have 0.5, Gary and Harry 0.67; a slip in a name of four letters 0.75

Name = tuple[str | None, str | None]


def is_alike(one: str, other: str) -> bool:
    """Whether two folded names may be one: a slip, an initial, a nickname."""
    if one.startswith(other) or other.startswith(one) or not set(std.aliases(one)).isdisjoint(std.aliases(other)):
        return True
    slip = SequenceMatcher(None, one, other)
    # What the ratio is at most is known sooner than the ratio.
    return slip.real_quick_ratio() >= ALIKE and slip.quick_ratio() >= ALIKE and slip.ratio() >= ALIKE


@lru_cache(1 << 16)
def names_differ(left: Name, right: Name) -> bool:
    """Whether two (given, family) names, folded, have given names that exclude each other.

    Not where a name is missing, sounds the same, or stands in the place of the other one's family name.
    """
    one, other = left[0], right[0]
    if not (isinstance(one, str) and isinstance(other, str)):
        return False
    if is_alike(one, other) or std.sounds_like(one) == std.sounds_like(other):
        return False
    return not any(isinstance(b, str) and is_alike(a, b) for a, b in ((one, right[1]), (other, left[1])))
