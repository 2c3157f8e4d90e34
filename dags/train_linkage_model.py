"""Trains a candidate of the linkage model from the warehouse's own records, and judges it beside the model in force.

**Produces** a version in `identity.model_versions`, with what it was estimated from and how it did: precision, recall
and F1 on the stewards' labels, and how many pairs of records would be one customer otherwise. It takes no version into
force: who does, and how to go back, stands in `dags/README.md`. Keys do not change by it. On the first of each month at
04:00 UTC, or triggered by hand; paused until somebody wants it.
**On failure**: *clear* the run. Training again before the next batch gives the same version.
"""

from __future__ import annotations

from airflow.sdk import DAG, task

from dags.common import DEFAULTS

with DAG(
    "train_linkage_model",
    schedule="0 4 1 * *",
    is_paused_upon_creation=True,
    tags=["identity"],
    doc_md=__doc__,
    **DEFAULTS,
):

    @task
    def train_model() -> str:
        """Estimates the candidate; its version."""
        from include.identity.retrain.candidates import train_candidate
        from include.settings import Settings

        return train_candidate(Settings.from_env().database_url)

    @task
    def judge_model(version: str) -> None:
        """Links everybody by both models in memory, and keeps and logs what differs."""
        import logging

        from include.identity.retrain.candidates import judge_candidate
        from include.identity.retrain.words import tell_judgement
        from include.settings import Settings

        figures = judge_candidate(Settings.from_env().database_url, version)
        logging.getLogger(__name__).info("%s", tell_judgement(figures))

    judge_model(train_model())
