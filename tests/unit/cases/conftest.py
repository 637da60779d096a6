"""A case through the command line, in this process."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cases import Case, Said, monitor


@pytest.fixture
def monitored(tmp_path: Path, sqlite_template: Path) -> Callable[[Callable[[Case], None]], Said]:
    """Return a function that writes a case's files and monitors its day."""

    def run(write: Callable[[Case], None]) -> Said:
        warehouse = tmp_path / "warehouse.sqlite"
        shutil.copyfile(sqlite_template, warehouse)
        case = Case(tmp_path)
        write(case)
        return monitor(case, warehouse)

    return run
