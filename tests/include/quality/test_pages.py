"""One build, looked at from all sides: pages for every system, nothing of a person in them, and no lost fact unseen."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from lxml import html

from include.contracts import load_contracts
from include.landing import land_batch, release_batch
from include.landing.release import hold_batch
from include.ops.builds import begin_build
from include.quality.measure import measure_batches
from include.quality.overlap import measure_overlap
from include.quality.pages import percent, write_profiles
from include.settings import Settings
from include.transform.build import STEPS, _report_quality
from include.transform.dbt import run_dbt
from tests.include.quality.test_measure import deliver, person
from tests.include.warehouse import BUILD, DAYS, SYSTEMS, land, rows, write_days
from tests.include.warehouse import step as run_step

SHORTEST = 5  # shorter values stand in any text


@pytest.mark.slow
def test_pages__describe_a_build(settings: Settings) -> None:
    write_days(settings, 200)
    for day in DAYS[:2]:
        land(settings, day)
    build_once_a_lost_row_is_back(settings)
    check_every_fact_is_reconciled(settings)
    counts = _report_quality(settings)
    delivered = {row["system"] for row in rows(settings, "select distinct system from ops.batches")}
    assert counts["profiles"] == counts["systems"] == len(delivered)
    assert counts["measured"] == len(rows(settings, "select from ops.batches where state <> 'not_due'"))
    folder = settings.run_dir / "profiles"
    assert {path.stem for path in folder.glob("*.html")} == delivered | {"index", "reconciliation"}
    check_pages_are_complete(settings)
    check_pages_tell_of_nobody(settings)
    check_overlap(settings)
    check_only_what_changed_is_written_again(settings)


def check_every_fact_is_reconciled(settings: Settings) -> None:
    found = rows(settings, "select fact, sum(fact_rows) as rows, bool_and(is_reconciled) as ok from ops.reconciliation"
                           " group by 1")  # fmt: skip
    there = rows(settings, "select table_name from information_schema.tables where table_schema = 'core'"
                           " and table_name like 'fact%%'")  # fmt: skip
    assert all(row["ok"] for row in found)
    counted = {row["fact"]: row["rows"] for row in found}
    for fact in (row["table_name"] for row in there):
        (size,) = rows(settings, f"select count(*) as n from core.{fact}")
        assert fact == "fact_web_sessions" or counted.get(fact, 0) == size["n"], fact


def check_pages_are_complete(settings: Settings) -> None:
    contracts = load_contracts(settings.sources_dir, active_only=False)
    for path in (settings.run_dir / "profiles").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r'(?:src|href)="(?:https?:)?//|<script', text), "needs the internet, or runs scripts"
        page = html.fromstring(text.encode())
        if path.stem in contracts:
            for entity in contracts[path.stem].entities.values():
                (section,) = page.xpath(f"//section[@id='{entity.name}']")
                named = {cell.text for cell in section.xpath(".//tbody/tr/td[1]")}
                assert not named or named == set(entity.stored_columns)
    index = html.parse(str(settings.run_dir / "profiles" / "index.html"))
    assert set(SYSTEMS) <= {link.text for link in index.xpath("//section[1]//a")}
    crm = (settings.run_dir / "profiles" / "crm.html").read_text(encoding="utf-8")
    assert "A999999" in crm, "the pattern of customer numbers"
    assert "<rect" in crm
    assert re.search(r"customers\S*\.csv line \d+: <code>", crm), "an issue has its place"


def check_pages_tell_of_nobody(settings: Settings) -> None:
    """No value of a personal column stands on a page, unless the contract lists it."""
    contracts = load_contracts(settings.sources_dir, active_only=False).values()
    columns = [c for contract in contracts for e in contract.entities.values() for c in e.columns.values()]
    open_words = {"none", "unknown", *(column.name for column in columns)}
    open_words |= {word.lower() for column in columns for word in column.allowed or ()}
    values: dict[str, str] = {}
    for contract in contracts:
        for entity in contract.entities.values():
            for column in entity.stored_columns.values():
                if column.sensitivity != "none" and not column.allowed and column.type not in ("integer", "decimal"):
                    place = f"{contract.system}.{entity.name}.{column.name}"
                    table = f'raw_{contract.system}."{entity.name}"'
                    found = rows(settings, f'select distinct "{column.name}" as v from {table}')
                    values |= {row["v"]: place for row in found if row["v"] and len(row["v"]) >= SHORTEST}
    assert len(values) > 500
    for path in (settings.run_dir / "profiles").glob("*.html"):
        page = html.parse(str(path))
        shown = [text.strip() for text in page.xpath("//main//text()[not(ancestor::p)] | //main//@title")]
        words = {word for text in shown for word in (text, *re.split(r": | to |, | of ", text))}
        leaked = {(values[word], word) for word in words if word in values and word.lower() not in open_words}
        assert not leaked, path.name


def check_overlap(settings: Settings) -> None:
    day = "(select max(as_of_date) from ops.system_gaps)"
    gaps = {row["system"]: row for row in rows(settings, f"select * from ops.system_gaps where as_of_date = {day}")}
    known = rows(settings, "select distinct r.system, x.customer_key from identity.records as r"
                           " join identity.crosswalk as x using (record_id)")  # fmt: skip
    by_customer: dict[int, set[str]] = {}
    for row in known:
        by_customer.setdefault(row["customer_key"], set()).add(row["system"])
    for system, gap in gaps.items():
        here = [systems for systems in by_customer.values() if system in systems]
        assert gap["customers"] == len(here)
        assert gap["only_here"] == sum(systems == {system} for systems in here)
        assert gap["missing_here"] == len(by_customer) - len(here)
    pairs = rows(settings, f"select * from ops.system_overlap where as_of_date = {day}")
    for pair in pairs:
        both = {pair["system"], pair["other_system"]}
        assert pair["customers"] == sum(both <= systems for systems in by_customer.values())
    asked = f"select * from ops.system_sets where as_of_date = {day} order by systems"
    sets = rows(settings, asked)
    assert {tuple(row["systems"]): row["customers"] for row in sets} == {
        tuple(sorted(systems)): sum(other == systems for other in by_customer.values())
        for systems in by_customer.values()
    }
    measure_overlap(settings.database_url)
    assert rows(settings, asked) == sets, "a rerun changes nothing"


def check_only_what_changed_is_written_again(settings: Settings) -> None:
    assert write_profiles(settings)["profiles"] == 0
    land(settings, DAYS[2], ("crm",))
    before = (settings.run_dir / "profiles" / "pos.html").stat().st_mtime_ns
    assert _report_quality(settings)["profiles"] == 1
    assert DAYS[2].isoformat() in (settings.run_dir / "profiles" / "crm.html").read_text(encoding="utf-8")
    assert (settings.run_dir / "profiles" / "pos.html").stat().st_mtime_ns == before


def build_once_a_lost_row_is_back(settings: Settings) -> None:
    """A fact that has lost one row stops the build; with the row it goes on."""
    assert begin_build(settings.database_url, DAYS[1].isoformat(), "build")
    for step in BUILD[: BUILD.index("gate_marts")]:
        assert not run_step(step, settings, "build", data_tests=False)
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        connection.execute(
            "delete from core_next.fact_reviews where review_key = (select min(review_key) from core_next.fact_reviews)"
        )
    failed = STEPS["gate_marts"](settings, "lossy", {})
    assert [problem.expectation for problem in failed] == ["facts_reconcile_with_raw"]
    (wrong,) = rows(settings, "select * from ops.reconciliation where not is_reconciled")
    assert (wrong["fact"], wrong["system"], wrong["entity"]) == ("fact_reviews", "ecommerce", "reviews")
    assert wrong["unexplained"] == {"missing": 1}
    (result,) = rows(settings, "select examples from ops.gate_results where run_id = 'lossy' and outcome = 'failed'")
    place = {"fact": "fact_reviews", "system": "ecommerce", "entity": "reviews", "batch_date": str(wrong["batch_date"])}
    assert result["examples"] == [place]
    run_dbt(["run", "--select", "fact_reviews", "--target", "next"], "build", settings)
    for step in BUILD[BUILD.index("gate_marts") :]:
        assert not run_step(step, settings, "build", data_tests=False), step


def test_write_profiles__again_whatever_changes_the_page(settings: Settings, tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    shutil.copy(settings.sources_dir / "crm.yml", sources)
    settings = replace(settings, sources_dir=sources)
    contracts, page = load_contracts(sources), tmp_path / "profiles" / "crm.html"
    url, day = settings.database_url, DAYS[0]
    deliver(settings, day, *(person(number, city="Leeds") for number in range(1, 200)))
    land_batch(contracts["crm"], day, settings.inbox, tmp_path / "archive", url)
    hold_batch("crm", day, "for a test", url)
    assert (measure_batches(url, contracts), write_profiles(settings)["profiles"]) == (1, 1)
    assert "for a test" in page.read_text(encoding="utf-8")
    assert write_profiles(settings)["profiles"] == 0
    rows(settings, "update ops.batches set state = 'landed', reason = null returning 1")
    rows(settings, "update ops.files set state = 'landed', judged_at = now() returning 1")
    release_batch("crm", day, url)
    assert (measure_batches(url, contracts), write_profiles(settings)["profiles"]) == (0, 1), "now it is released"
    told = page.read_text(encoding="utf-8")
    assert "for a test" not in told
    assert "active" in told
    rows(settings, "update ops.quality_measures set measured_at = measured_at + interval '1 day' returning 1")
    assert write_profiles(settings)["profiles"] == 0, "the same figures"
    rows(settings, "update ops.quality_measures set passed = passed - 1 where column_name = 'first_name' returning 1")
    assert write_profiles(settings)["profiles"] == 1
    text = (sources / "crm.yml").read_text(encoding="utf-8")
    (sources / "crm.yml").write_text(re.sub("(?m)^(title: ).*", r"\1Another title", text), encoding="utf-8")
    assert write_profiles(settings)["profiles"] == 1
    assert "Another title" in page.read_text(encoding="utf-8")


def test_percent__says_neither_all_nor_none_of_what_is_nearly_so() -> None:
    assert [percent(share) for share in (1, 0, 0.99999, 0.00001, 0.5, None)] == [
        "100%", "0%", "> 99.9%", "< 0.1%", "50.0%", ""
    ]  # fmt: skip
