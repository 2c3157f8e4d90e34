"""Trains the model on a sample whose truth is known: ``python -m include.identity.train``.

m probabilities are counted from the true pairs (Splink's estimate_m_from_label_column), u probabilities from random
pairs, after Fellegi and Sunter, "A Theory for Record Linkage", JASA 64 (1969). The model file holds no term
frequencies, which are names; they are computed where the model is used.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import pandas as pd

from include.identity.model import MODEL_FILE, prior, untrained_settings

# What the training pairs never show is not impossible elsewhere (a gender keyed wrongly), and one such field must not
# outweigh all others.
LEAST_M = 1e-3
# For levels that not one random pair has shown.
LEAST_U = 1e-4


def train_model(frame: pd.DataFrame, max_pairs: float = 4e6) -> dict[str, Any]:
    """The trained settings for a linkage frame that has, besides, a column `person_id` with the truth."""
    from splink import DuckDBAPI, Linker

    api = DuckDBAPI()
    settings = untrained_settings() | {"probability_two_random_records_match": prior(len(frame))}
    linker = Linker(api.register(frame, dataset_display_name="training_records"), settings, log_level="ERROR")
    linker.training.estimate_u_using_random_sampling(max_pairs=max_pairs, seed=1)
    linker.training.estimate_m_from_label_column("person_id")
    trained: dict[str, Any] = linker.misc.save_model_to_json()
    return _fill_untrained(trained)


def _fill_untrained(trained: dict[str, Any]) -> dict[str, Any]:
    """Levels that no training pair has shown get the probability of a rare one, and none is certain."""
    for comparison in trained["comparisons"]:
        for level in comparison["comparison_levels"]:
            if not level.get("is_null_level"):
                level["m_probability"] = min(max(level.get("m_probability", 0.0), LEAST_M), 1 - LEAST_M)
                level.setdefault("u_probability", LEAST_U)
    return trained


def save_model(trained: dict[str, Any]) -> None:
    """Write the model file that the pipeline reads."""
    MODEL_FILE.parent.mkdir(exist_ok=True)
    MODEL_FILE.write_text(json.dumps(trained, indent=2) + "\n")


def main() -> None:
    """Train on what the warehouse holds and the truth of the run folder."""
    argparse.ArgumentParser(prog="python -m include.identity.train", description=main.__doc__).parse_args()
    from include.identity.evaluate import read_truth
    from include.identity.records import to_linkage_frame
    from include.identity.store import read_comparable, standardise_all
    from include.settings import Settings

    settings = Settings.from_env()
    records = standardise_all(read_comparable(settings.database_url))
    frame = to_linkage_frame([r for r in records if not r["links_by_id_only"]])
    truth = read_truth(settings.database_url, settings.run_dir / "truth" / "truth.csv")
    frame["person_id"] = frame.unique_id.map(truth.set_index("record_id").person_id)
    save_model(train_model(frame))
    print(f"Trained on {len(frame):,} records: {MODEL_FILE.name}")


if __name__ == "__main__":
    main()
