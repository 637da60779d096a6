"""Every shape of records and tables that an ordinary day may have, of every source: `make test-shapes`, some minutes.

The cheapest of them are in ``tests/unit/ingest/test_long_records.py``.
"""

from __future__ import annotations

import io
import random
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import models
import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest
from captures import Inference, at
from daywatch.config.model.model import MonitoredModel
from daywatch.engine.settings import EngineSettings, scratch_folder
from daywatch.ingest.export import export_window
from daywatch.storage import open_storage
from daywatch.window import Window
from sources import SHAPES, write_files

DAY = "2024-03-03"
PEAK_MB = 2_600
"""Largest resident memory of the process: DuckDB's 1,000 MB, Python, and the files of a day as the tests make them."""

LATIN = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz ", k=1 << 20))  # noqa: S311 - test data
ESCAPED = "back\\slash\t" * (1 << 17)
WIDE = "語\U0001f600é" * (1 << 18)

LENGTHS: dict[str, tuple[list[int], str]] = {
    "5,000 of 16 kB": ([16_000] * 5_000, LATIN),
    "20,000 of 4 kB": ([4_000] * 20_000, LATIN),
    "20 of 200 kB among 300": ([200_000 if n % 15 == 0 else 20 for n in range(300)], LATIN),
    "one of 10 MB": ([10_000_000, *[5] * 20], LATIN),
    "3,000 of 64 kB": ([64_000] * 3_000, LATIN),
    "one of 14 MB": ([14_000_000, *[5] * 20], LATIN),
    "100,000 of 1 kB": ([1_000] * 100_000, LATIN),
    "1,000 of 100 kB": ([100_000] * 1_000, LATIN),
    "60 of 2 MB": ([2_000_000] * 60, LATIN),
    "10 of 10 MB": ([10_000_000] * 10, LATIN),
    "short and 1 MB in turn": ([10 if n % 2 else 1_000_000 for n in range(100)], LATIN),
    "growing to 400 kB": ([1_000 * n for n in range(400)], LATIN),
    "one long, then 50,000 short": ([5_000_000, *[10] * 50_000], LATIN),
    "50,000 short, then one long": ([*[10] * 50_000, 5_000_000], LATIN),
    "24 of 5 MB": ([5_000_000] * 24, LATIN),
    "10,000 of 4 kB": ([4_000] * 10_000, LATIN),
    "2,000 of 20 kB that are escaped": ([20_000] * 2_000, ESCAPED),
    "2,000 of 20 kB beyond ASCII": ([20_000] * 2_000, WIDE),
    "2,000 of the same 20 kB": ([20_000] * 2_000, "a" * 40_000),
    "200,000 of 100 B": ([100] * 200_000, LATIN),
}
"""Lengths of a text in a record, and the text that it is a part of."""

TABLES = [
    (columns, rows, kind)
    for columns, rows in (
        (20, 1_000), (20, 50_000), (30, 5_000), (100, 1_000), (100, 50_000), (300, 1_000), (300, 20_000),
        (1_000, 1_000), (1_000, 5_000),
    )
    for kind in ("parquet", "csv")
]  # fmt: skip


def inferences(lengths: list[int], text: str) -> Iterator[Inference]:
    for number, length in enumerate(lengths):
        start = number % 1_000
        cut = (text * (2 + length // len(text)))[start : start + length] if length > len(text) // 2 else ""
        value = cut or text[start : start + length]
        yield Inference(f"e{number}", at(DAY, number % 24), f"1.5,2,true,{number:06}{value}", "1,0.9", "1")


def exported(folder: Path, model: MonitoredModel) -> tuple[int, int]:
    """Return the rows and the quarantined records of the day, and print what it took."""
    began, cpu = time.monotonic(), time.process_time()
    with scratch_folder(EngineSettings(threads=2)) as scratch:
        storage = open_storage(str(folder / "data"), models.local_deployment(folder))
        counts = export_window(Window.of_day(DAY), model, storage, scratch).counts
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024
    print(
        f"{time.monotonic() - began:.1f} s, {time.process_time() - cpu:.1f} s of CPU, peak so far {peak} MB"
    )
    assert peak < PEAK_MB
    return counts.rows, counts.quarantined


@pytest.mark.parametrize("source", SHAPES)
@pytest.mark.parametrize("lengths", LENGTHS)
def test_long_records(tmp_path: Path, source: str, lengths: str) -> None:
    capture, files = SHAPES[source]
    sizes, text = LENGTHS[lengths]
    write_files(tmp_path / "data", files(list(inferences(sizes, text)), str(tmp_path / "data")))
    features = [*models.YAML["features"][:3], {"name": "country", "type": "text"}]

    found = exported(tmp_path, models.model(features=features, capture=capture, labels=None))

    assert found == (len(sizes), 0)


WRITERS: dict[str, Callable[[pa.Table, io.BytesIO], None]] = {"parquet": pq.write_table, "csv": pc.write_csv}


@pytest.mark.parametrize(("columns", "rows", "kind"), TABLES, ids=str)
def test_tables(tmp_path: Path, columns: int, rows: int, kind: str) -> None:
    values = np.random.default_rng(1).normal(size=(rows, columns)).round(6)
    names = [f"n{number}" for number in range(columns)]
    answers = {"prediction": ["1"] * rows, "probability": values[:, 0]}
    content = io.BytesIO()
    WRITERS[kind](pa.table({**dict(zip(names, values.T, strict=True)), **answers}), content)
    write_files(tmp_path / "data", {f"t/2024/03/03/a.{kind}": content.getvalue()})
    features = [{"name": name, "type": "number"} for name in names]

    found = exported(
        tmp_path,
        models.model(features=features, capture={"source": "table", "prefix": "t"}, labels=None),
    )

    assert found == (rows, 0)


def test_one_line_of_50_mb(tmp_path: Path) -> None:
    """A line as long as `capture.limits` allows at most by default is a record like any other."""
    captured = inferences([50_000_000, *[5] * 20], LATIN)
    capture, files = SHAPES["sagemaker_realtime"]
    write_files(tmp_path / "data", files(list(captured), ""))
    features = [*models.YAML["features"][:3], {"name": "country", "type": "text"}]

    assert exported(tmp_path, models.model(features=features, capture=capture, labels=None)) == (21, 0)
