"""Export and import: idempotent, all or nothing, errors with their line."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from include.identity.stewards.__main__ import main
from include.identity.stewards.csv_files import WrongFile, export_csv, import_csv
from include.identity.stewards.decisions import undo
from include.identity.stewards.labels import evaluate_labels
from include.settings import Settings
from tests.include.identity.stewards.people import LEFT, OTHER, RIGHT, ask, doubtful, link, put

HEADER = "decision,record_id_l,record_id_r,field,new_value,why\n"
FILE = (
    f"{HEADER}different,{LEFT},{RIGHT},,,mother and daughter\n"
    f'correct,{OTHER},,phone,07700 900123,"a letter,\nof two lines"\n,{LEFT},{OTHER},,,\n'
)


def test_import__twice_is_once(linked_url: str) -> None:
    assert import_csv(linked_url, FILE.encode(), "olga") == {"taken": 2, "already": 0, "left": 1}
    assert import_csv(linked_url, b"\xef\xbb\xbf" + FILE.encode(), "otto") == {"taken": 0, "already": 2, "left": 1}
    rows = ask(
        linked_url,
        "select decision, new_value, decided_by, why, imported_by from identity.decisions order by decision_id",
    )
    assert [tuple(row.values()) for row in rows] == [
        ("different", None, "olga", "mother and daughter", "olga"),
        ("correct", "+447700900123", "olga", "a letter, of two lines", "olga"),
    ]


def test_export__imports_into_another_warehouse(linked_url: str) -> None:
    first = put(linked_url, decision="same", record_id_l=LEFT, record_id_r=RIGHT)
    put(linked_url, decision="different", record_id_l=LEFT, record_id_r=RIGHT, seen_decision_id=first)
    put(linked_url, decision="correct", record_id_l=OTHER, field="phone", new_value="+447700900123")
    exported = export_csv(linked_url, "decisions")
    assert "'+447700900123" in exported, "a spreadsheet must not calculate"
    standing = "select subject, decision, new_value from identity.decisions_in_force order by subject"
    before = ask(linked_url, standing)
    assert import_csv(linked_url, exported.encode(), "otto")["taken"] == 0
    with psycopg.connect(linked_url) as connection:
        connection.execute("truncate identity.decisions")
    assert import_csv(linked_url, exported.encode(), "otto") == {"taken": 2, "already": 1, "left": 0}
    assert ask(linked_url, standing) == before


def test_import__what_stands_is_left_alone_though_its_record_has_gone(linked_url: str) -> None:
    put(linked_url, decision="different", record_id_l=LEFT, record_id_r=RIGHT)
    exported = export_csv(linked_url, "decisions")
    with psycopg.connect(linked_url) as connection:
        connection.execute("delete from identity.records where record_id = %s", [RIGHT])
    assert import_csv(linked_url, exported.encode(), "otto") == {"taken": 0, "already": 1, "left": 0}
    other = exported.replace("different", "same").encode()
    with pytest.raises(WrongFile, match=f"line 2: there is no record {RIGHT}"):
        import_csv(linked_url, other, "otto")
    undone = exported.strip().removesuffix(",,") + f",otto,{datetime.now(UTC)}\n"
    assert import_csv(linked_url, undone.encode(), "otto")["taken"] == 1


def test_import__keeps_who_decided_and_undid_it_and_when(linked_url: str) -> None:
    first = put(linked_url, decision="same", record_id_l=LEFT, record_id_r=RIGHT)
    put(linked_url, decision="correct", record_id_l=OTHER, field="city", new_value="Leeds", decided_by="Otto Ö")
    told = "select decision, decided_by, decided_at from identity.decisions order by decision, decided_at"
    standing = export_csv(linked_url, "decisions")
    with psycopg.connect(linked_url) as connection:
        undo(connection, first, "Vera", "a slip")
    before, undone = ask(linked_url, told), export_csv(linked_url, "decisions")
    with psycopg.connect(linked_url) as connection:
        connection.execute("truncate identity.decisions")
    assert import_csv(linked_url, standing.encode(), "importer")["taken"] == 2
    assert import_csv(linked_url, undone.encode(), "another") == {"taken": 1, "already": 1, "left": 0}
    assert ask(linked_url, told) == before
    imported = ask(linked_url, "select imported_by from identity.decisions order by decision_id")
    assert [row["imported_by"] for row in imported] == ["importer", "importer", "another"]
    exported = csv.DictReader(io.StringIO(export_csv(linked_url, "decisions")))
    assert {(row["decided_by"], row["imported_by"]) for row in exported} == {
        ("olga", "importer"),
        ("Otto Ö", "importer"),
    }


def test_import__decided_by_the_importer_now_where_the_line_does_not_say(linked_url: str) -> None:
    text = (
        "decision,record_id_l,record_id_r,field,new_value,why,decided_by,decided_at\n"
        f"different,{LEFT},{RIGHT},,,x,,2026-03-01T10:00:00+02:00\ncorrect,{OTHER},,city,Leeds,x,Vera,\n"
        f"correct,{OTHER},,postcode,LS1 4DY,x,,\ncorrect,{OTHER},,phone,07700 900123,,Vera,2026-03-01T10:00:00+02:00\n"
    )
    began = datetime.now(UTC)
    import_csv(linked_url, text.encode(), "olga")
    *others, last = ask(linked_url, "select decided_by, decided_at from identity.decisions order by decision_id")
    assert tuple(last.values()) == ("Vera", datetime(2026, 3, 1, 8, tzinfo=UTC))
    assert {row["decided_by"] for row in others} == {"olga"}
    assert all(began <= row["decided_at"] <= datetime.now(UTC) for row in others)


def test_import__takes_an_exported_decision_without_a_reason(linked_url: str) -> None:
    put(linked_url, decision="same", record_id_l=LEFT, record_id_r=RIGHT, why="")
    exported = export_csv(linked_url, "decisions")
    with psycopg.connect(linked_url) as connection:
        connection.execute("truncate identity.decisions")
    assert import_csv(linked_url, exported.encode(), "otto")["taken"] == 1
    assert ask(linked_url, "select decided_by, why from identity.decisions") == [{"decided_by": "olga", "why": ""}]


@pytest.mark.parametrize(
    ("who", "when", "words"),
    [
        ("x" * 251, "", "line 2: decided_by: a name of at most 250 characters"),
        ("Vera", "16/11/2026 09:30", "line 2: decided_at: a time is expected"),
        ("Vera", "0001-01-01 00:00+14:00", "line 2: decided_at: a time is expected"),
        ("Vera", "2026-03-01 09:30", "line 2: decided_at: a time with its zone"),
        ("Vera", "9998-03-01 09:30+00:00", "line 2: decided_at: a time that is not still to come"),
    ],
)
def test_import__who_and_when_have_to_be_a_name_and_a_time(who: str, when: str, words: str, linked_url: str) -> None:
    text = f"decision,record_id_l,record_id_r,why,decided_by,decided_at\nsame,{LEFT},{RIGHT},x,{who},{when}\n"
    with pytest.raises(WrongFile, match=words):
        import_csv(linked_url, text.encode(), "olga")
    assert ask(linked_url, "select 1 from identity.decisions") == []


def test_export__queue_is_filled_in_and_comes_back(linked_url: str) -> None:
    (row,) = csv.DictReader(io.StringIO(export_csv(linked_url, "queue")))
    assert (row["record_id_l"], row["name_l"], row["decision"]) == (LEFT, "Annabel Lighterman", "")
    text = io.StringIO()
    writer = csv.DictWriter(text, row)
    writer.writeheader()
    writer.writerow(row | {"decision": "Same", "why": "one and the same"})
    assert import_csv(linked_url, text.getvalue().encode(), "olga")["taken"] == 1
    (row,) = csv.DictReader(io.StringIO(export_csv(linked_url, "queue")))
    assert row["decision"] == "same"


def test_export__queue_comes_back_with_what_the_page_decided_without_a_reason(linked_url: str) -> None:
    put(linked_url, decision="different", record_id_l=LEFT, record_id_r=RIGHT, why="")
    exported = export_csv(linked_url, "queue")
    assert import_csv(linked_url, exported.encode(), "otto") == {"taken": 0, "already": 1, "left": 0}
    with pytest.raises(WrongFile, match="line 2: olga has decided this meanwhile: different; undo it first"):
        import_csv(linked_url, exported.replace(",different,", ",same,").encode(), "otto")


def test_import__undone_elsewhere_is_undone_here(linked_url: str) -> None:
    number = put(linked_url, decision="same", record_id_l=LEFT, record_id_r=RIGHT)
    before = export_csv(linked_url, "decisions")
    with psycopg.connect(linked_url) as connection:
        undo(connection, number, "olga", "a slip")
    after = export_csv(linked_url, "decisions")
    with psycopg.connect(linked_url) as connection:
        connection.execute("truncate identity.decisions")
    import_csv(linked_url, before.encode(), "otto")
    assert import_csv(linked_url, after.encode(), "otto")["taken"] == 1
    assert ask(linked_url, "select 1 from identity.decisions_in_force") == []


@pytest.mark.parametrize(
    ("there", "again", "taken"),
    [("all", "same", 0), ("nothing", "same", 1), ("first", "same", 2), ("first", "different", 2)],
)
def test_import__decided_again_after_it_was_undone_stands(there: str, again: str, taken: int, linked_url: str) -> None:
    number = put(linked_url, decision="same", record_id_l=LEFT, record_id_r=RIGHT)
    first = export_csv(linked_url, "decisions")
    with psycopg.connect(linked_url) as connection:
        undo(connection, number, "olga", "a slip")
    put(linked_url, decision=again, record_id_l=LEFT, record_id_r=RIGHT)
    standing = "select decision, decided_at from identity.decisions_in_force"
    before, exported = ask(linked_url, standing), export_csv(linked_url, "decisions")
    if there != "all":
        with psycopg.connect(linked_url) as connection:
            connection.execute("truncate identity.decisions")
    if there == "first":
        import_csv(linked_url, first.encode(), "otto")
    assert import_csv(linked_url, exported.encode(), "otto")["taken"] == taken
    assert ask(linked_url, standing) == before != []
    assert import_csv(linked_url, exported.encode(), "otto")["taken"] == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("decision,record_id_l\n", "line 1: no column why"),
        (f"{HEADER}same,{LEFT}\n", "line 2: 2 fields, the header has 6"),
        (f"{FILE}same,{LEFT},crm/customers/404,,,x\n", "line 6: there is no record"),
        (f"{FILE}correct,{LEFT},,email,nobody,x\n", "line 6: email: an e-mail address is expected"),
        (f"{FILE}correct,{LEFT},,date_of_birth,9999-12-31,x\n", "line 6: date_of_birth: a day that is not still"),
        (f"{HEADER}same,{LEFT},{OTHER},,,\n", "line 2: say why"),
        (f"{FILE}same,{LEFT},{RIGHT},,,x\n", "line 6: olga has decided this meanwhile: different; undo it first"),
        (f"{HEADER[:-1]},decided_by\nsame,{LEFT},{OTHER},,,,Vera\n", "line 2: say why"),
        (f"{HEADER[:-1]},decided_at\nsame,{LEFT},{OTHER},,,,2026-03-01 09:30+00:00\n", "line 2: say why"),
        (f"{HEADER[:-1]},undone_by\nsame,{LEFT},{OTHER},,,x,Vera\n", "line 2: undone_by, undone_at: one is there"),
        (f"{HEADER[:-1]},undone_at\nsame,{LEFT},{OTHER},,,x,2026-03-01 09:30+00:00\n", "line 2: undone_by, undone_at"),
        (f"{HEADER}perhaps,{LEFT},{OTHER},,,x\n", "line 2: no decision 'perhaps'"),
        (f'{HEADER}same,{LEFT},{RIGHT},,,"x\n', "line 2: "),
        (b"decision,why\nsame,\xff\n", "line 2: the file is no UTF-8"),
        (b"decision,why\nsame,\x00\n", "line 2: the file holds a NUL"),
    ],
)
def test_import__wrong_line_is_named_and_nothing_is_taken(content: str | bytes, words: str, linked_url: str) -> None:
    with pytest.raises(WrongFile, match=words):
        import_csv(linked_url, content.encode() if isinstance(content, str) else content, "olga")
    assert ask(linked_url, "select 1 from identity.decisions") == []


def test_commands__export_import_and_evaluate(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link(settings.database_url, doubtful())
    file = tmp_path / "decisions.csv"
    file.write_text(FILE)
    assert main(["import", str(file), "--user", "olga"]) == 0
    assert "2 taken" in capsys.readouterr().out
    file.write_text(f"{HEADER}same,{LEFT}\n")
    assert main(["import", str(file)]) == 1
    assert "line 2" in capsys.readouterr().err
    assert main(["export", "decisions"]) == 0
    assert "mother and daughter" in capsys.readouterr().out
    assert main(["evaluate"]) == 0
    assert "1 labelled pairs: 0 same, 1 different" in capsys.readouterr().out


def test_commands__say_in_one_sentence_what_is_not_possible(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert settings.database_url, "the commands speak to a warehouse of their own"
    assert main(["export", "decisions", str(tmp_path)]) == 1
    assert main(["import", str(tmp_path / "gone.csv")]) == 1
    monkeypatch.setenv("CUSTOMER360_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    assert main(["export", "queue"]) == 1
    assert main(["evaluate"]) == 1
    folder, gone, *silent = capsys.readouterr().err.splitlines()
    assert folder == f"error: {tmp_path}: Is a directory"
    assert gone == f"error: {tmp_path / 'gone.csv'}: No such file or directory"
    assert len(silent) == 2
    assert all(line.startswith("error: the database does not answer: ") for line in silent)


def test_evaluate_labels__judges_the_model_without_the_decisions(warehouse_url: str) -> None:
    rows = doubtful()
    rows.append(rows[0] | {"record_id": "crm/customers/1", "system": "crm", "entity": "customers", "source_key": "1"})
    link(warehouse_url, rows)
    put(warehouse_url, decision="different", record_id_l=LEFT, record_id_r="crm/customers/1")
    put(warehouse_url, decision="same", record_id_l=LEFT, record_id_r=RIGHT)
    link(warehouse_url)
    figures = evaluate_labels(warehouse_url)
    assert (figures["same"], figures["different"]) == (1, 1)
    assert figures["clusters"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0}
