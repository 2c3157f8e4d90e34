"""What has to be delivered of a table: its rows beside what has landed, both as streams in the order of the key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from include.extract.errors import ExtractFailed
from include.extract.source import Key, Row, Seen

Landed = tuple[Key, Any, bool]  # the latest released version of a key: key, watermark, whether it has gone
Change = tuple[Key, Row | None]  # a row to deliver; without values: a key that has gone


def find_changes(
    source: Iterable[Seen], landed: Iterable[Landed], end: Any, put_aside: Callable[[Key], None]
) -> Iterator[Change]:
    """Rows that are new or have another watermark than what has landed; and the keys of those that have gone.

    A row that would be delivered and brings no values (it was committed late, or its watermark went back) is put
    aside, to be fetched by its key. A row without a watermark may have changed at any time, so it is delivered always.
    A row that changed at `end` or later belongs to a later day.
    """
    before = _in_order(landed)
    known, is_found = next(before, None), False
    for key, watermark, row in _in_order(source):
        while known is not None and known[0] < key:
            if not is_found and not known[2]:
                yield known[0], None
            known, is_found = next(before, None), False
        if known is not None:
            is_found = known[0] == key  # a table may have a key twice
            if is_found and not known[2] and watermark is not None and known[1] == watermark:
                continue
        if watermark is not None and watermark >= end:
            continue
        if row is None:
            put_aside(key)
        else:
            yield key, row
    while known is not None:
        if not is_found and not known[2]:
            yield known[0], None
        known, is_found = next(before, None), False


def _in_order(rows: Iterable[Any]) -> Iterator[Any]:
    """The rows, in an order that is checked: a database that compares text otherwise would make rows look deleted."""
    last: Any = None
    for row in rows:
        if last is not None and row[0] < last:
            raise ExtractFailed("the database does not give its rows in the order of the key's code points")
        last = row[0]
        yield row
