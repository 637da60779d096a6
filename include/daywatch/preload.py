"""The libraries that a model-day loads, to be paid for once a process, or beside other work."""

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
    "pydantic_settings",
    "scipy.stats",
    "sklearn.metrics",
    "sqlalchemy.dialects.postgresql",
    "yaml",
)
"""What a model-day loads."""
_M_ARENA_MAX = -8
"""Of glibc's malloc.h."""


def preload(names: tuple[str, ...] = LIBRARIES) -> None:
    """Import modules, Great Expectations with its telemetry off; see decision 25.

    The garbage collector rests meanwhile, and never looks at what is there afterwards: the modules' half a
    million objects are no garbage, and each full collection would go through all of them.

    Raises:
        ImportError: One is not installed; requirements.txt names them.
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
    """Begin to import modules in a thread of its own; the result comes when they are there."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="daywatch-libraries")
    loading = pool.submit(preload, names)
    pool.shutdown(wait=False)
    return loading


def _share_arenas() -> None:
    """Let threads share one arena of the allocator a processor: glibc gives eight, which keep what they freed.

    glibc's ``mallopt(3)``, as the variable ``MALLOC_ARENA_MAX`` does; other C libraries have no arenas. The
    machine's processors, for the fork server may load nothing else of Daywatch that knows better.
    """
    if "MALLOC_ARENA_MAX" not in os.environ and platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, os.cpu_count() or 1)
