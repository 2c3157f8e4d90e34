"""What a gate checks: one rule is one expectation, told in SQL as the rows that break it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One expectation.

    `query` selects the rows that break it, with the columns that name an example (never values): for raw rows
    `_file_id` and `_row`. ``{batch}`` stands for the rows that are checked. A share of broken rows up to
    `tolerated_share` is counted and lets the rule pass. `asset` names the Asset that it is checked on. `says` is what
    the rule asks for, with its limits, in words; `unit` what its query counts, empty where it speaks of the whole.
    """

    name: str
    dimension: str
    severity: str
    query: str
    asset: str
    entity: str | None = None
    column: str | None = None
    tolerated_share: float = 0.0
    says: str = ""
    unit: str = "rows"

    @property
    def expectation(self) -> str:
        """The name under which the rule speaks in results and mails."""
        return ".".join(part for part in (self.entity, self.column, self.name) if part)


@dataclass(frozen=True)
class Asset:
    """The rows that rules are checked on, as a query, under the name that these rules have as their `asset`.

    One that `is_read_once` is dearer to work out for each rule than to keep while its rules are counted.
    """

    name: str
    query: str
    is_read_once: bool = False
