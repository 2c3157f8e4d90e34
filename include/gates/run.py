"""The gates that the DAGs call."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from include.contracts import Contract
from include.gates.checkpoint import run_checkpoint
from include.gates.lines import with_lines
from include.gates.outcome import GateOutcome, write_findings
from include.gates.raw_assets import raw_assets
from include.gates.raw_rules import raw_rules
from include.gates.rules import Asset, Rule
from include.landing.release import hold_batch, pass_batch, waiting_files
from include.settings import PROJECT_DIR


def run_raw_gate(contract: Contract, batch_date: date, url: str, run_id: str, inbox: Path | None = None) -> GateOutcome:
    """Check one batch against its contract; with the inbox, examples have the lines of the files that are there."""
    gate = f"gate_raw__{contract.system}"
    findings = run_checkpoint(gate, url, raw_assets(contract, batch_date), raw_rules(contract, batch_date))
    if inbox:
        findings = with_lines(findings, contract, batch_date, inbox, url)
    return write_findings(url, gate, run_id, findings, contract.system, batch_date)


def judge_batch(contract: Contract, batch_date: date, url: str, run_id: str, inbox: Path | None = None) -> GateOutcome:
    """Check one batch, and hold it or let it pass. The verdict is the same however often it is asked for."""
    covered = waiting_files(contract.system, batch_date, url)  # what lands from now on is not judged
    outcome = run_raw_gate(contract, batch_date, url, run_id, inbox)
    if outcome.passed:
        pass_batch(contract.system, batch_date, url, covered)
    else:
        hold_batch(contract.system, batch_date, "; ".join(map(str, outcome.failed)), url)
    return outcome


def run_layer_gate(layer: str, url: str, run_id: str, as_of: date) -> GateOutcome:
    """Check a layer (staging, identity or marts) by the rules in ``layers/<layer>.yml``."""
    gate = f"gate_{layer}"
    entries = _read(layer)
    assets = [Asset(name, f"select * from {name}") for name in sorted({entry["of"] for entry in entries})]
    findings = run_checkpoint(gate, url, assets, [_layer_rule(entry) for entry in entries])
    return write_findings(url, gate, run_id, findings, None, as_of)


def _read(layer: str) -> list[dict[str, Any]]:
    path = PROJECT_DIR / "include" / "gates" / "layers" / f"{layer}.yml"
    entries: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]
    return entries


def _layer_rule(entry: dict[str, Any]) -> Rule:
    query = f"with checked as (select * from {{batch}}) {entry['query']}"
    tolerated = float(entry.get("tolerated_share", 0))
    return Rule(
        entry["name"], entry["dimension"], entry["severity"], query, entry["of"], tolerated_share=tolerated,
        says=entry["name"].replace("_", " "), unit=entry.get("unit", "rows"),
    )  # fmt: skip
