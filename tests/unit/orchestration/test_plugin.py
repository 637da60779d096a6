"""The plugin, which every task imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

_IMPORT = """
import sys
import airflow.sdk.plugins_manager  # a task has it anyway
known = set(sys.modules)
sys.path.insert(0, sys.argv[1])
import daywatch_pages
view = daywatch_pages.DaywatchPages().external_views
print(len(view), *sorted({name.split(".")[0] for name in set(sys.modules) - known}))
"""


def test_the_plugin_costs_a_task_nothing(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", _IMPORT, str(ROOT / "plugins")],
        env={"AIRFLOW_HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "include")},
        capture_output=True,
        text=True,
        check=True,
    )

    views, *modules = result.stdout.splitlines()[-1].split()
    assert views == "3"
    assert modules == ["airflow", "daywatch_pages"]
