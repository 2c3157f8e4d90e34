"""What a run did, as a dictionary, a JSON file and a page of text."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row
from rich.console import Console

from include import db
from include.contracts import read_sources
from include.runtime.inbox import knows_truth, truth_of
from include.runtime.tables import print_table
from include.settings import Settings

HERE = Path("include/runtime")
WHOLE_EXAMPLE = 145
MOST_COLUMNS = 36  # of the customer that is shown
# What evaluate_warehouse calls them: the strata are of records with a name, the second and third parts of the first.
PAIRS = {"every_record": "every record", "all": "all, with a name", "no_shared_id": "  no_shared_id",
         "corrupted": "  corrupted"}  # fmt: skip
# What the identity of the sample reaches at least, by stratum of pairs: (precision, recall).
TARGETS = {"all": (0.98, 0.98), "no_shared_id": (0.95, 0.90)}


def summarise(settings: Settings, days: list[dict[str, Any]], services_s: float, wall_s: float) -> dict[str, Any]:
    """Collect the summary of the days' runs.

    Keys: systems, gates, identity, customers, records, steps, first_day_s, nothing_new_since_build, services_s, wall_s,
    runs, example, missed, ok. `missed` says in words what did not hold, `ok` that it is empty. Where no day brought
    anything new, the gates behind landing are those of the last build. `identity` and `example` are empty where the
    truth is not known: the inbox holds data that the sample generator did not make, of which no value belongs into a
    terminal.
    """
    run_ids = [run["dag_run_id"] for day in days for run in day["runs"].values()]
    idle = _last_build(days)
    with psycopg.connect(settings.database_url, row_factory=dict_row) as connection:
        systems = _rows(connection, "summary_files.sql")
        gates = _rows(connection, "summary_gates.sql", [[*run_ids, *([idle["last_run_id"]] if idle else [])]])
        steps = _rows(connection, "summary_steps.sql", [run_ids])
        example = _example(connection) if knows_truth(settings) else {}
        counts = connection.execute(
            "select count(*) as records, count(distinct customer_key) as customers from identity.crosswalk"
        ).fetchone() or {"records": 0, "customers": 0}
    identity = _identity(settings)
    absent = _sampled(settings) - {s["system"] for s in systems}
    missed = [f"{system}: no file was delivered" for system in sorted(absent)]
    missed += _missed(systems, days, counts["customers"], identity)
    return {
        "systems": {s.pop("system"): s for s in systems},
        "gates": {g.pop("gate"): g for g in gates},
        "identity": identity,
        "records": counts["records"],
        "customers": counts["customers"],
        "steps": {s.pop("step"): s for s in steps},
        "first_day_s": round(days[0]["seconds"], 2),
        "days": [{"date": d["date"], "seconds": round(d["seconds"], 2), "failed": d["failed"]} for d in days],
        "nothing_new_since_build": idle["last_built"] if idle else None,
        "services_s": round(services_s, 2),
        "wall_s": round(wall_s, 2),
        "runs": [_run(run) for day in days for run in day["runs"].values()],
        "example": example,
        "missed": missed,
        "ok": not missed,
    }


def _missed(
    systems: list[dict[str, Any]], days: list[dict[str, Any]], customers: int, identity: dict[str, Any]
) -> list[str]:
    """What did not hold, in words. Where the truth is known, the inbox is the sample, so that each system has rows."""
    found = [f"{day['date']} is red: {', '.join(day['failed'])}" for day in days if day["failed"]]
    for s in systems:
        read, landed, quarantined = s["rows_read"], s["rows_landed"], s["rows_quarantined"]
        if read != landed + quarantined:
            found.append(f"{s['system']}: {read:,} rows read, {landed:,} landed and {quarantined:,} quarantined")
        if identity and not read:
            found.append(f"{s['system']}: no row was read; files delivered: {s['files']}")
    if not customers:
        found.append("there are no customers")
    for stratum, targets in TARGETS.items() if identity else ():
        for name, target in zip(("precision", "recall"), targets, strict=True):
            if identity[stratum][name] < target:
                found.append(f"identity, {stratum}: {name} {identity[stratum][name]:.4f} is less than {target}")
    return found


def write_summary(settings: Settings, summary: dict[str, Any]) -> None:
    """Write ``summary.json`` into the run folder. The example's values are for the terminal and stay out of it."""
    public = {key: value for key, value in summary.items() if key != "example"}
    path = settings.run_dir / "summary.json"
    path.write_text(json.dumps(public, indent=2, default=str) + "\n")


