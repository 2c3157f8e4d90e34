"""A system whose contract is inactive takes no part: its tables are there and empty, whatever it delivered before."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from include.contracts import read_sources
from include.ops.builds import begin_build, end_build
from include.settings import Settings
from tests.include.warehouse import BUILD, DAYS, land, rows, step, write_days

STAGED = (
    "select (select count(*) from staging.stg_usage__product_usage) as usage, count(*) as crm"
    " from staging.stg_crm__customers"
)


def switch_usage(settings: Settings, folder: Path, is_active: bool) -> Settings:
    """The contracts of the project, with that of `usage` active or not."""
    shutil.copytree(settings.sources_dir, folder)
    contract = folder / "usage.yml"
    contract.write_text(contract.read_text() + f"active: {str(is_active).lower()}\n")
    return replace(settings, sources_dir=folder)


def build(settings: Settings, run_id: str, data_tests: bool) -> None:
    inactive = read_sources(settings.sources_dir).inactive
    assert begin_build(settings.database_url, DAYS[0].isoformat(), run_id, inactive)
    for name in BUILD:
        assert not step(name, settings, run_id, data_tests), name


@pytest.mark.slow
@pytest.mark.parametrize("was_active", [False, True])
def test_build__without_an_inactive_system(was_active: bool, settings: Settings, tmp_path: Path) -> None:
    """On a fresh warehouse, and on one that has read the system before."""
    write_days(settings, 60)
    if was_active:
        land(settings, DAYS[0])
        assert begin_build(settings.database_url, DAYS[0].isoformat(), "before")
        end_build(settings.database_url, "before", "built")
        assert not begin_build(settings.database_url, DAYS[0].isoformat(), "again")
    settings = switch_usage(settings, tmp_path / "sources", is_active=False)
    land(settings, DAYS[0])
    build(settings, "without", data_tests=not was_active)
    (found,) = rows(settings, STAGED)
    assert (found["usage"], found["crm"] > 0) == (0, True)
    assert rows(settings, "select distinct system from ops.build_files where system = 'usage'") == []
    assert rows(settings, "select 1 as one from core.fact_product_usage limit 1") == []
