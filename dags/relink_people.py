"""Links all people anew once a week, and repairs what incremental linking has left provisional.

**Produces** a request for a full linking, and the announcement `day_reopened` for the Sunday, at 03:00 UTC: a build
follows, and its `link_people` links everybody. What it finds different from before is in `identity.drift`, by kind.
Where every linking is a full one (the default up to a million records) it finds nothing. **On failure**: *clear* the
run. The request stands until a build is published.
"""

from __future__ import annotations

from airflow.sdk import DAG, CronPartitionTimetable, task

from dags.common import DEFAULTS, REOPENED, announce, run_of_task, schedule_end

with DAG(
    "relink_people",
    schedule=CronPartitionTimetable("0 3 * * 0", timezone="UTC", key_format="%Y-%m-%d"),
    tags=["build"],
    doc_md=__doc__,
    **DEFAULTS,
    **schedule_end(),
):

    @task(outlets=[REOPENED])
    def relink_people() -> None:
        """Asks for the linking in full, then for the build; reads and writes no person."""
        from include.identity.linkings import request_relink
        from include.settings import Settings

        request_relink(Settings.from_env().database_url, run_of_task()[2])
        announce()

    relink_people()
