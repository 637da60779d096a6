"""What a mail about the machinery says, rendered with what Airflow gives its callback."""

from pathlib import Path

from airflow.api_fastapi.core_api.datamodels.dag_run import DAGRunResponse
from daywatch.config.loading.load import load_model
from daywatch.orchestration.notices import late_notice
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
