"""The libraries that a model-day loads, imported once a process, or while other work goes on."""

from __future__ import annotations

import ctypes
import gc
import os
import platform
import sys
from concurrent.futures import Future, ThreadPoolExecutor
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
    "great_expectations.data_context.types.base",
    "great_expectations.datasource.fluent",
    "great_expectations.execution_engine.sqlalchemy_execution_engine",
    "great_expectations.expectations.core",
    "great_expectations.expectations.metrics",
    "jinja2",
    "numpy",
    "obstore.store",
    "pandas",
    "PIL.ImageDraw",
    "psycopg",
    "pyarrow.parquet",
    "pydantic",
    "pydantic_settings",
    "scipy.stats",
    "sklearn.metrics",
    "sqlalchemy.dialects.postgresql",
    "yaml",
)
"""Modules of other libraries that a model-day imports."""
_M_ARENA_MAX = -8
"""The number of this option in glibc's malloc.h."""


def preload(names: tuple[str, ...] = LIBRARIES) -> None:
    """Import modules, Great Expectations with its telemetry off; see decision 25.

    The garbage collector is off meanwhile, and ignores for good what is there afterwards: the half a million
    objects of the modules are no garbage, and each full collection would visit all of them.

    Args:
        names: Full names of the modules.

    Raises:
        ImportError: One of them is not installed; requirements.txt names them all.
    """
    missing = [name for name in names if name not in sys.modules]
    if not missing:
        return
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read while it is imported
    _share_arenas()
    gc.disable()
    try:
        for name in missing:
            import_module(name)
        gc.freeze()
    finally:
        gc.enable()


def preload_beside(names: tuple[str, ...] = LIBRARIES) -> Future[None]:
    """Import modules in a thread of its own.

    Args:
        names: Full names of the modules.

    Returns:
        A future that is done when they are imported; it raises what ``preload`` raises.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="daywatch-libraries")
    loading = pool.submit(preload, names)
    pool.shutdown(wait=False)
    return loading


def _share_arenas() -> None:
    """Give the allocator one arena for each processor: glibc gives eight, which keep the memory freed in them.

    As the variable ``MALLOC_ARENA_MAX`` does, by glibc's ``mallopt(3)``; other C libraries have no arenas. The
    processors are the machine's, because the fork server may load nothing else of Daywatch.
    """
    if "MALLOC_ARENA_MAX" not in os.environ and platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, os.cpu_count() or 1)
