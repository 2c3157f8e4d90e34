"""Lists of Airflow's API are read to their end, and no further than is needed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from include.runtime.backfill import BUILD, PAGE, all_pages, newest_of_day

DAY = date(2026, 11, 16)


@pytest.mark.parametrize("length", [0, 1, PAGE, PAGE + 1, 3 * PAGE])
def test_all_pages__gives_a_list_of_any_length_whole(length: int) -> None:
    rows = [{"number": number} for number in range(length)]
    assert list(all_pages(lambda offset: rows[offset : offset + PAGE])) == rows


def test_all_pages__asks_for_the_next_page_only_when_it_is_needed() -> None:
    asked: list[int] = []

    def ask(offset: int) -> list[dict[str, Any]]:
        asked.append(offset)
        return [{"number": offset + number} for number in range(PAGE)]

    pages = all_pages(ask)
    assert [next(pages)["number"] for _ in range(PAGE)] == list(range(PAGE))
    assert asked == [0]


def run(dag_id: str, day: str, number: int) -> dict[str, Any]:
    return {"dag_id": dag_id, "partition_key": day, "dag_run_id": f"run {number}"}


def test_newest_of_day__finds_a_run_behind_any_number_of_newer_ones() -> None:
    later = [run("land__crm", "2026-11-17", number) for number in range(3 * PAGE)]
    runs = [*later, run(BUILD, str(DAY), 3), run("land__crm", str(DAY), 2), run("land__crm", str(DAY), 1)]
    found = newest_of_day(iter(runs), ["land__crm", BUILD], DAY)
    assert {dag_id: each["dag_run_id"] for dag_id, each in found.items()} == {"land__crm": "run 2", BUILD: "run 3"}


def test_newest_of_day__ends_when_each_has_one() -> None:
    runs = iter([run("land__crm", str(DAY), 2), run("land__crm", str(DAY), 1)])
    newest_of_day(runs, ["land__crm"], DAY)
    assert next(runs)["dag_run_id"] == "run 1"
