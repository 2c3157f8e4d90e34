"""The page of the gates, made from ops.gate_results whenever it is asked for, so that it is never stale.

It shows counts and places, and holds no value of a record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from psycopg.rows import dict_row

from include import db
from include.gates import words

HERE = Path(__file__).parent
DAYS_SHOWN = 14
RANKS = {"failed": 0, "warned": 1, "passed": 2}


@dataclass(frozen=True)
class Filter:
    """Which runs are asked for: of one batch date, older than one, of one gate, only those that found something."""

    day: date | None = None
    before: date | None = None
    gate: str | None = None
    is_broken: bool = False


def render_gates(url: str, chosen: Filter, is_alone: bool = False) -> str:
    """The runs of every gate by batch date, the newest first.

    `is_alone`: the page is not framed by Airflow, so it leads back to it.
    """
    values = {"day": chosen.day, "before": chosen.before, "gate": chosen.gate, "is_broken": chosen.is_broken,
              "days": DAYS_SHOWN}  # fmt: skip
    with psycopg.connect(url, row_factory=dict_row, connect_timeout=5) as connection:
        runs = connection.execute(db.read_sql("include/gates/gate_runs.sql"), values).fetchall()
        known = connection.execute(
            "select array_agg(distinct gate order by gate) as gates, array_agg(distinct batch_date"
            " order by batch_date desc) as days from ops.gate_results"
        ).fetchone()  # fmt: skip
    days = [(day, [_shown(run) for run in found]) for day, found in groupby(runs, key=lambda run: run["batch_date"])]
    oldest = days[-1][0] if days else None
    older = [day for day in (known or {}).get("days") or [] if day and oldest and day < oldest]
    page: str = _template("gates.html").render(
        days=days, chosen=chosen, gates=(known or {}).get("gates") or [], is_alone=is_alone,
        all_days=(known or {}).get("days") or [],
        older=_query(gate=chosen.gate, only="broken" if chosen.is_broken else None, before=oldest)
        if older and not chosen.day else None,
    )  # fmt: skip
    return page


def render_run(url: str, gate: str, run_id: str, batch_date: date, is_alone: bool = False) -> str | None:
    """Every rule of one run, the broken ones first; None where there is no such run."""
    with psycopg.connect(url, row_factory=dict_row, connect_timeout=5) as connection:
        rules = connection.execute(
            "select * from ops.gate_results where gate = %s and run_id = %s and batch_date = %s"
            " order by gate_result_id",
            [gate, run_id, batch_date],
        ).fetchall()
    if not rules:
        return None
    shown = [
        rule | {"found": rule["observed"] or words.found(
                    rule["unexpected"], rule["evaluated"], rule["unit"], rule["tolerated_share"]),
                "places": [words.place(example) for example in rule["examples"]]}
        for rule in sorted(rules, key=lambda rule: RANKS[rule["outcome"]])
    ]  # fmt: skip
    page: str = _template("gate_run.html").render(
        gate=gate, run_id=run_id, batch_date=batch_date, rules=shown, is_alone=is_alone, run=airflow_run(gate, run_id),
        checked_at=_moment(rules[-1]["checked_at"]),
    )  # fmt: skip
    return page


def airflow_run(gate: str, run_id: str) -> str:
    """Where Airflow shows the run in which the gate ran, below its address."""
    dag_id = f"land__{gate.removeprefix('gate_raw__')}" if gate.startswith("gate_raw__") else "build_customer360"
    return f"dags/{dag_id}/runs/{quote(run_id, safe='')}"


def _shown(run: dict[str, Any]) -> dict[str, Any]:
    outcome = "failed" if run["failed"] else "warned" if run["warned"] else "passed"
    asked = _query(gate=run["gate"], run_id=run["run_id"], day=run["batch_date"])
    return run | {"outcome": outcome, "checked_at": _moment(run["checked_at"]), "page": f"run{asked}"}


def _moment(moment: Any) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _query(**values: object) -> str:
    return "?" + urlencode({name: str(value) for name, value in values.items() if value})


def _template(name: str) -> Any:
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["style"] = (HERE / "data_docs.css").read_text(encoding="utf-8")
    return environment.get_template(name)
