"""Contracts: the one description of every source system, in ``include/sources/<system>.yml``."""

from include.contracts.model import (
    DELETED,
    EXTRACT_SUFFIX,
    Child,
    Column,
    Contract,
    Entity,
    ExpectedRows,
    Format,
    Quality,
)
from include.contracts.registry import ContractError, Sources, load_contract, load_contracts, read_sources

__all__ = [
    "DELETED",
    "EXTRACT_SUFFIX",
    "Child",
    "Column",
    "Contract",
    "ContractError",
    "Entity",
    "ExpectedRows",
    "Format",
    "Quality",
    "Sources",
    "load_contract",
    "load_contracts",
    "read_sources",
]
