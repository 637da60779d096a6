"""Each source read back from the real S3 server, with the pipeline's own key; flights through all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import models
import pytest
from captures import day_of
from daywatch.capture.export import export_window
from daywatch.config.connections import connections_from_environment
from daywatch.config.deployment import Deployment, deployment_from
from daywatch.storage import open_storage
from daywatch.window import Window
from daywatch_demo.stack.stack import temporary_stack
from sources import SHAPES

DAY = "2024-03-03"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    clone = tmp_path_factory.mktemp("clone")
    with temporary_stack(clone, clone / ".daywatch") as stack:
        stack.up(airflow=False)
        yield deployment_from(stack.environment, connections_from_environment(stack.environment))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_source_reads_its_captures_back(deployment: Deployment, tmp_path: Path, shape: str) -> None:
    """Every shape lies in a folder of its own in the bucket."""
    capture, files = SHAPES[shape]
    name = "".join(letter for letter in shape if letter.isalpha())
    storage = open_storage(f"{deployment.data_uri}/{name}", deployment)
    ours = day_of(DAY, rows=48)
    for key, content in files([*day_of("2024-03-02"), *ours], storage.uri).items():
        storage.write(key, content)

    exported = export_window(
        Window.of_day(DAY), models.model(capture=capture, labels=None), storage, tmp_path
    )

    assert (exported.counts.records, exported.counts.rows, exported.counts.quarantined) == (48, 48, 0)
    assert exported.counts.source.startswith(f"s3://daywatch-data/{name}/shop-")
    with duckdb.connect() as connection:
        found: list[Any] = connection.execute(
            "SELECT event_id, amount, probability FROM read_parquet(?)", [str(exported.inferences)]
        ).fetchall()
    assert sorted(found) == sorted(
        (one.event_id, float(one.request.split(",")[0]), float(one.response.split(",")[1])) for one in ours
    )
