"""Loads all libraries in Airflow's fork server, so that the tasks forked from it need not import them.

Name this module in ``[core] mp_forkserver_preload``, with ``[scheduler] mp_start_method = forkserver``. Nothing
else may import it: the import itself does the work.
"""

from __future__ import annotations

from daywatch.preload import LIBRARIES, preload

AIRFLOW = (
    "airflow.executors.local_executor",
    "airflow.providers.amazon.aws.hooks.s3",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
)
"""The modules of Airflow that a worker and every task load.

None of Daywatch's own modules is here: the fork server would keep the version that it once loaded.
"""

preload(
    LIBRARIES + AIRFLOW
)  # also freezes them: a garbage collection in a task would copy the memory that all tasks share
