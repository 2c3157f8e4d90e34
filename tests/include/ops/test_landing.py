"""The steps of a landing, as the tasks of its DAG call them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from include import db
from include.contracts import Contract
from include.ops.landing import Landing
from include.settings import Settings
from tests.include.extract.shop import COLUMNS, change, contract
from tests.include.landing.delivery import DAY, put, query, things


def landing(settings: Settings, contract: Contract) -> Landing:
    return Landing(contract, DAY, "land__shop", "a run", settings)


def test_landing__three_steps_with_their_times(settings: Settings) -> None:
    put(settings.inbox, "shop", "things.csv", "id,name,note\n1,a,b\n,c,d\n")
    contract = things("csv")
    steps = landing(settings, contract.model_copy(update={"quality": contract.quality.model_copy(
        update={"max_quarantined_share": 1.0})}))  # fmt: skip
    assert steps.land(settings.run_dir / "archive") == "landed"
    assert steps.judge() == ()
    assert steps.release() is True
    assert steps.release() is False, "nothing of it is new"
    assert steps.is_after_build() is False
    assert query(settings.database_url, "select step, state, counts from ops.steps order by step_id") == [
        ("land", "success", {"files": 1, "read": 2, "landed": 1, "quarantined": 1, "state": "landed"}),
        ("gate_raw", "success", {"measured": 1}), ("release", "success", {}), ("release", "success", {}),
    ]  # fmt: skip


def test_judge__what_cannot_be_measured_does_not_hold_a_batch(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    put(settings.inbox, "shop", "things.csv", "id,name,note\n1,Ann,b\n")
    steps = landing(settings, things("csv"))
    steps.land(settings.run_dir / "archive")
    with db.connect(settings.database_url) as connection:
        connection.execute("alter table ops.quality_measures add check (checked < 0)")
    assert steps.judge() == ()
    assert steps.release() is True
    assert "The quality of shop 2026-11-16 could not be measured: CheckViolation 23514." in caplog.text
    assert "Ann" not in caplog.text
    ((counts,),) = query(settings.database_url, "select counts from ops.steps where step = 'gate_raw'")
    assert counts == {"not_measured": "CheckViolation 23514"}


@pytest.fixture
def held_shop(settings: Settings, shop_url: str) -> Landing:
    """A table of whose rows one breaks a rule."""
    change(shop_url, "insert into things values (1, 'a', null), (2, 'b', null), (3, '', null)")
    steps = landing(settings, contract({**COLUMNS, "name": {"required": True}}))
    steps.land(settings.run_dir / "archive")
    return steps


def test_landing__database_leaves_no_extract_and_runs_again(settings: Settings, held_shop: Landing) -> None:
    assert [str(problem) for problem in held_shop.judge()] == [
        "things.name.required: 33.33 % of rows (1 broken of 3), none tolerated"
    ]
    shop = replace(held_shop, contract=contract())
    assert (shop.land(settings.run_dir / "archive"), shop.judge(), shop.release()) == ("landed", (), True)
    assert list((settings.run_dir / "extracts").rglob("*.gz")) == []
    assert (shop.land(settings.run_dir / "archive"), shop.judge(), shop.release()) == ("released", (), False)


def test_judge__example_of_a_database_has_its_line(settings: Settings, held_shop: Landing) -> None:
    held_shop.judge()
    ((found,),) = query(settings.database_url, "select detail -> 'examples' from ops.alerts")
    assert found == [{"file": "things.jsonl.gz", "row": "3", "line": "3"}]
