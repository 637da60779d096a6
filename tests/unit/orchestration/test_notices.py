"""What a mail about the machinery says, rendered with what Airflow gives its callback."""

import asyncio
from pathlib import Path

import pytest
from airflow.api_fastapi.core_api.datamodels.dag_run import DAGRunResponse
from airflow.exceptions import AirflowException
from airflow.serialization.encoders import encode_deadline_reference
from daywatch.config.loading.load import load_model
from daywatch.orchestration.notices import LateNotice, late_notice
from jinja2 import StrictUndefined, Template

FLIGHTS = Path(__file__).parents[3] / "include" / "models" / "flights.yaml"


def test_a_late_run_is_named_by_its_day() -> None:
    alert = late_notice(load_model(FLIGHTS))
    given = dict.fromkeys(DAGRunResponse.model_fields) | {
        "dag_id": "monitor__flights",
        "dag_run_id": "scheduled__1",
        "partition_key": "2013-02-09",
    }

    said = {
        name: Template(str(alert.callback.kwargs[name]), undefined=StrictUndefined).render(dag_run=given)
        for name in ("subject", "html_content")
    }

    assert said["subject"] == "[LATE] monitor__flights 2013-02-09"
    assert "The run scheduled__1 did not finish" in said["html_content"]
    assert "<b>2013-02-09</b>" in said["html_content"]
    assert alert.interval.total_seconds() == 120 * 60


@pytest.mark.parametrize("state", ["success", "failed"])
def test_a_run_that_has_ended_is_not_late(state: str) -> None:
    notice = LateNotice(smtp_conn_id="nowhere", to="a@example.com")

    asyncio.run(notice.async_notify({"dag_run": {"state": state}}))


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_run_that_has_not_ended_is_late(state: str) -> None:
    notice = LateNotice(smtp_conn_id="nowhere", to="a@example.com")

    with pytest.raises(AirflowException, match="SMTP connection is not found"):
        asyncio.run(notice.async_notify({"dag_run": {"state": state}}))


def test_the_deadline_is_not_the_one_that_airflow_moves() -> None:
    assert encode_deadline_reference(late_notice(load_model(FLIGHTS)).reference) == {
        "reference_type": "FirstQueuedAt",
        "__class_path": "daywatch.orchestration.lateness.FirstQueuedAt",
    }
