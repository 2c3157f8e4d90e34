"""An example names the line of the delivered file, whatever its rows look like."""

from __future__ import annotations

from pathlib import Path

import pytest

from include.gates import judge_batch
from include.gates.lines import line_numbers
from tests.include.gates.test_judge_batch import BAD, deliver
from tests.include.landing.delivery import DAY, put, query, things

CASES = {
    "csv": ('id,name,note\n1,a,b\n2,"two\nlines",b\n3,a,b\n\n4,"x",b\n', {}, {1: 2, 2: 3, 3: 5, 4: 7}),
    "csv_without_header": ("1,a,b\n2,a,b\n", {"header": False}, {1: 1, 2: 2}),
    "jsonl": ('{"id": "1"}\n\n{"id": "2"}\n', {}, {1: 1, 2: 3}),
    "json": ('[\n{"id": "1"}\n]', {}, {}),
}


@pytest.mark.parametrize("case", CASES)
def test_line_numbers__are_those_of_the_file(case: str, tmp_path: Path) -> None:
    content, layout, expected = CASES[case]
    declared = things(case.partition("_")[0], **layout)
    path = put(tmp_path, "shop", f"things.{case}", content)
    assert line_numbers(path, declared.entities["things"], declared.format, expected or {1}) == expected


def examples(url: str) -> list[dict[str, str]]:
    ((found,),) = query(url, "select detail -> 'examples' from ops.alerts")
    return found


def test_judge_batch__examples_have_the_lines_of_the_inbox(tmp_path: Path, warehouse_url: str) -> None:
    declared, place = deliver(BAD, tmp_path, warehouse_url), BAD.splitlines().index(
        next(line for line in BAD.splitlines() if "green" in line)
    )  # fmt: skip
    judge_batch(declared, DAY, warehouse_url, "a run", tmp_path / "inbox")
    assert examples(warehouse_url) == [{"file": "things.csv", "row": str(place), "line": str(place + 1)}]


def test_judge_batch__file_that_has_changed_meanwhile_gives_no_lines(tmp_path: Path, warehouse_url: str) -> None:
    declared = deliver(BAD, tmp_path, warehouse_url)
    put(tmp_path / "inbox", "shop", "things.csv", "\n" + BAD)
    judge_batch(declared, DAY, warehouse_url, "a run", tmp_path / "inbox")
    assert [set(example) for example in examples(warehouse_url)] == [{"file", "row"}]
