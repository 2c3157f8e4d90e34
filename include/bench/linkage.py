"""Linkage at size: everybody, what is new, and everybody again, tables to tables; bare Splink beside it.

Each is a process of its own, so that its memory is its own. The records are those of a sample company as large as they
are many, landed and staged as ever.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Any, LiteralString

import pandas as pd
from rich.console import Console
from rich.table import Table

from include import db
from include.bench.peers import measure_peers, print_peers, score_partition
from include.identity.evaluate import read_truth
from include.settings import Settings

# Of the sample's records so many, at least, are there on its first day, without those of the bank: its clients have no
# names, and its postings, like the many events of the web site, say nothing of who is who.
ON_THE_FIRST_DAY = 0.885
LEFT_OUT = frozenset({"bank"})
WEB_EVENTS_PER_RECORD = 0.5
ADOPTED_KEYS = "select record_id, customer_key from identity.crosswalk"
CLUSTERS_OF_SPLINK = "select record_id, cluster_id from intermediate.clusters_of_splink"
Figures = dict[str, Any]


def measure_linkage(url: str, folder: Path, records: int, new: int) -> Figures:
    """Seconds, peak memory and counts by step: first, incremental, full and splink; how far the two agree; peers.

    `url` is an empty warehouse; `folder` is for the run's files. Raises ValueError where a step fails.
    """
    make_records(url, folder, records, new)
    person = read_people(url, folder / "truth" / "truth.csv")
    figures: Figures = {"records": records, "new": new, "first": _in_child(url, "full")}
    figures["first"] |= score_keys(url, person)
    with db.connect(url) as connection:
        connection.execute("insert into intermediate.int_people__comparable select * from intermediate.later")
    for step in ("incremental", "full"):
        figures[step] = _in_child(url, step) | score_keys(url, person)
    figures["splink"] = _in_child(url, "splink") | score_keys(url, person, CLUSTERS_OF_SPLINK)
    check_same_work(figures["full"], figures["splink"])
    with db.connect(url) as connection:
        found = connection.execute("select kind, pairs from identity.drift order by kind").fetchall()
    figures["drift"] = {str(kind): int(pairs) for kind, pairs in found}
    figures["agreement"] = round(figures["drift"]["agreed"] / sum(figures["drift"].values()), 6)
    figures["peers"] = measure_peers(url, folder / "truth" / "truth.csv")
    for name in ("seconds", "mb"):
        figures[f"{name}_of_full"] = round(figures["incremental"][name] / figures["full"][name], 3)
    return figures


def check_same_work(ours: Figures, splink: Figures) -> None:
    """Raise ValueError where the two have not compared as many records and scored as many pairs."""
    for what in ("compared", "pairs"):
        if ours[what] != splink[what]:
            raise ValueError(f"the linking has {ours[what]:,} {what}, bare Splink {splink[what]:,}")


def read_people(url: str, truth_csv: Path) -> pd.Series[Any]:
    """The person of each record with a name, new ones too, by record id."""
    truth = read_truth(url, truth_csv).set_index("record_id")["person_id"]
    with db.connect(url) as connection:
        rows = connection.execute(
            "select record_id from intermediate.int_people__comparable where not links_by_id_only"
            " union select record_id from intermediate.later where not links_by_id_only"
        ).fetchall()
    return truth[truth.index.isin([str(row[0]) for row in rows])]


def score_keys(url: str, person: pd.Series[Any], query: LiteralString = ADOPTED_KEYS) -> Figures:
    """precision, recall and f1 over pairs of records that have a name and a truth, of the adopted keys, or of what
    else `query` gives each record.
    """
    with db.connect(url) as connection:
        keys = dict(connection.execute(query).fetchall())
    known = person[person.index.isin(list(keys))]
    return score_partition(pd.Series([keys[record_id] for record_id in known.index], index=known.index), known)


def make_records(url: str, folder: Path, records: int, new: int) -> None:
    """Fill intermediate.int_people__comparable with `records` records, and intermediate.later with `new` more.

    They are the first day of a sample company of that size, landed and staged as ever. Raises ValueError where it has
    fewer.
    """
    from include.bench.steps import stage_first_day
    from include.sample import write_sample

    drawn = ceil((records + new) / ON_THE_FIRST_DAY)
    settings = replace(
        Settings.from_env(), run_dir=folder, inbox=folder / "inbox", database_url=url, sample_records=drawn
    )
    write_sample(
        settings.inbox, folder / "truth", drawn, settings.sample_seed, settings.sample_dates, LEFT_OUT,
        round(drawn * WEB_EVENTS_PER_RECORD),
    )  # fmt: skip
    stage_first_day(settings, settings.sample_dates[0], folder)
    table = "intermediate.int_people__comparable"
    with db.connect(url) as connection:
        kept = connection.execute(
            f"create table intermediate.drawn as select * from {table}"
            f" order by hashtext(record_id), record_id limit {records + new}"
        ).rowcount
        if kept < records + new:
            raise ValueError(f"the sample has {kept:,} records on its first day, fewer than {records + new:,}")
        connection.execute(f"drop table {table} cascade")
        connection.execute("alter table intermediate.drawn rename to int_people__comparable")
        connection.execute(
            f"create table intermediate.later as select * from {table}"
            f" order by hashtext(record_id || 'new'), record_id limit {int(new)}"
        )
        connection.execute("update intermediate.later set first_seen_date = first_seen_date + 1")
        connection.execute(f"delete from {table} where record_id in (select record_id from intermediate.later)")


def print_linkage(figures: Figures, console: Console) -> None:
    """The table of `measure_linkage`."""
    heads = ("records", "linked anew", "compared", "pairs", "link s", "keys s", "seconds", "peak MB", "F1")
    table = Table("linkage", *heads)
    for name in ("first", "full", "incremental", "splink"):
        f = figures[name]
        table.add_row(name, f"{f['records']:,}", f"{f['relinked']:,}", f"{f['compared']:,}", f"{f['pairs']:,}",
                      f"{f['link_s']:.1f}", f"{f['keys_s']:.1f}", f"{f['seconds']:.1f}", f"{f['mb']:,}",
                      f"{f['f1']:.4f}" if "f1" in f else "-")  # fmt: skip
    console.print(table)
    console.print(
        "F1: over pairs of records with a name, by the truth of the sample. Bare Splink compares the same records,"
        " scores the same pairs, and takes what hangs together for one person."
    )
    console.print(
        f"Incremental: {figures['seconds_of_full']:.1%} of the full link's seconds, {figures['mb_of_full']:.1%} of its"
        f" memory, pair agreement {figures['agreement']:.6f}; pairs that differ: "
        + (", ".join(f"{n:,} {kind}" for kind, n in figures["drift"].items() if n and kind != "agreed") or "none")
    )
    console.print("The same beside peers, at a size that they can bear:")
    print_peers(figures["peers"], console)


def _in_child(url: str, step: str) -> Figures:
    done = subprocess.run(
        [sys.executable, "-m", "include.bench.linkage", step], input=url, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ValueError(f"linkage, {step}: {done.stderr.strip().splitlines()[-1:]}")
    figures: Figures = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def _link(url: str, mode: str) -> Figures:
    from include.identity.run import adopt_clusters, link_people

    day = Settings.from_env().sample_dates[0]
    link_s, summary = _timed(lambda: link_people(url, day, mode))
    keys_s, _ = _timed(lambda: adopt_clusters(url, day))
    if summary.mode != mode:
        raise ValueError(f"linked {summary.mode}, not {mode}")
    return {"records": summary.records, "relinked": summary.relinked, "compared": summary.compared,
            "pairs": summary.pairs,
            "parts_s": summary.seconds, "link_s": link_s, "keys_s": keys_s,
            "seconds": round(link_s + keys_s, 2)}  # fmt: skip


def _splink(url: str) -> Figures:
    from include.bench.floors import splink_floor
    from include.identity.model import MODEL_FILE
    from include.identity.population import read_frame

    with db.connect(url) as connection:
        frame = read_frame(connection)
        seconds, pairs, clusters = splink_floor(frame, json.loads(MODEL_FILE.read_text()))
        connection.execute("create table intermediate.clusters_of_splink (record_id text, cluster_id text)")
        query = "copy intermediate.clusters_of_splink from stdin"
        with connection.cursor() as cursor, cursor.copy(query) as copy:
            for row in clusters.itertuples(index=False):
                copy.write_row(row)
    return {"records": len(frame), "relinked": len(frame), "compared": len(frame), "pairs": pairs,
            "link_s": round(seconds, 2), "keys_s": 0.0, "seconds": round(seconds, 2)}  # fmt: skip


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.monotonic()
    result = work()
    return round(time.monotonic() - began, 2), result


def main() -> None:
    """One step in this process; the warehouse's URL comes by stdin, the figures go to stdout."""
    from include.bench.memory import peak_rss_mb

    step, url = sys.argv[1], sys.stdin.read().strip()
    figures = _splink(url) if step == "splink" else _link(url, step)
    print(json.dumps(figures | {"mb": round(peak_rss_mb())}))


if __name__ == "__main__":
    main()
