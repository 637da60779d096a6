"""Warehouses on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a warehouse."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_warehouse"))
    file = shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "warehouse.sqlite")
    return f"sqlite:///{file}"
