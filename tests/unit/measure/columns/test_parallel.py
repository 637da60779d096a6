"""Columns read by one thread and computed by others."""

from __future__ import annotations

import threading
import time

import pytest
from daywatch.config.drift_methods import ColumnKind
from daywatch.engine.settings import EngineSettings, scratch_folder
from daywatch.measure.columns import parallel as overlapped
from daywatch.measure.columns.measured_columns import Column, Role
from daywatch.measure.columns.parallel import each_column

COLUMNS = [Column(f"x{number}", ColumnKind.NUMERIC, "DOUBLE", Role.FEATURE) for number in range(12)]


@pytest.mark.parametrize(("rows", "most"), [(10, 5), (200, 2), (500, 1), (10**9, 1)])
def test_results_are_in_order_and_few_columns_are_in_memory(
    monkeypatch: pytest.MonkeyPatch, rows: int, most: int
) -> None:
    monkeypatch.setattr(overlapped, "COLUMN_VALUES", 1000)
    held, greatest, lock = 0, 0, threading.Lock()
    reader = threading.get_ident()

    def read(column: Column) -> str:
        nonlocal held, greatest
        assert threading.get_ident() == reader
        with lock:
            held += 1
            greatest = max(greatest, held)
        return column.name

    def compute(column: Column, content: str) -> str:
        nonlocal held
        time.sleep(0.002 * (len(COLUMNS) - int(content[1:])))
        with lock:
            held -= 1
        return content.upper()

    with scratch_folder(EngineSettings(threads=4)):
        assert each_column(COLUMNS, read, compute, 2 * rows) == [f"X{number}" for number in range(12)]
    assert greatest <= most


@pytest.mark.parametrize("where", ["read", "compute"])
def test_what_fails_in_one_fails_the_whole(where: str) -> None:
    def fails(*_: object) -> str:
        raise ArithmeticError(where)

    def works(*_: object) -> str:
        return ""

    read, compute = (fails, works) if where == "read" else (works, fails)
    with pytest.raises(ArithmeticError, match=where):
        each_column(COLUMNS, read, compute, 20)
