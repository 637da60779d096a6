"""The mails about the machinery, through a real mail server, made of what Airflow gives its callbacks."""

from __future__ import annotations

import asyncio
import email
import json
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.api_fastapi.core_api.datamodels.dag_run import DAGRunResponse
from airflow.sdk.exceptions import AirflowFailException
from airflow.serialization.encoders import encode_deadline_reference
from daywatch.config.loading.load import load_model
from daywatch.orchestration.notices import LateNotice, failure_notice, late_notice
from inbox import start

__all__ = ["start"]

FLIGHTS = Path(__file__).parents[3] / "include" / "models" / "flights.yaml"
RUN = "scheduled__2013-02-10T06:00:00+00:00"
LOG = f"http://airflow/dags/monitor__flights/runs/{RUN}/tasks/export?try_number=5"
RUN_PAGE = "http://airflow/dags/monitor__flights/runs/scheduled__2013-02-10T06%3A00%3A00%2B00%3A00"


@pytest.fixture
def inbox(start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A mail server to which Airflow's connection leads."""
    server = start()
    found = server.connection()
    connection = {
        "conn_type": "smtp",
        "host": found.host,
        "port": found.port,
        "extra": {**found.extra, "from_email": "daywatch@example.org"},
    }
    monkeypatch.setenv("AIRFLOW_CONN_DAYWATCH_SMTP", json.dumps(connection))
    monkeypatch.setenv("DAYWATCH_AIRFLOW_URL", "http://airflow/")
    return server


def read(inbox: Any) -> tuple[EmailMessage, str, str]:
    """Return the last mail, its text and its HTML."""
    mail = email.message_from_bytes(inbox.envelopes[-1].content, policy=default)
    assert isinstance(mail, EmailMessage)
    text, html = (part.get_content() for part in mail.iter_parts())
    return mail, text, html


def failed(exception: object) -> dict[str, Any]:
    task = SimpleNamespace(
        dag_id="monitor__flights", task_id="export", run_id=RUN, map_index=-1, try_number=5, log_url=LOG
    )
    return {"ti": task, "dag_run": SimpleNamespace(partition_key="2013-02-09"), "exception": exception}


def test_a_failed_task_is_mailed_as_verdicts_are(inbox: Any) -> None:
    notice = failure_notice(load_model(FLIGHTS))

    notice.notify(failed(AirflowFailException("SetupError: <b>There is no baseline.</b>")))
    notice.notify(failed(AirflowFailException("SetupError: <b>There is no baseline.</b>")))

    mail, text, html = read(inbox)
    assert mail["Subject"] == "[FAILED] flights 2013-02-09: export of monitor__flights"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (mail["X-Daywatch-Model"], mail["X-Daywatch-State"]) == ("flights", "FAILED")
    assert mail["References"] == "<model.flights@daywatch>"
    assert inbox.envelopes[0].rcpt_tos == list(load_model(FLIGHTS).contacts)
    for content in (text.replace("\r\n", "\n"), html):
        assert LOG in content.replace("&amp;", "&")
        assert RUN_PAGE in content
        assert "docs/runbook.md, section FAILED" in " ".join(content.split())
        assert "clear the task" in " ".join(content.split())
    assert "SetupError: <b>There is no baseline.</b>" in " ".join(text.split())
    assert "SetupError: &lt;b&gt;There" in html
    assert "prefers-color-scheme: dark" in html
    assert "max-width: 480px" in html
    ids = {email.message_from_bytes(one.content)["Message-ID"] for one in inbox.envelopes}
    assert len(ids) == 1, "the same try is the same mail"


@pytest.mark.parametrize(
    ("exception", "sentence"),
    [
        (None, "No exception was recorded."),
        ("killed by a signal", "killed by a signal"),
        (ValueError("x" * 10_000), "ValueError: xxx"),
    ],
)
def test_whatever_airflow_knows_of_the_error_is_shown(exception: object, sentence: str, inbox: Any) -> None:
    """A task that was killed has none; the DAG processor has only its text."""
    context = failed(exception)
    if exception is None:
        del context["dag_run"], context["exception"]

    failure_notice(load_model(FLIGHTS)).notify(context)

    mail, text, _ = read(inbox)
    assert sentence in text
    assert len(text) < 5000
    assert (RUN if exception is None else "2013-02-09") in mail["Subject"]


def late_run(**changes: str | None) -> dict[str, Any]:
    given = dict.fromkeys(DAGRunResponse.model_fields)
    return given | {"dag_id": "monitor__flights", "dag_run_id": RUN, "state": "running"} | changes


def send_late(run: dict[str, Any]) -> None:
    """Do what Airflow's triggerer does."""

    async def call() -> None:
        alert = late_notice(load_model(FLIGHTS))
        kwargs = json.loads(json.dumps(alert.callback.kwargs))
        assert alert.callback.path == f"{LateNotice.__module__}.{LateNotice.__qualname__}"
        await LateNotice(**kwargs, context={"dag_run": run})

    asyncio.run(call())


def test_a_late_run_is_mailed_as_verdicts_are(inbox: Any) -> None:
    send_late(late_run(partition_key="2013-02-09"))

    mail, text, html = read(inbox)
    assert mail["Subject"] == "[LATE] flights 2013-02-09: not ended after 120 minutes"
    assert (mail["Auto-Submitted"], mail["X-Daywatch-State"]) == ("auto-generated", "LATE")
    for content in (text, html):
        assert RUN_PAGE in content
        assert "docs/runbook.md, section LATE" in " ".join(content.split())
        assert "There is no verdict on 2013-02-09 yet." in " ".join(content.split())
    assert late_notice(load_model(FLIGHTS)).interval.total_seconds() == 120 * 60


def test_a_run_without_a_window_is_named_by_its_id(inbox: Any) -> None:
    send_late(late_run(partition_key=None))

    assert RUN in read(inbox)[0]["Subject"]


@pytest.mark.parametrize("state", ["success", "failed"])
def test_a_run_that_has_ended_is_not_late(state: str, inbox: Any) -> None:
    send_late(late_run(partition_key="2013-02-09", state=state))

    assert inbox.envelopes == []


def test_the_deadline_is_not_the_one_that_airflow_moves() -> None:
    assert encode_deadline_reference(late_notice(load_model(FLIGHTS)).reference) == {
        "reference_type": "FirstQueuedAt",
        "__class_path": "daywatch.orchestration.lateness.FirstQueuedAt",
    }
