"""Imported by Airflow's fork server, so that the tasks forked from it have all libraries from the start.

Name it in ``[core] mp_forkserver_preload``, with ``[scheduler] mp_start_method = forkserver``. Nothing else may
import it: importing is all that it does.
"""

from __future__ import annotations

from daywatch.preload import LIBRARIES, preload

AIRFLOW = (
    "airflow.executors.local_executor",
    "airflow.providers.amazon.aws.hooks.s3",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
)
"""What a worker and every task load of Airflow.

None of Daywatch's own code stands here: the fork server would go on with what it once loaded.
"""

preload(
    LIBRARIES + AIRFLOW
)  # freezes them: the first collection in a task would copy the pages that all share
