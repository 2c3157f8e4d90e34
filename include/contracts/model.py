"""What a contract may say. DAGs, raw tables, raw gates and the data dictionary are made from these models."""

from __future__ import annotations

import os
import re
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

_WORD = re.compile(r"^[a-z][a-z0-9_]{0,40}$")

Sensitivity = Literal["none", "personal", "secret", "never_store"]
Severity = Literal["critical", "warning"]


class _Strict(BaseModel):
    """A misspelt key in a contract is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Strict):
    """One declared field: what it means, what it may hold, how sensitive it is."""

    meaning: str
    name: str = ""
    path: str | None = None
    type: Literal["text", "integer", "decimal", "date", "timestamp", "boolean", "json"] = "text"
    format: str | None = None
    required: bool = False
    allowed: tuple[str, ...] | None = None
    pattern: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    unique: bool = False
    references: str | None = None
    sensitivity: Sensitivity = "none"
    mask: tuple[Literal["card_number", "security_code"], ...] = ()
    severity: Severity = "critical"
    tolerated_share: float | None = Field(default=None, ge=0, le=1)

    @property
    def source_path(self) -> str:
        """Where the value is in a record: the declared path, else the column's own name."""
        return self.path or self.name


class Child(_Strict):
    """Records nested in a column of their parent; they stay there as json in raw and are unnested in staging.

    `path` is the parent's column that holds the list.
    """

    path: str
    key: tuple[str, ...]
    columns: dict[str, Column]


class ExpectedRows(_Strict):
    """How many rows a delivered batch holds."""

    min: int = 0
    max: int | None = None


class Entity(_Strict):
    """One kind of record of a system: the files that hold it, its key and its columns."""

    description: str
    files: tuple[str, ...]
    key: tuple[str, ...]
    columns: dict[str, Column]
    name: str = ""
    key_fallback: tuple[str, ...] = ()
    record_time: str | None = None
    expected_rows: ExpectedRows | None = None
    max_age_days: int | None = None
    children: dict[str, Child] = {}

    @property
    def stored_columns(self) -> dict[str, Column]:
        """The columns of the raw table: all but those that must never be stored."""
        return {n: c for n, c in self.columns.items() if c.sensitivity != "never_store"}

    @property
    def never_stored(self) -> dict[str, Column]:
        """The columns whose values must not reach the database, the archive or a quarantined row."""
        return {n: c for n, c in self.columns.items() if c.sensitivity == "never_store"}

    @model_validator(mode="after")
    def _names_exist(self) -> Entity:
        named = [*self.key, *self.key_fallback, *([self.record_time] if self.record_time else [])]
        for name in named:
            if name not in self.columns:
                raise ValueError(f"{name!r} is named as key or record time and is no column")
        for child_name, child in self.children.items():
            if child.path not in self.columns or not set(child.key) <= set(child.columns):
                raise ValueError(f"child {child_name!r}: its path and key have to name columns")
        if len(self.columns) > 1 and any(column.mask for column in self.columns.values()):
            raise ValueError("mask: free text is masked line by line, so it has to be the only column of its files")
        for name in self.columns:
            if not _WORD.match(name):
                raise ValueError(f"column {name!r}: use lower-case letters, digits and underscores")
        return self


class Format(_Strict):
    """How the files of a system are written."""

    type: Literal["csv", "json", "jsonl", "xml", "txt"]
    encoding: str = "utf-8"
    header: bool = True
    delimiter: str = ","
    quote: str | None = '"'
    escape: str | None = None
    record_element: str | None = None


class Quality(_Strict):
    """How much may be wrong before a batch is held."""

    tolerated_share: float = Field(default=0.02, ge=0, le=1)
    max_quarantined_share: float = Field(default=0.01, ge=0, le=1)
    on_failure: Literal["hold", "warn"] = "hold"


class Contract(_Strict):
    """One source system."""

    system: str
    title: str
    description: str
    owner: str
    contact: str
    cadence: Literal["daily", "weekly", "monthly", "on_demand"]
    delivery: Literal["snapshot", "delta", "events"]
    missing_record: str
    purpose: str
    legal_basis: str
    region: str
    retention_days: int
    format: Format
    entities: dict[str, Entity]
    active: bool = True
    active_when: str | None = None
    first_batch_date: date | None = None
    quality: Quality = Quality()

    @model_validator(mode="before")
    @classmethod
    def _name_parts(cls, data: dict[str, object]) -> dict[str, object]:
        """Entities and columns know their own name; it is written once, as their key."""
        entities = data.get("entities")
        for entity_name, entity in entities.items() if isinstance(entities, dict) else []:
            entity["name"] = entity_name
            for part in (entity, *entity.get("children", {}).values()):
                for column_name, column in part.get("columns", {}).items():
                    column["name"] = column_name
        return data

    def is_active(self) -> bool:
        """Whether the system takes part: declared active, and its environment variable set where it names one."""
        return self.active and (self.active_when is None or bool(os.environ.get(self.active_when)))

    def is_due(self, batch_date: date) -> bool:
        """Whether a batch is expected for the date.

        Weekly systems deliver on Mondays, monthly ones on the first; those on demand are never missed.
        """
        if self.first_batch_date and batch_date < self.first_batch_date:
            return False
        if self.cadence == "weekly":
            return batch_date.weekday() == 0
        if self.cadence == "on_demand":
            return False
        return self.cadence == "daily" or batch_date.day == 1
