"""A judgement in words, for the command line and the log of the DAG: numbers only, no value of a record."""

from __future__ import annotations

from typing import Any


def tell_judgement(figures: dict[str, Any]) -> str:
    """The lines of a judgement (see judge_models)."""
    lines = []
    for name in ("in_force", "candidate"):
        found = figures[name]
        told = [f"{name.replace('_', ' ')} {found['model_version']}"]
        told += [f"{what}: {_measures(found[what])}" for what in ("labels", "truth") if found[what]]
        lines.append("; ".join(told))
        if name in figures.get("earlier_truth", {}):
            earlier = figures["earlier_truth"][name]
            lines.append(f"    earlier, as {earlier['model_version']}, truth: {_measures(earlier['truth'])}")
    changes = figures["changes"]
    lines.append(
        f"{figures['labels']:,} labelled pairs; of the pairs that are linked {changes['kept']:,} would stay,"
        f" {changes['parted']:,} be parted, {changes['joined']:,} be new; {changes['records']:,} records concerned"
    )
    return "\n".join(lines)


def _measures(found: dict[str, float | None]) -> str:
    return ", ".join(f"{name} {'-' if value is None else f'{value:.4f}'}" for name, value in found.items())
