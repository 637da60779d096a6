"""A case through the command line, in this process."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cases import Case, Monitored, Said, Write, monitor


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a module's test for each of its ``CASES``: what writes the files, and what looks at the outcome."""
    metafunc.parametrize(("write", "check"), metafunc.module.CASES.values(), ids=metafunc.module.CASES)


@pytest.fixture
def monitored(tmp_path: Path, sqlite_template: Path) -> Monitored:
    """Return a function that writes a case's files and monitors its day."""

    def run(write: Write) -> Said:
        warehouse = tmp_path / "warehouse.sqlite"
        shutil.copyfile(sqlite_template, warehouse)
        case = Case(tmp_path)
        write(case)
        return monitor(case, warehouse)

    return run
