"""Wide models and many processors: each column and each thread holds rows, and takes memory of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import models
import numpy as np
import pyarrow.parquet as pq
import pytest
from captures import Endpoint, Inference, at
from daywatch.engine.settings import EngineSettings, scratch_folder
from daywatch.ingest.export import export_window
from daywatch.storage import open_storage
from daywatch.window import Window

HOURS = 24


def answered(hour: int, rows: int, columns: int) -> Iterator[Inference]:
    values = np.random.default_rng(hour).normal(size=(rows, columns)).round(6)
    for number, row in enumerate(values.tolist()):
        name = f"{hour:02}-{number:06}"
        request = ",".join(map(repr, row))
        yield Inference(name, at("2024-03-03", hour, number % 60), request, "1,0.9", str(number % 2))


@pytest.mark.long
@pytest.mark.parametrize(
    ("columns", "rows", "threads"), [(200, 48_000, 8), (2, 480_000, 16)], ids=["wide", "many threads"]
)
def test_a_day_is_exported(endpoint: Endpoint, tmp_path: Path, columns: int, rows: int, threads: int) -> None:
    names = [f"n{number:03}" for number in range(columns)]
    model = models.model(features=[{"name": name, "type": "number"} for name in names])
    for hour in range(HOURS):
        endpoint.play(answered(hour, rows // HOURS, columns))

    with scratch_folder(EngineSettings(threads=threads)) as scratch:
        storage = open_storage(str(endpoint.folder), models.local_deployment(tmp_path))
        files = export_window(Window.of_day("2024-03-03"), model, storage, scratch)
        read = pq.read_table(files.inferences, columns=[names[0], names[-1], "label"])

    assert files.counts.labelled == files.counts.exported == rows
    expected = np.concatenate(
        [np.random.default_rng(hour).normal(size=(rows // HOURS, columns)).round(6) for hour in range(HOURS)]
    )
    assert np.array_equal(read[names[0]].to_numpy(), expected[:, 0])
    assert np.array_equal(read[names[-1]].to_numpy(), expected[:, -1])
