"""The libraries that tasks load, so that a process which forks tasks can pay for them once."""

from __future__ import annotations

import os
from importlib import import_module

LIBRARIES = (
    "duckdb",
    "duckdb_sqlalchemy",
    "evidently",
    "evidently.legacy.calculations.stattests",
    "evidently.legacy.utils.dashboard",
    "evidently.metrics",
    "evidently.presets",
    "great_expectations",
    "great_expectations.execution_engine.sqlalchemy_execution_engine",
    "great_expectations.expectations.core",
    "great_expectations.expectations.metrics",
    "great_expectations.validator.validator",
    "jinja2",
    "numpy",
    "obstore.store",
    "pandas",
    "PIL.ImageDraw",
    "psycopg",
    "pyarrow.parquet",
    "pydantic",
    "scipy.stats",
    "sklearn.metrics",
    "sqlalchemy.dialects.postgresql",
    "yaml",
)
"""What a model-day loads."""

AIRFLOW = (
    "airflow.executors.local_executor",
    "airflow.providers.amazon.aws.hooks.s3",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
)
"""What a worker and every task load of Airflow.

None of Daywatch's own code stands here: the fork server would go on with what it once loaded.
"""


def preload(names: tuple[str, ...]) -> None:
    """Import modules, Great Expectations with its telemetry off.

    Raises:
        ImportError: One is not installed; requirements.txt names them.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read while it is imported
    for name in names:
        import_module(name)
