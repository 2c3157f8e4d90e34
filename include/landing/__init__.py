"""Lands files exactly as they arrived: manifest, archive, raw tables, quarantine."""

from include.landing.land import BatchResult, FileResult, file_id_of, land_batch
from include.landing.raw_tables import ensure_all_raw_tables, ensure_raw_tables
from include.landing.release import BatchHeld, hold_batch, pass_batch, release_batch

__all__ = [
    "BatchHeld",
    "BatchResult",
    "FileResult",
    "ensure_all_raw_tables",
    "ensure_raw_tables",
    "file_id_of",
    "hold_batch",
    "land_batch",
    "pass_batch",
    "release_batch",
]
