"""Rows of a table beside what has landed, as streams."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.extract import ExtractFailed
from include.extract.compare import find_changes

END = datetime(2026, 11, 17, tzinfo=UTC)
MOMENTS = st.sampled_from([None, *(datetime(2026, 11, day, tzinfo=UTC) for day in (14, 15, 16, 17, 18))])
KEYS = st.text(st.sampled_from("aBé中1"), min_size=1, max_size=3)


@given(
    st.dictionaries(KEYS, st.tuples(MOMENTS, st.booleans())), st.dictionaries(KEYS, st.tuples(MOMENTS, st.booleans()))
)
def test_find_changes__equals_the_difference_of_sets(
    table: dict[str, tuple[datetime | None, bool]], before: dict[str, tuple[datetime | None, bool]]
) -> None:
    source = [(key, at, (1,) if brings else None) for key, (at, brings) in sorted(table.items())]
    landed = [(key, at, is_deleted) for key, (at, is_deleted) in sorted(before.items())]
    aside: list[object] = []
    found = list(find_changes(source, landed, END, aside.append))
    same = {k for k, (at, _) in table.items() if at and k in before and not before[k][1] and before[k][0] == at}
    later = {k for k, (at, _) in table.items() if at is not None and at >= END}
    wanted = set(table) - same - later
    assert {key for key, row in found if row} | set(aside) == wanted
    assert set(aside) == {k for k in wanted if not table[k][1]}
    gone = [key for key, row in found if row is None]
    assert gone == [key for key in sorted(before) if key not in table and not before[key][1]]


def test_find_changes__key_that_a_table_has_twice_is_no_new_one() -> None:
    at = datetime(2026, 11, 16, tzinfo=UTC)
    source = [("a", at, (1,)), ("a", at, (1,)), ("b", at, (1,))]
    landed = [(key, at, False) for key in "ab"]
    assert list(find_changes(source, landed, END, lambda _: None)) == []


def test_find_changes__row_without_a_watermark_is_delivered_each_time() -> None:
    """Nothing else would tell that it has changed."""
    assert list(find_changes([("a", None, ("new value",))], [("a", None, False)], END, lambda _: None)) == [
        ("a", ("new value",))
    ]


def test_find_changes__refuses_rows_that_are_out_of_order() -> None:
    with pytest.raises(ExtractFailed, match="order of the key"):
        list(find_changes([("b", None, (1,)), ("a", None, (1,))], [], END, lambda _: None))
