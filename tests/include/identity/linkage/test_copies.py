"""Records that say the same: which are copies, and that they are linked as one without a say of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from include.identity.__main__ import main
from include.identity.linkage.copies import find_first
from include.identity.linkage.engine import Linkage, link_records
from include.identity.linkage.prepare import open_source, prepare_records
from include.identity.model import MOST_HOLDERS_OF_AN_ID
from tests.include.identity.linkage.synthetic import Maker, null_ids

NAMES = ["first_name", "last_name", "dob", "email", "phone", "ssn", "address", "city"]
ANN = {"first_name": "Ann", "last_name": "Lee", "city": "Leeds"}


def records_of(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    table = pd.DataFrame(rows, columns=NAMES, dtype=object)
    columns = {name: name for name in ("email", "phone", "first_name", "last_name")} | {
        "dob": "date_of_birth", "ssn": "national_id", "address": "address_line", "city": "city",
    }  # fmt: skip
    source = open_source(Path("people.csv"), table.where(table.notna(), None), columns, None)
    return prepare_records([source])


@pytest.mark.parametrize(
    "row",
    [
        ANN | {"dob": "1980-02-03"},
        ANN | {"email": "ann@mail.example"},
        ANN | {"phone": "+44 7700 900123"},
        ANN | {"address": "1 High Street"},
        {"ssn": "123456789", "dob": "1980-02-03"},
        {"email": "ann@mail.example", "phone": "+44 7700 900123"},
    ],
)
def test_find_first__records_that_say_the_same_and_enough(row: dict[str, Any]) -> None:
    other = {"first_name": "Bob", "last_name": "Ray", "dob": "1971-05-06"}
    assert find_first(records_of(row, other, row, row)).tolist() == [0, 1, 0, 0]


@pytest.mark.parametrize(
    "row",
    [
        ANN,  # a name and a town
        ANN | {"dob": "1980"},
        {"first_name": "Ann", "dob": "1980-02-03", "city": "Leeds"},
        {"email": "ann@mail.example"},
        {"dob": "1980-02-03", "phone": "+44 7700 900123", "address": "1 High Street"},  # twins
    ],
)
def test_find_first__two_people_may_say_as_little(row: dict[str, Any]) -> None:
    other = {"first_name": "Bob", "last_name": "Ray", "dob": "1971-05-06", "email": "bob@mail.example"}
    assert find_first(records_of(row, other, row)).tolist() == [0, 1, 2]


def test_find_first__one_difference_is_no_copy_and_another_way_to_write_is_one() -> None:
    row = ANN | {"dob": "1980-02-03", "phone": "+44 7700 900123"}
    written = row | {"first_name": " ANN", "phone": "0044 7700 900123"}
    assert find_first(records_of(row, row | {"city": "Hull"}, written, row | {"dob": None})).tolist() == [0, 1, 0, 3]


def test_find_first__what_many_different_records_hold_counts_for_nothing() -> None:
    many = MOST_HOLDERS_OF_AN_ID + 1
    rows = [ANN | {"first_name": f"Ann{n}", "email": "desk@mail.example", "dob": "1970-01-01"} for n in range(many)]
    assert find_first(records_of(*rows, *rows)).tolist() == list(range(2 * many))
    few = rows[: MOST_HOLDERS_OF_AN_ID - 1]
    assert find_first(records_of(*few, *few)).tolist() == [*range(len(few))] * 2


def people(seed: int, others: int, copies: int) -> pd.DataFrame:
    """So many people once or twice, and one who is there so many times with one and the same record."""
    make, rows = Maker(seed), []
    for number in range(others + 1):
        p = make.person()
        for copy in range(1 + number % 2 if number < others else copies):
            errors = 0.2 * copy if number < others else 0.0
            name = " ".join(make.spoil_text(p[part], errors, make.pools[part]) for part in ("first", "last"))
            born = make.spoil_date(p["born"], errors)
            rows.append({"name": name, "dob": born, "email": p["email"], "city": p["town"], "truth": str(number)})
    make.random.shuffle(rows)
    return pd.DataFrame(rows, dtype=object)


def link(table: pd.DataFrame) -> Linkage:
    return link_records(prepare_records([open_source(Path("people.csv"), table, {}, "truth")]))


@pytest.mark.parametrize(("others", "copies"), [(200, 200), (30, 30), (0, 300), (300, 2)])
def test_link_records__copies_of_one_record_are_one_person(others: int, copies: int) -> None:
    table = people(5, others, copies)
    linkage, truth = link(table), table["truth"].to_numpy()
    label = linkage.labels(20.0)  # copies are one at every threshold
    rows = np.flatnonzero(truth == str(others))
    assert len(label) == len(table)
    assert set(np.flatnonzero(label == label[rows[0]])) == set(rows)
    links = linkage.pairs[linkage.pairs["row_r"].isin(rows[1:])]
    assert (links.loc[links["row_l"].isin(rows), "row_l"] == rows[0]).all()  # to the first, not all with each other
    assert links["row_l"].isin(rows).sum() == copies - 1
    assert all(len(field.gamma) == len(linkage.pairs) for field in linkage.fields)


def test_link_records__copies_leave_the_others_as_they_are() -> None:
    few, many = (link(people(5, 200, copies)) for copies in (2, 300))
    assert few.threshold == many.threshold
    for one, other in zip(few.fields, many.fields, strict=True):
        np.testing.assert_allclose([*one.m, *one.u], [*other.m, *other.u])


def test_link__every_copy_is_in_the_outputs_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = null_ids(3, 60)
    table = pd.concat([table, table.assign(id=table["id"] + "b")])
    table.to_csv(tmp_path / "people.csv", index=False)
    assert main(["link", str(tmp_path / "people.csv"), "--out", str(tmp_path), "--truth", "truth"]) == 0
    clusters, links = (pd.read_csv(tmp_path / f"{name}.csv", dtype=str) for name in ("clusters", "links"))
    assert sorted(clusters["id"]) == sorted(table["id"])
    both = links[links["id_l"] + "b" == links["id_r"]]
    assert len(both) > 0.6 * len(table) / 2
    assert not links.duplicated(["id_l", "id_r"]).any()
    of = clusters.set_index("id")["cluster_id"]
    assert (of[both["id_l"]].to_numpy() == of[both["id_r"]].to_numpy()).all()
    assert "blocking alone brings" in capsys.readouterr().out


def test_link__a_file_of_one_person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people(7, 0, 60).to_csv(tmp_path / "people.csv", index=False)
    assert main(["link", str(tmp_path / "people.csv"), "--out", str(tmp_path), "--truth", "truth"]) == 0
    assert pd.read_csv(tmp_path / "clusters.csv")["cluster_id"].nunique() == 1
    assert set(pd.read_csv(tmp_path / "links.csv")["reason"]) == {"shared_id:email"}
    assert "blocking alone brings 100.00%" in capsys.readouterr().out
