"""Messages and alerts on real servers, with hostile captured values in them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from alertmanager_server import alertmanager
from aws_server import aws_server
from daywatch.alerts.alertmanager import HELD, alerts_of, post
from daywatch.alerts.apprise_service import send_by_apprise
from daywatch.alerts.message import Message
from daywatch.alerts.sns_topic import publish
from daywatch.config.deployment.connections import Connection
from daywatch.config.model.alerts import SnsReceiver
from daywatch.errors import InfrastructureError, SetupError
from daywatch.incidents.news import IncidentOfWindow
from daywatch.incidents.types import EventKind
from daywatch.orchestration.deployment import _publish
from daywatch.results import State
from daywatch.verdicts import CauseKind
from listener import listening
from models import model

HOSTILE = "amount '<script>alert(1)</script>' @everyone \u202e\x1b[31m is missing \\n &amp;"
SHOWN = "amount '<script>alert(1)</script>' @everyone \\u202e\\x1b[31m is missing \\n &amp;"
AT = datetime(2024, 3, 4, 6, tzinfo=UTC)
MESSAGE = Message(key="k1", model="shop", state=State.RED, title="[RED] shop 2024-03-03: Größe", body=SHOWN)


def connection(**given: Any) -> Connection:
    return Connection.model_validate({"conn_type": "http", **given})


def incident(**changes: Any) -> IncidentOfWindow:
    given: dict[str, Any] = {
        "incident_id": "0123456789ab-2024-03-01",
        "kind": CauseKind.DATA,
        "name": "missing_values",
        "column": "amount",
        "slice": "",
        "state": State.RED,
        "states": (State.AMBER, State.RED),
        "sentence": HOSTILE,
        "first_window": datetime(2024, 3, 1, tzinfo=UTC),
        "first_key": "2024-03-01",
        "windows": 3,
        "is_open": True,
        "happened": EventKind.WORSENED,
        "acknowledged_by": "kim",
        "snoozed_until": None,
    }
    return IncidentOfWindow.model_validate({**given, **changes})


def test_apprise_posts_the_message() -> None:
    with listening() as listener:
        url = f"json://127.0.0.1:{listener.port}/hook"
        send_by_apprise(MESSAGE, "hook", connection(password=url))

    (posted,) = listener.posted
    assert (posted["title"], posted["message"], posted["type"]) == (MESSAGE.title, SHOWN, "failure")


def test_a_service_that_refuses_is_worth_a_retry_and_shows_no_secret() -> None:
    with listening() as listener:
        listener.status = 500
        url = f"json://user:planted-secret@127.0.0.1:{listener.port}/planted-token"
        with pytest.raises(
            InfrastructureError, match=r"connection 'hook' did not take the message .*500"
        ) as error:
            send_by_apprise(MESSAGE, "hook", connection(password=url))
    assert "planted" not in str(error.value)


@pytest.mark.parametrize("url", ["", "nothing-that-apprise-knows://planted"])
def test_a_url_that_apprise_does_not_know(url: str) -> None:
    with pytest.raises(SetupError, match="'hook' has no URL that Apprise knows") as error:
        send_by_apprise(MESSAGE, "hook", connection(password=url or None))
    assert "planted" not in str(error.value)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of moto's server; Airflow's connection leads there."""
    with aws_server() as (client, connection):
        monkeypatch.setenv("AIRFLOW_CONN_ALARMS", connection)
        yield client


def test_sns_publishes_to_the_topic(aws: Any) -> None:
    topic = aws("sns").create_topic(Name="models")["TopicArn"]
    queue = aws("sqs").create_queue(QueueName="heard")["QueueUrl"]
    aws("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:eu-central-1:123456789012:heard"
    )
    receiver = SnsReceiver(type="sns", topic=topic, connection="alarms")

    publish(MESSAGE, receiver, _publish)

    (heard,) = aws("sqs").receive_message(QueueUrl=queue)["Messages"]
    body = json.loads(heard["Body"])
    assert body["Subject"] == "[RED] shop 2024-03-03: Gr??e"
    assert body["Message"] == f"{MESSAGE.title}\n\n{SHOWN}"
    assert body["MessageAttributes"]["state"]["Value"] == "RED"
    gone = receiver.model_copy(update={"topic": topic + "-gone"})
    with pytest.raises(SetupError, match=r"SNS refused a message to arn:aws:sns:.*-gone: NotFound"):
        publish(MESSAGE, gone, _publish)
    with pytest.raises(SetupError, match="gets messages only from Airflow"):
        publish(MESSAGE, receiver, None)


def test_sns_that_is_away_is_worth_a_retry(monkeypatch: pytest.MonkeyPatch, unused_port: int) -> None:
    there = {"endpoint_url": f"http://127.0.0.1:{unused_port}", "region_name": "eu-central-1"}
    config = {"config_kwargs": {"retries": {"total_max_attempts": 1}}}
    value = {"conn_type": "aws", "login": "key", "password": "planted", "extra": {**there, **config}}
    monkeypatch.setenv("AIRFLOW_CONN_ALARMS", json.dumps(value))
    topic = "arn:aws:sns:eu-central-1:123456789012:models"

    with pytest.raises(InfrastructureError, match="SNS did not answer") as error:
        publish(MESSAGE, SnsReceiver(type="sns", topic=topic, connection="alarms"), _publish)
    assert "planted" not in str(error.value)


@pytest.mark.integration
def test_alertmanager_has_one_alert_for_an_open_incident(tmp_path: Path, unused_port: int) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    with alertmanager(tmp_path, unused_port) as address:
        there = connection(host="127.0.0.1", port=unused_port)
        for one in (incident(state=State.AMBER, states=(State.AMBER,)), incident(), incident()):
            post(alerts_of(model(), [one], now, "https://airflow/daywatch/-/incidents/"), "am", there)
        (alert,) = httpx.get(f"{address}/api/v2/alerts").json()
        post(alerts_of(model(), [incident(is_open=False, happened=EventKind.CLOSED)], now), "am", there)
        closed = httpx.get(f"{address}/api/v2/alerts").json()
        with pytest.raises(SetupError, match="refused the alerts with 400"):
            post([{"labels": {}}], "am", there)

    assert alert["labels"] == {
        "alertname": "DaywatchIncident",
        "model": "shop",
        "namespace": "/test/shop",
        "tier": str(model().tier),
        "cause": "missing_values",
        "kind": "data",
        "column": "amount",
        "severity": "critical",
    }
    assert alert["annotations"]["summary"] == SHOWN
    assert alert["startsAt"] == "2024-03-01T00:00:00.000Z"
    assert datetime.fromisoformat(alert["endsAt"]) == now + HELD
    assert alert["generatorURL"] == "https://airflow/daywatch/-/incidents/0123456789ab-2024-03-01"
    assert alert["status"]["state"] == "active"
    assert closed == []


def test_an_alertmanager_that_is_away_is_worth_a_retry(unused_port: int) -> None:
    there = connection(host="127.0.0.1", port=unused_port, login="me", password="planted")
    with pytest.raises(InfrastructureError, match="Alertmanager of the connection 'am' did not answer"):
        post(alerts_of(model(), [incident()], AT), "am", there)
    with listening() as listener:
        listener.status = 503
        there = connection(host="127.0.0.1", port=listener.port)
        with pytest.raises(InfrastructureError, match="refused the alerts with 503"):
            post(alerts_of(model(), [incident()], AT + timedelta(days=1)), "am", there)
    with pytest.raises(SetupError, match="'am' names no host"):
        post([], "am", connection())
