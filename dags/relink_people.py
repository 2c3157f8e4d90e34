"""Links all people anew once a week, and repairs what incremental linking has left provisional.

**Produces** a request for a full linking, and the announcement `day_reopened` for the Sunday, at 03:00 UTC: a build
follows, and its `link_people` links everybody. What it finds different from before is in `identity.drift`, by kind.
Where nothing is provisional (no increment since the last full linking, as ever where all linkings are full: the default
up to 150,000 records; and the same model and rules), its task is skipped: it asks for nothing, and no build follows.
**On failure**: *clear* the run. The request stands until a build is published.
"""

from __future__ import annotations

from airflow.sdk import DAG, CronPartitionTimetable, task
from airflow.sdk.exceptions import AirflowSkipException

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

        if not request_relink(Settings.from_env().database_url, run_of_task()[2]):
            raise AirflowSkipException("every record was linked in full, and nothing has been linked otherwise since")
        announce()

    relink_people()
