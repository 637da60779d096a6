"""Captures, labels and data sets in buckets and folders of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import models
import pytest
from captures import Endpoint, day_of
from daywatch.config.deployment.connections import Connection
from daywatch.errors import SetupError
from daywatch.ingest.data_places import capture_storage, dataset_storage, label_storage
from daywatch.results import State
from daywatch.stages.build_baseline import build_baseline
from daywatch.stages.reevaluate import late_windows
from models import NAME
from places import BASELINE_DAYS, DAY, Place
from pydantic import ValidationError

ELSEWHERE = Connection(
    conn_type="aws", login="theirs", password="planted", extra={"region_name": "eu-west-1"}
)


def test_a_day_whose_captures_and_labels_are_in_two_other_folders(
    place: Callable[..., Place], tmp_path: Path
) -> None:
    captures, labels = tmp_path / "service", tmp_path / "warehouse"
    captures.mkdir()
    here = place(capture__uri=f"{captures}/", labels__uri=str(labels))
    with pytest.raises(SetupError, match=rf"There is no folder {labels}, which labels\.uri names"):
        build_baseline(NAME, here.deployment)
    endpoint = Endpoint(captures)
    for day in (*BASELINE_DAYS, DAY):
        endpoint.play(day_of(day))
    # The ground truth is elsewhere than the captures.
    labels.mkdir()
    (captures / "shop-truth").rename(labels / "shop-truth")

    build_baseline(NAME, here.deployment)
    run, verdict = here.run()

    assert verdict.state is State.GREEN
    counts = here.files()[run.folder.export].decode()
    assert f'"source": "{captures}/shop-endpoint/AllTraffic"' in counts
    assert f'"label_source": "{labels}/shop-truth"' in counts
    assert late_windows(NAME, date.fromisoformat(DAY), here.deployment) == []
    assert not Path(here.deployment.data_uri).exists()


def test_every_section_has_its_own_bucket_and_connection(tmp_path: Path) -> None:
    model = models.model(
        capture={"endpoint": "shop-endpoint", "uri": "s3://eu-captures", "connection": "service"},
        labels={"prefix": "truth", "connection": "service"},
        baseline={"dataset": "s3://training/2024/a.csv", "connection": "service", "label": "y"},
    )
    asked: list[str] = []

    def connections(name: str) -> Connection:
        asked.append(name)
        return ELSEWHERE

    deployment = models.local_deployment(tmp_path, data_uri="s3://ours/data", connections=connections)
    assert capture_storage(model, deployment).uri == "s3://eu-captures"
    assert label_storage(model, deployment).uri == "s3://ours/data"
    storage, path = dataset_storage(model, deployment)
    assert (storage.uri, path) == ("s3://training", "2024/a.csv")
    assert asked == ["service"] * 3


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (None, r"s3://theirs needs the Airflow connection 'service' \(type aws\), but there is none"),
        (Connection(conn_type="sqlite"), "The connection 'service' has type 'sqlite', expected aws"),
    ],
)
def test_a_connection_that_is_none(tmp_path: Path, found: Connection | None, message: str) -> None:
    model = models.model(capture__uri="s3://theirs", capture__connection="service")
    deployment = models.local_deployment(tmp_path, connections=lambda _: found)
    with pytest.raises(SetupError, match=message):
        capture_storage(model, deployment)


def test_the_session_of_airflows_hook_is_that_of_the_connection(tmp_path: Path) -> None:
    """Roles and profiles are resolved for the connection that reads, and not for the installation's."""
    asked: list[str] = []

    def session(name: str) -> Any:
        import boto3

        asked.append(name)
        return boto3.Session("key", "secret", region_name="eu-west-1")

    by_role = Connection(conn_type="aws", extra={"role_arn": "arn:aws:iam::1:role/reader"})
    deployment = models.local_deployment(tmp_path, boto3_session=session)
    deployment = replace(deployment, connections=lambda _: by_role)
    capture_storage(models.model(capture__uri="s3://theirs", capture__connection="service"), deployment)
    assert asked == ["service"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"capture__uri": "s3://key:secret@bucket"}, "expected s3://bucket"),
        ({"capture__uri": "captures"}, "an absolute path of a folder"),
        ({"capture__uri": "/data/../etc"}, "an absolute path of a folder"),
        ({"baseline": {"dataset": "s3://a/b.csv", "uri": "s3://a"}}, "but received both"),
        ({"baseline__uri": "s3://a"}, "uri: only a baseline with 'dataset' has these"),
    ],
)
def test_an_address_that_is_none(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        models.model(**changes)
