"""The page of the report."""

from __future__ import annotations

from pathlib import Path

from include.identity.__main__ import main

MARK = "<mark>"


def test_render_report__values_headers_and_names_of_files_are_no_html(tmp_path: Path) -> None:
    rows = [f'"{MARK}{n}{side}",Ann{n},Lee{n},19{n}-05-17,{MARK}ann{n}@mail.example,{sex},"<b>{MARK}"'
            for side, odd in (("a", "f"), ("b", "m")) for n in range(40, 80)
            for sex in (odd if n == 40 else "f",)]  # fmt: skip
    people = tmp_path / f"{MARK}people.csv"
    people.write_text(f"id,first_name,last_name,dob,email,sex,{MARK}nick\n" + "\n".join(rows) + "\n", encoding="utf-8")
    assert main(["link", str(people), "--out", str(tmp_path / "out")]) == 0
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "1 clusters, the most doubtful first" in page
    assert MARK not in page
    for value in ("people.csv", "40a", "ann40@mail.example", "nick"):  # file, doubtful cluster, columns
        assert f"&lt;mark&gt;{value}" in page
    assert "a and &lt;mark&gt;" in page  # a waterfall
