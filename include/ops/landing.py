"""The steps of a landing, in order: what the tasks of `land__<system>` do, each with its times in ops.steps."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Any

from include.contracts import Contract
from include.ops.steps import record_step
from include.settings import Settings

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Landing:
    """The batch of a system that a run of its DAG lands."""

    contract: Contract
    day: date
    dag_id: str
    run_id: str
    settings: Settings

    def __str__(self) -> str:
        return f"{self.contract.system} {self.day}"

    def _recorded(self, step: str) -> AbstractContextManager[dict[str, object]]:
        return record_step(self.settings.database_url, self.dag_id, self.run_id, step, self.contract.system, self.day)

    def land(self, archive: Any) -> str:
        """Bring the batch to raw; `archive` is a path-like of object storage. Returns the state of the batch."""
        from include.extract import fetch_delivery
        from include.landing import land_batch

        settings, url = self.settings, self.settings.database_url
        with self._recorded("land") as counts:
            delivery = fetch_delivery(self.contract, self.day, settings.inbox, settings.run_dir, url)
            counts.update(delivery.counts)
            if delivery.is_released:
                counts.update(state="released")
                return "released"
            result = land_batch(self.contract, self.day, delivery.inbox, archive, url)
            counts.update(files=len(result.files), read=result.rows_read, landed=result.rows_landed)
            counts.update(quarantined=result.rows_quarantined, state=result.state)
        return result.state

    def judge(self) -> Sequence[object]:
        """Hold the batch or let it pass, and measure it; returns the rules that hold it."""
        from include.alerts import send_pending
        from include.extract import inbox_of
        from include.gates import judge_batch

        settings = self.settings
        inbox = inbox_of(self.contract, settings.inbox, settings.run_dir)
        with self._recorded("gate_raw") as counts:
            outcome = judge_batch(self.contract, self.day, settings.database_url, self.run_id, inbox)
            send_pending(settings)
            self._measure(counts)
        return () if outcome.passed else outcome.failed

    def _measure(self, counts: dict[str, object]) -> None:
        """The figures of the batch: a report, which decides nothing. What goes wrong is told, by its kind alone (a
        message may quote a value), and the end of the next build measures the batch.
        """
        from include.quality.measure import measure_batches

        system = self.contract.system
        try:
            counts["measured"] = measure_batches(self.settings.database_url, {system: self.contract}, system)
        except Exception as error:  # whatever it is, the verdict stands
            reason = " ".join(filter(None, (type(error).__name__, getattr(error, "sqlstate", None))))
            counts["not_measured"] = reason
            _log.warning("The quality of %s could not be measured: %s. The next build tries again.", self, reason)

    def release(self) -> bool:
        """Let builds read the batch; returns whether it holds files that were not released before."""
        from include.alerts import record_release, send_pending
        from include.extract import remove_extracts
        from include.landing import release_batch

        settings, system = self.settings, self.contract.system
        with self._recorded("release"):
            is_changed = release_batch(system, self.day, settings.database_url)
        if record_release(system, self.day, self.run_id, settings.database_url):
            send_pending(settings)
        remove_extracts(self.contract, settings.run_dir, settings.database_url)
        return is_changed

    def is_after_build(self) -> bool:
        """Whether the day was built without what the batch now holds."""
        from include.ops.builds import missed_its_build

        return missed_its_build(self.settings.database_url, self.contract.system, self.day)
