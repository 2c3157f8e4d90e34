"""Finds and reads contracts."""

from __future__ import annotations

import os
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from include.contracts import checks
from include.contracts.model import Contract


class ContractError(Exception):
    """A contract that cannot be used; the message names the file and each place in it."""


class _Loader(yaml.CSafeLoader):
    """Refuses a mapping that names a key twice, of which YAML would silently take the last.

    It reads with libyaml, which takes a tenth of the time: every task reads contracts.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value]
        if twice := sorted({str(key) for key in keys if keys.count(key) > 1}):
            raise yaml.constructor.ConstructorError(None, None, f"named twice: {', '.join(twice)}", node.start_mark)
        return super().construct_mapping(node, deep)


def load_contract(path: Path) -> Contract:
    """Read one contract; raises ContractError where it is no YAML, misses a part or is named for another system."""
    try:
        contract = Contract.model_validate(yaml.load(path.read_text(encoding="utf-8"), _Loader))  # noqa: S506 - it is a SafeLoader
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
    """Every contract of the folder by system, in order of name; raises ContractError for the first that is broken."""
    contracts = (load_contract(path) for path in sorted(sources_dir.glob("*.yml")))
    return {c.system: c for c in contracts if c.is_active() or not active_only}


@dataclass(frozen=True)
class Sources:
    """What the folder of contracts says of every system, with those in it that cannot be used."""

    contracts: dict[str, Contract]
    broken: dict[str, str]
    inactive: frozenset[str]

    @property
    def active(self) -> list[str]:
        """The systems that take part, in order of name. A broken contract keeps its place until it is mended."""
        return sorted({*self.contracts, *self.broken} - self.inactive)


def read_sources(sources_dir: Path, only: str | None = None) -> Sources:
    """Read every contract of the folder, or that of one system; one that is broken touches no other system."""
    contracts: dict[str, Contract] = {}
    broken: dict[str, str] = {}
    inactive = set()
    for path in sorted(sources_dir.glob("*.yml")):
        if only not in (None, path.stem):
            continue
        try:
            contracts[path.stem] = load_contract(path)
        except ContractError as error:
            broken[path.stem] = str(error)
        if not (contracts[path.stem].is_active() if path.stem in contracts else _says_active(path)):
            inactive.add(path.stem)
    return Sources(contracts, broken, frozenset(inactive))


def _says_active(path: Path) -> bool:
    """Whether a broken contract belongs to a system that takes part, as far as it can be read.

    A file that cannot even be named as a system is none.
    """
    try:
        checks.check_word(path.stem, "system")
        declared = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - it is a SafeLoader
    except ValueError as error:
        return isinstance(error, UnicodeDecodeError)
    except (OSError, yaml.YAMLError):
        return True
    if not isinstance(declared, dict):
        return True
    switch = declared.get("active_when")
    return declared.get("active") is not False and (not isinstance(switch, str) or bool(os.environ.get(switch)))
