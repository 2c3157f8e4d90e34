"""The model in force: the one that comes with the code, or a later version that somebody has taken into force."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from functools import cache
from typing import Any

import psycopg

from include.identity.model import COMPARISONS, MODEL_FILE, MODEL_VERSION, blocking_rules, prior


@dataclass(frozen=True)
class Model:
    """A version and its settings, as Splink reads them, without what depends on the number of records."""

    version: str
    settings: dict[str, Any]

    def at_size(self, records: int) -> dict[str, Any]:
        """The settings for a population of so many records, with the blocking rules of the code."""
        return self.settings | {
            "probability_two_random_records_match": prior(records),
            "blocking_rules_to_generate_predictions": blocking_rules(),
        }


def shipped_model() -> Model:
    """The model that comes with the code."""
    return Model(MODEL_VERSION, json.loads(MODEL_FILE.read_text()))


def read_model(connection: psycopg.Connection, *, hold: bool) -> Model:
    """The model in force. With `hold` nobody can take another one into force until the transaction ends: for a linking,
    which must not work with two. Who only reads holds nothing, or a choice would wait, and the next linking behind it.

    A version whose comparisons are not those of the code, as after an upgrade, cannot be used: the shipped one is, and
    the log says so.
    """
    if hold:
        connection.execute("lock table identity.model_choices in share mode")
    chosen = _read_choice(connection)
    if chosen is None:
        return shipped_model()
    version, settings = chosen
    if not fits_code(settings):
        _warn_of(version)
        return shipped_model()
    return Model(version, settings)


def read_chosen(connection: psycopg.Connection) -> str:
    """The version that was chosen last, even if the code can no longer use it."""
    chosen = _read_choice(connection)
    return MODEL_VERSION if chosen is None else chosen[0]


def _read_choice(connection: psycopg.Connection) -> tuple[str, dict[str, Any]] | None:
    """The last choice: a version that was trained here, and its settings. None is the shipped model: nobody has chosen,
    or somebody has chosen the one that came with the code, be it an earlier code, and follows it since.
    """
    row = connection.execute(
        "select model_version, settings from identity.model_choices inner join identity.model_versions"
        " using (model_version) order by choice_id desc limit 1"
    ).fetchone()
    return None if row is None or row[1] is None else (str(row[0]), row[1])


@cache
def _warn_of(version: str) -> None:
    """Once a process: a linking asks for the model several times."""
    logging.getLogger(__name__).warning(
        "The model in force, %s, compares otherwise than this version of the code: %s is used. Train anew.",
        version, MODEL_VERSION,
    )  # fmt: skip


def fits_code(settings: dict[str, Any]) -> bool:
    """Whether a model compares what the code compares, level by level."""
    return _conditions(settings["comparisons"]) == _conditions(COMPARISONS)


def _conditions(comparisons: Any) -> list[list[str]]:
    return [[level["sql_condition"] for level in made["comparison_levels"]] for made in comparisons]


def note_shipped(connection: psycopg.Connection) -> None:
    """Write the shipped model into identity.model_versions, where it is not there yet."""
    connection.execute(
        "insert into identity.model_versions (model_version, settings_sha256, trained_on) values (%s, %s, %s)"
        " on conflict do nothing",
        [MODEL_VERSION, hashlib.sha256(MODEL_FILE.read_bytes()).hexdigest(), "sample company"],
    )
