"""Long records and wide tables: each is an ordinary day, within the memory that an export may take."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from pathlib import Path

import models
import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest
from captures import Endpoint, Inference, at
from daywatch.config.model.model import MonitoredModel
from daywatch.engine.settings import EngineSettings, scratch_folder
from daywatch.errors import SetupError
from daywatch.ingest.export import export_window
from daywatch.ingest.export_counts import ExportCounts
from daywatch.storage import open_storage
from daywatch.window import Window
from sources import SHAPES, write_files

DAY = "2024-03-03"
TEXT = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz ", k=1 << 20)) * 11  # noqa: S311 - test data

LENGTHS = {
    "20 comments of 200 kB among 300": [200_000 if n % 15 == 0 else 20 for n in range(300)],
    "600 of 64 kB": [64_000] * 600,
    "one of 10 MB": [10_000_000, *[5] * 20],
}


def exported(folder: Path, model: MonitoredModel, settings: EngineSettings) -> tuple[ExportCounts, int]:
    """Return the counts, and the largest row group of the rows that were written."""
    with scratch_folder(settings) as scratch:
        storage = open_storage(str(folder / "data"), models.local_deployment(folder))
        files = export_window(Window.of_day(DAY), model, storage, scratch)
        written = pq.ParquetFile(files.inferences).metadata
        groups = [written.row_group(n).total_byte_size for n in range(written.num_row_groups)]
    return files.counts, max(groups)


def inferences(lengths: list[int]) -> Iterator[Inference]:
    for number, length in enumerate(lengths):
        text = f"{number:05}{TEXT[number : number + length]}"
        yield Inference(f"e{number}", at(DAY, number % 24), f"1.5,2,true,{text}", "1,0.9", "1")


@pytest.mark.long
@pytest.mark.parametrize("lengths", LENGTHS)
def test_long_records_of_every_source(endpoint: Endpoint, tmp_path: Path, lengths: str) -> None:
    features = [*models.YAML["features"][:3], {"name": "country", "type": "text"}]
    found = {}
    for shape, (capture, files) in SHAPES.items():
        write_files(endpoint.folder, files(list(inferences(LENGTHS[lengths])), str(endpoint.folder)))
        model = models.model(features=features, capture=capture, labels=None)
        counts, group = exported(tmp_path, model, EngineSettings(threads=2))
        found[shape] = (counts.rows, counts.quarantined, group < 1 << 26)
        for path in sorted(endpoint.folder.rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()

    assert found == dict.fromkeys(SHAPES, (len(LENGTHS[lengths]), 0, True))


TABLES = [
    (30, 5000, "parquet"),
    (300, 1000, "parquet"),
    (1000, 1000, "parquet"),
    (300, 1000, "csv"),
    (20, 50_000, "csv"),
]


@pytest.mark.parametrize(("columns", "rows", "kind"), TABLES, ids=str)
def test_wide_tables(endpoint: Endpoint, tmp_path: Path, columns: int, rows: int, kind: str) -> None:
    values = np.random.default_rng(1).normal(size=(rows, columns)).round(6)
    names = [f"n{number}" for number in range(columns)]
    answers = {"prediction": ["1"] * rows, "probability": values[:, 0]}
    table = pa.table({**dict(zip(names, values.T, strict=True)), **answers})
    content = io.BytesIO()
    (pq.write_table if kind == "parquet" else pc.write_csv)(table, content)
    write_files(endpoint.folder, {f"t/2024/03/03/a.{kind}": content.getvalue()})
    model = models.model(
        features=[{"name": name, "type": "number"} for name in names],
        capture={"source": "table", "prefix": "t"},
        labels=None,
    )

    counts, _ = exported(tmp_path, model, EngineSettings(threads=2))

    assert (counts.rows, counts.quarantined) == (rows, 0)


def test_what_does_not_fit_is_one_sentence(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.play(inferences([50_000_000 // 5] * 2))

    with pytest.raises(
        SetupError, match=r"need more memory than the 64 MB .* Set DAYWATCH_ENGINE_MEMORY to more"
    ):
        exported(tmp_path, models.model(), EngineSettings(threads=2, memory=64_000_000))
