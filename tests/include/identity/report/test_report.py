"""The identity report says what the warehouse holds, in counts, and what has drifted since the last build."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest

from include.identity.report import write_report
from include.identity.report.charts import draw_bars
from include.identity.report.figures import Drift, stability_of_weights
from include.identity.report.scored import count_scored_pairs
from include.identity.run import adopt_clusters, link_people
from tests.include.identity.sample_people import comparable, sample_people
from tests.include.identity.test_store import ANN, BOB, deliver, rebuild

DAY = date(2026, 11, 16)
FILE_ID = "00000000-0000-0000-0000-000000000001"


def record_build(url: str, number: int, day: date = DAY) -> None:
    """What ops knows of a build: the newest batch that it reads, and that it was good."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "insert into ops.files (file_id, system, batch_date, name, sha256, bytes, state)"
            " values (%s, 'crm', %s, 'people', 'x', 1, 'released') on conflict do nothing",
            [FILE_ID, day],
        )
        connection.execute("delete from ops.build_files")
        connection.execute("insert into ops.build_files values (%s, 'crm', 'customers', %s)", [FILE_ID, day])
        connection.execute(
            "insert into ops.builds (partition_key, run_id, released_batches, state) values (%s, %s, '{}', 'built')",
            [day.isoformat(), f"run {number}"],
        )


def figures(url: str) -> dict[str, float]:
    with psycopg.connect(url) as connection:
        return dict(
            connection.execute(
                "select figure, value from ops.identity_figures"
                " where build_id = (select max(build_id) from ops.identity_figures)"
            ).fetchall()
        )


def build_of(url: str, rows: list[dict[str, Any]], number: int, day: date = DAY) -> None:
    deliver(url, rows)
    rebuild(url, day)
    record_build(url, number, day)


