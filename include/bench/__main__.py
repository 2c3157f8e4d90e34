"""``make bench``: the pipeline through the live scheduler, its steps beside their floors, the formats beside \\copy,
and linkage at a million records, in full and incremental. ``python -m include.bench linkage`` does the last alone.

Prints tables and writes ``bench.json`` into the run folder. It judges nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from rich.console import Console
from rich.table import Table

from include import db
from include.bench.formats import measure_formats
from include.bench.linkage import measure_linkage, print_linkage
from include.bench.memory import MemorySampler
from include.runtime import postgres
from include.settings import PROJECT_DIR, Settings

SIZES = (10_000, 100_000)
ROWS_PER_RECORD = 10
EVENTS_PER_RECORD = 20


def main() -> int:
    """Measure every size; returns 1, with one sentence, where two sides of a comparison did not do the same work."""
    parser = argparse.ArgumentParser(prog="python -m include.bench")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="customer records")
    parser.add_argument("only", nargs="?", choices=["linkage"], help="leave the pipeline and the formats out")
    parser.add_argument("--records", type=int, default=1_000_000, help="records that are linked")
    parser.add_argument("--new", type=int, default=10_000, help="records that are linked incrementally")
    options = parser.parse_args()
    sizes = () if options.only else options.sizes
    settings, console = Settings.from_env(), Console(width=120)
    result: dict[str, Any] = {"machine": _machine(), "sizes": {}}
    console.print(" | ".join(f"{key}: {value}" for key, value in result["machine"].items()))
    for size in sizes:
        folder = settings.run_dir / "bench" / str(size)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            figures = _measure(folder, size, console)
        except ValueError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        finally:
            postgres.stop(folder)
        result["sizes"][str(size)] = figures
        _print(figures, size, console)
        shutil.rmtree(folder, ignore_errors=True)
    try:
        result["linkage"] = _measure_linkage(
            settings.run_dir / "bench" / "linkage", options.records, options.new, console
        )
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    path = settings.run_dir / "bench.json"
    path.write_text(json.dumps(result, indent=2, default=str) + "\n")
    console.print(f"Written to {path}")
    return 0


def _measure_linkage(folder: Path, records: int, new: int, console: Console) -> dict[str, Any]:
    console.print(f"\n[bold]Linkage of {records:,} records and {new:,} new ones[/bold] ...")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        figures = measure_linkage(_new_database(postgres.start(folder), "bench_linkage"), folder, records, new)
    finally:
        postgres.stop(folder)
    print_linkage(figures, console)
    shutil.rmtree(folder, ignore_errors=True)
    return figures


def _measure(folder: Path, size: int, console: Console) -> dict[str, Any]:
    console.print(f"\n[bold]{size:,} customer records, {size * EVENTS_PER_RECORD:,} web events[/bold]: three days ...")
    summary, memory = _run_live(folder, size)
    console.print("... the first day step by step, beside its floors ...")
    settings = replace(Settings.from_env(), run_dir=folder, inbox=folder / "inbox")
    work = folder / "work"
    work.mkdir()
    day = settings.sample_dates[0]
    url = postgres.start(folder)
    steps = _measure_in_child(_new_database(url, "bench_steps"), folder, day.isoformat())
    console.print(f"... {size * ROWS_PER_RECORD:,} rows of each format.")
    formats = measure_formats(_new_database(url, "bench_formats"), work, size * ROWS_PER_RECORD)
    return {
        "first_day_s": summary["first_day_s"], "days": summary["days"], "services_s": summary["services_s"],
        "records": summary["records"], "customers": summary["customers"], "identity": summary["identity"],
        "gates_share": gates_share(steps["steps"]), "live_steps": summary["steps"],
        "memory": memory | {"steps_mb": steps["mb"]}, "steps": steps["steps"], "formats": formats,
    }  # fmt: skip


def gates_share(steps: dict[str, dict[str, Any]]) -> float:
    """The share of the seconds of a day, step after step in one process, that gates take.

    In the live run steps of several systems wait for each other's cores, so that their seconds say little.
    """
    gates = sum(step["seconds"] for name, step in steps.items() if name.startswith("gate_"))
    return float(round(gates / sum(step["seconds"] for step in steps.values()), 3))


def _run_live(folder: Path, size: int) -> tuple[dict[str, Any], dict[str, int]]:
    """`make demo` in a run folder of its own; (its summary, the peak memory of Airflow and its tasks)."""
    environment = _environment(folder) | {
        "CUSTOMER360_SAMPLE_RECORDS": str(size), "CUSTOMER360_SAMPLE_EVENTS": str(size * EVENTS_PER_RECORD)
    }  # fmt: skip
    with MemorySampler(folder) as memory:
        done = subprocess.run(
            [sys.executable, "-m", "include.runtime", "demo"], env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
    if done.returncode:
        raise ValueError(f"the run of {size:,} records failed: {(done.stdout + done.stderr).strip().splitlines()[-1:]}")
    summary = json.loads((folder / "summary.json").read_text())
    return summary, {"airflow_mb": round(memory.peak_mb), "largest_process_mb": round(memory.largest_mb)}


def _measure_in_child(url: str, folder: Path, day: str) -> dict[str, Any]:
    """The steps in a process of their own, so that its memory is theirs."""
    code = (
        "import json; from datetime import date; from pathlib import Path; from include.settings import Settings;"
        "from include.bench.steps import measure_steps; from include.bench.memory import peak_rss_mb;"
        f"steps = measure_steps(Settings.from_env(), date.fromisoformat('{day}'), Path('{folder / 'work'}'));"
        "print('FIGURES ' + json.dumps({'steps': steps, 'mb': round(peak_rss_mb())}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=_environment(folder) | {"CUSTOMER360_DATABASE_URL": url}, text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if line.startswith("FIGURES ")]
    if not lines:
        raise ValueError(f"the steps failed: {done.stderr.strip().splitlines()[-1:]}")
    figures: dict[str, Any] = json.loads(lines[0][8:])
    return figures


def _environment(folder: Path) -> dict[str, str]:
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("CUSTOMER360_", "BANK_"))}
    return ours | {"CUSTOMER360_RUN_DIR": str(folder), "PYTHONPATH": str(PROJECT_DIR)}


def _new_database(url: str, name: str) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    return db.in_database(url, name)


def _machine() -> dict[str, Any]:
    cpu = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.machine())  # fmt: skip
    memory_gib = int(Path("/proc/meminfo").read_text().split()[1]) / 1048576
    return {
        "cpu": cpu, "cores": len(os.sched_getaffinity(0)), "memory_gib": round(memory_gib),
        "python": platform.python_version(),
    }  # fmt: skip


def _print(figures: dict[str, Any], size: int, console: Console) -> None:
    memory = figures["memory"]
    console.print(
        f"First day through the scheduler: {figures['first_day_s']:.1f} s for {size:,} records"
        f" (services {figures['services_s']:.1f} s); gates take {figures['gates_share']:.1%} of the steps below."
        f" Peak memory: Airflow and its tasks {memory['airflow_mb']:,} MB, largest process"
        f" {memory['largest_process_mb']:,} MB."
    )
    table = Table("step", "seconds", "floor", "floor s", "ratio", "rows or pairs of both")
    for name, step in figures["steps"].items():
        rows = step.get("pairs") or sum(pair[0] for pair in step.get("rows", {}).values())
        table.add_row(name, f"{step['seconds']:.2f}", step.get("floor", ""), f"{step.get('floor_s', '')}",
                      f"{step.get('ratio', '')}", f"{rows:,}" if rows else "")  # fmt: skip
        if name == "link_people":
            # Bare Splink reads what is standardised, and writes nothing.
            alike = step["parts_s"]["score"] + step["parts_s"]["cluster"]
            table.add_row("  score, cluster", f"{alike:.2f}", step["floor"], f"{step['floor_s']}",
                          f"{alike / step['floor_s']:.2f}", f"{rows:,}")  # fmt: skip
    console.print(table)
    table = Table("format", "rows", "seconds", "\\copy s", "ratio", "aim", "hash s", "archive s", "peak MB")
    for f in figures["formats"]:
        table.add_row(f["format"], f"{f['rows']:,}", f"{f['seconds']:.2f}", f"{f['copy_s']:.2f}", f"{f['ratio']:.2f}",
                      f"{f['target']:.0f}", f"{f['hash_s']:.2f}", f"{f['archive_s']:.2f}", f"{f['mb']:,}")  # fmt: skip
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
