"""Data Docs show the latest run of each gate with the outcome that the gate gave."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from urllib.parse import unquote

from include.gates.checkpoint import Finding
from include.gates.data_docs import build_data_docs
from include.gates.outcome import write_findings
from include.gates.rules import Rule

DAY = date(2026, 11, 16)


def rule(name: str, tolerated: float = 0.0) -> Rule:
    says = "one of: active, closed"
    return Rule(name, "consistency", "critical", "", "customers", "customers", "status", tolerated, says)


def test_data_docs__latest_run_with_the_gates_own_outcome(warehouse_url: str, tmp_path: Path) -> None:
    broken, tolerated = Finding(rule("allowed"), 10, 4, []), Finding(rule("type", 0.5), 10, 4, [])
    write_findings(warehouse_url, "gate_raw__crm", "first", [Finding(rule("forgotten"), 10, 0, [])], "crm", DAY)
    write_findings(warehouse_url, "gate_raw__crm", "second", [broken, tolerated], "crm", DAY)
    write_findings(warehouse_url, "gate_marts", "third", [Finding(rule("unique"), 10, 0, [])], None, DAY)
    assert build_data_docs(warehouse_url, tmp_path / "data_docs") == 2
    assert build_data_docs(warehouse_url, tmp_path / "data_docs") == 2, "again, in the place of the last one"
    pages = {p.parts[-3] if "validations" in p.parts else p.name: p.read_text() for p in
             (tmp_path / "data_docs").rglob("*.html")}  # fmt: skip
    everything = "".join(pages.values())
    assert "data_docs.html" in pages
    assert "customers.status.allowed" in everything
    assert "forgotten" not in everything
    assert "40 % of rows (4 broken of 10), none tolerated" in everything
    (page,) = [p.read_text() for p in (tmp_path / "data_docs" / "validations" / "gate_raw__crm").rglob("*.html")]
    assert page.count("fa-check-circle") >= 1
    assert page.count("fa-times") >= 1


def test_data_docs__need_nothing_but_themselves(warehouse_url: str, tmp_path: Path) -> None:
    tolerated, broken = Finding(rule("type", 0.5), 10, 4, []), Finding(rule("allowed"), 10, 4, [])
    write_findings(warehouse_url, "gate_raw__crm", "manual__2026-11-16T00:00:00+00:00", [tolerated], "crm", DAY)
    write_findings(warehouse_url, "gate_marts", "second", [broken], None, DAY)
    folder = tmp_path / "data_docs"
    build_data_docs(warehouse_url, folder)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".html"}
    for path in files:
        text = path.read_text()
        assert "http" not in text, path.name
        assert "<script" not in text, path.name
        links = [unquote(link) for link in re.findall(r'href="([^"#]+)"', text)]
        links = [link for link in links if link != "index.html" or path.parent != folder]  # made when asked for
        assert links
        assert all((path.parent / link).is_file() for link in links), path.name
    index = (folder / "data_docs.html").read_text()
    assert index.count('class="badge passed"') == index.count('class="badge failed"') == 1


def test_data_docs__name_what_was_looked_at_and_what_the_rules_ask_for(warehouse_url: str, tmp_path: Path) -> None:
    findings = [Finding(rule("allowed", 0.02), 243, 0, []), Finding(rule("type"), 243, 0, [])]
    write_findings(warehouse_url, "gate_raw__crm", "a run", findings, "crm", DAY)
    write_findings(warehouse_url, "gate_marts", "a build", [Finding(rule("unique"), 10, 0, [])], None, DAY)
    build_data_docs(warehouse_url, tmp_path / "data_docs")
    for gate, asset in (
        ("gate_raw__crm", "the batch of crm for 2026-11-16"),
        ("gate_marts", "marts, with all batches"),
    ):
        (page,) = [p.read_text() for p in (tmp_path / "data_docs" / "validations" / gate).rglob("*.html")]
        assert f"Data asset: {asset}" in page
        assert "None" not in page
        assert "Batch Kwargs" not in page
        assert page.count(asset) == 1
        assert "one of: active, closed" in page
        if gate == "gate_raw__crm":
            assert "0 broken of 243 rows" in page
            assert "broken rows tolerated: 2 %" in page
            assert "broken rows tolerated: none" in page
