"""Versions of the model in the warehouse: a candidate is written and judged; who takes one into force is written down.

Nothing here takes a model into force by itself. Keys do not change by it, except as the next linking says.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from include import db
from include.identity.in_force import Model, fits_code, note_shipped, read_chosen, read_model, shipped_model
from include.identity.population import read_columns, read_frame
from include.identity.retrain.estimate import estimate_model
from include.identity.retrain.judge import judge_models, read_everybody
from include.identity.store import read_decisions

LONGEST_REASON = 1000
# A choice that waits for a linking holds up the next one, too.
LONGEST_WAIT = "5s"


class NotPossible(ValueError):  # noqa: N818 - reads as what happened
    """The version cannot be trained or taken into force; the message says why."""


def train_candidate(url: str) -> str:
    """Estimate a model from the warehouse's own records and write it as a version; returns its name.

    Equal records, keys, decisions and model in force give equal settings; after the same batch these are the same
    version, which is written once. Nothing is held while the model is estimated. Raises NotPossible where nothing is
    linked yet.
    """
    labelled = {(min(a, b), max(a, b)) for a, b, _ in read_decisions(url)}
    with db.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        in_force = read_model(connection, hold=False)
        frame = read_frame(connection).drop(columns="is_counted")
        keys = read_columns(connection, "select record_id, customer_key::text from identity.crosswalk",
                            ["record_id", "customer_key"])  # fmt: skip
        row = connection.execute("select max(batch_date) from identity.linkings").fetchone()
    day = row[0] if row else None
    customer = frame["unique_id"].map(keys.set_index("record_id")["customer_key"])
    try:
        settings, evidence = estimate_model(frame, customer, labelled, in_force)
    except ValueError as error:
        raise NotPossible(str(error)) from None
    text = json.dumps(settings, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    version = f"trained-{day}-{digest[:8]}"
    with db.connect(url) as connection:
        note_shipped(connection)
        connection.execute(
            "insert into identity.model_versions (model_version, settings_sha256, trained_on, settings, batch_date,"
            " evidence) values (%s, %s, 'the warehouse', %s, %s, %s) on conflict do nothing",
            [version, digest, text, day, json.dumps(asdict(evidence) | {"in_force": in_force.version})],
        )
    return version


def judge_candidate(url: str, version: str, truth: dict[str, int] | None = None) -> dict[str, Any]:
    """Judge a version beside the model in force (see judge_models) and keep the figures with it; returns what is kept.

    `truth` is the person by record id, where somebody knows it; without one, what an earlier judgement has found by it
    stays as `earlier_truth`. Nothing is held while everybody is linked. Raises NotPossible for a version that is not
    known.
    """
    decisions = read_decisions(url)
    with db.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        models = {"in_force": read_model(connection, hold=False), "candidate": _find(connection, version)}
        everybody = read_everybody(connection)
    figures = judge_models(everybody, models, decisions, truth)
    with db.connect(url) as connection:
        row = connection.execute(
            "select judgement from identity.model_versions where model_version = %s for update", [version]
        ).fetchone()
        figures |= _earlier_truth(row[0]) if row and row[0] and not truth else {}
        connection.execute("update identity.model_versions set judgement = %s where model_version = %s",
                           [json.dumps(figures), version])  # fmt: skip
    return figures


def _earlier_truth(judgement: dict[str, Any]) -> dict[str, Any]:
    """What a judgement says by the truth, of itself or of one before it, with the versions that were judged then."""
    if not judgement["candidate"]["truth"]:
        return {name: judgement[name] for name in ("earlier_truth",) if name in judgement}
    return {"earlier_truth": {
        name: {what: judgement[name][what] for what in ("model_version", "truth")} for name in ("in_force", "candidate")
    }}  # fmt: skip


def choose_model(url: str, version: str, chosen_by: str, why: str) -> str:
    """Take a version into force from the next build on, or go back to an earlier one; returns the one before it.

    The next build happens, new data or not, and links everybody. Raises NotPossible, as where a linking runs for longer
    than LONGEST_WAIT.
    """
    why = " ".join(why.split())
    if not why or len(why) > LONGEST_REASON:
        raise NotPossible(f"say why, in at most {LONGEST_REASON} characters")
    try:
        with db.connect(url) as connection:
            connection.execute("select set_config('lock_timeout', %s, true)", [LONGEST_WAIT])
            return _choose(connection, version, chosen_by, why)
    except psycopg.errors.LockNotAvailable:
        raise NotPossible("a linking runs; try again when it has ended") from None


def _choose(connection: psycopg.Connection, version: str, chosen_by: str, why: str) -> str:
    # Before the last choice is read: of two who choose at once the second hears what the first has chosen.
    connection.execute("lock table identity.model_choices in share row exclusive mode")
    note_shipped(connection)
    before = read_chosen(connection)
    _find(connection, version)
    if version == before:
        raise NotPossible(f"{version} is in force already")
    connection.execute(
        "insert into identity.model_choices (model_version, chosen_by, chosen_at, why) values (%s, %s, %s, %s)",
        [version, chosen_by, datetime.now(UTC), why],
    )
    connection.execute(
        "insert into identity.relink_requests (requested_for) select max(batch_date) from identity.linkings"
        " having max(batch_date) is not null on conflict (requested_for) do update set is_linked = false"
    )
    return before


def read_versions(url: str) -> list[dict[str, Any]]:
    """Every version: model_version, trained_on, batch_date, evidence, judgement, is_in_force; the newest last."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        rows = connection.execute(
            "select model_version, trained_on, batch_date, evidence, judgement from identity.model_versions"
            " order by batch_date nulls first, model_version"
        ).fetchall()
    with db.connect(url) as plain:
        in_force = read_model(plain, hold=False).version
    return [row | {"is_in_force": row["model_version"] == in_force} for row in rows]


def read_choices(url: str) -> list[dict[str, Any]]:
    """Who took which version into force, when and why; the latest first."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute(
            "select model_version, chosen_by, chosen_at, why from identity.model_choices order by choice_id desc"
        ).fetchall()


def _find(connection: psycopg.Connection, version: str) -> Model:
    shipped = shipped_model()
    if version == shipped.version:
        return shipped
    row = connection.execute(
        "select settings from identity.model_versions where model_version = %s", [version]
    ).fetchone()
    if row is None:
        raise NotPossible(f"there is no version {version[:60]!r}")
    if row[0] is None:
        raise NotPossible(f"{version} came with another version of the code, whose shipped model is {shipped.version}")
    if not fits_code(row[0]):
        raise NotPossible(f"{version} compares otherwise than this version of the code; train anew")
    return Model(version, row[0])
