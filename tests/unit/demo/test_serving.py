"""Which version the demonstration's endpoint serves: the promoted one, from its first window on."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import skops.io
import sqlalchemy as sa
from daywatch.config.deployment.deployment import Deployment
from daywatch.config.loading.load import load_model
from daywatch.errors import DaywatchError
from daywatch.retrain.artifact import checksum
from daywatch.storage import open_storage
from daywatch.warehouse import tables
from daywatch.warehouse.database import transaction
from daywatch.warehouse.migrate import upgrade
from daywatch.warehouse.record import record_model
from daywatch_demo.flights.classifier import fit
from daywatch_demo.flights.data import FEATURES, flights_between, utc
from daywatch_demo.serving import deploy
from models import local_deployment

MODEL = Path(__file__).parents[3] / "include" / "models" / "flights_newark.yaml"
VERSION = "retrained-2013-02-25-0a1b2c3d"
SINCE = utc(2013, 2, 28)


def promote(here: Deployment, file: Path, counts_from: datetime) -> None:
    """Store a version as trained, promoted and compared with from some window on."""
    span = {"window_start": utc(2013, 2, 23), "window_end": utc(2013, 2, 26), "rows": 9}
    address = open_storage(here.artifacts_uri, here).upload(
        file, f"flights_newark/versions/{VERSION}/{file.name}"
    )
    version = {
        "model": "flights_newark",
        "version": VERSION,
        "artifacts": {"model": address},
        "checksum": checksum(file),
        "description": "",
        "created_at": utc(2013, 2, 26),
        "created_by": "test",
    }
    frozen = {
        "baseline_id": VERSION,
        "labelled": 9,
        "artifacts": "",
        "sequence": 2,
        "promoted_version": VERSION,
    }
    with transaction(here.warehouse_url) as connection:
        record_model(connection, load_model(MODEL))
        connection.execute(sa.insert(tables.model_version), version)
        row = {"model": "flights_newark", "counts_from": counts_from, **span, **frozen}
        connection.execute(sa.insert(tables.baseline), row)


def test_the_promoted_version_serves_from_its_first_window_on(tmp_path: Path) -> None:
    here = local_deployment(tmp_path)
    upgrade(here.warehouse_url)
    assert deploy("flights_newark", here) == "no version was promoted, and the first one still serves"
    flights = flights_between(SINCE, utc(2013, 3, 1))
    classifier = fit(flights, flights["late"])
    file = tmp_path / "model.skops"
    skops.io.dump(classifier, file)
    promote(here, file, SINCE)

    assert deploy("flights_newark", here) == f"{VERSION} serves from 2013-02-28 on"

    paths = sorted((tmp_path / "data").rglob("*.jsonl"))
    served = [json.loads(line) for path in paths for line in path.read_text().splitlines()]
    answers = [one["captureData"]["endpointOutput"]["data"].split(",")[1] for one in served]
    assert {one["eventMetadata"]["inferenceTime"][:10] for one in served} == {"2013-02-28"}
    expected = classifier.predict_proba(flights[FEATURES])[:, 1]
    assert np.allclose(sorted(map(float, answers)), sorted(expected), atol=1e-6)

    stored = next((tmp_path / "artifacts").rglob("model.skops"))
    stored.write_bytes(stored.read_bytes() + b" ")
    with pytest.raises(DaywatchError, match="checksum|SHA-256"):
        deploy("flights_newark", here)
