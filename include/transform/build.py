"""The steps of a build, in order: each a function of the settings, the run and the counts it fills.

A gate returns the expectations that failed; the other steps return nothing or raise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from include.ops.builds import as_of_date, end_build
from include.settings import Settings

Step = Callable[[Settings, str, dict[str, object]], Sequence[object]]


def _build(tag: str) -> list[str]:
    """dbt's arguments for the models of a tag with their data tests; unit tests belong to the test suite.

    Nobody reads the manifest of a build, and dbt would write its megabytes twice.
    """
    chosen = ["--select", f"tag:{tag}", "--exclude-resource-type", "unit_test"]
    return ["build", *chosen, "--target", "next", "--no-write-json"]


def _stage_records(settings: Settings, run_id: str, _: dict[str, object]) -> Sequence[object]:
    from include.landing import ensure_all_raw_tables
    from include.transform.dbt import run_dbt

    ensure_all_raw_tables(settings.sources_dir, settings.database_url)
    run_dbt(_build("stage"), run_id, settings)
    return ()


def _gate(layer: str) -> Step:
    def run(settings: Settings, run_id: str, counts: dict[str, object]) -> Sequence[object]:
        from include.gates import run_layer_gate
        from include.quality.reconcile import reconcile_facts

        url = settings.database_url
        if layer == "marts":
            counts.update(reconcile_facts(url, settings.sources_dir))
        outcome = run_layer_gate(layer, url, run_id, as_of_date(url))
        counts.update(failed=len(outcome.failed), warned=len(outcome.warned))
        if not outcome.passed:
            end_build(url, run_id, "failed")
        return () if outcome.passed else outcome.failed

    return run


def _link_people(settings: Settings, _: str, counts: dict[str, object]) -> Sequence[object]:
    from include.identity.run import link_people
    from include.identity.versions import standardise_versions

    summary = link_people(settings.database_url, as_of_date(settings.database_url))
    counts.update(vars(summary), versions=standardise_versions(settings.database_url))
    return ()


def _adopt_clusters(settings: Settings, _: str, counts: dict[str, object]) -> Sequence[object]:
    from include.identity.run import adopt_clusters

    summary = adopt_clusters(settings.database_url, as_of_date(settings.database_url))
    counts.update(vars(summary))
    return ()


def _build_marts(settings: Settings, run_id: str, __: dict[str, object]) -> Sequence[object]:
    from include.transform.dbt import run_dbt

    run_dbt(_build("marts"), run_id, settings)
    return ()


def _publish_marts(settings: Settings, run_id: str, counts: dict[str, object]) -> Sequence[object]:
    from include.publish.swap import publish_schemas

    counts["schemas"] = publish_schemas(settings.database_url)
    end_build(settings.database_url, run_id, "built")
    return ()


def _publish_docs(settings: Settings, run_id: str, counts: dict[str, object]) -> Sequence[object]:
    from include.catalogue import write_catalogue
    from include.gates.data_docs import build_data_docs
    from include.identity.report import write_report
    from include.transform.dbt import run_dbt
    from include.transform.docs_page import mend_docs_page

    # The SQL of the tests is on no page, and compiling it would take as long as all the rest.
    tests = ["--exclude", "resource_type:test", "resource_type:unit_test"]
    # It writes its manifest all the same, but once.
    docs = ["docs", "generate", "--static", "--target", "prod", "--no-write-json"]
    run_dbt([*docs, *tests], run_id, settings)
    counts["columns"] = write_catalogue(settings)
    mend_docs_page(settings.run_dir / "dbt" / "prod" / "static_index.html")
    counts["gates"] = build_data_docs(settings.database_url, settings.run_dir / "data_docs")
    counts["identity_figures"] = write_report(settings.database_url, settings.run_dir / "identity_report")
    counts.update(_report_quality(settings))
    return ()


def _report_quality(settings: Settings) -> dict[str, int]:
    """What the landings have not measured, what only the linking knows, and the pages of it."""
    from include.contracts import read_sources
    from include.quality.measure import measure_batches, measure_people
    from include.quality.overlap import measure_overlap
    from include.quality.pages import write_profiles

    measured = measure_batches(settings.database_url, read_sources(settings.sources_dir).contracts)
    people = measure_people(settings.database_url)
    measure_overlap(settings.database_url)
    return {"measured": measured, "people_figures": people} | write_profiles(settings)


STEPS: dict[str, Step] = {
    "stage_records": _stage_records,
    "gate_staging": _gate("staging"),
    "link_people": _link_people,
    "gate_identity": _gate("identity"),
    "adopt_clusters": _adopt_clusters,
    "build_marts": _build_marts,
    "gate_marts": _gate("marts"),
    "publish_marts": _publish_marts,
    "publish_docs": _publish_docs,
}
