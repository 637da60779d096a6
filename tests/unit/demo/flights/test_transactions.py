"""The service's log and feedback: always the same, and read as transaction records and their feedback."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from daywatch.config.loading.load import load_model
from daywatch.ingest.export import export_window
from daywatch.storage import Storage, open_storage
from daywatch.window import Window
from daywatch_demo.flights.data import FEATURES
from daywatch_demo.flights.transactions import (
    FEEDBACK,
    ROLLED_BACK,
    ROLLED_OUT,
    SERVICE,
    feedback_record,
    log_transactions,
    transaction_record,
)
from models import local_deployment

MODEL = Path(__file__).parents[4] / "include" / "models" / "flights_service.yaml"
DAY = "2013-02-11"


class Even:
    """A classifier that finds every second flight late."""

    def predict_proba(self, features: pd.DataFrame) -> Any:
        late = np.arange(len(features)) % 2 * 0.8 + 0.1
        return np.column_stack([1 - late, late])


def flights(count: int = 1440) -> pd.DataFrame:
    """A flight every minute of the day of the new version; every tenth never left."""
    start = datetime.fromisoformat(DAY).replace(tzinfo=UTC)
    times = [start + timedelta(minutes=n * 1440 // count) for n in range(count)]
    columns: dict[str, Any] = dict.fromkeys(FEATURES, 1.5)
    columns |= {"hour": 7, "distance": 500, "carrier": "UA", "origin": "EWR"}
    made = pd.DataFrame({**columns, "inference_id": [f"flight-{n}" for n in range(count)]})
    made.loc[::10, "dep_delay"] = None
    return made.assign(
        inference_time=pd.to_datetime(times),
        known_at=pd.to_datetime(times) + pd.Timedelta(hours=5),
        late=[n % 2 for n in range(count)],
    )


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    deployment = local_deployment(tmp_path)
    return open_storage(deployment.data_uri, deployment)


def records(storage: Storage, folder: str) -> list[dict[str, Any]]:
    lines = [line for one in storage.list(f"{folder}/") for line in storage.read(one.key).splitlines()]
    return [json.loads(line) for line in lines]


def test_the_new_version_is_slow_and_fails(storage: Storage) -> None:
    log_transactions(flights(), Even(), storage)
    log = pd.DataFrame(records(storage, SERVICE))
    start = pd.to_datetime(log["start_at"])
    second = (start >= ROLLED_OUT) & (start < ROLLED_BACK)

    assert len(log) == 1440
    assert log.loc[second, "model_version"].unique().tolist() == ["2"]
    assert log.loc[~second, "model_version"].unique().tolist() == ["1"]
    assert log.loc[second, "elapse"].median() > 5 * log.loc[~second, "elapse"].median()
    failing = log["status"].ne("succeeded").groupby(second).mean()
    assert failing[True] > 0.08
    assert failing[False] < 0.02
    assert set(log.loc[second, "status"]) == {"succeeded", "failed", "timeout"}


def test_only_answers_get_feedback(storage: Storage) -> None:
    log_transactions(flights(), Even(), storage)
    answered = {one["transaction_id"] for one in records(storage, SERVICE) if one["status"] == "succeeded"}

    assert {one["transaction"]["id"] for one in records(storage, FEEDBACK)} == answered
    assert len(answered) < 1440


def test_the_same_flights_give_the_same_objects(storage: Storage, tmp_path: Path) -> None:
    deployment = local_deployment(tmp_path / "again")
    again = open_storage(deployment.data_uri, deployment)
    for one in (storage, again):
        log_transactions(flights(60), Even(), one)

    written = [{one.key: each.read(one.key) for one in each.list(f"{SERVICE}/")} for each in (storage, again)]
    assert written[0] == written[1]


def test_the_model_reads_what_the_service_logs(storage: Storage, tmp_path: Path) -> None:
    log_transactions(flights(), Even(), storage)
    told = Counter(one["status"] for one in records(storage, SERVICE))

    files = export_window(Window.of_day(DAY), load_model(MODEL), storage, tmp_path)

    counts = files.counts
    assert counts.records == 1440
    assert (counts.quarantined, counts.duplicates) == (0, 0)
    assert counts.unanswered == told["failed"] + told["timeout"] > 0
    assert counts.rows == counts.labelled == told["succeeded"]
    rows = pd.read_parquet(files.inferences)
    assert rows["dep_delay"].isna().any()
    assert set(rows["prediction"]) == set(rows["label"]) == {"0", "1"}
    assert (rows["prediction"] == rows["label"]).all()


def test_a_record_without_an_answer_has_none() -> None:
    told = [transaction_record(one) for one in flights().assign(probability=0.7).to_dict("records")]
    (unanswered, *_) = [one for one in told if one["status"] == "timeout"]

    assert unanswered["response"] is None
    assert unanswered["response_size"] == 0
    assert unanswered["elapse"] == 2000


def test_feedback_says_what_became_of_a_flight() -> None:
    (flight,) = flights(1).to_dict("records")

    assert feedback_record(flight) == {
        "transaction": {"id": "flight-0"},
        "outcome": {"late": 0},
        "reported_at": "2013-02-11T05:00:00.000Z",
    }
