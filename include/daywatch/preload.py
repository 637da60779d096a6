"""The libraries that a model-day loads, so that a process which forks others can pay for them once."""

from __future__ import annotations

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
"""None of Daywatch itself: a process that lives long would go on with the code it once loaded."""


def preload() -> None:
    """Import them all.

    Raises:
        ImportError: One is not installed; requirements.txt names them.
    """
    for name in LIBRARIES:
        import_module(name)
