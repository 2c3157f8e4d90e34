"""Finds and reads contracts."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError

from include.contracts.model import Contract


class ContractError(Exception):
    """A contract that cannot be used; the message names the file and each place in it."""


def load_contract(path: Path) -> Contract:
    """Read one contract; raises ContractError where it is no YAML, misses a part or is named for another system."""
    try:
        contract = Contract.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise ContractError(f"{path.name} is no valid YAML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ContractError(f"{path.name} cannot be read: {type(error).__name__}") from None
    except ValidationError as error:
        places = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'contract'}: {e['msg']}" for e in error.errors())
        raise ContractError(f"{path.name}: {places}") from None
    if contract.system != path.stem:
        raise ContractError(f"{path.name}: system is {contract.system!r}; it must be the file's stem")
    return contract


def load_contracts(sources_dir: Path, active_only: bool = True) -> dict[str, Contract]:
    """Every contract of the folder by system, in order of name."""
    contracts = (load_contract(path) for path in sorted(sources_dir.glob("*.yml")))
    return {c.system: c for c in contracts if c.is_active() or not active_only}
