"""What readers yield: one record of a file with its place, or one bad row with its reason."""

from __future__ import annotations

from dataclasses import dataclass


class FileRejected(Exception):  # noqa: N818 - reads as what happened
    """The file cannot be read to its end; nothing of it may land. The message says why and how far it was read."""


@dataclass(frozen=True, slots=True)
class Record:
    """One readable record: its values by declared column, and what it held beyond the contract."""

    row_number: int
    line: int | None
    values: dict[str, str | None]
    rescued: dict[str, object] | None = None


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that cannot land: the rule it breaks, the reason in words, and the row as it arrived."""

    row_number: int
    line: int | None
    rule: str
    reason: str
    record: str
