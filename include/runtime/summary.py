"""What a run did, as a dictionary, a JSON file and a page of text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row
from rich.console import Console
from rich.table import Table

from include import db
from include.settings import Settings

HERE = Path("include/runtime")


def summarise(settings: Settings, days: list[dict[str, Any]], services_s: float, wall_s: float) -> dict[str, Any]:
    """Collect the summary of the days' runs.

    Keys: systems, gates, identity, customers, records, steps, first_day_s, services_s, wall_s, runs, example, ok.
    `identity` and `example` are empty where the truth is not known: the inbox holds data that the sample generator did
    not make, of which no value belongs into a terminal.
    """
    run_ids = [run["dag_run_id"] for day in days for run in day["runs"].values()]
    with psycopg.connect(settings.database_url, row_factory=dict_row) as connection:
        systems = _rows(connection, "summary_files.sql")
        gates = _rows(connection, "summary_gates.sql", [run_ids])
        steps = _rows(connection, "summary_steps.sql", [run_ids])
        example = _example(connection) if _truth(settings).exists() else {}
        counts = connection.execute(
            "select count(*) as records, count(distinct customer_key) as customers from identity.crosswalk"
        ).fetchone() or {"records": 0, "customers": 0}
    balanced = all(s["rows_read"] == s["rows_landed"] + s["rows_quarantined"] for s in systems)
    ok = balanced and not any(day["failed"] for day in days) and counts["customers"] > 0
    return {
        "systems": {s.pop("system"): s for s in systems},
        "gates": {g.pop("gate"): g for g in gates},
        "identity": _identity(settings),
        "records": counts["records"],
        "customers": counts["customers"],
        "steps": {s.pop("step"): s for s in steps},
        "first_day_s": round(days[0]["seconds"], 2),
        "days": [{"date": d["date"], "seconds": round(d["seconds"], 2), "failed": d["failed"]} for d in days],
        "services_s": round(services_s, 2),
        "wall_s": round(wall_s, 2),
        "runs": [_run(run) for day in days for run in day["runs"].values()],
        "example": example,
        "ok": ok,
    }


def write_summary(settings: Settings, summary: dict[str, Any]) -> None:
    """Write ``summary.json`` into the run folder. The example's values are for the terminal and stay out of it."""
    public = {key: value for key, value in summary.items() if key != "example"}
    path = settings.run_dir / "summary.json"
    path.write_text(json.dumps(public, indent=2, default=str) + "\n")


def print_summary(summary: dict[str, Any], console: Console) -> None:
    """Print the tables of a summary."""
    console.print()
    console.print(_table("Landed", ["system", "files", "rejected", "read", "landed", "quarantined"], [
        [name, s["files"], s["files_rejected"], s["rows_read"], s["rows_landed"], s["rows_quarantined"]]
        for name, s in summary["systems"].items()
    ]))  # fmt: skip
    console.print(_table("Gates", ["gate", "passed", "warned", "failed"], [
        [name, g["passed"], g["warned"], g["failed"]] for name, g in summary["gates"].items()
    ]))  # fmt: skip
    console.print(f"\n{summary['records']:,} records -> [bold]{summary['customers']:,} customers[/bold]\n")
    if summary["identity"]:
        console.print(_identity_table(summary["identity"]))
    console.print(_table("Seconds", ["step", "runs", "longest", "sum"], [
        [name, s["runs"], f"{s['longest_s']:.2f}", f"{s['total_s']:.2f}"] for name, s in summary["steps"].items()
    ]))  # fmt: skip
    for day in summary["days"]:
        console.print(f"{day['date']}: {day['seconds']:.1f} s from trigger to the end of the last task")
    console.print(f"Start of services: {summary['services_s']:.1f} s; in all: {summary['wall_s']:.1f} s\n")
    if summary["example"]:
        _print_example(summary["example"], console)
    passed, failed = "[green]All checks passed.[/green] Look at it: make up", "[red]Not all checks passed.[/red]"
    console.print(passed if summary["ok"] else failed)


def _rows(connection: psycopg.Connection[Any], name: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
    return list(connection.execute(db.read_sql(HERE / name), values).fetchall())


def _run(run: dict[str, Any]) -> dict[str, Any]:
    kept = ("dag_id", "dag_run_id", "run_type", "partition_key", "state", "start_date", "end_date")
    return {key: run.get(key) for key in kept}


def _truth(settings: Settings) -> Path:
    return settings.run_dir / "truth" / "truth.csv"


def _identity(settings: Settings) -> dict[str, Any]:
    from include.identity.evaluate import evaluate_warehouse

    truth = _truth(settings)
    return evaluate_warehouse(settings.database_url, truth) if truth.exists() else {}


def _example(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    records = _rows(connection, "summary_example.sql")
    if not records:
        return {}
    customer = connection.execute(
        "select * from marts.customer_360 where customer_key = %s", [records[0]["customer_key"]]
    ).fetchone()
    return {"records": records, "customer": customer}


def _table(title: str, headers: list[str], rows: list[list[Any]]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", header_style="dim")
    for number, header in enumerate(headers):
        table.add_column(header, justify="left" if number == 0 else "right")
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    return table


def _identity_table(identity: dict[str, Any]) -> Table:
    rows = []
    for stratum, figures in identity.items():
        rows.append([stratum, "customer360", *_scores(figures)])
        rows += [["", name, *_scores(scores)] for name, scores in figures["baselines"].items()]
    headers = ["pairs", "method", "precision", "recall", "F1", "true pairs"]
    return _table("Identity, against the truth", headers, rows)


def _scores(figures: dict[str, Any]) -> list[Any]:
    pairs = figures.get("pairs")
    return [f"{figures[key]:.4f}" for key in ("precision", "recall", "f1")] + [pairs if pairs is not None else ""]


def _print_example(example: dict[str, Any], console: Console) -> None:
    headers = ["record", "customer id", "name", "e-mail", "born", "postcode", "probability"]
    rows = []
    for record in example["records"]:
        name = record["full_name"] or f"{record['first_name'] or ''} {record['last_name'] or ''}".strip()
        born = str(record["date_of_birth"] or record["birth_year"] or "")
        probability = f"{record['probability']:.4f}" if record["probability"] is not None else "shared id"
        rows.append([
            record["record_id"][:40], record["claimed_customer_id"] or "-", name, record["email"] or "-",
            born, record["postcode"] or "-", probability,
        ])  # fmt: skip
    console.print(_table("Raw records of several systems ...", headers, rows))
    customer = {k: v for k, v in (example["customer"] or {}).items() if v is not None}
    console.print(_table("... and the customer row they became", ["column", "value"], [
        [key, str(value)[:80]] for key, value in customer.items()
    ]))  # fmt: skip
