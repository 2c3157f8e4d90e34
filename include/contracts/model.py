"""What a contract may say. DAGs, raw tables, raw gates and the data dictionary are made from these models."""

from __future__ import annotations

import os
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from include.contracts import checks

Sensitivity = Literal["none", "personal", "secret", "never_store"]
Severity = Literal["critical", "warning"]
EXTRACT_SUFFIX = ".jsonl.gz"  # of the files into which a table of a database is extracted
DELETED = "is_deleted"  # the column of such a file that says that the row has gone from the table


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
    allowed: tuple[str, ...] | None = Field(default=None, min_length=1)
    pattern: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    unique: bool = False
    references: str | None = None
    sensitivity: Sensitivity = "none"
    mask: tuple[Literal["card_number", "security_code"], ...] = ()
    severity: Severity = "critical"
    tolerated_share: float | None = Field(default=None, ge=0, le=1)
    not_used: str | None = None

    @property
    def source_path(self) -> str:
        """Where the value is in a record: the declared path, else the column's own name."""
        return self.path or self.name

    @model_validator(mode="after")
    def _check(self) -> Column:
        checks.check_column(self)
        return self


class Child(_Strict):
    """Records nested in a column of their parent; they stay there as json in raw and are unnested in staging.

    `path` is the parent's column that holds the list.
    """

    path: str
    key: tuple[str, ...] = Field(min_length=1)
    columns: dict[str, Column]

    @property
    def stored_columns(self) -> dict[str, Column]:
        """All but those that must never be stored."""
        return {n: c for n, c in self.columns.items() if c.sensitivity != "never_store"}

    @model_validator(mode="after")
    def _check(self) -> Child:
        checks.check_child(self)
        return self


class Format(_Strict):
    """How files are written; or that the tables of a system are read from a database, and where that is."""

    type: Literal["csv", "json", "jsonl", "xml", "txt", "database"]
    url_env: str | None = None
    encoding: str = "utf-8"
    header: bool = True
    delimiter: str = ","
    quote: str | None = '"'
    escape: str | None = None
    record_element: str | None = None

    @model_validator(mode="after")
    def _check(self) -> Format:
        checks.check_format(self)
        return self


class ExpectedRows(_Strict):
    """How many rows a delivered batch holds, and how far that may be from what is usual."""

    min: int = 0
    max: int | None = None
    usual_factor: float | None = Field(default=2, gt=1)


class Entity(_Strict):
    """One kind of record of a system: the files that hold it, its key and its columns."""

    description: str
    files: tuple[str, ...] = Field(min_length=1)
    key: tuple[str, ...] = Field(min_length=1)
    columns: dict[str, Column]
    name: str = ""
    key_fallback: tuple[str, ...] = ()
    record_time: str | None = None
    expected_rows: ExpectedRows | None = None
    max_age_days: int | None = None
    table: str | None = None
    watermark: str | None = None
    max_deleted_share: float = Field(default=0.5, ge=0, le=1)
    children: dict[str, Child] = {}
    format: Format | None = None

    @property
    def stored_columns(self) -> dict[str, Column]:
        """The columns of the raw table: all but those that must never be stored."""
        return {n: c for n, c in self.columns.items() if c.sensitivity != "never_store"}

    @property
    def lists(self) -> frozenset[str]:
        """Where in a record the lists of children are, as source paths."""
        return frozenset(self.columns[child.path].source_path for child in self.children.values())

    @property
    def never_stored(self) -> dict[str, Column]:
        """The columns whose values must not reach the database, the archive or a quarantined row; those of children,
        as `child.column`, with their path from the record on."""
        own = {n: c for n, c in self.columns.items() if c.sensitivity == "never_store"}
        for child_name, child in self.children.items():
            for name, column in child.columns.items():
                if column.sensitivity == "never_store":
                    path = f"{self.columns[child.path].source_path}.{column.source_path}"
                    own[f"{child_name}.{name}"] = column.model_copy(update={"path": path})
        return own

    @model_validator(mode="after")
    def _check(self) -> Entity:
        checks.check_entity(self)
        return self


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
    retention_days: int = Field(gt=0)
    format: Format
    entities: dict[str, Entity] = Field(min_length=1)
    active: bool = True
    active_when: str | None = None
    first_batch_date: date | None = None
    quality: Quality = Quality()

    @model_validator(mode="before")
    @classmethod
    def _name_parts(cls, data: object) -> object:
        """Entities and columns know their own name; it is written once, as their key."""
        for entity_name, entity in _parts(data, "entities"):
            entity["name"] = entity_name
            if entity.get("table"):
                entity.setdefault("files", [f"{entity_name}{EXTRACT_SUFFIX}"])
            for part in (entity, *(child for _, child in _parts(entity, "children"))):
                for column_name, column in _parts(part, "columns"):
                    column["name"] = column_name
        return data

    @model_validator(mode="after")
    def _check(self) -> Contract:
        checks.check_contract(self)
        return self

    def format_of(self, entity: Entity | None) -> Format:
        """How the files of the entity are written: as it says itself, else as the system does."""
        return (entity.format if entity else None) or self.format

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


def _parts(whole: object, name: str) -> list[tuple[object, dict[object, object]]]:
    """The mappings of a mapping; what is none is left for the model to refuse."""
    found = whole.get(name) if isinstance(whole, dict) else None
    return [(k, v) for k, v in found.items() if isinstance(v, dict)] if isinstance(found, dict) else []
