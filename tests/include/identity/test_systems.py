"""The linking over all systems of the sample company, from its files on, against the truth."""

from __future__ import annotations

import pytest

from include.identity.evaluate import evaluate_warehouse
from include.ops.builds import begin_build
from include.settings import Settings
from tests.include.warehouse import DAYS, land, rows, step, write_days


@pytest.mark.slow
def test_link_people__finds_what_is_possible_in_every_system(settings: Settings) -> None:
    write_days(settings, 4000, 20_261_121)  # a seed not used in development
    for day in DAYS:
        land(settings, day)
    assert begin_build(settings.database_url, DAYS[-1].isoformat(), "systems")
    for name in ("stage_records", "link_people", "adopt_clusters"):
        assert not step(name, settings, "systems", data_tests=False)
    figures = evaluate_warehouse(settings.database_url, settings.run_dir / "truth" / "truth.csv")
    assert min(figures["all"]["precision"], figures["all"]["recall"]) >= 0.99
    assert figures["no_shared_id"]["precision"] >= 0.98
    assert figures["no_shared_id"]["recall"] >= 0.95
    # Most pairs of the bank's clients share nothing, so nobody can find them.
    assert figures["every_record"]["precision"] >= 0.99
    assert figures["every_record"]["recall"] >= 0.93
    systems = figures["by_system"]
    assert {"bank", "bureau", "hr", "lending", "motor", "pos", "support", "wealth", "web"} < systems.keys()
    assert min(f["share_of_possible"] for f in systems.values()) >= 0.95
    assert min(f["precision"] for f in systems.values()) >= 0.99
    reasons = {row["reason"] for row in rows(settings, "select distinct reason from identity.links")}
    assert {f"shared_id:{kind}" for kind in ("national_id", "client_id", "user_id", "card", "iban")} <= reasons
    assert rows(settings, "select 1 from identity.crosswalk as c inner join identity.records using (record_id)"
                          " where entity = 'cards' and exists (select from identity.crosswalk as o"
                          " where o.customer_key = c.customer_key and o.record_id like 'pos/members/%')")  # fmt: skip