def print_summary(summary: dict[str, Any], console: Console) -> None:
    """Print the tables of a summary."""
    console.print()
    print_table(console, "Landed", ["system", "files", "rejected", "read", "landed", "quarantined"], [
        [name, s["files"], s["files_rejected"], s["rows_read"], s["rows_landed"], s["rows_quarantined"]]
        for name, s in summary["systems"].items()
    ])  # fmt: skip
    since = summary["nothing_new_since_build"]
    title = (
        "Gates" if since is None else f"Gates: raw ones of now, the others of build {since}, since which nothing is new"
    )
    print_table(console, title, ["gate", "passed", "warned", "failed"], [
        [name, g["passed"], g["warned"], g["failed"]] for name, g in summary["gates"].items()
    ])  # fmt: skip
    console.print(f"\n{summary['records']:,} records -> [bold]{summary['customers']:,} customers[/bold]\n")
    if summary["identity"]:
        _print_identity(summary["identity"], console)
    seconds = [
        [name, s["runs"], f"{s['longest_s']:.2f}", f"{s['total_s']:.2f}"] for name, s in summary["steps"].items()
    ]
    print_table(console, "Seconds", ["step", "runs", "longest", "sum"], seconds, numbers=("longest", "sum"))
    for day in summary["days"]:
        console.print(f"{day['date']}: {day['seconds']:.1f} s from trigger to the end of the last task")
    console.print(f"Start of services: {summary['services_s']:.1f} s; in all: {summary['wall_s']:.1f} s\n")
    if summary["example"]:
        _print_example(summary["example"], console)
    if summary["ok"]:
        console.print("[green]All checks passed.[/green] Look at it: make up")
        return
    console.print("[red]Not all checks passed:[/red]")
    for reason in summary["missed"]:
        console.print(f"  {reason}", highlight=False, markup=False, soft_wrap=True)


def _last_build(days: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The build that says what was built last, where every day of this run has found nothing new."""
    builds = [day["build"] for day in days]
    return builds[-1] if builds and all(b and b["state"] == "skipped" for b in builds) else None


def _rows(connection: psycopg.Connection[Any], name: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
    return list(connection.execute(db.read_sql(HERE / name), values).fetchall())


def _run(run: dict[str, Any]) -> dict[str, Any]:
    kept = ("dag_id", "dag_run_id", "run_type", "partition_key", "state", "start_date", "end_date")
    return {key: run.get(key) for key in kept}


def _truth(settings: Settings) -> Path:
    return truth_of(settings) / "truth.csv"


def _identity(settings: Settings) -> dict[str, Any]:
    from include.identity.evaluate import evaluate_warehouse

    return evaluate_warehouse(settings.database_url, _truth(settings)) if knows_truth(settings) else {}


def _sampled(settings: Settings) -> set[str]:
    """The systems that take part and that the sample has records of people in."""
    if not knows_truth(settings):
        return set()
    with _truth(settings).open(encoding="utf-8", newline="") as stream:
        return {row["system"] for row in csv.DictReader(stream)}.intersection(read_sources(settings.sources_dir).active)


def _example(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    records = _rows(connection, "summary_example.sql")
    if not records:
        return {}
    customer = connection.execute(
        "select * from marts.customer_360 where customer_key = %s", [records[0]["customer_key"]]
    ).fetchone()
    return {"records": records, "customer": customer}


def _print_identity(identity: dict[str, Any], console: Console) -> None:
    rows = []
    for pairs, label in PAIRS.items():
        figures = identity[pairs]
        rows.append([label, "customer360", *_scores(figures)])
        rows += [["", name, *_scores(scores)] for name, scores in figures["baselines"].items()]
    headers = ["pairs", "method", "precision", "recall", "F1", "true pairs"]
    print_table(console, "Identity, against the truth", headers, rows, numbers=("precision", "recall", "F1"))
    headers = ["system", "true pairs", "possible", "precision", "recall", "of the possible"]
    print_table(console, "Identity by system: pairs with a record of it", headers, [
        [system, f["pairs"], f["possible"], *(f"{f[key]:.4f}" for key in ("precision", "recall", "share_of_possible"))]
        for system, f in identity["by_system"].items()
    ], numbers=("precision", "recall", "of the possible"))  # fmt: skip


def _scores(figures: dict[str, Any]) -> list[Any]:
    pairs = figures.get("pairs")
    return [f"{figures[key]:.4f}" for key in ("precision", "recall", "f1")] + [pairs if pairs is not None else ""]


def _print_example(example: dict[str, Any], console: Console) -> None:
    headers = ["record", "customer id", "name", "e-mail", "born", "postcode", "probability"]
    rows = []
    for record in example["records"]:
        name = record["full_name"] or f"{record['first_name'] or ''} {record['last_name'] or ''}".strip()
        born = str(record["date_of_birth"] or record["birth_year"] or "-")
        probability = f"{record['probability']:.4f}" if record["probability"] is not None else "shared id"
        rows.append([
            record["record_id"][:40], record["claimed_customer_id"] or "-", name, record["email"] or "-",
            born, record["postcode"] or "-", probability,
        ])  # fmt: skip
    if console.width < WHOLE_EXAMPLE:  # a narrow terminal would break every line: without customer id and e-mail
        headers, rows = _narrow(headers), [_narrow(row) for row in rows]
    print_table(console, "Raw records of several systems ...", headers, rows, numbers=("probability",))
    customer = {k: v for k, v in (example["customer"] or {}).items() if v is not None}
    rows = [[key, str(value)[:80]] for key, value in customer.items()]
    print_table(console, "... and the customer row they became", ["column", "value"], rows[:MOST_COLUMNS])
    if len(rows) > MOST_COLUMNS:
        key = customer["customer_key"]
        console.print(f"... and {len(rows) - MOST_COLUMNS} more: make psql SQL="
                      f"'select * from marts.customer_360 where customer_key = {key}'", highlight=False)  # fmt: skip


def _narrow(row: list[Any]) -> list[Any]:
    return [cell for place, cell in enumerate(row) if place not in (1, 3)]
