"""Floors: what the same work costs when nothing but the database, or Splink, does it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from include.runtime.postgres import bin_dir

# The name under which dbt makes a table, before it takes the place of the former one.
MADE = re.compile(r'((?:create\s+table|insert\s+into)\s+"[^"]+"\."[^"]+"\.)"[^"]+__dbt_tmp"')


def psql(url: str, *commands: str, script: Path | None = None, options: str = "") -> float:
    """Run psql and return its seconds, its start-up included; raises ValueError with its message where it fails."""
    parts = urlsplit(url)
    environment = os.environ | {"PGPASSWORD": unquote(parts.password or ""), "PGOPTIONS": options}
    target = [
        "-h", parts.hostname or "", "-p", str(parts.port or 5432), "-U", unquote(parts.username or ""),
        "-d", parts.path.lstrip("/"),
    ]  # fmt: skip
    words = [word for command in commands for word in ("-c", command)] + (["-f", str(script)] if script else [])
    began = time.monotonic()
    done = subprocess.run(
        [str(bin_dir() / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", *target, *words],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ValueError(f"psql failed: {done.stderr.strip().splitlines()[:1]}")
    return time.monotonic() - began


def copy_floor(url: str, schema: str, table: str, folder: Path) -> tuple[float, int]:
    """(seconds, rows) of ``\\copy`` of a table's rows, as CSV, into an empty table with the same indexes."""
    name, copy, path = sql.Identifier(schema, table), sql.Identifier("bench", table), folder / f"{schema}.{table}.csv"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create schema if not exists bench")
        connection.execute(sql.SQL("drop table if exists {}").format(copy))
        connection.execute(sql.SQL("create table {} (like {} including indexes)").format(copy, name))
        export = sql.SQL("copy {} to stdout (format csv)").format(name)
        with connection.cursor().copy(export) as rows, path.open("wb") as stream:
            stream.writelines(rows)
        seconds = psql(url, f"\\copy bench.\"{table}\" from '{path}' (format csv)")
        found = connection.execute(sql.SQL("select count(*) from {}").format(copy)).fetchone()
        connection.execute(sql.SQL("drop table {}").format(copy))
    path.unlink()
    return seconds, int(found[0]) if found else 0


def dbt_floor(
    url: str, target: Path, tag: str, work: Path, options: str = ""
) -> tuple[float, dict[str, tuple[int, int]]]:
    """(seconds, rows by model: before and after) of the SQL that dbt ran for a tag, models and tests, by one psql.

    `target` is dbt's target folder, `options` are those of its sessions. The models are made anew under their own
    names, by the statements that dbt sent: where a contract is enforced, a table with its types and an insert, which
    unlike `create table as` is never parallel. What it sends afterwards is sent here, too: see macros/table.sql.
    """
    manifest = json.loads((target / "manifest.json").read_text())
    nodes = [node for node in _in_order(manifest) if tag in node["tags"] or _tests(node, manifest, tag)]
    models = [node for node in nodes if node["resource_type"] == "model"]
    script = work / f"{tag}.sql"
    script.write_text("\n".join(_statement(node, target) for node in nodes))
    before = _count(url, models)
    seconds = psql(url, script=script, options=options)
    after = _count(url, models)
    return seconds, {name: (before[name], after[name]) for name in before}


def splink_floor(frame: Any, model: dict[str, Any]) -> tuple[float, int, Any]:
    """(seconds, number of scored pairs, unique_id and cluster_id of each record) of bare Splink on a linkage frame:
    register, predict, connected components.

    Frequencies are those of the pipeline, so that both score the same pairs. These stay in DuckDB: to fetch the pairs
    of a million records takes more memory than the machine has.
    """
    from splink import DuckDBAPI, Linker

    from include.identity.model import CLUSTER_WEIGHT, MIN_WEIGHT, prior
    from include.identity.population import frequencies_in

    frequencies = frequencies_in(frame)
    began = time.monotonic()
    api = DuckDBAPI()
    settings = model | {"probability_two_random_records_match": prior(int(frame["is_counted"].sum()))}
    linker = Linker(api.register(frame, dataset_display_name="comparable_records"), settings, log_level="ERROR")
    for column, table in frequencies.items():
        lookup = api.register(table, dataset_display_name=f"frequencies_{column}")
        linker.table_management.register_term_frequency_lookup(lookup, column)
    scored = linker.inference.predict(threshold_match_weight=MIN_WEIGHT)
    ((pairs,),) = api.duckdb_con.execute(f"select count(*) from {scored.physical_name}").fetchall()
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        scored, threshold_match_weight=CLUSTER_WEIGHT
    )
    found = clusters.as_pandas_dataframe()[["unique_id", "cluster_id"]]
    return time.monotonic() - began, int(pairs), found


def _in_order(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Models and tests so that each comes after what it reads."""
    nodes = {k: n for k, n in manifest["nodes"].items() if n["resource_type"] in ("model", "test")}
    done: dict[str, dict[str, Any]] = {}

    def visit(key: str) -> None:
        if key in nodes and key not in done:
            for parent in nodes[key]["depends_on"]["nodes"]:
                visit(parent)
            done[key] = nodes[key]

    for key in sorted(nodes):
        visit(key)
    return list(done.values())


def _tests(node: dict[str, Any], manifest: dict[str, Any], tag: str) -> bool:
    """Whether the node is a test of a model with the tag."""
    attached = manifest["nodes"].get(node.get("attached_node") or "", {})
    return node["resource_type"] == "test" and tag in attached.get("tags", [])


def _statement(node: dict[str, Any], target: Path) -> str:
    compiled = target / "compiled" / node["package_name"] / node["original_file_path"]
    if node["resource_type"] == "test":
        text = (compiled / node["path"]).read_text() if (compiled / node["path"]).exists() else "select 1 limit 0"
        return f"select count(*) from ({text}) as failures;"
    name = f'"{node["schema"]}"."{node["alias"]}"'
    sent = (target / "run" / node["package_name"] / node["original_file_path"]).read_text()
    made, tables = MADE.subn(lambda found: f'{found[1]}"{node["alias"]}"', sent)
    if not tables:
        raise ValueError(f"what dbt sent for {node['alias']} makes no table")
    return f"drop table if exists {name} cascade;\n{made};\nset default_statistics_target = 10;\nanalyze {name};\n"


def _count(url: str, models: list[dict[str, Any]]) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        found = {}
        for node in models:
            name = sql.Identifier(node["schema"], node["alias"])
            row = connection.execute(sql.SQL("select count(*) from {}").format(name)).fetchone()
            found[node["alias"]] = int(row[0]) if row else 0
        return found
