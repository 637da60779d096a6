"""The shapes of SageMaker's files that we read, and that the replay writes, as AWS documents them.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-merge.html
"""

from datetime import UTC, datetime
from typing import Any

import pytest
from daywatch_demo.flights.replay import capture_record, ground_truth_record

FLIGHT: dict[str, Any] = {
    "inference_id": "201302091200-UA1-EWR",
    "inference_time": datetime(2013, 2, 9, 12, 30, tzinfo=UTC),
    "known_at": datetime(2013, 2, 9, 16, 0, tzinfo=UTC),
    "probability": 0.25,
    "late": 1,
}


@pytest.fixture
def capture() -> dict[str, Any]:
    return capture_record("1.0,2,EWR", FLIGHT)


def test_a_capture_has_sagemakers_three_parts(capture: dict[str, Any]) -> None:
    assert set(capture) == {"captureData", "eventMetadata", "eventVersion"}
    assert capture["eventVersion"] == "0"


@pytest.mark.parametrize(("part", "mode"), [("endpointInput", "INPUT"), ("endpointOutput", "OUTPUT")])
def test_a_payload_has_content_type_mode_data_and_encoding(
    capture: dict[str, Any], part: str, mode: str
) -> None:
    payload = capture["captureData"][part]
    assert set(payload) == {"observedContentType", "mode", "data", "encoding"}
    assert (payload["observedContentType"], payload["mode"], payload["encoding"]) == ("text/csv", mode, "CSV")
    assert isinstance(payload["data"], str)


def test_the_metadata_names_event_inference_and_time(capture: dict[str, Any]) -> None:
    metadata = capture["eventMetadata"]
    assert set(metadata) == {"eventId", "inferenceId", "inferenceTime"}
    assert metadata["inferenceTime"] == "2013-02-09T12:30:00Z"
    assert metadata["inferenceId"] != metadata["eventId"]


def test_ground_truth_answers_the_inference_id() -> None:
    assert ground_truth_record(FLIGHT) == {
        "groundTruthData": {"data": "1", "encoding": "CSV"},
        "eventMetadata": {"eventId": "201302091200-UA1-EWR"},
        "eventVersion": "0",
    }
