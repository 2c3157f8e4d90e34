"""What Postgres cannot hold is refused in words."""

from __future__ import annotations

import pytest

from include.identity.stewards.decisions import NotPossible, check_text


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "a\udfff"])
def test_check_text__refuses_what_cannot_be_stored(text: str) -> None:
    with pytest.raises(NotPossible, match="cannot be stored"):
        check_text(text)


def test_check_text__lets_any_other_text_pass() -> None:
    check_text("\u00e9 \U0001f600 \n")
