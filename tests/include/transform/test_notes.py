"""Notes from file to queue: landed masked, staged once each, proposed to the stewards by the build."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from include.contracts import load_contracts
from include.gates import run_raw_gate
from include.settings import PROJECT_DIR, Settings
from tests.include.warehouse import build, land, rows

DAY = date(2026, 11, 16)
CSV = (
    "customer_id,first_name,last_name,email,phone,date_of_birth,postcode\n"
    "C001,Ann,Smith,ann.smyth@mail.example,+447700900123,1980-03-04,SL3 6NJ\n"
    "C002,Charlie,West,charlie@mail.example,+447700900777,1961-08-09,AB1 2SJ\n"
    "C003,Charlie,West,c.west@web.example,+447700900888,1990-12-11,LS1 4AP\n"
    "C004,Shane,Chambers,shane@mail.example,+447700900999,1975-01-20,YO1 7HH\n"
)


@pytest.mark.slow
def test_notes__become_proposals_of_the_build(settings: Settings) -> None:
    for system in ("crm", "notes"):
        (settings.inbox / system / DAY.isoformat()).mkdir(parents=True)
    (settings.inbox / "crm" / DAY.isoformat() / "customers.csv").write_text(CSV)
    delivered = settings.inbox / "notes" / DAY.isoformat() / "notes.txt"
    shutil.copy(PROJECT_DIR / "tests" / "fixtures" / "notes" / "notes_20261116.txt", delivered)
    lines = delivered.read_text().splitlines()
    delivered.write_text("\n".join([*lines, lines[0].upper()]) + "\n")  # the first one once more
    land(settings, DAY)
    assert run_raw_gate(load_contracts(settings.sources_dir)["notes"], DAY, settings.database_url, "raw").passed
    assert build(settings, "notes", until="adopt_clusters") == ("adopt_clusters", [])
    staged = rows(settings, "select note_text from staging.stg_notes__notes")
    assert len(staged) == len(lines)
    queued = rows(settings, "select * from identity.review_queue where kind = 'note'")
    by_start = {row["evidence"]["text"][:13]: row for row in queued}
    email = by_start["Ann Smith's e"] if "Ann Smith's e" in by_start else by_start["ANN SMITH'S E"]
    assert (email["record_id_l"], email["field"], email["new_value"]) == (
        "crm/customers/C001", "email", "ann.smith@mail.example",
    )  # fmt: skip
    ambiguous = by_start["Charlie West'"]
    assert ambiguous["reason"] == "a note, ambiguous: 2 customers may be meant"
    assert (ambiguous["field"], ambiguous["new_value"]) == ("birth_year", "2005")
    code = by_start["Security code"]
    assert code["evidence"]["text"] == "Security code is wrong for Shane Chambers, try [security code withheld]"
    assert code["evidence"]["candidates"] == ["crm/customers/C004"]
    assert "nobody found" in by_start["Jane Doe live"]["reason"]
