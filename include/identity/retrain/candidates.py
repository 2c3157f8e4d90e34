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
from include.identity.in_force import Model, fits_code, note_shipped, read_model, shipped_model
from include.identity.population import read_columns, read_frame
from include.identity.retrain.estimate import estimate_model
from include.identity.retrain.judge import judge_models
from include.identity.store import read_decisions

LONGEST_REASON = 1000


class NotPossible(ValueError):  # noqa: N818 - reads as what happened
    """The version cannot be trained or taken into force; the message says why."""


def train_candidate(url: str) -> str:
    """Estimate a model from the warehouse's own records and write it as a version; returns its name.

    Equal records, keys and model in force give the same version, which is written once. Raises NotPossible where
    nothing is linked yet.
    """
    labelled = {(min(a, b), max(a, b)) for a, b, _ in read_decisions(url)}
    with db.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        in_force = read_model(connection)
        frame = read_frame(connection).drop(columns="is_counted")
        keys = read_columns(connection, "select record_id, customer_key::text from identity.crosswalk",
                            ["record_id", "customer_key"])  # fmt: skip
        customer = frame["unique_id"].map(keys.set_index("record_id")["customer_key"])
        try:
            settings, evidence = estimate_model(frame, customer, labelled, in_force)
        except ValueError as error:
            raise NotPossible(str(error)) from None
        text = json.dumps(settings, sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        row = connection.execute("select max(batch_date) from identity.linkings").fetchone()
        day = row[0] if row else None
        version = f"trained-{day}-{digest[:8]}"
        note_shipped(connection)
        connection.execute(
            "insert into identity.model_versions (model_version, settings_sha256, trained_on, settings, batch_date,"
            " evidence) values (%s, %s, 'the warehouse', %s, %s, %s) on conflict do nothing",
            [version, digest, text, day, json.dumps(asdict(evidence) | {"in_force": in_force.version})],
        )
    return version


def judge_candidate(url: str, version: str, truth: dict[str, int] | None = None) -> dict[str, Any]:
    """Judge a version beside the model in force (see judge_models) and keep the figures with it.

    `truth` is the person by record id, where somebody knows it. Raises NotPossible for a version that is not known.
    """
    decisions = read_decisions(url)
    with db.connect(url) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        models = {"in_force": read_model(connection), "candidate": _find(connection, version)}
        figures = judge_models(connection, models, decisions, truth)
        connection.execute("update identity.model_versions set judgement = %s where model_version = %s",
                           [json.dumps(figures), version])  # fmt: skip
    return figures


def choose_model(url: str, version: str, chosen_by: str, why: str) -> str:
    """Take a version into force from the next build on, or go back to an earlier one; returns the one before it.

    Waits for a linking that runs. The next build happens, new data or not, and links everybody. Raises NotPossible.
    """
    why = " ".join(why.split())
    if not why or len(why) > LONGEST_REASON:
        raise NotPossible(f"say why, in at most {LONGEST_REASON} characters")
    with db.connect(url) as connection:
        # Before the model is read: of two who choose at once the second hears what the first has chosen.
        connection.execute("lock table identity.model_choices in share row exclusive mode")
        note_shipped(connection)
        before = read_model(connection).version
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
        in_force = read_model(plain).version
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
    if not fits_code(row[0]):
        raise NotPossible(f"{version} compares otherwise than this version of the code; train anew")
    return Model(version, row[0])
