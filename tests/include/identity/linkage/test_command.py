"""The command as a whole on small files: several files, ids that are none, mailboxes of many, what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from include.identity.__main__ import main
from tests.include.identity.linkage.synthetic import null_ids

FIRST = ["Ann", "Bob", "Cyd", "Dee", "Eve", "Fay", "Gus", "Hal"]
LAST = ["Lee", "Ray", "Fox", "Orr", "Poe", "Kay"]
PEOPLE = [
    f"{first},{last},19{40 + n}-{1 + n % 12:02d}-{1 + n % 28:02d}"
    for n, (first, last) in enumerate((first, last) for first in FIRST for last in LAST)
]
HEADER = "id,first_name,last_name,dob"


def write(path: Path, header: str, rows: list[str]) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def link(out: Path, *arguments: str | Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(clusters, links) of a run that must succeed."""
    assert main(["link", *map(str, arguments), "--out", str(out)]) == 0
    clusters, links = (pd.read_csv(out / name, dtype={"id": str}) for name in ("clusters.csv", "links.csv"))
    return clusters, links


def test_link_files__three_at_once(tmp_path: Path) -> None:
    rows = [f"{n},{person}" for n, person in enumerate(PEOPLE)]
    files = [
        write(tmp_path / "north.csv", HEADER, rows),
        write(tmp_path / "south.csv", HEADER, rows[:40]),
        write(tmp_path / "old" / "south.csv", HEADER, rows[10:]),
    ]
    clusters, links = link(tmp_path / "out", *files)
    assert len(clusters) == len(rows) + 40 + len(rows) - 10
    assert clusters["cluster_id"].nunique() == len(rows)
    one = clusters[clusters["cluster_id"] == clusters.set_index("id").loc["north:20", "cluster_id"]]
    assert sorted(one["id"]) == ["north:20", "south-2:20", "south-3:20"]
    assert len(links) == len(clusters) - len(rows)  # rows that say the same: each with the first


def test_link_files__ids_that_repeat_are_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = write(tmp_path / "people.csv", HEADER, [f"{n // 2},{person}" for n, person in enumerate(PEOPLE)])
    clusters, links = link(tmp_path / "out", people)
    assert clusters["id"].tolist() == [str(n) for n in range(1, len(PEOPLE) + 1)]
    assert links.empty  # those of one "id" are not drawn together by it
    said = capsys.readouterr().out
    assert "the id column 'id' has 24 repeated and 0 missing values: rows are counted instead" in said
    assert "id = id" not in said


def test_link_files__a_guess_at_the_encoding_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{n};Иванов Сергей Петрович;Нижний Новгород, улица Большая Покровская {n}" for n in range(1, 30)]
    path = tmp_path / "people.csv"
    path.write_bytes(("номер;ФИО;адрес\n" + "\n".join(rows) + "\n").encode("cp1251"))
    link(tmp_path / "out", path)
    assert "read as cp1251, by a guess: where letters are wrong, save it as UTF-8" in capsys.readouterr().out


@pytest.mark.parametrize("size", [60, 120])
def test_link_files__one_mailbox_for_all(size: int, tmp_path: Path) -> None:
    mailbox = [f"{n},info@shop.example" for n in range(size)]
    clusters, links = link(tmp_path / "out", write(tmp_path / "mail.csv", "id,email", mailbox))
    assert clusters["cluster_id"].nunique() == size
    assert links.empty
    people = [*PEOPLE, *(f"Ivy,{last},19{88 + n}-{1 + n:02d}-{21 + n}" for n, last in enumerate(LAST))]
    rows = [f"{n},{person},info@shop.example" for n, person in enumerate([*people, *people])]
    clusters, links = link(tmp_path / "out", write(tmp_path / "people.csv", f"{HEADER},email", rows))
    assert clusters["cluster_id"].nunique() == len(people)
    assert set(links["reason"]) == {"model"}


def test_link_files__threshold_decides_what_is_linked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    null_ids(3, 60).to_csv(tmp_path / "people.csv", index=False)
    linked = {}
    for threshold in ("0.02", "0.999999"):
        clusters, links = link(tmp_path / "out", tmp_path / "people.csv", "--threshold", threshold)
        linked[threshold] = len(links), clusters["cluster_id"].nunique()
        probability = f"{float(threshold):.3f}"
        assert re.search(rf"threshold [+-]\d+\.\d \(probability {probability}\)", capsys.readouterr().out)
    assert linked["0.02"][0] > linked["0.999999"][0] > 0
    assert linked["0.02"][1] < linked["0.999999"][1]


def test_link_files__says_which_columns_are_not_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"{n},{person},x,y,z,{n}" for n, person in enumerate(PEOPLE[:3])]
    people = write(tmp_path / "people.csv", f"{HEADER},handle,shoe size,colour,who", rows)
    link(tmp_path / "out", people, "--map", "colour=ignore", "--truth", "who")
    assert "\nnot used: handle, shoe size\n" in capsys.readouterr().out
    link(tmp_path / "out", people, "--map", "colour=ignore", "handle=email", "shoe size=phone", "who=ignore")
    assert "not used" not in capsys.readouterr().out
