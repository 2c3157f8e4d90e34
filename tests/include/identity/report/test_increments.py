"""What the identity report says of builds that linked incrementally: figures that are old, what increments missed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from include.identity.drift import AGREED, KINDS
from include.identity.report import write_report
from include.identity.run import adopt_clusters, link_people
from tests.include.identity.report.test_report import DAY, figures, record_build
from tests.include.identity.sample_people import sample_people
from tests.include.identity.test_store import deliver


def build(url: str, number: int, records: int, mode: str, folder: Path) -> str:
    """The page of a build that has linked so many records of the sample."""
    day = DAY + timedelta(number - 1)
    deliver(url, sample_people(600, 12)[0][:records])
    link_people(url, day, mode)
    adopt_clusters(url, day)
    record_build(url, number, day)
    write_report(url, folder)
    return (folder / "index.html").read_text()


@pytest.mark.slow
def test_write_report__says_what_is_old_and_what_increments_missed(warehouse_url: str, tmp_path: Path) -> None:
    first = build(warehouse_url, 1, 500, "full", tmp_path)
    pairs = {name: value for name, value in figures(warehouse_url).items() if "pairs" in name or "weight" in name}
    assert "Linked in full with the batches up to 2026-11-16" in first
    assert "provisional" not in first
    assert "What increments got otherwise" not in first
    for number, ago in ((2, "1 increment ago"), (3, "2 increments ago")):
        page = build(warehouse_url, number, 500 + 20 * number, "incremental", tmp_path)
        assert "incrementally, provisional</b>" in page
        assert f"The last one was that up to 2026-11-16, {ago}" in page
        assert f"<b>{pairs['linked pairs']:,.0f}</b><span>linked pairs of records, as of 2026-11-16" in page
        assert "The pairs are those of the linking in full up to 2026-11-16" in page
        assert "Stability" not in page, "a set is not compared with itself"
        assert not pairs.keys() & figures(warehouse_url).keys()
    last = build(warehouse_url, 4, 560, "full", tmp_path)
    assert "Linked in full with the batches up to 2026-11-19" in last
    assert "pairs with that of 2026-11-16, which was the last to link in full. Stability of the match weights" in last
    assert f"<td>linked pairs</td><td>{figures(warehouse_url)['linked pairs']:,.0f}</td><td>" in last
    with psycopg.connect(warehouse_url) as connection:
        drift = dict(connection.execute("select kind, pairs from identity.drift").fetchall())
    section = last.partition("What increments got otherwise")[2].partition("</section>")[0]
    assert "up to 2026-11-19 against 2 increments before it" in section
    assert drift[AGREED] > 0
    assert [section.index(f"<td>{kind}</td><td>{drift[kind]:,}</td>") for kind in KINDS] == sorted(
        section.index(f"<td>{kind}</td>") for kind in KINDS
    )