def test_write_report__before_the_first_build(warehouse_url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no good build"):
        write_report(warehouse_url, tmp_path)


@pytest.mark.slow
def test_write_report__agrees_with_the_warehouse(warehouse_url: str, tmp_path: Path) -> None:
    rows, _, _ = sample_people(10_000, 360)
    build_of(warehouse_url, rows, 1)
    write_report(warehouse_url, tmp_path)
    kept = figures(warehouse_url)
    with psycopg.connect(warehouse_url) as connection:
        counted = connection.execute("select count(*), count(distinct customer_key) from identity.crosswalk").fetchone()
    assert (kept["records"], kept["customers"]) == counted
    assert kept["records of crm"] == sum(row["system"] == "crm" for row in rows)
    with psycopg.connect(warehouse_url) as connection:
        queued = connection.execute("select kind, count(*) from identity.review_queue group by kind order by kind")
        queue = dict(queued.fetchall())
    page = (tmp_path / "index.html").read_text()
    assert kept["items in the review queue"] == sum(queue.values()) > 0
    assert f"<b>{sum(queue.values()):,}</b><span>questions in the review queue" in page
    assert f"({', '.join(f'{kind}s {items:,}' for kind, items in queue.items())})" in page
    assert kept["share.usage with phone"] == 0
    assert kept["share.crm with customer id"] == 1


def test_write_report__page_is_self_contained_and_names_no_value(warehouse_url: str, tmp_path: Path) -> None:
    odd = {"first_name": "<b>Zoë</b>", "last_name": "Quite&Unusual"}
    people = [comparable(f"crm/customers/{n}", **{**ANN, **odd}) for n in (1, 2)]
    build_of(warehouse_url, [*people, comparable("finance/accounts/1", **BOB)], 1)
    write_report(warehouse_url, tmp_path)
    page = (tmp_path / "index.html").read_text()
    assert page == (tmp_path / "2026-11-16-build-1.html").read_text()
    assert "first build that was reported" in page
    assert "http" not in page
    assert "<script" not in page
    for value in ("Zoë", "Quite", "Bogdan", "@mail", "+4477", "SL3W", "1980-03-04", "crm/customers/1"):
        assert value not in page


def test_write_report__drift_and_events_since_the_last_build(warehouse_url: str, tmp_path: Path) -> None:
    first = [comparable(f"crm/customers/{n}", **{**ANN, "email": f"{n}@mail.example"}) for n in (1, 2)]
    build_of(warehouse_url, first, 1)
    write_report(warehouse_url, tmp_path)
    more = [comparable("finance/accounts/1", **BOB), comparable("crm/customers/3", **BOB)]
    build_of(warehouse_url, [*first, *more], 2, DAY + timedelta(1))
    write_report(warehouse_url, tmp_path)
    page = (tmp_path / "index.html").read_text()
    assert "Compared with the build of 2026-11-16" in page
    assert "records</td><td>4</td><td>2</td>\n<td>+2</td>" in page
    assert "minted</td><td>1</td>" in page
    assert "joined</td><td>2</td>" in page
    before = page
    write_report(warehouse_url, tmp_path)
    assert (tmp_path / "index.html").read_text() == before, "a rerun of a build writes the same page"
    assert (tmp_path / "2026-11-16-build-1.html").exists()


def test_write_report__each_build_keeps_its_page_and_lists_the_earlier_ones(warehouse_url: str, tmp_path: Path) -> None:
    for day in (DAY - timedelta(2), DAY - timedelta(1)):
        (tmp_path / f"{day}.html").write_text("of a batch date, as pages once were")
    (tmp_path / "2026-11-16-notes.html").write_text("no page of a build")
    pages = {}
    for number in range(1, 12):
        if number < 3:
            deliver(warehouse_url, [comparable(f"crm/customers/{n}", **ANN) for n in range(number)])
            rebuild(warehouse_url, DAY)
        record_build(warehouse_url, number)
        write_report(warehouse_url, tmp_path)
        pages[number] = tmp_path / f"2026-11-16-build-{number}.html"
        assert pages[number].read_text() == (tmp_path / "index.html").read_text()
    assert "<b>1</b><span>records of people" in pages[1].read_text(), "a later build of a date overwrites none"
    links = re.findall('<a href="(.*?)">(.*?)</a>', pages[11].read_text())
    assert links == [
        *((f"2026-11-16-build-{number}.html", f"2026-11-16 (build {number})") for number in range(10, 0, -1)),
        ("2026-11-15.html", "2026-11-15"), ("2026-11-14.html", "2026-11-14"),
    ]  # fmt: skip
    write_report(warehouse_url, tmp_path)
    assert re.findall('<a href="(.*?)">(.*?)</a>', pages[11].read_text()) == links, "a rerun does not list itself"


def test_write_report__merged_keys_are_named(warehouse_url: str, tmp_path: Path) -> None:
    build_of(warehouse_url, [comparable("crm/customers/1", **ANN), comparable("crm/customers/2", **BOB)], 1)
    write_report(warehouse_url, tmp_path)
    deliver(warehouse_url, [comparable("crm/customers/1", **ANN), comparable("crm/customers/2", **ANN)])
    link_people(warehouse_url, DAY)
    adopt_clusters(warehouse_url, DAY)
    record_build(warehouse_url, 2)
    write_report(warehouse_url, tmp_path)
    assert "2 into 1" in (tmp_path / "index.html").read_text()


def test_count_scored_pairs__by_weight_reason_and_outcome() -> None:
    scored = pd.DataFrame(
        [
            ("a", "b", 5.2, 0.97, "shared_id:email"),
            ("a", "c", 5.9, 0.98, "shared_id:phone"),
            ("b", "c", -40.0, 0.0, "model"),
        ],
        columns=["record_id_l", "record_id_r", "match_weight", "probability", "reason"],
    )
    decisions = [("c", "a", "different"), ("a", "b", "same"), ("a", "x", "same")]
    rows = count_scored_pairs(scored, {"a": 0, "b": 0, "c": 1}, decisions)
    found = rows.to_dict("records")
    assert [(r["weight"], r["reason"], r["is_one_person"], r["pairs"], r["expected_true"]) for r in found] == [
        (-12, "model", False, 1, 0.0), (5, "shared_id", False, 1, 0.98), (5, "shared_id", True, 1, 0.97),
    ]  # fmt: skip
    decided = rows[["decided_pairs", "decided_same", "decided_expected"]].to_numpy().tolist()
    assert decided == [[0, 0, 0], [1, 0, 0.98], [1, 1, 0.97]]
    assert count_scored_pairs(scored.iloc[:0], {}).empty


@pytest.mark.parametrize(
    ("now", "before", "is_share", "expected"),
    [(0.5, 0.47, True, True), (0.5, 0.49, True, False), (120, 100, False, True), (105, 100, False, False),
     (3, 1, False, False), (9.0, None, False, False)],
)  # fmt: skip
def test_drift__what_is_unusual(now: float, before: float | None, is_share: bool, expected: bool) -> None:
    assert Drift("records", now, before, is_share).is_unusual == expected


def test_stability_of_weights__equal_and_shifted() -> None:
    before = {"weight.5": 100.0, "weight.20": 900.0}
    assert stability_of_weights(before, {}) is None
    assert stability_of_weights(before, before) == 0
    assert (stability_of_weights({"weight.5": 600.0, "weight.20": 400.0}, before) or 0) > 0.1


def test_write_report__field_that_a_system_does_not_deliver_is_said_so(warehouse_url: str, tmp_path: Path) -> None:
    bare = {"email": None, "phone": None}
    build_of(
        warehouse_url, [comparable("crm/customers/1", **ANN), comparable("usage/product_usage/1", **ANN | bare)], 1
    )
    write_report(warehouse_url, tmp_path)
    page = (tmp_path / "index.html").read_text()
    identifiers, completeness = page.partition("Identifiers that")[2], page.partition("Completeness of")[2]
    assert identifiers.partition("Duplicates")[0].count("not delivered</td>") == 4, "nor does either a customer id"
    assert ">0&nbsp;%" not in completeness.partition("</table>")[0]
    assert completeness.partition("</table>")[0].count("not delivered</td>") >= 2


def test_write_report__no_column_is_empty_where_no_key_has_changed(warehouse_url: str, tmp_path: Path) -> None:
    build_of(warehouse_url, [comparable("crm/customers/1", **ANN)], 1)
    write_report(warehouse_url, tmp_path)
    page = (tmp_path / "index.html").read_text()
    assert ">customers</th></tr>" not in page
    assert "minted</td><td>1</td></tr>" in page


def test_draw_bars__escapes_its_text() -> None:
    assert "<b>" not in draw_bars([("<b>", 1, "<b>")], "<b>")
