"""Scores the pairs of records with the saved model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from include.identity.blocked import block_pairs
from include.identity.in_force import shipped_model
from include.identity.model import MIN_WEIGHT

COLUMNS = ["record_id_l", "record_id_r", "match_weight", "probability"]
PAIR = (
    "least(unique_id_l, unique_id_r) as record_id_l, greatest(unique_id_l, unique_id_r) as record_id_r, match_weight,"
    " match_probability as probability"
)


def open_duckdb() -> Any:
    """A database in memory for Splink, which draws no bar on the terminal."""
    import duckdb
    from splink import DuckDBAPI

    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false")
    return DuckDBAPI(connection)


def score_pairs(
    frame: pd.DataFrame,
    model: dict[str, Any] | None = None,
    frequencies: dict[str, pd.DataFrame] | None = None,
    with_levels: bool = False,
) -> pd.DataFrame:
    """Every compared pair: record_id_l < record_id_r, match_weight (log2 odds), probability.

    `frame` is the linkage frame, `model` settings of Splink; without them it is scored with the shipped model, whose
    prior follows from the number of records in the frame. Term frequencies are computed from the frame, unless
    `frequencies` has those of a column. Pairs below MIN_WEIGHT are left out. `with_levels` adds the level of each
    comparison (gamma_<comparison>), all pairs kept. Where the frame has a column is_new, every pair has a record that
    is new.
    """
    if len(frame) < 2:
        return pd.DataFrame(columns=COLUMNS).astype({"match_weight": float, "probability": float})
    settings = _settings(model or shipped_model().at_size(len(frame)), with_levels)
    if "is_new" in frame:
        _only_new(settings)
    # A pair is found from its smaller number: with the new records first, joins begin with them alone.
    order = ["is_new", "unique_id"] if "is_new" in frame else ["unique_id"]
    frame = frame.drop(columns="is_counted", errors="ignore")
    frame = frame.sort_values(order, ascending=[name != "is_new" for name in order], ignore_index=True)
    # Joins over numbers take a tenth of the memory of joins over record ids.
    numbered = frame.assign(unique_id=np.arange(len(frame), dtype=np.int32))
    api = open_duckdb()
    linker = _blocked_linker(api, numbered, settings)
    for column, table in (frequencies or {}).items():
        lookup = api.register(table, dataset_display_name=f"frequencies_{column}")
        linker.table_management.register_term_frequency_lookup(lookup, column)
    threshold = None if with_levels else MIN_WEIGHT
    found = linker.inference.predict(threshold_match_weight=threshold)
    levels = ", columns('^gamma_.*$')::tinyint" if with_levels else ""
    query = f"select {PAIR}{levels} from {found.physical_name} order by 1, 2"
    return _named(api.duckdb_con.execute(query).df(), frame["unique_id"])


def _blocked_linker(api: Any, numbered: pd.DataFrame, settings: dict[str, Any]) -> Any:
    """A linker of the records that knows already which pairs it compares."""
    from splink import Linker

    api.duckdb_con.register("numbered", numbered)
    api.duckdb_con.execute("create table comparable as from numbered")
    api.duckdb_con.unregister("numbered")
    block_pairs(api.duckdb_con, "comparable", "blocked", settings["blocking_rules_to_generate_predictions"])
    # To validate the settings takes time, and says what it finds in warnings, which are not shown.
    records = api.register("comparable", dataset_display_name="comparable_records")
    linker = Linker(records, settings, log_level="ERROR", validate_settings=False)
    linker.table_management.register_blocked_pairs_for_predict(api.register("blocked"))
    return linker


def _settings(model: dict[str, Any], with_levels: bool) -> dict[str, Any]:
    return model | {
        "retain_intermediate_calculation_columns": with_levels, "retain_matching_columns": with_levels,
    }  # fmt: skip


def _only_new(settings: dict[str, Any]) -> None:
    settings["blocking_rules_to_generate_predictions"] = [
        rule | {"blocking_rule": f"({rule['blocking_rule']}) and l.is_new = 1"}
        for rule in settings["blocking_rules_to_generate_predictions"]
    ]


def _named(pairs: pd.DataFrame, ids: pd.Series[str]) -> pd.DataFrame:
    """Pairs of places as pairs of record ids in their order: categories, of which a pair holds the numbers only."""
    kind = pd.CategoricalDtype(pd.Index(ids.sort_values()), ordered=True)
    if not ids.is_monotonic_increasing:
        rank = pd.Index(kind.categories).get_indexer(pd.Index(ids))
        both = np.sort(rank[pairs[["record_id_l", "record_id_r"]].to_numpy()], axis=1)
        pairs = pairs.assign(record_id_l=both[:, 0], record_id_r=both[:, 1])
        pairs = pairs.sort_values(["record_id_l", "record_id_r"], ignore_index=True)
    for side in ("record_id_l", "record_id_r"):
        pairs[side] = pd.Categorical.from_codes(pairs[side].to_numpy(), dtype=kind)
    return pairs
