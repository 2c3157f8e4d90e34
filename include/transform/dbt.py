"""dbt in this process, with its results in ops.dbt_results."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from include import db
from include.settings import PROJECT_DIR, Settings
from include.transform.dbt_log import log_to
from include.transform.tokens import session_options, token_key


class DbtFailed(Exception):  # noqa: N818 - reads as what happened
    """A model or test failed; the message holds the names of the nodes and no data."""


def run_dbt(arguments: list[str], run_id: str, settings: Settings | None = None) -> None:
    """Run one dbt command on the project.

    Writes one row per node to ops.dbt_results. Raises DbtFailed naming the nodes that failed; the details are in
    ``<run folder>/dbt/logs``.
    """
    settings = settings or Settings.from_env()
    from dbt.cli.main import dbtRunner

    project = str(PROJECT_DIR / "dbt_project")
    work = settings.run_dir / "dbt"
    target, log = work / ("prod" if "prod" in arguments else "next"), work / "logs" / "dbt.log"
    with _environment_of_dbt(settings), _garbage_left():
        outcome = dbtRunner(callbacks=[log_to(log)]).invoke([
            *arguments, "--project-dir", project, "--profiles-dir", project, "--log-path", str(work / "logs"),
            "--target-path", str(target), "--log-level", "none", "--log-level-file", "none",
        ])  # fmt: skip
    results = getattr(outcome.result, "results", None) or []
    if arguments[0] != "docs":
        _record(settings.database_url, run_id, results)
    if not outcome.success:
        (target / "run_results.json").unlink(missing_ok=True)  # it quotes the rows that failed
        failed = [r.node.name for r in results if str(r.status) in ("error", "fail")]
        reason = ", ".join(failed) or type(outcome.exception).__name__
        raise DbtFailed(f"dbt {arguments[0]} failed: {reason}; see {log}")


@contextmanager
def _garbage_left() -> Iterator[None]:
    """Without the search for cycles of objects: dbt makes so many objects for each node that a fifth of its time goes
    there, and what is left lying is about 100 MB, which the next search finds.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def _environment_of_dbt(settings: Settings) -> Iterator[None]:
    """The environment as dbt needs it, while it runs: every other session of this process has no key for tokens."""
    before = dict(os.environ)
    os.environ.update(_environment(settings))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _environment(settings: Settings) -> dict[str, str]:
    """How dbt reaches the warehouse; options of the URL go to libpq by its own variables (``sslmode`` by PGSSLMODE)."""
    from psycopg.pq import Conninfo

    url = urlsplit(settings.database_url)
    names = {o.keyword.decode(): o.envvar.decode() for o in Conninfo.get_defaults() if o.envvar}
    options = {names[key]: value for key, value in parse_qsl(url.query) if key in names}
    tokens = session_options(token_key(settings.token_key, settings.run_dir))
    return options | {
        "PGOPTIONS": f"{options.get('PGOPTIONS', '')} {tokens}".strip(),
        "DBT_PG_HOST": url.hostname or "127.0.0.1",
        "DBT_PG_PORT": str(url.port or 5432),
        "DBT_PG_USER": unquote(url.username or "postgres"),
        "DBT_PG_PASSWORD": unquote(url.password or ""),
        "DBT_PG_DBNAME": url.path.lstrip("/"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
    }


def _record(url: str, run_id: str, results: list[Any]) -> None:
    rows = [
        (run_id, r.node.unique_id, str(r.status), r.execution_time, (r.adapter_response or {}).get("rows_affected"),
         r.failures)
        for r in results
    ]  # fmt: skip
    with db.connect(url) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.dbt_results (run_id, node, status, execution_s, rows_affected, failures)"
            " values (%s, %s, %s, %s, %s, %s) on conflict (run_id, node) do update set status = excluded.status,"
            " execution_s = excluded.execution_s, rows_affected = excluded.rows_affected,"
            " failures = excluded.failures, recorded_at = now()",
            rows,
        )
