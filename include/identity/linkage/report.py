"""The report."""

from __future__ import annotations

from include.identity.linkage.outputs import Result


def render_report(result: Result) -> str:
    """The report as one page."""
    return f"<!doctype html><title>Linkage</title><p>{len(result.records)} records</p>"
