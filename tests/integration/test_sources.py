"""Each source read back from the real S3 server, with the pipeline's own key; flights through all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import models
import pytest
from captures import Inference
from daywatch.config.deployment.connections import connections_from_environment
from daywatch.config.deployment.deployment import Deployment, deployment_from
from daywatch.errors import SetupError
from daywatch.ingest.data_places import capture_storage
from daywatch.ingest.datasets.read import read_dataset
from daywatch.ingest.export import export_window
from daywatch.storage import open_storage
from daywatch.window import DAY as ONE_DAY
from daywatch.window import Window
from daywatch_demo.flights.data import utc
from daywatch_demo.stack.s3 import s3_client
from daywatch_demo.stack.stack import temporary_stack
from flight_captures import CHANGES, COLUMNS, flights_of
from sources import SHAPES

DAY = utc(2013, 2, 8)


FOREIGN = "of-another-team"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The pipeline's key reads its own bucket; the connection ``of_another_team`` reads another one."""
    clone = tmp_path_factory.mktemp("clone")
    with temporary_stack(clone, clone / ".daywatch") as stack:
        stack.up(airflow=False)
        credentials = stack.settings.credentials
        s3_client(stack.settings, credentials.s3_admin_key, credentials.s3_admin_secret).create_bucket(
            Bucket=FOREIGN
        )
        ours = json.loads(stack.environment["AIRFLOW_CONN_DAYWATCH_S3"])
        theirs = {**ours, "login": credentials.s3_admin_key, "password": credentials.s3_admin_secret}
        environment = {**stack.environment, "AIRFLOW_CONN_OF_ANOTHER_TEAM": json.dumps(theirs)}
        yield deployment_from(environment, connections_from_environment(environment))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_source_reads_its_captures_back(deployment: Deployment, tmp_path: Path, shape: str) -> None:
    """Every shape lies in a folder of its own in the bucket."""
    capture, files = SHAPES[shape]
    name = "".join(letter for letter in shape if letter.isalpha())
    storage = open_storage(f"{deployment.data_uri}/{name}", deployment)
    ours = flights_of([DAY])
    for key, content in files([*flights_of([DAY - ONE_DAY]), *ours], storage.uri, COLUMNS).items():
        storage.write(key, content)
    model = models.model(capture=capture, labels=None, **CHANGES)

    exported = export_window(Window.of_day(DAY.date()), model, storage, tmp_path)

    counts = exported.counts
    assert (counts.records, counts.rows, counts.quarantined) == (len(ours), len(ours), 0)
    assert counts.source.startswith(f"s3://daywatch-data/{name}/shop-")
    with duckdb.connect() as connection:
        found: list[Any] = connection.execute(
            f"SELECT event_id, probability, {', '.join(COLUMNS)} FROM read_parquet(?)",
            [str(exported.inferences)],
        ).fetchall()
    assert sorted(map(repr, found)) == sorted(map(repr, map(row_of, ours)))


def test_captures_are_read_from_another_account(deployment: Deployment, tmp_path: Path) -> None:
    capture, files = SHAPES["table"]
    theirs = {**capture, "uri": f"s3://{FOREIGN}/eu", "connection": "of_another_team"}
    model = models.model(capture=theirs, labels=None, **CHANGES)
    storage = capture_storage(model, deployment)
    for key, content in files(flights_of([DAY]), storage.uri, COLUMNS).items():
        storage.write(key, content)

    exported = export_window(Window.of_day(DAY.date()), model, storage, tmp_path)

    assert exported.counts.rows == len(flights_of([DAY]))
    assert exported.counts.source == f"s3://{FOREIGN}/eu/shop-table"
    refused = models.model(capture={**theirs, "connection": None}, labels=None, **CHANGES)
    with pytest.raises(SetupError, match="Check the Airflow connection 'daywatch_s3'"):
        list(capture_storage(refused, deployment).list("shop-table/"))


@pytest.mark.parametrize("folder", ["", "s3://daywatch-data/"], ids=["below the data URI", "by its URI"])
def test_a_data_set_is_read_from_the_bucket(deployment: Deployment, tmp_path: Path, folder: str) -> None:
    storage = open_storage(deployment.data_uri, deployment)
    storage.write("training/a.csv", b"amount,items,member,country,y\n1.5,2,true,DE,1\n")
    storage.write("training/b.csv", b"y,amount,items,member,country\n0,2.5,3,false,FR\n")
    model = models.model(baseline={"dataset": f"{folder}training", "label": "y"})

    found = read_dataset(model, deployment, tmp_path)

    assert found.counts.source == "s3://daywatch-data/training"
    with duckdb.connect() as connection:
        rows = connection.execute(
            "SELECT amount, items, member, country, label FROM read_parquet(?)", [str(found.inferences)]
        ).fetchall()
    assert rows == [(1.5, 2, True, "DE", "1"), (2.5, 3, False, "FR", "0")]


def row_of(one: Inference) -> tuple[Any, ...]:
    """Return what a flight's row holds; an empty value is None."""
    values = zip(COLUMNS.values(), one.request.split(","), strict=True)
    features = (typed(value) if value else None for typed, value in values)
    return (one.event_id, float(one.response.split(",")[1]), *features)
