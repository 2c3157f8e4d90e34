"""The command line: bad input, the outputs and their shape."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from include.identity.__main__ import main
from tests.include.identity.linkage.synthetic import null_ids

HEADER = "id,first_name,last_name,dob\n"


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("content", "arguments", "says"),
    [
        (None, [], "no such file"),
        (b"", [], "empty"),
        (HEADER, [], "no records"),
        ("colour,size\nred,4\nblue,5\n", [], "was recognised"),
        ("Ann,Lee,1980-01-01\nBob,Ray,1981-02-02\n", [], "people.csv: the first row looks like a record"),
        ("Ann,Lee,ann@b.example\nBob,Ray,bob@b.example\n", [], "the first row looks like a record"),
        ("Ann,Lee,x\nBob,Ray,y\nAnn,Kay,z\n", [], "write the names of the columns above it"),
        (HEADER + "1,Ann,Lee,1980-01-01\n1,Bob,Ray,1981-02-02\n", ["--map", "id=id"], "1 repeated"),
        (HEADER + "1,Ann,Lee,1980-01-01\n,Bob,Ray,1981-02-02\n", ["--map", "id=id"], "Leave out --map id=id"),
        (HEADER + "1,Ann,Lee,1980-01-01\n", ["--truth", "person"], "no column 'person'"),
        ("name,who\nAnn Lee,\nBob Ray, \n", ["--truth", "who"], "--truth: the column 'who' is empty"),
        (HEADER + "1,Ann,Lee,1980-01-01\n", ["--map", "nick=first_name"], "'nick'"),
        (HEADER + "1,Ann,Lee,1980-01-01\n", ["--map", "id=wrong"], "THEIRS=OURS"),
        (HEADER + "1,Ann,Lee,1980-01-01\n", ["--map", "id=phone", "dob=phone"], "both 'id' and 'dob' as phone"),
        (HEADER + "1,Ann,Lee,1980-01-01\n", ["--map", "id=email", "id=phone"], "'id' is named as email and as phone"),
        (b"\x00\x01\x02\x03" * 500, [], "not a text file"),
        (b"name,city\n" + "Łukasz Żak,Łódź\n".encode("cp1250") * 3 + "Jörg Süß,Köln\n".encode() * 3, [], "UTF-8"),
        (HEADER + "1,Ann,Lee,1980-01-01,9,9\n2,Bob\n3,Cy,Ray,1990-01-01,7\n", [], "people.csv"),
    ],
)  # fmt: skip
def test_link__bad_input_is_one_sentence_and_exit_2(
    content: str | bytes | None, arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = tmp_path / "people.csv"
    if content is not None:
        write(people, content)
    assert main(["link", str(people), "--out", str(tmp_path / "out"), *arguments]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert "Traceback" not in error
    assert not re.search("Ann|Lee|1980", error)


@pytest.mark.parametrize("threshold", ["abc", "", "nan", "0", "1", "50"])
def test_link__threshold_that_is_no_probability(threshold: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["link", "people.csv", "--out", "out", "--threshold", threshold])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "argument --threshold: a probability is a number between 0 and 1, as 0.9" in said
    assert "_probability" not in said


def test_link__a_folder_and_files_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = write(tmp_path / "people.csv", HEADER + "1,Ann,Lee,1980-01-01\n")
    assert main(["link", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path}: this is a folder; name the files in it.\n"
    (tmp_path / "taken" / "clusters.csv").mkdir(parents=True)
    assert main(["link", str(people), "--out", str(tmp_path / "taken")]) == 2
    assert "clusters.csv: this is a folder" in capsys.readouterr().err
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "links.csv").symlink_to("/dev/full")  # a disk on which no space is left
    assert main(["link", str(people), "--out", str(tmp_path / "full")]) == 2
    error = capsys.readouterr().err
    assert error == f"error: {tmp_path / 'full'}: this cannot be written (No space left on device).\n"


def test_link__broken_parquet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = write(tmp_path / "people.parquet", b"PAR1 but not really")
    assert main(["link", str(people), "--out", str(tmp_path / "out")]) == 2
    assert "no Parquet file" in capsys.readouterr().err


@pytest.mark.parametrize("rows", [["1,Ann,Lee,1980-01-01"], ["1,Ann,Lee,1980-01-01", "2,Bob,Ray,1975-05-05"]])
def test_link__hardly_any_records(rows: list[str], tmp_path: Path) -> None:
    people = write(tmp_path / "people.csv", HEADER + "\n".join(rows) + "\n")
    assert main(["link", str(people), "--out", str(tmp_path / "out")]) == 0
    assert len(pd.read_csv(tmp_path / "out" / "clusters.csv")) == len(rows)


@pytest.mark.slow
def test_link__outputs_of_two_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = null_ids(9, 300)
    half = len(people) // 2
    people[:half].to_csv(tmp_path / "north.csv", index=False)
    people[half:].assign(id=[f"r{n}" for n in range(len(people) - half)]).to_parquet(tmp_path / "south.parquet")
    out = tmp_path / "out"
    files = [str(tmp_path / "north.csv"), str(tmp_path / "south.parquet")]
    assert main(["link", *files, "--out", str(out), "--truth", "truth"]) == 0

    clusters, links = pd.read_csv(out / "clusters.csv"), pd.read_csv(out / "links.csv")
    assert list(clusters) == ["id", "cluster_id"]
    assert len(clusters) == len(people)
    assert clusters["id"].is_unique
    assert set(clusters["id"].str.split(":").str[0]) == {"north", "south"}
    assert list(links) == ["id_l", "id_r", "probability", "reason", "in_doubt"]
    assert links["probability"].between(0, 1).all()
    assert links["reason"].str.fullmatch(r"model|shared_id:[a-z_+]+").all()
    assert (links["reason"] != "model").any()
    of = clusters.set_index("id")["cluster_id"]
    assert (of[links["id_l"]].to_numpy() == of[links["id_r"]].to_numpy()).all()

    page = (out / "report.html").read_text(encoding="utf-8")
    assert "http://" not in page
    assert "https://" not in page
    assert "<script" not in page
    for part in ("Against the truth", "Threshold trade-off", "Match weights", "Doubtful clusters", "waterfalls"):
        assert part in page
    model = (out / "model.json").read_text(encoding="utf-8")
    assert json.loads(model)["comparisons"]
    values = {str(v).lower() for v in people["surname"].dropna() if len(str(v)) > 4} | set(people["email"].dropna())
    assert not [value for value in values if f'"{value}"' in model.lower()]
    said = capsys.readouterr().out
    assert "best in hindsight" in said
    assert re.search(rf"records: +{len(people):,}\n", said)
    assert re.search(rf"people: +{clusters['cluster_id'].nunique():,}\n", said)
    by_reason = links["reason"].value_counts()
    assert re.search(rf"links: +{len(links):,} \(", said)
    assert all(f"{reason} {count:,}" in said for reason, count in by_reason.items())
    assert re.search(rf"doubtful: +\d+ people with {links['in_doubt'].sum():,} links", said)
    assert re.search(r"seconds: +\d+\.\d \(.*training \d", said)
    assert str(out / "report.html") in said
    assert not [value for value in people["email"].dropna() if value in said]


def test_link__a_person_in_doubt_is_marked_in_every_link(tmp_path: Path) -> None:
    rows = [f"{n},Ann{n},Lee{n},19{n:02d}-05-17,f,ann{n}@mail.example" for n in range(40, 80)]
    rows += [f"{n}b,Ann{n},Lee{n},19{n:02d}-05-17,{'m' if n == 40 else 'f'},ann{n}@mail.example" for n in range(40, 80)]
    people = write(tmp_path / "people.csv", "id,first_name,last_name,dob,sex,email\n" + "\n".join(rows) + "\n")
    assert main(["link", str(people), "--out", str(tmp_path / "out")]) == 0
    links = pd.read_csv(tmp_path / "out" / "links.csv", dtype=str).set_index("id_l")
    assert len(links) == 40
    assert links.loc["40", "in_doubt"] == "True"
    assert (links.drop("40")["in_doubt"] == "False").all()
    assert "several genders" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_link__ages_count_back_from_the_day_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"{first} {last}" for first in ("Ann", "Bob", "Cyd", "Dee", "Eve") for last in ("Lee", "Ray", "Fox")]
    rows = [f"{n},{name},{20 + n},{n} High Street" for n, name in enumerate(names)]
    rows += [f"{n}b,{name},{21 + n},{n} High Street" for n, name in enumerate(names)]
    people = write(tmp_path / "people.csv", "id,name,age,address\n" + "\n".join(rows) + "\n")
    out = tmp_path / "out"
    assert main(["link", str(people), "--out", str(out), "--as-of", "2019-06-30"]) == 0
    assert "2019-06-30" in capsys.readouterr().out
    assert "2019-06-30" in (out / "report.html").read_text(encoding="utf-8")
    assert json.loads((out / "model.json").read_text(encoding="utf-8"))["as_of"] == "2019-06-30"
    assert len(pd.read_csv(out / "links.csv")) == len(names)  # an age that is a year off is the same
    with pytest.raises(SystemExit):
        main(["link", str(people), "--out", str(out), "--as-of", "30.06.2019"])


def test_link_help__says_what_the_reasons_mean(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["link", "--help"])
    said = capsys.readouterr().out
    assert all(word in said for word in ("shared_id:<which>", "model", "in_doubt", "--as-of"))


def test_link__people_named_unknown_are_people_without_a_name(tmp_path: Path) -> None:
    people = null_ids(3, 100)
    for out, put in (("unknown", "Unknown"), ("blank", None)):
        people.loc[::10, ["given_name", "surname"]] = put
        people.to_csv(tmp_path / "people.csv", index=False)
        assert main(["link", str(tmp_path / "people.csv"), "--out", str(tmp_path / out)]) == 0
    written = [(tmp_path / out / "links.csv").read_bytes() for out in ("unknown", "blank")]
    assert written[0] == written[1]


def test_link__equal_input_gives_equal_output(tmp_path: Path) -> None:
    null_ids(3, 60).to_csv(tmp_path / "people.csv", index=False)
    for out in ("a", "b"):
        assert main(["link", str(tmp_path / "people.csv"), "--out", str(tmp_path / out)]) == 0
    for name in ("clusters.csv", "links.csv"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
