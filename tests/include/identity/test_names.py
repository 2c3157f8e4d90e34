"""Which given names may be of one person."""

from __future__ import annotations

import pytest

from include.identity.names import Name, names_differ


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (("anna", "smith"), ("peter", "smith"), True),
        (("emma", "smith"), ("emil", "smith"), True),
        (("anna", "smith"), ("ana", "smith"), False),  # a slip
        (("robert", "smith"), ("bob", "smith"), False),  # a nickname
        (("a", "smith"), ("anna", "smith"), False),  # an initial
        (("thi", "nguyen"), ("nguyen", "thi"), False),  # changed over
        ((None, "smith"), ("anna", "smith"), False),
        (("filip", None), ("philipp", None), False),  # sounds the same
    ],
)
def test_names_differ__unless_one_may_be_the_other(left: Name, right: Name, expected: bool) -> None:
    assert names_differ(left, right) == names_differ(right, left) == expected
